using System.Buffers;

namespace Tunnelwright.Formats;

/// <summary>Small scans over spans that the readers share.</summary>
internal static class TextScan
{
    /// <summary>Longest label that is looked at, in letters and digits.</summary>
    public const int LabelLength = 48;

    private static readonly SearchValues<char> Blots = SearchValues.Create("xX*.•·…#?-_");

    /// <summary>Whether a character is white space or invisible: also a no-break space, a zero-width space, a byte order mark.</summary>
    public static bool IsBlank(char c) => c is ' ' or '\t' || (c > 127 ? char.IsWhiteSpace(c) || c is '\uFEFF' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\u00AD' : c < ' ');

    /// <summary>Where a text begins and ends without the blanks around it.</summary>
    public static (int Start, int Length) TrimRange(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsBlank(text[start])) start++;
        var end = text.Length;
        while (end > start && IsBlank(text[end - 1])) end--;
        return (start, end - start);
    }

    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        var (start, length) = TrimRange(text);
        return text.Slice(start, length);
    }

    /// <summary>Where the content of a line begins and ends without quoting ("&gt; "), bullets and blanks.</summary>
    public static (int Start, int Length) ContentRange(ReadOnlySpan<char> line)
    {
        var (start, length) = TrimRange(line);
        var end = start + length;
        while (start < end)
        {
            var c = line[start];
            var isQuote = c is '>';
            var isBullet = c is '-' or '*' or '+' or '•' or '·' or '–' or '—' or '▪' or '●' or '◦' or '‣' && start + 1 < end && (IsBlank(line[start + 1]) || c is not ('*' or '+'));
            if (!isQuote && !isBullet) break;
            start++;
            while (start < end && IsBlank(line[start])) start++;
        }

        return (start, end - start);
    }

    /// <summary>Copies the letters and digits of a text in lower case.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Where they go.</param>
    /// <returns>How many; −1 when they do not fit.</returns>
    public static int Squeeze(ReadOnlySpan<char> text, Span<char> destination)
    {
        var length = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c)) continue;
            if (length == destination.Length) return -1;
            destination[length++] = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
        }

        return length;
    }

    /// <summary>Whether two texts are the same when only letters, digits, dots and slashes count and case does not.</summary>
    public static bool SameLettersAndDigits(ReadOnlySpan<char> first, ReadOnlySpan<char> second)
    {
        var a = 0;
        var b = 0;
        while (true)
        {
            while (a < first.Length && !Counts(first[a])) a++;
            while (b < second.Length && !Counts(second[b])) b++;
            if (a == first.Length || b == second.Length) return a == first.Length && b == second.Length;
            if (char.ToLowerInvariant(first[a++]) != char.ToLowerInvariant(second[b++])) return false;
        }

        static bool Counts(char c) => char.IsLetterOrDigit(c) || c is '.' or '/';
    }

    /// <summary>Whether a value is a stand-in that a person was meant to replace, such as YOUR_UPLINK_ADDRESS, &lt;your address&gt;, x.x.x.x or **hidden**.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> value)
    {
        value = Trim(value);
        if (value.Length < 2) return false;
        if (value[0] is '<' or '{' or '[' or '%' or '$' && value[^1] is '>' or '}' or ']' or '%') return true;
        if (value.StartsWith("${", StringComparison.Ordinal)) return true;
        if (value.Length > 4 && value.StartsWith("your", StringComparison.OrdinalIgnoreCase) && value[4] is '_' or '-' or ' ') return true;
        if (value.Length >= 3 && !value.ContainsAnyExcept(Blots)) return true;
        Span<char> letters = stackalloc char[24];
        var length = Squeeze(value, letters);
        return length > 0 && letters[..length] is "na" or "tbd" or "todo" or "hidden" or "redacted" or "removed" or "unknown" or "changeme" or "placeholder" or "notavailable" or "notspecified";
    }

    /// <summary>Whether a value says that there is nothing, such as "none" or "disabled".</summary>
    public static bool IsNone(ReadOnlySpan<char> value)
    {
        Span<char> letters = stackalloc char[16];
        var length = Squeeze(value, letters);
        return length >= 0 && letters[..length] is "" or "none" or "null" or "disabled" or "off" or "no" or "na" or "nopfs" or "notused" or "false" or "notapplicable";
    }

    /// <summary>A value without a remark behind it: in round brackets, or after " #", " //" or an arrow.</summary>
    public static ReadOnlySpan<char> WithoutRemark(ReadOnlySpan<char> value)
    {
        var end = value.Length;
        for (var index = 1; index < value.Length; index++)
        {
            if (!IsBlank(value[index - 1])) continue;
            var rest = value[index..];
            if (rest[0] is '(' or '#' or '!' or ';' or '←' || rest.StartsWith("//", StringComparison.Ordinal) || rest.StartsWith("<-", StringComparison.Ordinal) || rest.StartsWith("-- ", StringComparison.Ordinal))
            {
                end = index;
                break;
            }
        }

        value = Trim(value[..end]);
        while (value.Length > 1 && value[^1] is ';' or ',' or '.') value = value[..^1];
        return value;
    }

    /// <summary>Reads a whole number at the start of a text; digits may be grouped in threes, as in 28,800.</summary>
    /// <param name="text">The text.</param>
    /// <param name="number">The number, 0 to 2,147,483,647.</param>
    /// <param name="rest">What follows it.</param>
    public static bool TryWholeNumber(ReadOnlySpan<char> text, out int number, out ReadOnlySpan<char> rest)
    {
        number = 0;
        var value = 0L;
        var index = 0;
        while (index < text.Length)
        {
            if (char.IsAsciiDigit(text[index]))
            {
                value = (value * 10) + (text[index] - '0');
                if (value > int.MaxValue)
                {
                    rest = text;
                    return false;
                }

                index++;
            }
            else if (index is > 0 and <= 9 && IsGroupSeparator(text[index]) && IsGroup(text[(index + 1)..]))
            {
                index++;
            }
            else
            {
                break;
            }
        }

        rest = text[index..];
        number = (int)value;
        return index > 0;

        static bool IsGroupSeparator(char c) => c is ',' or '.' or '\'' or '’' or '_' or ' ' or '\u00A0' or '\u202F' or '\u2009';

        static bool IsGroup(ReadOnlySpan<char> text) =>
            text.Length >= 3 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]) && (text.Length == 3 || !char.IsAsciiDigit(text[3]));
    }

    /// <summary>A value as a message may show it: short, without control characters, and never anything that could be a key.</summary>
    public static string Shown(ReadOnlySpan<char> value)
    {
        value = Trim(value);
        if (MayHoldKey(value)) return "the value";
        Span<char> shown = stackalloc char[40];
        var length = 0;
        foreach (var c in value)
        {
            if (length == shown.Length - 1)
            {
                shown[length++] = '…';
                break;
            }

            shown[length++] = char.IsControl(c) || char.IsSurrogate(c) ? '?' : c;
        }

        return $"'{shown[..length]}'";
    }

    private static bool MayHoldKey(ReadOnlySpan<char> value)
    {
        if (value.Contains("key", StringComparison.OrdinalIgnoreCase) || value.Contains("psk", StringComparison.OrdinalIgnoreCase) || value.Contains("secret", StringComparison.OrdinalIgnoreCase)) return true;
        var run = 0;
        var letters = false;
        var digits = false;
        foreach (var c in value)
        {
            if (char.IsAsciiLetter(c)) letters = true;
            else if (char.IsAsciiDigit(c)) digits = true;
            else if (c is not ('.' or '_'))
            {
                run = 0;
                letters = digits = false;
                continue;
            }

            if (++run >= 8 && letters && digits && run >= 12) return true;
            if (run >= 24) return true;
        }

        return false;
    }
}
