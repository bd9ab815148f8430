using System.Buffers;

namespace Tunnelwright.Vici.Protocol;

/// <summary>
/// A growing buffer from the shared pool for one outgoing packet. It holds at most the protocol's limit, and is wiped before it
/// goes back, since a request may carry a key.
/// </summary>
internal sealed class ViciPacketBuffer : IBufferWriter<byte>, IDisposable
{
    private const int Limit = ViciLimits.HeaderLength + ViciLimits.PacketLength;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1024);
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public Span<byte> WrittenSpan => _bytes.AsSpan(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        if (_length + count > Limit)
            throw new ViciProtocolException($"The request is longer than {ViciLimits.PacketLength} bytes, the most the daemon takes");
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        if (_bytes.Length > 0)
            GiveBack(_bytes, _length);
        _bytes = [];
        _length = 0;
    }

    private static void GiveBack(byte[] bytes, int used)
    {
        bytes.AsSpan(0, used).Clear();
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Reserve(int size)
    {
        if (_bytes.Length - _length >= size)
            return;
        if (_length > Limit)
            throw new ViciProtocolException("The request is too long");
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + size));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        GiveBack(_bytes, _length);
        _bytes = larger;
    }
}
