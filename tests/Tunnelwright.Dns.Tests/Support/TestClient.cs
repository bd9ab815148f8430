using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Support;

/// <summary>Asks a forwarder as a client does, and reads the answer.</summary>
internal static class TestClient
{
    public static byte[] Question(string name, RecordType type = RecordType.A, int udpSize = 1232, ushort id = 4711, bool dnssecOk = false, byte[]? option = null)
    {
        Assert.True(DomainName.TryParse(name, out var wire));
        var message = new byte[12 + wire.Length + 4 + (udpSize > 0 ? 11 + (option?.Length ?? 0) : 0)];
        DnsHeader.Write(message, id, DnsHeader.RecursionDesired);
        wire.CopyTo(message, 12);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(12 + wire.Length), (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(14 + wire.Length), 1);
        if (udpSize == 0) return message;
        Edns.Write(message.AsSpan(16 + wire.Length), udpSize, 0, dnssecOk);
        if (option is not null)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(16 + wire.Length + 9), (ushort)option.Length);
            option.CopyTo(message, 16 + wire.Length + 11);
        }

        DnsHeader.SetCount(message, 3, 1);
        return message;
    }

    public static async Task<Answer> AskAsync(DnsForwarder forwarder, string name, RecordType type = RecordType.A, int udpSize = 1232, bool dnssecOk = false)
    {
        var question = Question(name, type, udpSize, (ushort)Random.Shared.Next(65536), dnssecOk);
        return new Answer(await SendAsync(forwarder.Listening[0], question) ?? throw new TimeoutException($"no answer for {name}"));
    }

    /// <summary>Sends a datagram and waits for the one that comes back; null when none comes.</summary>
    public static async Task<byte[]?> SendAsync(IPEndPoint server, byte[] datagram, int milliseconds = 8000, IPAddress? source = null)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (source is not null) socket.Bind(new IPEndPoint(source, 0));
        await socket.ConnectAsync(server);
        await socket.SendAsync(datagram);
        var buffer = new byte[65536];
        using var patience = new CancellationTokenSource(milliseconds);
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, patience.Token);
                if (datagram.Length < 2 || (buffer[0] == datagram[0] && buffer[1] == datagram[1])) return buffer[..length];
            }
        }
        catch (SocketException)
        {
            await Task.Delay(milliseconds / 5, CancellationToken.None); // Nobody listens there, or not yet.
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public static async Task<List<Answer>> AskTcpAsync(IPEndPoint server, params byte[][] questions)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        foreach (var question in questions)
        {
            var framed = new byte[2 + question.Length];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
            question.CopyTo(framed, 2);
            await socket.SendAsync(framed);
        }

        using var patience = new CancellationTokenSource(8000);
        var answers = new List<Answer>();
        while (answers.Count < questions.Length && await ReadFrameAsync(socket, patience.Token) is { } message) answers.Add(new Answer(message));
        return answers;
    }

    public static async Task<byte[]?> ReadFrameAsync(Socket socket, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        if (!await FillAsync(socket, head, cancellationToken)) return null;
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        return await FillAsync(socket, message, cancellationToken) ? message : null;
    }

    private static async Task<bool> FillAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            if (received == 0) return false;
            buffer = buffer[received..];
        }

        return true;
    }
}

/// <summary>An answer that a client got, as text: owner, type, data.</summary>
internal sealed class Answer
{
    public Answer(byte[] message)
    {
        Message = message;
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Type == RecordType.Opt)
            {
                if (Edns.TryOption(message.AsSpan(record.Data, record.DataLength), Edns.ExtendedErrorOption, out var offset, out _)) Error = (ExtendedError)BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(record.Data + offset));
                continue;
            }

            Records.Add($"{Text(record.Owner)} {RecordTypes.Name(record.Type)} {Data(record)}");
            Ttls.Add(record.Ttl);
            Sections.Add(record.Section);
        }

        Assert.False(reader.IsMalformed, $"the answer is malformed: {Convert.ToHexString(message)}");
        Assert.Equal(message.Length, reader.Offset);
    }

    public byte[] Message { get; }

    public ResponseCode Code => (ResponseCode)(DnsHeader.Flags(Message) & DnsHeader.CodeMask);

    public bool IsTruncated => (DnsHeader.Flags(Message) & DnsHeader.Truncated) != 0;

    public ExtendedError Error { get; } = ExtendedError.None;

    public List<string> Records { get; } = [];

    public List<uint> Ttls { get; } = [];

    public List<int> Sections { get; } = [];

    private string Text(int offset)
    {
        var name = new byte[255];
        return DomainName.ToText(name.AsSpan(0, DomainName.Expand(Message, offset, name, out _)));
    }

    private string Data(ResourceRecord record) => record.Type switch
    {
        RecordType.A or RecordType.Aaaa => new IPAddress(Message.AsSpan(record.Data, record.DataLength)).ToString(),
        RecordType.Cname or RecordType.Soa or RecordType.Dname => Text(record.Data),
        _ => Convert.ToHexString(Message.AsSpan(record.Data, record.DataLength)),
    };
}
