using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tunnelwright.Linux;

/// <summary>
/// A raw ICMP socket for somebody who sends many echo requests (IPv4) for a long time from a thread of his own: nothing waits, nothing is allocated
/// for a request. <see cref="EchoProbe"/> is the convenient one. Not for several threads at once.
/// </summary>
public sealed class EchoSocket : IDisposable
{
    private const int LargestAnswer = 2048;

    private readonly ulong _token = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private readonly int _identifier = RandomNumberGenerator.GetInt32(ushort.MaxValue);
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[LargestAnswer];
    private readonly IPEndPoint _destination;

    private EchoSocket(Socket socket, EchoOptions options, IPAddress destination)
    {
        Socket = socket;
        _destination = new IPEndPoint(destination, 0);
        _request = new byte[IcmpMessage.HeaderBytes + options.PayloadBytes];
    }

    /// <summary>The socket, to wait for answers on it.</summary>
    public Socket Socket { get; }

    /// <summary>Opens a socket in the caller's network namespace.</summary>
    /// <param name="options">How to send.</param>
    /// <param name="destination">The only address that it sends to.</param>
    /// <exception cref="KernelException">No raw socket (EPERM), no such device (ENODEV), not an address of ours (EADDRNOTAVAIL).</exception>
    public static EchoSocket Open(EchoOptions options, IPAddress destination)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(destination);
        var socket = EchoProbe.Open(options);
        socket.Blocking = false;
        return new EchoSocket(socket, options, destination);
    }

    /// <summary>Sends a request.</summary>
    /// <param name="sequence">Its number, which the answer carries.</param>
    /// <returns>Whether the kernel took it; not, for example, while the device is down.</returns>
    public bool TrySend(ushort sequence)
    {
        IcmpMessage.WriteRequest(_request, _identifier, sequence, _token);
        try
        {
            return Socket.SendTo(_request, SocketFlags.None, _destination) == _request.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Takes the next answer.</summary>
    /// <param name="sequence">The number of the request that it answers.</param>
    /// <returns>False when there is none now. Errors that routers report are no answers and are passed over.</returns>
    public bool TryReceive(out ushort sequence)
    {
        while (Socket.Available > 0)
        {
            int length;
            try
            {
                length = Socket.Receive(_answer);
            }
            catch (SocketException)
            {
                // The error of an earlier request, handed to whoever asks next.
                continue;
            }

            var packet = _answer.AsSpan(0, length);
            if (IcmpMessage.Read(packet) is not { Type: IcmpMessage.EchoReplyType } message || message.Identifier != _identifier || message.Token != _token) continue;
            sequence = (ushort)message.Sequence;
            return true;
        }

        sequence = 0;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();
}
