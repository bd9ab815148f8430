using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tunnelwright.Dns.Serving;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Lookup;

/// <summary>One question and its answer: over UDP, three times at most, and over TCP when the answer did not fit.</summary>
internal static class LookupExchange
{
    private const int Sendings = 3;

    /// <returns>The message, checked to be an answer to the question and readable; or why there is none.</returns>
    public static async Task<(byte[]? Message, bool OverTcp, string? Problem)> AskAsync(IPEndPoint server, IPAddress? source, byte[] name, RecordType type, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var question = Question(name, type);
        try
        {
            var answer = await AskUdpAsync(server, source, question, timeout, cancellationToken);
            if (answer is null) return (null, false, $"no answer in {timeout.TotalSeconds:0.#} s over UDP");
            if ((DnsHeader.Flags(answer) & DnsHeader.Truncated) == 0) return IsReadable(answer) ? (answer, false, null) : (null, false, "the answer is malformed");
        }
        catch (SocketException problem)
        {
            return (null, false, $"UDP: {problem.Message}");
        }

        try
        {
            var answer = await AskTcpAsync(server, source, question, timeout, cancellationToken);
            if (answer is null) return (null, true, "the answer does not fit into a datagram, and the TCP connection ended without one");
            return IsReadable(answer) ? (answer, true, null) : (null, true, "the answer over TCP is malformed");
        }
        catch (SocketException problem)
        {
            return (null, true, $"the answer does not fit into a datagram, and over TCP: {problem.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, true, $"the answer does not fit into a datagram, and no answer came over TCP in {timeout.TotalSeconds:0.#} s");
        }
    }

    private static byte[] Question(byte[] name, RecordType type)
    {
        var question = new byte[DnsHeader.Size + name.Length + 4 + Edns.RecordSize];
        DnsHeader.Write(question, (ushort)RandomNumberGenerator.GetInt32(65536), DnsHeader.RecursionDesired);
        name.CopyTo(question, DnsHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(question.AsSpan(DnsHeader.Size + name.Length), (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(question.AsSpan(DnsHeader.Size + name.Length + 2), 1);
        Edns.Write(question.AsSpan(DnsHeader.Size + name.Length + 4), Reply.UdpSize, 0, dnssecOk: false);
        DnsHeader.SetCount(question, 3, 1);
        return question;
    }

    private static async Task<byte[]?> AskUdpAsync(IPEndPoint server, IPAddress? source, byte[] question, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (source is not null) socket.Bind(new IPEndPoint(source, 0));
        await socket.ConnectAsync(server, cancellationToken);
        var buffer = new byte[ushort.MaxValue];
        for (var sending = 0; sending < Sendings; sending++)
        {
            await socket.SendAsync(question, cancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(timeout / Sendings);
            try
            {
                while (true)
                {
                    var length = await socket.ReceiveAsync(buffer, patience.Token);
                    if (Answers(buffer.AsSpan(0, length), question)) return buffer[..length];
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Lost, or the server is slow: the next sending may do better, and an answer to this one still counts.
            }
        }

        return null;
    }

    private static async Task<byte[]?> AskTcpAsync(IPEndPoint server, IPAddress? source, byte[] question, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        if (source is not null) socket.Bind(new IPEndPoint(source, 0));
        await socket.ConnectAsync(server, patience.Token);
        var framed = new byte[2 + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed, 2);
        await socket.SendAsync(framed, patience.Token);
        var head = new byte[2];
        while (await TcpFrame.ReadAsync(socket, head, timeout, patience.Token) is { } message)
        {
            if (Answers(message, question)) return message;
        }

        return null;
    }

    private static bool Answers(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (message.Length < DnsHeader.Size || DnsHeader.Id(message) != DnsHeader.Id(question) || (DnsHeader.Flags(message) & DnsHeader.Response) == 0) return false;
        if (DnsHeader.Count(message, 0) == 0) return (DnsHeader.Flags(message) & DnsHeader.CodeMask) != 0;
        var end = DomainName.Skip(question, DnsHeader.Size);
        return DomainName.EqualsAt(message, DnsHeader.Size, question[DnsHeader.Size..end]) && message.Length >= end + 4 && message.Slice(end, 2).SequenceEqual(question.Slice(end, 2));
    }

    private static bool IsReadable(byte[] message)
    {
        var reader = new MessageReader(message);
        while (reader.NextRecord(out _))
        {
            // Reading is the test.
        }

        return !reader.IsMalformed;
    }
}
