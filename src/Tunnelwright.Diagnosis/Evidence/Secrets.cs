using System.Buffers;

namespace Tunnelwright.Diagnosis;

/// <summary>Takes secrets out of lines before anybody sees them: values that follow a word for a key, keys known from configuration files, and words that look like keys.</summary>
internal sealed class Secrets
{
    private const string Blot = "••••";
    private const int LooksLikeKeyLength = 24;

    private static readonly SearchValues<string> KeyWords = SearchValues.Create(
        ["psk", "secret", "password", "passwd", "pre-shared", "preshared", "pre_shared", "isakmp key", "shared key", "private key", "psksecret", "md5 key", "auth-key", "authentication-key", "0s"],
        StringComparison.OrdinalIgnoreCase);

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Remembers a key, so that it is taken out wherever it turns up.</summary>
    public void Know(string? key)
    {
        if (key is { Length: >= 6 } && _known.Count < 10_000) _known.Add(key);
    }

    /// <summary>The text without its secrets.</summary>
    public string Clean(string text)
    {
        foreach (var key in _known) text = text.Replace(key, Blot, StringComparison.Ordinal);
        if (text.AsSpan().ContainsAny(KeyWords)) text = WithoutValues(text);
        return WithoutKeys(text);
    }

    /// <summary>Blots what follows a key word after ':', '=', a quote, or as the argument of a command.</summary>
    private static string WithoutValues(string text)
    {
        var from = 0;
        while (from < text.Length)
        {
            var at = text.AsSpan(from).IndexOfAny(KeyWords);
            if (at < 0) return text;
            at += from;
            var end = WordEnd(text, at);
            var (start, length) = Value(text, end, text.AsSpan(at, end - at));
            if (length > 0 && !text.AsSpan(start, length).StartsWith(Blot, StringComparison.Ordinal))
            {
                text = string.Concat(text.AsSpan(0, start), Blot, text.AsSpan(start + length));
                from = start + Blot.Length;
            }
            else
            {
                from = Math.Max(end, at + 1);
            }
        }

        return text;
    }

    private static int WordEnd(string text, int at)
    {
        var end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '-' or '_')) end++;
        if (end < text.Length && text[end] == ' ' && text.AsSpan(end + 1).StartsWith("key", StringComparison.OrdinalIgnoreCase)) end += 4;
        return end;
    }

    private static (int Start, int Length) Value(string text, int at, ReadOnlySpan<char> word)
    {
        // 0sAbC… and 0x… are keys by themselves.
        if (word.StartsWith("0s", StringComparison.OrdinalIgnoreCase)) return word.Length >= 10 ? (at - word.Length, word.Length) : (at, 0);
        var i = at;
        while (i < text.Length && text[i] is ' ' or '\t') i++;
        var spaced = i > at;
        var assigned = false;
        while (i < text.Length && text[i] is ':' or '=' or '>' or ' ' or '\t')
        {
            assigned |= text[i] is ':' or '=';
            i++;
        }

        foreach (var filler in (ReadOnlySpan<string>)["is ", "ENC ", "ascii-text ", "hexadecimal ", "PSK ", "0 ", "6 ", "7 ", "8 ", "local ", "remote "])
        {
            if (!text.AsSpan(i).StartsWith(filler, StringComparison.OrdinalIgnoreCase)) continue;
            i += filler.Length;
            assigned = true;
        }

        if (i >= text.Length) return (i, 0);
        if (text[i] is '"' or '\'' && (assigned || spaced) && !IsIdentityList(text, i))
        {
            var close = text.IndexOf(text[i], i + 1);
            return (i + 1, (close < 0 ? text.Length : close) - i - 1);
        }

        var command = spaced && (word.Equals("psksecret", StringComparison.OrdinalIgnoreCase) || word.EndsWith(" key", StringComparison.OrdinalIgnoreCase) || word.EndsWith("-key", StringComparison.OrdinalIgnoreCase)) && LooksLikeValue(text, i);
        if (!assigned && !command) return (i, 0);
        var end = i;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not (',' or ';' or '"' or '\'' or '}')) end++;
        return (i, end - i);
    }

    /// <summary>"no shared key found for 'A' - 'B'" names identities, not a key.</summary>
    private static bool IsIdentityList(string text, int quote) => quote >= 4 && text.AsSpan(0, quote).EndsWith("for ", StringComparison.Ordinal);

    /// <summary>Whether a bare word after a command's word is its value rather than the next word of a sentence.</summary>
    private static bool LooksLikeValue(string text, int at)
    {
        var end = at;
        bool digit = false, upper = false, mark = false;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
        {
            digit |= char.IsAsciiDigit(text[end]);
            upper |= char.IsAsciiLetterUpper(text[end]) && end > at;
            mark |= text[end] is '_' or '+' or '/' or '=' or '!' or '$' or '@' or '#' or '%';
            end++;
        }

        return end - at >= 6 && (digit || upper || mark);
    }

    /// <summary>Blots words of 24 letters and digits and more that mix lower and upper case and digits, as generated keys do.</summary>
    private static string WithoutKeys(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '.' or '_' or '+' or '/')) continue;
            if (i - start >= LooksLikeKeyLength && IsKey(text.AsSpan(start, i - start)))
            {
                text = string.Concat(text.AsSpan(0, start), Blot, text.AsSpan(i));
                i = start + Blot.Length;
            }

            start = i + 1;
        }

        return text;
    }

    /// <summary>Whether a long word mixes lower and upper case and digits as generated keys do.</summary>
    internal static bool IsKey(ReadOnlySpan<char> word)
    {
        bool lower = false, upper = false, digit = false;
        var breaks = 0;
        foreach (var c in word)
        {
            lower |= char.IsAsciiLetterLower(c);
            upper |= char.IsAsciiLetterUpper(c);
            digit |= char.IsAsciiDigit(c);
            if (c is '.' or '_' or '/' or '+') breaks++;
        }

        return lower && upper && digit && breaks * 6 < word.Length;
    }
}
