using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Fuzz.Dns;

/// <summary>A DNS server on loopback, over UDP and TCP. It answers with the bytes that it was given last, dressed up as an answer to the question; or, without any, honestly.</summary>
internal sealed class HostileServer
{
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private byte[]? _response;
    private long _answered;

    public HostileServer()
    {
        while (true)
        {
            _udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            try
            {
                _tcp.Bind(_udp.LocalEndPoint!);
                break;
            }
            catch (SocketException)
            {
                _udp.Dispose();
                _tcp.Dispose();
            }
        }

        _tcp.Listen(64);
        new Thread(ServeUdp) { IsBackground = true }.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_udp.LocalEndPoint!;

    /// <summary>What it answers with from now on; null for honest answers.</summary>
    public byte[]? Response
    {
        set => Volatile.Write(ref _response, value);
    }

    /// <summary>Questions answered over UDP.</summary>
    public long Answered => Volatile.Read(ref _answered);

    private void ServeUdp()
    {
        var buffer = new byte[4096];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (true)
        {
            try
            {
                var length = _udp.ReceiveFrom(buffer, ref from);
                _udp.SendTo(Answer(buffer.AsSpan(0, length), isTcp: false), from);
                Interlocked.Increment(ref _answered);
            }
            catch (SocketException)
            {
                // Whoever asked has closed his socket.
            }
        }
    }

    private async Task AcceptAsync()
    {
        while (true) _ = ServeAsync(await _tcp.AcceptAsync());
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using var _ = client;
            await using var stream = new NetworkStream(client);
            var head = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(head);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                await stream.ReadExactlyAsync(query);
                var answer = Answer(query, isTcp: true);

                // Some lengths lie.
                var length = answer.Length % 13 == 0 ? answer.Length + 1 : answer.Length % 17 == 0 ? answer.Length / 2 : answer.Length;
                await stream.WriteAsync((byte[])[(byte)(length >> 8), (byte)length, .. answer]);
            }
        }
        catch (Exception problem) when (problem is IOException or SocketException or ObjectDisposedException)
        {
            // It has gone.
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> query, bool isTcp)
    {
        var end = DomainName.Skip(query, DnsHeader.Size) + 4;
        var question = query[DnsHeader.Size..end];
        if (Volatile.Read(ref _response) is not { } response) return Honest(query[..end], isTcp);
        var given = response.AsSpan(0, Math.Min(response.Length, 60_000));
        if (given.Length < DnsHeader.Size) return given.ToArray();

        // One in four is sent as it is, but for the identification.
        var after = given.Length % 4 == 0 ? -1 : DomainName.Skip(given, DnsHeader.Size);
        return after < 0 || after + 4 > given.Length ? [.. query[..2], .. given[2..]] : [.. query[..2], .. given[2..DnsHeader.Size], .. question, .. given[(after + 4)..]];
    }

    /// <summary>An address; names that begin with b have so many that they fit into no datagram.</summary>
    private static byte[] Honest(ReadOnlySpan<byte> query, bool isTcp)
    {
        var count = (query[13] | 0x20) == 'b' ? 200 : 1;
        var isTruncated = count > 1 && !isTcp;
        var answer = new List<byte>([.. query[..2], (byte)(isTruncated ? 0x83 : 0x81), 0x80, 0, 1, 0, (byte)(isTruncated ? 0 : count), 0, 0, 0, 0, .. query[DnsHeader.Size..]]);
        for (var i = 0; i < count && !isTruncated; i++) answer.AddRange([0xC0, 12, .. query[^4..^2], 0, 1, 0, 0, 0x0E, 0x10, 0, 4, 10, 8, 2, (byte)i]);
        return [.. answer];
    }
}
