using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tunnelwright.Dns.Wire;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd.Names;

/// <summary>One question of a client and what came of it.</summary>
/// <param name="Sent">When it was sent.</param>
/// <param name="Took">How long the answer took; null when none came.</param>
/// <param name="Code">The answer's code.</param>
/// <param name="Addresses">The addresses under the name that was asked.</param>
/// <param name="Error">The extended error, or null.</param>
/// <param name="Ttl">Seconds that the first record may be kept.</param>
internal sealed record Asked(TimeSpan Sent, TimeSpan? Took, ResponseCode? Code, IReadOnlyList<string> Addresses, ExtendedError? Error, uint? Ttl)
{
    /// <summary>Whether an answer with an address came.</summary>
    public bool IsAnswered => Took is not null && Code == ResponseCode.NoError && Addresses.Count > 0;

    /// <summary>Whether it was given beyond its time.</summary>
    public bool IsStale => Error is ExtendedError.StaleAnswer;
}

/// <summary>A client on a lab host that asks a DNS server over UDP, each question once: it sends nothing again.</summary>
internal sealed class Asker(TestLab lab, string host, string server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(TestMachine.IsGuest ? 20 : 5);
    private static readonly Stopwatch Clock = Stopwatch.StartNew();
    private readonly NetworkNamespace _space = new(lab.Host(host).Namespace);

    /// <summary>The time by which questions are dated.</summary>
    public static TimeSpan Now => Clock.Elapsed;

    /// <summary>Asks for a name's IPv4 addresses.</summary>
    public async Task<Asked> AskAsync(string name)
    {
        using var socket = await _space.RunInsideAsync(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server), 53));
        return await AskAsync(socket, name);
    }

    /// <summary>Asks at an even pace until it is told to end; questions do not wait for each other's answers.</summary>
    /// <param name="names">The name of each question.</param>
    /// <param name="pause">Time between two questions.</param>
    /// <param name="ending">Ends it.</param>
    public async Task<IReadOnlyList<Asked>> AskOnAsync(Func<int, string> names, TimeSpan pause, CancellationToken ending)
    {
        var open = new ConcurrentBag<Task<Asked>>();
        for (var i = 0; !ending.IsCancellationRequested; i++)
        {
            open.Add(AskAsync(names(i)));
            await Task.Delay(pause, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return [.. (await Task.WhenAll(open)).OrderBy(asked => asked.Sent)];
    }

    private static async Task<Asked> AskAsync(Socket socket, string name)
    {
        var sent = Clock.Elapsed;
        var question = Question(name);
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        try
        {
            await socket.SendAsync(question, patience.Token);
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, patience.Token);
                if (length >= DnsHeader.Size && buffer.AsSpan(0, 2).SequenceEqual(question.AsSpan(0, 2))) return Read(buffer[..length], name, sent, Clock.Elapsed - sent);
            }
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            return new Asked(sent, null, null, [], null, null);
        }
    }

    private static byte[] Question(string name)
    {
        Assert.True(DomainName.TryParse(name, out var wire));
        var message = new byte[DnsHeader.Size + wire.Length + 4 + Edns.RecordSize];
        DnsHeader.Write(message, (ushort)Random.Shared.Next(65536), DnsHeader.RecursionDesired);
        wire.CopyTo(message, DnsHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(DnsHeader.Size + wire.Length), (ushort)RecordType.A);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(DnsHeader.Size + wire.Length + 2), 1);
        Edns.Write(message.AsSpan(DnsHeader.Size + wire.Length + 4), 1232, 0, dnssecOk: false);
        DnsHeader.SetCount(message, 3, 1);
        return message;
    }

    private static Asked Read(byte[] message, string name, TimeSpan sent, TimeSpan took)
    {
        Assert.True(DomainName.TryParse(name, out var wire));
        DomainName.ToLower(wire);
        var addresses = new List<string>();
        ExtendedError? error = null;
        uint? ttl = null;
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Section == 1) ttl ??= record.Ttl;
            if (record is { Section: 1, Type: RecordType.A } && DomainName.EqualsAt(message, record.Owner, wire)) addresses.Add(new IPAddress(message.AsSpan(record.Data, record.DataLength)).ToString());
            if (record.Type == RecordType.Opt && Edns.TryOption(message.AsSpan(record.Data, record.DataLength), Edns.ExtendedErrorOption, out var offset, out _)) error = (ExtendedError)BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(record.Data + offset));
        }

        return new Asked(sent, took, (ResponseCode)(DnsHeader.Flags(message) & DnsHeader.CodeMask), addresses, error, ttl);
    }
}
