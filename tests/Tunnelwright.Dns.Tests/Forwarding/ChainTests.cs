using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Chains of other types, through DNAMEs and across rules.</summary>
public sealed class ChainTests
{
    private const string Database = "db.xxxx.rds.example";
    private const string Host = "ec2-10-8-2-20.compute.example";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_whole_domain_that_is_an_alias_is_followed_too(bool flatten)
    {
        await using var cloud = new FakeServer(query =>
            query.Is(Database) ? query.Answer().Record("xxxx.rds.example", RecordType.Dname, 30, Response.Name("yyyy.compute.example")).Cname(Database, "db.yyyy.compute.example", 30).Build()
            : query.Is("db.yyyy.compute.example") ? query.Answer().Cname("db.yyyy.compute.example", Host).A(Host, "10.8.2.20").Build()
            : query.Code(ResponseCode.Refused));
        await using var forwarder = TestForwarder.Start("rds.example", cloud, rule => rule with { Flatten = flatten });

        var answer = await TestClient.AskAsync(forwarder, Database);

        Assert.Equal<string>(
            flatten ? [$"{Database} A 10.8.2.20"] : ["xxxx.rds.example DNAME yyyy.compute.example", $"{Database} CNAME db.yyyy.compute.example", $"db.yyyy.compute.example CNAME {Host}", $"{Host} A 10.8.2.20"],
            answer.Records);
        Assert.InRange(answer.Ttls[0], 29u, 30u);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Service_bindings_and_addresses_of_both_families_stand_at_the_end_of_the_chain(bool flatten)
    {
        byte[] binding = [0, 1, 0, 0, 1, 0, 3, 2, (byte)'h', (byte)'2'];
        await using var cloud = new FakeServer(query => query.Is(Database, query.Type) ? query.Answer().Cname(Database, Host).Build() : query.Type switch
        {
            RecordType.A => query.Answer().A(Host, "10.8.2.20").Build(),
            RecordType.Aaaa => query.Answer().Record(Host, RecordType.Aaaa, 60, [0xFD, 0, .. new byte[13], 0x20]).Build(),
            _ => query.Answer().Record(Host, RecordType.Https, 60, binding).Build(),
        });
        await using var forwarder = TestForwarder.Start("rds.example", cloud, rule => rule with { Flatten = flatten, Private = true });
        var owner = flatten ? Database : Host;

        foreach (var (type, data) in new[] { (RecordType.A, "10.8.2.20"), (RecordType.Aaaa, "fd00::20"), (RecordType.Https, Convert.ToHexString(binding)) })
        {
            var answer = await TestClient.AskAsync(forwarder, Database, type);
            Assert.Equal(flatten ? 1 : 2, answer.Records.Count);
            Assert.Equal($"{owner} {RecordTypes.Name(type)} {data}", answer.Records[^1]);
        }

        Assert.Equal(0, forwarder.Metrics().Rules[0].PublicAnswers);
    }

    [Fact]
    public async Task A_chain_that_entered_a_rule_with_public_answers_begins_anew_where_it_began()
    {
        await using var internet = new FakeServer(query => query.Answer().Cname("www.customer.example", "app.cloud.example").Build());
        await using var first = new FakeServer(query => query.Is("app.cloud.example") ? query.Answer().A(query.Name, "203.0.113.1").Build() : query.Answer().A(query.Name, "203.0.113.66").Build());
        await using var second = new FakeServer(query => query.Is("app.cloud.example") ? query.Answer().A(query.Name, "10.8.2.10").Build() : query.Answer().A(query.Name, "203.0.113.66").Build()) { Delay = TimeSpan.FromMilliseconds(30) };
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", first, second) with { Private = true }], defaults: [internet.EndPoint]);

        var answer = await TestClient.AskAsync(forwarder, "www.customer.example");

        Assert.Equal(["www.customer.example CNAME app.cloud.example", "app.cloud.example A 10.8.2.10"], answer.Records);
        Assert.DoesNotContain(first.Asked.Concat(second.Asked), query => query.Name.StartsWith("www", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_public_answer_does_not_wait_for_a_server_that_is_known_to_be_down()
    {
        await using var first = new FakeServer(query => query.Answer().A(query.Name, "203.0.113.1").Build());
        var second = new FakeServer(_ => null);
        var nobody = second.EndPoint;
        await second.DisposeAsync();
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", first) with { Private = true, Servers = [first.EndPoint, nobody] }]);
        while (forwarder.Metrics().Servers[1].IsUp) await TestClient.AskAsync(forwarder, $"{Guid.NewGuid():N}.cloud.example");
        var asked = first.Asked.Count;

        Assert.Equal(["www.cloud.example A 203.0.113.1"], (await TestClient.AskAsync(forwarder, "www.cloud.example")).Records);
        Assert.Equal(asked + 1, first.Asked.Count);
    }

    [Fact]
    public async Task Reverse_names_of_a_private_range_go_to_the_rules_servers()
    {
        await using var cloud = new FakeServer(query => query.Answer().Record(query.Name, RecordType.Ptr, 60, Response.Name("app.cloud.example")).Build());
        await using var internet = new FakeServer(query => query.Code(ResponseCode.NonExistentDomain));
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("2.8.10.in-addr.arpa", cloud)], defaults: [internet.EndPoint]);

        Assert.Equal(1, DnsHeader.Count((await TestClient.AskAsync(forwarder, "10.2.8.10.in-addr.arpa", RecordType.Ptr)).Message, 1));
        Assert.Empty(internet.Asked);
    }

    [Fact]
    public async Task A_forwarder_that_is_told_to_ask_itself_fails_and_does_not_go_in_circles()
    {
        await using var cloud = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", cloud)], change: options => options with { PatienceSeconds = 1 });
        await forwarder.ReloadAsync(new()
        {
            Listen = [new(System.Net.IPAddress.Loopback, 0)],
            Threads = 1,
            Allow = [System.Net.IPNetwork.Parse("127.0.0.0/8")],
            Rules = [TestForwarder.Rule("cloud.example", cloud) with { Servers = forwarder.Listening }],
            PatienceSeconds = 1,
        });

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.InRange(forwarder.Metrics().Queries, 2, 40);
    }
}
