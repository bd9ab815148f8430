using System.Buffers;

namespace Tunnelwright.Diagnosis;

/// <summary>Goes through a log of any size in constant memory and hands over the lines in which a phrase was found.</summary>
internal sealed class LogReader(PhraseMatcher matcher)
{
    /// <summary>Bytes that are looked at in one go. A longer line is looked at in pieces of this size.</summary>
    public const int BufferSize = 256 << 10;

    private const int Hits = 16;

    private readonly Hit[] _room = new Hit[Hits];

    /// <summary>Reads to the end.</summary>
    /// <param name="stream">The log.</param>
    /// <param name="interpreter">What makes facts of the lines.</param>
    /// <returns>How much was read.</returns>
    public LogSize Read(Stream stream, LineInterpreter interpreter)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long bytes = 0, lines = 0;
            var filled = 0;
            var inLine = false;
            while (true)
            {
                var read = stream.Read(buffer, filled, BufferSize - filled);
                bytes += read;
                filled += read;
                var text = buffer.AsSpan(0, filled);
                if (read > 0 && filled < BufferSize && text.LastIndexOf((byte)'\n') < 0) continue;
                var end = read == 0 ? filled : text.LastIndexOf((byte)'\n') + 1;
                if (end == 0) end = filled;
                lines += Look(text[..end], lines, interpreter);
                inLine = end > 0 ? text[end - 1] != '\n' : inLine;
                text[end..].CopyTo(buffer);
                filled -= end;
                if (read == 0) return new LogSize(bytes, lines + (inLine ? 1 : 0));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private long Look(ReadOnlySpan<byte> text, long linesBefore, LineInterpreter interpreter)
    {
        var hits = new LineHits(_room);
        var from = 0;
        var counted = 0;
        long lines = 0;
        while (from < text.Length)
        {
            // Rows of a table have no words of their own; every line behind its heading is looked at.
            var isRow = interpreter.IsInTable;
            var at = from;
            if (!isRow && matcher.Find(text, ref from, out at) < 0) break;
            var start = text[..at].LastIndexOf((byte)'\n') + 1;
            var length = text[at..].IndexOf((byte)'\n');
            var end = length < 0 ? text.Length : at + length;
            lines += text[counted..start].Count((byte)'\n');
            counted = start;
            var line = text[start..end];
            if (line.Length > 0 && line[^1] == '\r') line = line[..^1];
            hits.Find(matcher, line);
            interpreter.Read(line, hits.All, linesBefore + lines + 1, text[..start]);
            if (isRow) interpreter.ReadRow(line, linesBefore + lines + 1);
            from = end + 1;
        }

        return lines + text[counted..].Count((byte)'\n');
    }
}

/// <summary>How large a log was.</summary>
/// <param name="Bytes">Bytes, unpacked.</param>
/// <param name="Lines">Lines.</param>
internal readonly record struct LogSize(long Bytes, long Lines);
