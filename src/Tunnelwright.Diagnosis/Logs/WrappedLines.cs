namespace Tunnelwright.Diagnosis;

/// <summary>Logs that a terminal or a mail program has broken at its width: what a daemon wrote on one line stands on two or three.</summary>
internal static class WrappedLines
{
    private const int Narrowest = 60;
    private const int Widest = 132;
    private const int MostPieces = 4;

    /// <summary>The width at which the lines of a log are broken; null when they are not. A line that begins with no time goes on where one does, when its first word had no room there.</summary>
    /// <param name="head">The beginning of a log; a line that it cuts off is not looked at.</param>
    public static int? WidthOf(ReadOnlySpan<byte> head)
    {
        int lines = 0, timed = 0, width = 0;
        foreach (var range in head.Split((byte)'\n'))
        {
            var line = Trimmed(head[range]);
            if (line.Length == 0) continue;
            lines++;
            if (Timestamps.Read(line) is not null) timed++;
            width = Math.Max(width, line.Length);
        }

        return width is >= Narrowest and <= Widest && timed >= 2 && timed < lines && timed * 3 >= lines ? width : null;
    }

    /// <summary>The same lines with what was broken joined again. A line whose text has gone to the one before is left empty, so that the others keep their numbers.</summary>
    /// <param name="text">The log.</param>
    /// <param name="width">Where its lines are broken.</param>
    public static byte[] Joined(ReadOnlySpan<byte> text, int width)
    {
        var joined = new MemoryStream(text.Length + 64);
        var (pieces, last, empty) = (0, 0, 0);
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = Trimmed(text[range]);
            var goesOn = pieces > 0 && pieces < MostPieces && line.Length > 0 && Timestamps.Read(line) is null && HasNoRoom(line, last, width);
            if (goesOn)
            {
                // A terminal breaks in the middle of a word, and then the line is as wide as it can be.
                if (last < width) joined.WriteByte((byte)' ');
                joined.Write(line.TrimStart((byte)' '));
                pieces++;
                empty++;
            }
            else
            {
                for (; empty >= 0 && range.Start.Value > 0; empty--) joined.WriteByte((byte)'\n');
                empty = 0;
                joined.Write(line);
                pieces = line.Length > 0 && Timestamps.Read(line) is not null ? 1 : 0;
            }

            last = line.Length;
        }

        for (; empty > 0; empty--) joined.WriteByte((byte)'\n');
        return joined.ToArray();
    }

    private static bool HasNoRoom(ReadOnlySpan<byte> line, int before, int width)
    {
        line = line.TrimStart((byte)' ');
        var word = line.IndexOf((byte)' ');
        return before + 1 + (word < 0 ? line.Length : word) > width;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> line) => line.TrimEnd("\r "u8);
}
