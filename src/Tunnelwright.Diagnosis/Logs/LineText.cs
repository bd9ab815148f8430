using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>Small looks at a line's bytes.</summary>
internal static class LineText
{
    private const int Shown = 400;

    /// <summary>Whether a line holds some ASCII words, whatever their case.</summary>
    public static bool Has(this ReadOnlySpan<byte> line, ReadOnlySpan<byte> words) => Where(line, words) >= 0;

    /// <summary>Whether a line holds one of two words.</summary>
    public static bool HasAny(this ReadOnlySpan<byte> line, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => line.Has(first) || line.Has(second);

    /// <summary>Whether a line holds one of three words.</summary>
    public static bool HasAny(this ReadOnlySpan<byte> line, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        line.Has(first) || line.Has(second) || line.Has(third);

    /// <summary>Where some ASCII words stand, whatever their case; −1 when nowhere.</summary>
    public static int Where(ReadOnlySpan<byte> line, ReadOnlySpan<byte> words)
    {
        var lower = (byte)(words[0] | 0x20);
        var upper = lower is >= (byte)'a' and <= (byte)'z' ? (byte)(lower & ~0x20) : words[0];
        var from = 0;
        while (from + words.Length <= line.Length)
        {
            var at = lower == upper || upper == words[0] && !char.IsAsciiLetter((char)upper)
                ? line[from..].IndexOf(words[0])
                : line[from..].IndexOfAny(lower, upper);
            if (at < 0) return -1;
            from += at;
            if (from + words.Length > line.Length) return -1;
            if (Ascii.EqualsIgnoreCase(line.Slice(from, words.Length), words)) return from;
            from++;
        }

        return -1;
    }

    /// <summary>The whole number behind some words; null when there is none.</summary>
    public static long? NumberAfter(ReadOnlySpan<byte> line, ReadOnlySpan<byte> words)
    {
        var at = Where(line, words);
        return at < 0 ? null : Number(line[(at + words.Length)..]);
    }

    /// <summary>The whole number that a text begins with.</summary>
    public static long? Number(ReadOnlySpan<byte> text)
    {
        long value = 0;
        var i = 0;
        while (i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9' && i < 18) value = (value * 10) + (text[i++] - '0');
        return i > 0 ? value : null;
    }

    /// <summary>The whole number that stands just behind a counter's name, whatever signs and short words part them; null when there is none.</summary>
    public static long? Counter(ReadOnlySpan<byte> text)
    {
        const int Gap = 24;
        var at = text[..Math.Min(text.Length, Gap)].IndexOfAnyInRange((byte)'0', (byte)'9');
        return at < 0 ? null : Number(text[at..]);
    }

    /// <summary>What a person is shown of a line: at most 400 characters, no control characters, the place of the phrase among them.</summary>
    public static string Show(ReadOnlySpan<byte> line, int at)
    {
        var start = 0;
        if (line.Length > Shown)
        {
            start = Math.Max(0, Math.Min(at - (Shown / 4), line.Length - Shown));
            while (start > 0 && (line[start] & 0xC0) == 0x80) start--;
            line = line.Slice(start, Math.Min(Shown, line.Length - start));
        }

        var text = Encoding.UTF8.GetString(line).Trim();
        return (start > 0 ? "…" : "") + (text.AsSpan().ContainsAnyInRange('\0', '\x1F') || text.Contains('\x7F') ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text);
    }
}
