using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Ike.Tests.Probe;

/// <summary>A responder on a port of the loopback address that answers each datagram with what the test says.</summary>
internal sealed class FakeResponder : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _serving;

    /// <param name="answer">From a datagram and its number, from 0 on, to what is sent back.</param>
    internal FakeResponder(Func<byte[], int, IEnumerable<byte[]>> answer)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync(answer);
    }

    internal int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    internal int Received { get; private set; }

    /// <summary>Where the datagram that is being answered came from.</summary>
    internal IPEndPoint From { get; private set; } = new(IPAddress.None, 0);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _serving;
        _socket.Dispose();
        _closing.Dispose();
    }

    /// <summary>An answer to a request: its SPI, the given payloads.</summary>
    internal static byte[] Answer(byte[] request, int version, params (IkePayloadType Type, byte[] Body)[] payloads)
    {
        var message = Protocol.Messages.Build(version, payloads);
        request.AsSpan(0, 8).CopyTo(message);
        message[18] = version == 1 ? (byte)IkeExchangeType.InformationalV1 : (byte)IkeExchangeType.SaInit;
        message[19] = version == 2 ? (byte)IkeHeaderBits.Response : (byte)0;
        return message;
    }

    internal static byte[] Refuse(byte[] request, int notify, params byte[] data) => request[17] == 0x10
        ? Answer(request, 1, (IkePayloadType.NotificationV1, [0, 0, 0, 1, 1, 0, (byte)(notify >> 8), (byte)notify, .. data]))
        : Answer(request, 2, (IkePayloadType.Notify, [0, 0, (byte)(notify >> 8), (byte)notify, .. data]));

    /// <summary>The group of the request's public value.</summary>
    internal static int Group(byte[] request) =>
        IkeKeyExchangePayload.TryRead(Protocol.Messages.Find(request, IkePayloadType.KeyExchange), out var exchange, out _) ? exchange.Group!.Value : 0;

    private async Task ServeAsync(Func<byte[], int, IEnumerable<byte[]>> answer)
    {
        var buffer = new byte[65_535];
        while (true)
        {
            try
            {
                var got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _closing.Token);
                From = (IPEndPoint)got.RemoteEndPoint;
                foreach (var datagram in answer(buffer[..got.ReceivedBytes], Received++)) await _socket.SendToAsync(datagram, SocketFlags.None, got.RemoteEndPoint, _closing.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The probe has gone: the next one.
            }
        }
    }
}
