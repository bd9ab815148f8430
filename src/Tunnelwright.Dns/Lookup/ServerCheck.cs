using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tunnelwright.Dns.Serving;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Lookup;

/// <summary>Whether a DNS server answers at all; what it answers does not matter. A resolver that is cut off from the internet counts as one that answers.</summary>
public static class ServerCheck
{
    private const int Sendings = 3;
    private const ushort ChaosClass = 3;

    /// <summary>Asks over UDP, three times at most.</summary>
    /// <param name="server">The server.</param>
    /// <param name="source">The local address to ask from; null lets the route decide.</param>
    /// <param name="timeout">How long it may take in all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> AnswersUdpAsync(IPEndPoint server, IPAddress? source, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (source is not null) socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(server, cancellationToken);
            var buffer = new byte[4096];
            for (var sending = 0; sending < Sendings; sending++)
            {
                var question = Question(ofItself: sending % 2 == 1);
                await socket.SendAsync(question, cancellationToken);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(timeout / Sendings);
                try
                {
                    while (true)
                    {
                        var length = await socket.ReceiveAsync(buffer, patience.Token);
                        if (IsResponse(buffer.AsSpan(0, length), question)) return true;
                    }
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

    /// <summary>Asks over TCP.</summary>
    /// <param name="server">The server.</param>
    /// <param name="source">The local address to ask from; null lets the route decide.</param>
    /// <param name="timeout">How long it may take in all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> AnswersTcpAsync(IPEndPoint server, IPAddress? source, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            if (source is not null) socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(server, patience.Token);

            // Both at once: the second is answered while the first may wait for others.
            byte[][] questions = [Question(ofItself: false), Question(ofItself: true)];
            await socket.SendAsync(questions.SelectMany(question => (byte[])[0, (byte)question.Length, .. question]).ToArray(), patience.Token);
            var head = new byte[2];
            while (await TcpFrame.ReadAsync(socket, head, timeout, patience.Token) is { } message)
            {
                if (Array.Exists(questions, question => IsResponse(message, question))) return true;
            }

            return false;
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static bool IsResponse(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question) =>
        message.Length >= DnsHeader.Size && DnsHeader.Id(message) == DnsHeader.Id(question) && (DnsHeader.Flags(message) & DnsHeader.Response) != 0;

    /// <summary>The name servers of the root, which every server knows or finds; or the server's own version (RFC 4892 section 2.2), for which it asks nobody.</summary>
    private static byte[] Question(bool ofItself)
    {
        ReadOnlySpan<byte> name = ofItself ? "\aversion\u0004bind\0"u8 : "\0"u8;
        var question = new byte[DnsHeader.Size + name.Length + 4];
        DnsHeader.Write(question, (ushort)RandomNumberGenerator.GetInt32(65536), DnsHeader.RecursionDesired);
        name.CopyTo(question.AsSpan(DnsHeader.Size));
        BinaryPrimitives.WriteUInt16BigEndian(question.AsSpan(DnsHeader.Size + name.Length), (ushort)(ofItself ? RecordType.Txt : RecordType.Ns));
        BinaryPrimitives.WriteUInt16BigEndian(question.AsSpan(DnsHeader.Size + name.Length + 2), ofItself ? ChaosClass : (ushort)1);
        return question;
    }
}
