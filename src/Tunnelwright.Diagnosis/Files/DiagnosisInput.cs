using System.IO.Compression;
using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>A file (or standard input) that is diagnosed: opened, unpacked when it is gzip, its beginning at hand.</summary>
internal sealed class DiagnosisInput : IDisposable
{
    /// <summary>Bytes of the beginning by which the kind is recognised.</summary>
    public const int HeadLength = 64 << 10;

    /// <summary>The largest configuration file in bytes; what is longer is a log.</summary>
    public const int MaximumConfiguration = 4 << 20;

    private Stream _stream;
    private readonly List<Stream> _owned;

    private DiagnosisInput(string name, Stream stream, byte[] head, List<Stream> owned)
    {
        Name = name;
        Head = head;
        _stream = stream;
        _owned = owned;
    }

    public string Name { get; }

    /// <summary>The first bytes, unpacked.</summary>
    public byte[] Head { get; }

    /// <summary>The whole content where the first bytes are all of it, at hand also after it was read; otherwise null.</summary>
    public byte[]? Whole => Head.Length < HeadLength ? Head : null;

    /// <summary>Opens a stream, which it then owns.</summary>
    /// <exception cref="InvalidDataException">It is gzip and broken at its start.</exception>
    public static DiagnosisInput Open(string name, Stream stream)
    {
        var owned = new List<Stream> { stream };
        try
        {
            var head = Fill(stream, HeadLength);
            var joined = (Stream)new JoinedStream(head, stream);
            // gzip in gzip happens when logs are rotated and then collected.
            for (var layer = 0; layer < 3 && head is [0x1F, 0x8B, ..]; layer++)
            {
                var unpacked = new GZipStream(joined, CompressionMode.Decompress);
                owned.Insert(0, unpacked);
                head = Fill(unpacked, HeadLength);
                joined = new JoinedStream(head, unpacked);
            }

            if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            {
                var wide = Encoding.CreateTranscodingStream(joined, head[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode, Encoding.UTF8);
                owned.Insert(0, wide);
                head = Fill(wide, HeadLength);
                joined = new JoinedStream(head, wide);
            }

            return new DiagnosisInput(name, joined, head, owned);
        }
        catch (Exception problem)
        {
            foreach (var one in owned) one.Dispose();
            if (problem is InvalidDataException) throw new InvalidDataException("it begins as gzip does and cannot be unpacked", problem);
            throw;
        }
    }

    /// <summary>The whole content from the start, to be read once.</summary>
    public Stream Content => _stream;

    /// <summary>The whole content as bytes when it is short enough for a configuration file; null when it is not.</summary>
    public byte[]? Short()
    {
        if (Whole is { } whole) return whole;
        var all = Fill(_stream, MaximumConfiguration + 1);
        _stream = new JoinedStream(all, _stream);
        return all.Length <= MaximumConfiguration ? all : null;
    }

    public void Dispose()
    {
        foreach (var stream in _owned) stream.Dispose();
    }

    private static byte[] Fill(Stream stream, int length)
    {
        var buffer = new byte[length];
        var filled = stream.ReadAtLeast(buffer, length, throwOnEndOfStream: false);
        return filled == length ? buffer : buffer[..filled];
    }

    /// <summary>Bytes that were read already, and then the rest of a stream.</summary>
    private sealed class JoinedStream(byte[] first, Stream rest) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_at >= first.Length) return rest.Read(buffer);
            var count = Math.Min(buffer.Length, first.Length - _at);
            first.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
