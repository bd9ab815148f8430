using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Servers that say what is not meant, or what does not hold for long.</summary>
public sealed class OddServersTests
{
    /// <summary>A server that cannot read what was asked says nothing about the client's question, which was in order.</summary>
    [Theory]
    [InlineData(ResponseCode.FormatError)]
    [InlineData(ResponseCode.NotImplemented)]
    public async Task A_server_that_does_not_understand_is_no_fault_of_the_client(ResponseCode code)
    {
        await using var server = new FakeServer(query => query.Code(code));
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
    }

    /// <summary>RFC 4074 section 4.2: some load balancers deny the whole name when they are asked for its IPv6 addresses.</summary>
    [Fact]
    public async Task A_name_that_had_addresses_is_asked_for_again_though_it_was_denied_for_another_type()
    {
        var time = new ManualTime();
        await using var server = new FakeServer(query => query.Type == RecordType.A ? query.Answer().A(query.Name, "10.8.2.10", 5).Build() : query.Answer().Code(ResponseCode.NonExistentDomain).Soa("cloud.example", 300).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], time: time);
        Assert.Single((await TestClient.AskAsync(forwarder, "app.cloud.example")).Records);
        Assert.Equal(ResponseCode.NonExistentDomain, (await TestClient.AskAsync(forwarder, "app.cloud.example", RecordType.Aaaa)).Code);

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["app.cloud.example A 10.8.2.10"], (await TestClient.AskAsync(forwarder, "app.cloud.example")).Records);
    }

    /// <summary>An address that goes around the tunnel is not kept for a day because its record says so: the private one is looked for again soon, and the doctor hears of it as long as it lasts.</summary>
    [Fact]
    public async Task A_public_answer_where_private_ones_are_wanted_is_not_kept_for_long()
    {
        var time = new ManualTime();
        var address = "203.0.113.1";
        await using var server = new FakeServer(query => query.Answer().Cname(query.Name, "host.compute.example", 86_400).A("host.compute.example", address, 86_400).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server) with { Private = true }], time: time);
        var first = await TestClient.AskAsync(forwarder, "www.cloud.example");
        Assert.Equal("host.compute.example A 203.0.113.1", first.Records[^1]);
        Assert.InRange(first.Ttls[^1], 1u, 60u);
        time.Advance(TimeSpan.FromSeconds(61));
        await TestClient.AskAsync(forwarder, "www.cloud.example");
        Assert.Equal(2, forwarder.Metrics().Rules[0].PublicAnswers);

        address = "10.8.2.10";
        time.Advance(TimeSpan.FromSeconds(61));
        var last = await TestClient.AskAsync(forwarder, "www.cloud.example");
        Assert.Equal("host.compute.example A 10.8.2.10", last.Records[^1]);
        Assert.InRange(last.Ttls[^1], 86_000u, 86_400u);
    }

    /// <summary>A name with a private IPv4 and a public IPv6 address is asked where it should be: what it has public is counted, and no missing forwarder is told to the doctor.</summary>
    [Theory]
    [InlineData(RecordType.A, RecordType.Aaaa)]
    [InlineData(RecordType.Aaaa, RecordType.A)]
    public async Task Public_addresses_of_IPv6_alone_are_no_missing_forwarder(RecordType first, RecordType second)
    {
        var address = "10.8.2.10";
        await using var server = new FakeServer(query => (query.Type == RecordType.A ? query.Answer().A(query.Name, address) : query.Answer().Record(query.Name, RecordType.Aaaa, 60, [0x20, 1, 0xD, 0xB8, .. new byte[11], 1])).Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server, rule => rule with { Private = true });

        foreach (var type in new[] { first, second }) Assert.Single((await TestClient.AskAsync(forwarder, "www.cloud.example", type)).Records);

        var rule = forwarder.Metrics().Rules[0];
        Assert.Equal((1, null), (rule.PublicAnswers, rule.LastPublic));
        address = "203.0.113.1";
        await TestClient.AskAsync(forwarder, "other.cloud.example");
        Assert.Equal("other.cloud.example", forwarder.Metrics().Rules[0].LastPublic?.Name);
    }

    /// <summary>Types 128 to 254 are no records (RFC 6895 section 3.1): keys of transactions, transfers and the like are between two neighbours and are not passed on.</summary>
    [Theory]
    [InlineData(128)] // NXNAME
    [InlineData(249)] // TKEY
    [InlineData(254)] // MAILA
    public async Task What_is_no_type_of_records_is_not_passed_on(int type)
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        var answer = await TestClient.AskAsync(forwarder, "www.cloud.example", (RecordType)type);

        Assert.Equal((ResponseCode.Refused, ExtendedError.NotSupported), (answer.Code, answer.Error));
        Assert.Empty(server.Asked);
    }
}
