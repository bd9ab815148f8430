using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tunnelwright.Doctor;

/// <summary>Whether a DNS server answers at all. What it answers does not matter here.</summary>
internal static class DnsServer
{
    private const int Port = 53;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.7);

    /// <summary>Asks over UDP, three times at most.</summary>
    /// <param name="server">The server.</param>
    /// <param name="source">The local address to ask from; null lets the route decide.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> AnswersUdpAsync(IPAddress server, IPAddress? source, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (source is not null) socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(new IPEndPoint(server, Port), cancellationToken);
            var buffer = new byte[1500];
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var question = Question();
                await socket.SendAsync(question, cancellationToken);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Patience);
                try
                {
                    var length = await socket.ReceiveAsync(buffer, limit.Token);
                    if (length >= 12 && buffer[0] == question[0] && buffer[1] == question[1]) return true;
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // Silence: once more.
                }
            }

            return false;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The IPv4 addresses of a name as a server tells them; empty when it tells none, null when it does not answer.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<IPAddress>?> ResolveAsync(IPAddress server, string name, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience * 2);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(server, Port), limit.Token);
            var id = (ushort)RandomNumberGenerator.GetInt32(65536);
            await socket.SendAsync(DnsAnswer.Question(id, name), limit.Token);
            var buffer = new byte[1500];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, limit.Token);
                if (DnsAnswer.Addresses(buffer.AsSpan(0, length), id) is { } addresses) return addresses;
            }
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Asks over TCP.</summary>
    public static async Task<bool> AnswersTcpAsync(IPAddress server, IPAddress? source, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience * 3);
        try
        {
            if (source is not null) socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(new IPEndPoint(server, Port), limit.Token);
            var question = Question();
            await socket.SendAsync(new byte[] { 0, (byte)question.Length }.Concat(question).ToArray(), limit.Token);
            return await socket.ReceiveAsync(new byte[1500], limit.Token) > 2;
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The name servers of the root (RFC 1035 section 4.1): the shortest question that every server understands.</summary>
    private static byte[] Question()
    {
        var message = new byte[17];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)RandomNumberGenerator.GetInt32(65536));
        message[2] = 1; // recursion desired
        message[5] = 1; // one question: root, type NS, class IN
        message[14] = 2;
        message[16] = 1;
        return message;
    }
}
