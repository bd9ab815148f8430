using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>The end of a daemon's log.</summary>
/// <param name="Source">The file, or the command that told it.</param>
/// <param name="Bytes">Whole lines.</param>
/// <param name="LinesBefore">Lines of the file before them.</param>
internal sealed record LogTail(string Source, byte[] Bytes, long LinesBefore)
{
    private const int Most = 512 << 10;

    /// <summary>Reads a file's end; null when it is not there or may not be read.</summary>
    public static LogTail? Read(string path)
    {
        try
        {
            if (!RegularFile.Is(path)) return null;
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var from = Math.Max(0, stream.Length - Most);
            var before = CountLines(stream, from);
            var bytes = new byte[Math.Min(stream.Length - from, Most)];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var tail = bytes.AsSpan(0, read);
            if (from > 0 && tail.IndexOf((byte)'\n') is >= 0 and var cut)
            {
                tail = tail[(cut + 1)..];
                before++;
            }

            return new LogTail(path, tail.ToArray(), before);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long CountLines(FileStream stream, long until)
    {
        var buffer = new byte[65536];
        var (left, lines) = (until, 0L);
        while (left > 0)
        {
            var count = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (count == 0) break;
            lines += buffer.AsSpan(0, count).Count((byte)'\n');
            left -= count;
        }

        return lines;
    }
}
