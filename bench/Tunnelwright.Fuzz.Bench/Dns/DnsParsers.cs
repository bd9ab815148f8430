using System.Buffers.Binary;
using System.Text;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Fuzz.Dns;

/// <summary>The DNS codec and configuration by themselves, and the whole forwarder between hostile clients and hostile servers.</summary>
internal static class DnsParsers
{
    private static readonly Lazy<ForwarderUnderFire> AskedForwarder = new(() => new ForwarderUnderFire());
    private static readonly Lazy<ForwarderUnderFire> AnsweredForwarder = new(() => new ForwarderUnderFire());
    private static readonly AnswerBuilder Builder = new(new CacheOptions(), (_, _) => false);
    private static readonly Chain Chain = new();

    public static IReadOnlyList<Parser> All { get; } =
    [
        new("dns-codec", Responses(), Codec),
        new("dns-configuration", Configurations(), Configuration),
        new("dns-queries", Queries(), bytes => AskedForwarder.Value.Ask(bytes)),
        new("dns-responses", Responses(), bytes => AnsweredForwarder.Value.Respond(bytes)),
    ];

    private static void Codec(byte[] bytes)
    {
        Span<byte> name = stackalloc byte[DomainName.MaximumLength];
        var reader = new MessageReader(bytes);
        while (reader.NextRecord(out var record)) _ = DomainName.ToText(name[..DomainName.Expand(bytes, record.Owner, name, out _)]);

        var options = new RuleOptions { Domain = Wire("cloud.example"), Servers = [], Flatten = bytes.Length % 2 == 0, Private = bytes.Length % 3 == 0 };
        Chain.Begin(Wire("n000000.cloud.example"), (RecordType)(bytes.Length % 5 == 0 ? 255 : bytes.Length % 7 == 0 ? 28 : 1), bytes.Length % 11 == 0);
        if (Builder.Build(bytes, Chain, new ForwardingRule(options, [], new RuleCounters(0)), options.Flatten, ignoreTruncation: false) == ChainStep.Complete) Answers.CheckReadable(Builder.Message);
    }

    private static void Configuration(byte[] bytes)
    {
        try
        {
            _ = ForwarderOptionsReader.Read(bytes);
        }
        catch (ConfigurationException)
        {
            // The one error that is allowed.
        }
    }

    private static IReadOnlyList<byte[]> Configurations() => [Encoding.UTF8.GetBytes("""
        { // comment
          "listen": ["127.0.0.1:53", "[::1]:53"], "threads": 2, "allow": ["10.0.0.0/8", "::/0"], "rateLimit": 5, "defaults": ["9.9.9.9"], "patienceSeconds": 4, "queryLog": false,
          "rules": [ { "domain": "cloud.example", "servers": ["10.8.2.2:53"], "source": "10.1.0.1", "transport": "tcp", "flatten": true, "private": true } ],
          "cache": { "megabytes": 64, "staleSeconds": 0, "prefetch": false, "nonExistentCut": true },
        }
        """)];

    private static IReadOnlyList<byte[]> Queries() =>
    [
        Query("marked.cloud.example", RecordType.A),
        Query("b.cloud.example", RecordType.Any, 4096, dnssecOk: true),
        Query("a.very.long.name.that.goes.on.and.on.and.on.cloud.example", RecordType.Https, 600),
        Query("www.cloud.example", RecordType.Aaaa, 1232, false, [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]),
        Query("www.cloud.example", RecordType.Txt, 1232, false, [0, 8, 0, 7, 0, 1, 24, 0, 10, 1, 2, 0, 10, 0, 24, .. new byte[24]]),
        Query("www.else.example", RecordType.Soa, 512),
        [0x12, 0x34, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
    ];

    /// <summary>A question as a client sends it; without OPT when <paramref name="size"/> is 0.</summary>
    internal static byte[] Query(string name, RecordType type, int size = 0, bool dnssecOk = false, byte[]? option = null)
    {
        byte[] opt = size == 0 ? [] : [0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, (byte)(dnssecOk ? 0x80 : 0), 0, (byte)((option?.Length ?? 0) >> 8), (byte)(option?.Length ?? 0), .. option ?? []];
        return [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(size == 0 ? 0 : 1), .. Wire(name), (byte)((int)type >> 8), (byte)type, 0, 1, .. opt];
    }

    internal static byte[] Wire(string name) => DomainName.TryParse(name, out var wire) ? wire : throw new ArgumentException("not a name", nameof(name));

    /// <summary>What servers may say of n000000.cloud.example; every owner that can be one is a pointer to the question.</summary>
    private static IReadOnlyList<byte[]> Responses()
    {
        byte[] self = [0xC0, 12];
        return
        [
            Response(0, [(self, RecordType.A, [10, 8, 2, 1]), (self, RecordType.A, [203, 0, 113, 1])], []),
            Response(0, [(self, RecordType.Cname, Wire("a.other.example")), (Wire("a.other.example"), RecordType.Cname, Wire("b.other.example")), (Wire("b.other.example"), RecordType.A, [10, 8, 2, 1])], []),
            Response(0, [(self, RecordType.Cname, Wire("c.other.example"))], []),
            Response(0, [(self, RecordType.Cname, self)], []),
            Response(0, [(Wire("cloud.example"), RecordType.Dname, Wire("other.example")), (self, RecordType.Cname, Wire("n000000.other.example")), (self, RecordType.Rrsig, [0, 5, .. new byte[30]])], []),
            Response(3, [], [([0xC0, 20], RecordType.Soa, [.. self, .. self, .. new byte[16], 0, 0, 0, 60]), (self, RecordType.Nsec, [0, 1, 2])]),
            Response(0, [], [([0xC0, 20], RecordType.Ns, Wire("ns.cloud.example"))]),
            Response(2, [], []),
            Response(0, [(self, RecordType.Naptr, [0, 1, 0, 2, 1, 65, 1, 66, 2, 67, 68, .. self]), (self, RecordType.Srv, [0, 0, 0, 0, 0, 80, .. self]), (self, RecordType.Txt, [3, 65, 66, 67])], []),
            Response(0x200, [(self, RecordType.A, [10, 8, 2, 1])], []),
            Response(0, [.. Enumerable.Range(0, 60).Select(i => (self, RecordType.A, (byte[])[10, 8, 2, (byte)i]))], []),
            Response(7, [], [], [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 28, 0, 10, 0, 24, .. new byte[24]]),
        ];
    }

    private static byte[] Response(int flags, (byte[] Owner, RecordType Type, byte[] Data)[] answers, (byte[] Owner, RecordType Type, byte[] Data)[] authority, byte[]? opt = null)
    {
        var bytes = new List<byte>([0, 0, (byte)(0x81 | (flags >> 8)), (byte)(0x80 | (flags & 0xFF)), 0, 1, 0, (byte)answers.Length, 0, (byte)authority.Length, 0, (byte)(opt is null ? 0 : 1), .. Wire("n000000.cloud.example"), 0, 1, 0, 1]);
        foreach (var (owner, type, data) in answers.Concat(authority))
            bytes.AddRange([.. owner, (byte)((int)type >> 8), (byte)type, 0, 1, 0, 0, 0, 60, (byte)(data.Length >> 8), (byte)data.Length, .. data]);
        bytes.AddRange(opt ?? []);
        return [.. bytes];
    }
}

/// <summary>What an answer of the forwarder has to be like, read without the forwarder's own checks.</summary>
internal static class Answers
{
    /// <summary>The sections hold what the header counts, and nothing comes after them.</summary>
    public static void CheckReadable(ReadOnlySpan<byte> message)
    {
        var reader = new MessageReader(message);
        Span<byte> name = stackalloc byte[DomainName.MaximumLength];
        while (reader.NextRecord(out var record))
        {
            if (DomainName.Expand(message, record.Owner, name, out _) == 0) throw new InvalidOperationException("An owner that is no name.");
        }

        if (reader.IsMalformed || reader.Offset != message.Length) throw new InvalidOperationException($"An answer that cannot be read: {Convert.ToHexString(message)}");
    }

    /// <summary>Every record is of the name that was asked for, or of one that an alias before it leads to.</summary>
    public static void CheckBailiwick(ReadOnlySpan<byte> message)
    {
        Span<byte> name = stackalloc byte[DomainName.MaximumLength];
        var length = DomainName.Expand(message, DnsHeader.Size, name, out _);
        if (length == 0) return;
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { DomainName.ToText(name[..length]) };
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Section != 1 || record.Type == RecordType.Dname || (record.Type == RecordType.Rrsig && record.DataLength >= 2 && BinaryPrimitives.ReadUInt16BigEndian(message[record.Data..]) == (ushort)RecordType.Dname)) continue;
            var owner = DomainName.ToText(name[..DomainName.Expand(message, record.Owner, name, out _)]);
            if (!known.Contains(owner)) throw new InvalidOperationException($"A record of {owner}, which nobody asked for: {Convert.ToHexString(message)}");
            if (record.Type == RecordType.Cname) known.Add(DomainName.ToText(name[..DomainName.Expand(message, record.Data, name, out _)]));
        }
    }

    /// <summary>Most bytes that may be sent back over UDP for a datagram.</summary>
    public static int Limit(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < DnsHeader.Size || (DnsHeader.Flags(datagram) & DnsHeader.Response) != 0) return 0;
        var questions = DnsHeader.Count(datagram, 0);

        // A code alone is no longer than what was sent, but for a server's half of a cookie that was asked for.
        if ((DnsHeader.Flags(datagram) & DnsHeader.OpcodeMask) != 0 || questions != 1) return datagram.Length + (questions == 0 ? 16 : 0);
        var limit = 512;
        var reader = new MessageReader(datagram);
        while (reader.NextRecord(out var record))
        {
            if (record.Type == RecordType.Opt) limit = Math.Max(limit, record.Class);
        }

        return Math.Min(limit, 1232);
    }
}
