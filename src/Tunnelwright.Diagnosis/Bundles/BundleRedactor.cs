using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tunnelwright.Formats;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// Takes the secrets out of texts that belong together: first all are searched for secrets, then every secret is replaced in all of them, in
/// whatever form it stands. The same secret gets the same name, so that whether two keys are equal can still be told.
/// </summary>
internal sealed class BundleRedactor
{
    private const int MaximumSecrets = 2_000;
    private const int LooksLikeKeyLength = 24;
    private const string Name = "redacted_key_";

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _forms = new(StringComparer.Ordinal);
    private SearchValues<string>? _search;

    /// <summary>Secrets found so far.</summary>
    public int Count { get; private set; }

    /// <summary>Finds the secrets of a text.</summary>
    /// <param name="text">It, whole.</param>
    public void Learn(string text)
    {
        _search = null;
        if (text.Length <= ProviderFile.MaximumLength && ProviderFile.Read(text).Connection is { } connection)
        {
            foreach (var tunnel in connection.Tunnels)
            {
                if (tunnel.Ike.PreSharedKey is { } key) NameOf(key.Reveal());
            }
        }

        foreach (var place in SecretPlaces.All)
        {
            foreach (Match match in place.Matches(text))
            {
                if (Inside(match) is { Length: > 0 } value && !IsHarmless(value)) NameOf(value);
            }
        }

    }

    /// <summary>The text without any secret that was learnt, and without private keys and dumps of memory.</summary>
    /// <param name="text">One of the texts.</param>
    public string Clean(string text)
    {
        text = SecretPlaces.PrivateKey().Replace(text, "-----private key removed-----");
        text = SecretPlaces.Dump().Replace(text, "${head}(bytes removed)");
        foreach (var place in SecretPlaces.All) text = place.Replace(text, match => Replace(match));
        text = Everywhere(text);
        foreach (var word in LongWords(text).Distinct(StringComparer.Ordinal).ToList()) text = text.Replace(word, NameOf(word), StringComparison.Ordinal);
        return text;
    }

    /// <summary>In its place also a secret that is too short to be looked for elsewhere.</summary>
    private string Replace(Match match)
    {
        var group = match.Groups["v"];
        if (Inside(match) is not { Length: > 0 } value || IsHarmless(value)) return match.Value;
        var quoted = group.Length - value.Length == 2 ? 1 : 0;
        var start = group.Index - match.Index + quoted;
        return string.Concat(match.Value.AsSpan(0, start), NameOf(value), match.Value.AsSpan(start + value.Length));
    }

    private string Everywhere(string text)
    {
        if (_forms.Count == 0) return text;
        _search ??= SearchValues.Create([.. _forms.Keys], StringComparison.Ordinal);
        var at = text.AsSpan().IndexOfAny(_search);
        if (at < 0) return text;
        var result = new StringBuilder(text.Length);
        var from = 0;
        while (at >= 0)
        {
            var start = from + at;
            var form = Longest(text.AsSpan(start));
            result.Append(text, from, start - from).Append(_forms[form]);
            from = start + form.Length;
            at = text.AsSpan(from).IndexOfAny(_search);
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private string Longest(ReadOnlySpan<char> text)
    {
        foreach (var length in _lengths)
        {
            if (length <= text.Length && _forms.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out _)) return text[..length].ToString();
        }

        throw new InvalidOperationException("A form was found that is not known.");
    }

    private readonly SortedSet<int> _lengths = new(Comparer<int>.Create((one, other) => other.CompareTo(one)));

    private string NameOf(string written)
    {
        if (written.StartsWith(Name, StringComparison.Ordinal)) return written;
        var key = Convert.ToBase64String(SecretForms.Meaning(written));
        if (_names.TryGetValue(key, out var known)) return known;
        if (Count >= MaximumSecrets) return Name + "more";

        // The same secret may have been met in another spelling.
        var name = SecretForms.Readings(written).Select(reading => _names.GetValueOrDefault(Convert.ToBase64String(SecretForms.Meaning(reading)))).FirstOrDefault(met => met is not null)
            ?? string.Create(CultureInfo.InvariantCulture, $"{Name}{++Count}");
        _names[key] = name;
        if (IsWordOfDaemons(written)) return name;
        foreach (var reading in SecretForms.Readings(written))
        {
            var meaning = SecretForms.Meaning(reading);
            _names.TryAdd(Convert.ToBase64String(meaning), name);
            foreach (var form in SecretForms.All(meaning).Append(reading).Where(form => form.Length >= 6))
            {
                if (_forms.TryAdd(form, name)) _lengths.Add(form.Length);
            }
        }

        _search = null;
        return name;
    }

    private static string? Inside(Match match)
    {
        var value = match.Groups["v"].Value;
        return value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
    }

    /// <summary>Values that are no secrets though they stand where one would: settings, and names that were put in before.</summary>
    private static bool IsHarmless(string value) =>
        value.StartsWith(Name, StringComparison.Ordinal) || value.Trim('•').Length == 0 || value.StartsWith("••••", StringComparison.Ordinal)
        || value is "yes" or "no" or "true" or "false" or "null" or "none" or "on" or "off" or "psk" or "PSK" or "xauth" or "eap" or "%prompt" or "0" or "1" or "=" or ":" or "(" or ")";

    /// <summary>A key that is a word of what daemons write anyway tells nothing where it stands there, and replacing it would destroy their messages.</summary>
    private static bool IsWordOfDaemons(string value) => value.Length <= 12 && value.All(char.IsAsciiLetterLower) && Vocabulary.Contains(value);

    /// <summary>Words that look like generated keys, wherever they stand.</summary>
    private static IEnumerable<string> LongWords(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '.' or '_' or '+' or '/')) continue;
            if (i - start is >= LooksLikeKeyLength and <= 512 && Secrets.IsKey(text.AsSpan(start, i - start))) yield return text[start..i];
            start = i + 1;
        }
    }
}
