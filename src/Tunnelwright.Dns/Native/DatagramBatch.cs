using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Native;

/// <summary>Datagrams that go to the kernel or come from it with one system call. Native memory: the kernel holds its addresses.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    /// <summary>Room for one control message with an address (cmsg(3)): header of 16 bytes, struct in6_pktinfo of 20, padding.</summary>
    public const int ControlSize = 64;

    private readonly byte* _memory;
    private readonly MultiMessage* _messages;
    private readonly byte* _buffers;
    private readonly byte* _addresses;
    private readonly byte* _control;

    public DatagramBatch(int capacity, int size, bool hasControl)
    {
        (Capacity, Size, HasControl) = (capacity, size, hasControl);
        var each = size + 32 + ControlSize + sizeof(IoVector) + sizeof(MultiMessage);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(each * capacity), 64);
        NativeMemory.Clear(_memory, (nuint)(each * capacity));
        _messages = (MultiMessage*)_memory;
        var vectors = (IoVector*)(_messages + capacity);
        _addresses = (byte*)(vectors + capacity);
        _control = _addresses + 32 * capacity;
        _buffers = _control + ControlSize * capacity;
        for (var i = 0; i < capacity; i++)
        {
            vectors[i] = new IoVector { Base = _buffers + i * size, Length = (nuint)size };
            _messages[i].Vectors = vectors + i;
            _messages[i].VectorCount = 1;
            _messages[i].Name = _addresses + 32 * i;
        }
    }

    /// <summary>Most datagrams.</summary>
    public int Capacity { get; }

    /// <summary>Most bytes of one.</summary>
    public int Size { get; }

    public bool HasControl { get; }

    /// <summary>Datagrams waiting to be sent.</summary>
    public int Count { get; private set; }

    public Span<byte> Buffer(int i) => new(_buffers + i * Size, Size);

    public Span<byte> Received(int i) => new(_buffers + i * Size, (int)_messages[i].Length);

    public ReadOnlySpan<byte> Address(int i) => new(_addresses + 32 * i, (int)_messages[i].NameLength);

    public ReadOnlySpan<byte> Control(int i) => new(_control + ControlSize * i, (int)_messages[i].ControlLength);

    public bool WasTruncated(int i) => (_messages[i].Flags & LibC.MessageTruncated) != 0;

    /// <summary>Receives what is there, without waiting.</summary>
    /// <returns>How many; 0 when nothing is there; minus the error number otherwise.</returns>
    public int Receive(int socket)
    {
        for (var i = 0; i < Capacity; i++)
        {
            _messages[i].NameLength = SocketAddress.Size;
            _messages[i].Vectors->Length = (nuint)Size;
            if (!HasControl) continue;
            _messages[i].Control = _control + ControlSize * i;
            _messages[i].ControlLength = ControlSize;
        }

        while (true)
        {
            var received = LibC.ReceiveMessages(socket, _messages, (uint)Capacity, LibC.MessageDoNotWait, null);
            if (received >= 0) return received;
            var error = Marshal.GetLastPInvokeError();
            if (error == LibC.TryAgain) return 0;
            if (error != LibC.Interrupted) return -error;
        }
    }

    /// <summary>The buffer of the next datagram to send.</summary>
    public Span<byte> Next() => Buffer(Count);

    /// <summary>Adds the datagram written into <see cref="Next"/>.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="address">To whom; nothing on a connected socket.</param>
    /// <param name="control">From which of our addresses, as it was received.</param>
    public void Add(int length, ReadOnlySpan<byte> address, ReadOnlySpan<byte> control)
    {
        ref var message = ref _messages[Count];
        message.Vectors->Length = (nuint)length;
        address.CopyTo(new Span<byte>(_addresses + 32 * Count, 32));
        message.Name = address.IsEmpty ? null : _addresses + 32 * Count;
        message.NameLength = (uint)address.Length;
        control.CopyTo(new Span<byte>(_control + ControlSize * Count, ControlSize));
        message.Control = control.IsEmpty ? null : _control + ControlSize * Count;
        message.ControlLength = (nuint)control.Length;
        message.Flags = 0;
        Count++;
    }

    /// <summary>Sends all; what the kernel does not take is lost, as on any network.</summary>
    /// <returns>The last error number, 0 without one.</returns>
    public int Flush(int socket)
    {
        var (sent, result) = (0, 0);
        var count = Count;
        Count = 0;
        while (sent < count)
        {
            var done = LibC.SendMessages(socket, _messages + sent, (uint)(count - sent), LibC.MessageDoNotWait);
            if (done > 0)
            {
                sent += done;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == LibC.Interrupted) continue;
            // An error that came back for an earlier datagram is told once and then gone; the datagram at hand was not sent.
            if (error == LibC.ConnectionRefused && result == 0)
            {
                result = error;
                continue;
            }

            result = error;
            sent++;
        }

        return result;
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
