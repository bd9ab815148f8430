using System.Buffers.Binary;
using System.Net.Sockets;
using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Transport;

/// <summary>
/// One connection to the daemon, used by one caller at a time: sends packets whole and receives packets whole. After any error or
/// cancellation it must be disposed of, since the place in the stream is lost.
/// </summary>
internal sealed class ViciConnection : IDisposable
{
    private const int UsualBuffer = 16 * 1024;

    private readonly Socket _socket;
    private readonly string _path;
    private readonly ITimer _watch;
    private byte[] _buffer = new byte[UsualBuffer];
    private int _start;
    private int _end;
    private int _failure = -1;

    public ViciConnection(Socket socket, string path, TimeProvider time)
    {
        _socket = socket;
        _path = path;
        _watch = time.CreateTimer(
            state => ((ViciConnection)state!).Abort(ViciConnectionFailure.TimedOut),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether this connection has carried a request before.</summary>
    public bool Used { get; set; }

    /// <summary>
    /// Whether the request has been handed over whole. Whoever rents the connection keeps this; errors while receiving report it.
    /// </summary>
    public bool RequestSent { get; set; }

    /// <summary>Whether the daemon has closed this idle connection, or has sent something that nobody asked for.</summary>
    public bool IsStale()
    {
        try
        {
            return Volatile.Read(ref _failure) >= 0 || _end > _start || _socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Sends one packet with its length field.</summary>
    /// <exception cref="ViciConnectionException">It was not handed over whole, so the daemon cannot have acted on it.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> packet, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            Watch(limit);
            while (!packet.IsEmpty)
                packet = packet[await _socket.SendAsync(packet, cancellationToken)..];
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw Broken(limit, error);
        }
        finally
        {
            Watch(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Receives one packet.</summary>
    /// <exception cref="ViciConnectionException">The connection ended, or nothing came for longer than the limit.</exception>
    /// <exception cref="ViciProtocolException">What came is no packet.</exception>
    public async ValueTask<ViciPacket> ReceiveAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (TryTake(out var packet))
            return ViciPacket.Decode(packet);
        try
        {
            Watch(limit);
            do
            {
                var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
                if (count == 0)
                    throw Broken(limit, innerException: null);
                _end += count;
            }
            while (!TryTake(out packet));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw Broken(limit, error);
        }
        finally
        {
            Watch(Timeout.InfiniteTimeSpan);
        }

        return ViciPacket.Decode(packet);
    }

    /// <summary>Closes the connection under whoever uses it; that caller then fails with the given reason.</summary>
    public void Abort(ViciConnectionFailure failure)
    {
        Interlocked.CompareExchange(ref _failure, (int)failure, -1);
        _socket.Dispose();
    }

    public void Dispose()
    {
        _watch.Dispose();
        _socket.Dispose();
    }

    private void Watch(TimeSpan limit) => _watch.Change(limit, Timeout.InfiniteTimeSpan);

    /// <summary>Takes a whole packet out of the buffer, or makes room for the rest of it.</summary>
    private bool TryTake(out byte[] packet)
    {
        packet = [];
        var available = _end - _start;
        var needed = ViciLimits.HeaderLength;
        if (available >= needed)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
            if (length > ViciLimits.PacketLength)
                throw new ViciProtocolException($"The daemon announces a packet of {length} bytes; the limit is {ViciLimits.PacketLength}");
            needed += (int)length;
            if (available >= needed)
            {
                packet = _buffer.AsSpan(_start + ViciLimits.HeaderLength, (int)length).ToArray();
                _start += needed;
                return true;
            }
        }

        if (_buffer.Length < needed || (available == 0 && _buffer.Length > UsualBuffer))
        {
            var other = new byte[Math.Max(needed, UsualBuffer)];
            _buffer.AsSpan(_start, available).CopyTo(other);
            _buffer = other;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, available).CopyTo(_buffer);
        }

        _start = 0;
        _end = available;
        return false;
    }

    private ViciConnectionException Broken(TimeSpan limit, Exception? innerException)
    {
        var failure = Volatile.Read(ref _failure) is var known and >= 0 ? (ViciConnectionFailure)known : ViciConnectionFailure.HungUp;
        var message = failure switch
        {
            ViciConnectionFailure.TimedOut =>
                $"The daemon at '{_path}' was silent for {limit.TotalSeconds:0.###} s while an answer was due.",
            ViciConnectionFailure.ClientDisposed => $"The client of '{_path}' was disposed of.",
            _ => $"The daemon at '{_path}' closed the connection.",
        };
        return new ViciConnectionException(failure, _path, message, RequestSent, innerException);
    }
}
