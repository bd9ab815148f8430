using System.Buffers;

namespace Tunnelwright.Formats;

/// <summary>The parts of one line of the generic text, whatever bullets, emphasis and tables a person or a program has put around them.</summary>
internal static class GenericLine
{
    private static readonly SearchValues<char> OfLabels = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \t\u00A0\u2009\u200B\u202F-–_'’‘´`*#()[]/.,|~&");

    private static readonly SearchValues<char> BeforeHeading = SearchValues.Create("#=*_-|<>!;/ \t\u00A0");

    /// <summary>"IPSec Tunnel #1", "IPsec Tunnel # 2 (spare)", "## Tunnel #1", "VPN Tunnel 2:".</summary>
    public static bool IsTunnelHeading(ReadOnlySpan<char> content, out int number)
    {
        number = 0;
        if (content.Length > 80) return false;
        var letter = content.IndexOfAnyExcept(BeforeHeading);
        if (letter < 0 || (content[letter] | 0x20) is not ('i' or 't' or 'v' or 's')) return false;
        content = content[letter..];
        foreach (var word in (ReadOnlySpan<string>)["ipsec", "ip", "sec", "vpn", "ipsecvpn"])
        {
            if (!content.StartsWith(word, StringComparison.OrdinalIgnoreCase)) continue;
            var rest = content[word.Length..];
            if (rest.Length > 0 && (TextScan.IsBlank(rest[0]) || rest[0] is '-' or '_')) content = rest.TrimStart("-_ \t\u00A0");
        }

        if (!content.StartsWith("tunnel", StringComparison.OrdinalIgnoreCase)) return false;
        content = content[6..];
        var marked = false;
        while (content.Length > 0 && (TextScan.IsBlank(content[0]) || content[0] is '#' or '-' or '_' or '\\' or '№'))
        {
            marked |= content[0] is '#' or '№';
            content = content[1..];
        }

        if (!TextScan.TryWholeNumber(content, out number, out var after) || number > 999) return false;
        after = TextScan.Trim(after);
        return after.Length == 0 || (after.Length <= 40 && (IsTitleWord(after) || (marked ? !char.IsLetterOrDigit(after[0]) : after[0] is '(' or ':' or '=' or '*' or '|' or '-' or '–' or '—')));
    }

    private static bool IsTitleWord(ReadOnlySpan<char> text)
    {
        foreach (var word in (ReadOnlySpan<string>)["configuration", "settings", "details", "parameters", "options", "primary", "secondary", "backup", "active", "standby"])
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Where the label ends: at a colon, an equals sign, a tab or the bar of a table; −1 when the line has no label.</summary>
    public static int Separator(ReadOnlySpan<char> content)
    {
        if (content[0] == '|')
        {
            var second = content[1..].IndexOf('|');
            return second > 0 ? second + 1 : -1;
        }

        var colon = content.IndexOfAny(':', '：');
        if (colon >= 0) return colon;
        var equals = content.IndexOf('=');
        return equals >= 0 ? equals : content.IndexOf('\t');
    }

    /// <summary>Where the value behind a separator begins and ends, without a second colon, Markdown emphasis and table bars.</summary>
    /// <param name="content">The line.</param>
    /// <param name="separator">Where its label ends.</param>
    /// <param name="isKey">Whether the value is a key: a colon right before other characters is then the first of them.</param>
    public static (int Start, int Length) Value(ReadOnlySpan<char> content, int separator, bool isKey)
    {
        var start = separator + 1;
        var end = content.Length;
        var emphasis = content[0] is '*' or '_' or '`' or '|' or '~';
        while (start < end && (TextScan.IsBlank(content[start]) || (content[start] is ':' or '：' && !(isKey && start + 1 < end && !TextScan.IsBlank(content[start + 1]))) || (emphasis && content[start] is '*' or '|' or '`'))) start++;
        while (end > start && (TextScan.IsBlank(content[end - 1]) || (emphasis && content[end - 1] is '*' or '|' or '`'))) end--;
        if (end - start > 3 && content[start] == '*' && content[start + 1] == '*' && content[end - 1] == '*' && content[end - 2] == '*' && content[(start + 2)..(end - 2)].IndexOfAnyExcept('*') >= 0)
        {
            start += 2;
            end -= 2;
        }
        else if (end - start > 2 && content[start] == '`' && content[end - 1] == '`')
        {
            start++;
            end--;
        }

        if (content[start..end].EndsWith("<br>", StringComparison.OrdinalIgnoreCase)) end -= 4;
        else if (content[start..end].EndsWith("<br/>", StringComparison.OrdinalIgnoreCase)) end -= 5;
        while (end - start > 1 && content[end - 1] == '\\') end--;
        var (offset, length) = TextScan.TrimRange(content[start..end]);
        return (start + offset, length);
    }

    /// <summary>What a label means.</summary>
    public static GenericLabel Label(ReadOnlySpan<char> label)
    {
        if (label.Length > 100 || label.ContainsAnyExcept(OfLabels)) return GenericLabel.None;
        Span<char> letters = stackalloc char[TextScan.LabelLength];
        var length = TextScan.Squeeze(label, letters);
        return length > 0 ? GenericLabels.Find(letters[..length]) : GenericLabel.None;
    }
}
