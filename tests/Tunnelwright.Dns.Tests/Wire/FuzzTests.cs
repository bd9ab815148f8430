using System.Diagnostics;
using System.Globalization;
using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Serving;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Wire;

/// <summary>Any bytes end in a value or a refusal, never in an exception, and what is written can be read. TUNNELWRIGHT_FUZZ_SECONDS prolongs it.</summary>
public sealed class FuzzTests
{
    private static readonly double Seconds = double.TryParse(Environment.GetEnvironmentVariable("TUNNELWRIGHT_FUZZ_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : 2;

    [Fact]
    public void Any_response_becomes_an_answer_that_can_be_read_or_is_refused()
    {
        var options = new RuleOptions { Domain = Response.Name("cloud.example"), Servers = [] };
        var rules = new[] { options, options with { Flatten = true }, options with { Private = true } }.Select(rule => new ForwardingRule(rule, [], new RuleCounters(0))).ToArray();
        var builder = new AnswerBuilder(new CacheOptions(), (_, _) => false);
        var chain = new Chain();
        var steps = new HashSet<ChainStep>();
        Run(Responses(), (random, message) =>
        {
            var rule = rules[random.Next(rules.Length)];
            chain.Begin(Response.Name("www.cloud.example"), random.Next(4) switch { 0 => RecordType.Aaaa, 1 => RecordType.Any, _ => RecordType.A }, random.Next(2) == 0);
            for (var hop = 0; hop < 3; hop++)
            {
                var step = builder.Build(message, chain, rule, rule.Flatten, random.Next(2) == 0);
                steps.Add(step);
                if (step == ChainStep.Complete)
                {
                    AssertReadable(builder.Message);
                    Assert.All(builder.Ttls.ToArray(), at => Assert.InRange(at + 4, 12, builder.Message.Length));
                }

                if (step != ChainStep.Continue) break;
                AssertReadable(chain.Partial);
            }
        });
        Assert.Equal(Enum.GetValues<ChainStep>().Order(), steps.Order());
    }

    [Fact]
    public void Any_datagram_of_a_client_is_answered_within_what_it_allows_or_dropped()
    {
        var key = new byte[ClientQuery.KeySize];
        var reply = new byte[Reply.UdpSize + Reply.MaximumEdns];
        var cookie = new ServerCookie();
        var ours = new byte[ServerCookie.Size];
        Run(Questions(), (random, message) =>
        {
            var query = default(ClientQuery);
            var verdict = query.Parse(message, key);
            if (verdict == QueryVerdict.Drop) return;
            ReadOnlySpan<byte> given = default;
            if (query.CookieLength > 0)
            {
                cookie.Write(message.AsSpan(query.CookieAt, 8), [127, 0, 0, 1], 1, ours);
                given = ours;
            }

            var name = query.NameLength == 0 ? default : message.AsSpan(12, query.NameLength);
            var limit = Math.Min(query.UdpSize, Reply.UdpSize);
            int length;
            if (verdict == QueryVerdict.Reject)
            {
                length = Reply.Fail(reply, query, name, query.Code, given, ExtendedError.None);
            }
            else
            {
                Assert.Equal(query.NameLength + 3, query.KeyLength);
                var answer = new MessageWriter(reply, new ushort[100], key.AsSpan(0, query.NameLength), query.Type);
                for (var i = random.Next(80); i > 0; i--) answer.WriteRecord(key.AsSpan(0, query.NameLength), RecordType.A, 60, [10, 8, 2, 1]);
                DnsHeader.SetCount(reply, 1, answer.Records);
                length = Reply.Finish(reply, answer.Length, limit, query, name, given, ExtendedError.StaleAnswer, out _);
            }

            Assert.InRange(length, 12, limit);
            AssertReadable(reply.AsSpan(0, length));
        });
    }

    [Fact]
    public void Any_configuration_is_read_or_refused_with_a_line()
    {
        var good = """
            { // comment
              "listen": ["127.0.0.1:53", "[::1]:53"], "threads": 2, "allow": ["10.0.0.0/8", "::/0"], "rateLimit": 5,
              "defaults": ["9.9.9.9"], "patienceSeconds": 4, "queryLog": false,
              "rules": [ { "domain": "cloud.example", "servers": ["10.8.2.2:53"], "transport": "tcp", "flatten": true, "private": true } ],
              "cache": { "megabytes": 64, "staleSeconds": 0, "prefetch": false },
            }
            """u8.ToArray();
        var (read, refused) = (0, 0);
        Run([good], (_, text) =>
        {
            try
            {
                ForwarderOptionsReader.Read(text);
                read++;
            }
            catch (ConfigurationException problem)
            {
                Assert.InRange(problem.Line, 1, 1 + text.Count(b => b == '\n'));
                refused++;
            }
        });
        Assert.InRange(read, 1, int.MaxValue);
        Assert.InRange(refused, 1, int.MaxValue);
    }

    private static List<byte[]> Responses()
    {
        var query = new Query(TestClient.Question("www.cloud.example"), false, new IPEndPoint(IPAddress.Loopback, 1));
        return
        [
            query.Answer().A("www.cloud.example", "10.8.2.1").A("www.cloud.example", "203.0.113.1").Build(),
            query.Answer().Cname("www.cloud.example", "a.other.example").Cname("a.other.example", "b.other.example").A("b.other.example", "10.8.2.1").Build(),
            query.Answer().Cname("www.cloud.example", "a.other.example").Build(),
            query.Answer().Cname("www.cloud.example", "www.cloud.example").Build(),
            query.Answer().Record("cloud.example", RecordType.Dname, 60, Response.Name("other.example")).Cname("www.cloud.example", "www.other.example").Record("www.cloud.example", RecordType.Rrsig, 60, [0, 5, .. new byte[30]]).Build(),
            query.Answer().Code(ResponseCode.NonExistentDomain).Soa("cloud.example", 60).Record("cloud.example", RecordType.Nsec, 60, [0, 1, 2], section: 2).Build(),
            query.Answer().Code(ResponseCode.ServerFailure).Build(),
            query.Answer().Flag(DnsHeader.Truncated).Build(),
            query.Answer().Raw(0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, 2, 1).Count(1, 1).Build(),
            query.Answer().Record("www.cloud.example", RecordType.Naptr, 60, [0, 1, 0, 2, 1, 65, 1, 66, 2, 67, 68, 0xC0, 12]).Record("www.cloud.example", RecordType.Srv, 60, [0, 0, 0, 0, 0, 80, 0xC0, 12]).Build(),
        ];
    }

    private static List<byte[]> Questions() =>
    [
        TestClient.Question("www.cloud.example"),
        TestClient.Question("www.cloud.example", udpSize: 0),
        TestClient.Question("a.very.long.name.that.goes.on.and.on.and.on.cloud.example", RecordType.Any, 65535, dnssecOk: true),
        TestClient.Question("www.cloud.example", option: [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]),
        TestClient.Question("www.cloud.example", option: [0, 3, 0, 1, 9, 0, 10, 0, 24, .. new byte[24]]),
    ];

    private static void AssertReadable(ReadOnlySpan<byte> message)
    {
        var reader = new MessageReader(message);
        Span<byte> name = stackalloc byte[255];
        while (reader.NextRecord(out var record)) Assert.NotEqual(0, DomainName.Expand(message, record.Owner, name, out _));
        Assert.False(reader.IsMalformed);
        Assert.Equal(message.Length, reader.Offset);
    }

    /// <summary>Good messages first, then changed ones: bytes, bits, cuts, repeats, splices.</summary>
    private static void Run(List<byte[]> seeds, Action<Random, byte[]> test)
    {
        var random = new Random(20261125);
        foreach (var seed in seeds) test(random, [.. seed]);
        var watch = Stopwatch.StartNew();
        for (var round = 0L; round < 20_000 || watch.Elapsed.TotalSeconds < Seconds; round++)
        {
            var message = seeds[random.Next(seeds.Count)].ToList();
            for (var changes = random.Next(1, 6); changes > 0 && message.Count > 0; changes--)
            {
                var at = random.Next(message.Count);
                switch (random.Next(7))
                {
                    case 0: message[at] = (byte)random.Next(256); break;
                    case 1: message[at] ^= (byte)(1 << random.Next(8)); break;
                    case 2: message.RemoveRange(at, Math.Min(random.Next(1, 12), message.Count - at)); break;
                    case 3: message.InsertRange(at, message.Skip(random.Next(message.Count)).Take(random.Next(40)).ToList()); break;
                    case 4: message[at] = 0xC0; break;
                    case 5: message[at] = (byte)(random.Next(2) == 0 ? 0 : 255); break;
                    default: message.AddRange(seeds[random.Next(seeds.Count)].Skip(at).Take(60)); break;
                }
            }

            byte[] changed = [.. message];
            try
            {
                test(random, changed);
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"round {round}: {Convert.ToHexString(changed)}: {problem.Message}", problem);
            }
        }
    }
}
