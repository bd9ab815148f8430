using System.Buffers.Binary;

namespace Tunnelwright.Diagnosis;

/// <summary>Reads a capture from its start: exact numbers of bytes into one buffer, and over what is not needed. Any length in the file is only believed as far as bytes follow.</summary>
internal sealed class CaptureStream(Stream stream)
{
    private const int Room = 256 << 10;

    private readonly byte[] _buffer = new byte[Room];
    private int _from;
    private int _to;

    /// <summary>The most bytes that one call of <see cref="Take"/> gives.</summary>
    public const int Largest = Room;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>The next bytes, valid until the next call; fewer at the end of the file.</summary>
    /// <param name="count">How many, at most <see cref="Largest"/>.</param>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (_to - _from < count) Fill(count);
        var taken = _buffer.AsSpan(_from, Math.Min(count, _to - _from));
        _from += taken.Length;
        Position += taken.Length;
        return taken;
    }

    /// <summary>Passes over bytes; false when the file ends before.</summary>
    /// <param name="count">How many.</param>
    public bool Skip(long count)
    {
        while (count > 0)
        {
            var step = (int)Math.Min(count, Room);
            if (Take(step).Length < step) return false;
            count -= step;
        }

        return true;
    }

    private void Fill(int wanted)
    {
        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        _to -= _from;
        _from = 0;
        while (_to < wanted)
        {
            var read = stream.Read(_buffer, _to, Room - _to);
            if (read == 0) return;
            _to += read;
        }
    }
}

/// <summary>Numbers of a file in the byte order of the machine that wrote it.</summary>
internal readonly record struct ByteOrder(bool IsBig)
{
    public ushort UInt16(ReadOnlySpan<byte> bytes) => IsBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint UInt32(ReadOnlySpan<byte> bytes) => IsBig ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
