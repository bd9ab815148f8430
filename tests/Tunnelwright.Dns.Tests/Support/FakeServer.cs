using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Dns.Tests.Support;

/// <summary>A DNS server on loopback whose answers a test writes, over UDP and TCP on one port. It may be silenced and brought back.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Func<Query, byte[]?> _answer;
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;

    public FakeServer(Func<Query, byte[]?> answer)
    {
        _answer = answer;
        while (true)
        {
            _udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _tcp = new TcpListener((IPEndPoint)_udp.LocalEndPoint!);
            try
            {
                _tcp.Start();
                break;
            }
            catch (SocketException)
            {
                _udp.Dispose();
                _udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            }
        }

        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Questions so far, also those that were not answered.</summary>
    public ConcurrentQueue<Query> Asked { get; } = new();

    /// <summary>Different questions: one that was sent again, because this machine was slow, has the same letters and counts once.</summary>
    public int Questions => Asked.Select(query => (query.Name, query.Type, query.DnssecOk)).Distinct().Count();

    public bool IsSilent { get; set; }

    public TimeSpan Delay { get; set; }

    public int Count(string name) => Asked.Where(query => query.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(query => (query.Name, query.Type)).Distinct().Count();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _udp.Dispose();
        _tcp.Stop();
        await _serving;
        _ending.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _ending.Token);
                var query = new Query(buffer[..received.ReceivedBytes], false, (IPEndPoint)received.RemoteEndPoint);
                Asked.Enqueue(query);
                if (IsSilent) continue;
                var delay = Delay;
                _ = Task.Run(async () =>
                {
                    if (delay > TimeSpan.Zero) await Task.Delay(delay, _ending.Token);
                    if (_answer(query) is { } answer) await _udp.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint, _ending.Token);
                }, _ending.Token);
            }
            catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                if (_ending.IsCancellationRequested) return;
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var client = await _tcp.AcceptSocketAsync(_ending.Token);
                _ = Task.Run(() => ServeAsync(client), _ending.Token);
            }
            catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var _ = client;
        try
        {
            while (await TestClient.ReadFrameAsync(client, _ending.Token) is { } message)
            {
                var query = new Query(message, true, (IPEndPoint)client.RemoteEndPoint!);
                Asked.Enqueue(query);
                if (IsSilent || _answer(query) is not { } answer) continue;
                var framed = new byte[2 + answer.Length];
                BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)answer.Length);
                answer.CopyTo(framed, 2);
                await client.SendAsync(framed, _ending.Token);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }
}
