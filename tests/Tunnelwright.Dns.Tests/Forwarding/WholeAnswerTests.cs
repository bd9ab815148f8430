using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>The trap of the field: the database's name is an alias into another domain.</summary>
public sealed class WholeAnswerTests
{
    private const string Database = "db.xxxx.rds.example";
    private const string Host = "ec2-10-8-2-20.compute.example";

    [Fact]
    public async Task A_chain_is_followed_with_the_rules_servers_into_another_domain()
    {
        await using var cloud = new FakeServer(query =>
            query.Is(Database) ? query.Answer().Cname(Database, Host, 300).Build()
            : query.Is(Host) ? query.Answer().A(Host, "10.8.2.20", 60).Build()
            : query.Code(ResponseCode.Refused));
        await using var internet = new FakeServer(query => query.Answer().A(query.Name, "203.0.113.66").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("rds.example", cloud)], defaults: [internet.EndPoint]);

        var answer = await TestClient.AskAsync(forwarder, Database);

        Assert.Equal([$"{Database} CNAME {Host}", $"{Host} A 10.8.2.20"], answer.Records);
        Assert.Empty(internet.Asked);
    }

    [Fact]
    public async Task The_whole_chain_is_kept_no_longer_than_its_shortest_part()
    {
        var time = new ManualTime();
        var address = "10.8.2.20";
        await using var cloud = new FakeServer(query => query.Answer().Cname(Database, Host, 3600).A(Host, address, 30).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("rds.example", cloud)], time: time);

        Assert.Contains($"{Host} A 10.8.2.20", (await TestClient.AskAsync(forwarder, Database)).Records);
        address = "10.8.2.99";
        time.Advance(TimeSpan.FromSeconds(20));
        var kept = await TestClient.AskAsync(forwarder, Database);
        Assert.Contains($"{Host} A 10.8.2.20", kept.Records);
        Assert.InRange(kept.Ttls[1], 9u, 10u);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains($"{Host} A 10.8.2.99", (await TestClient.AskAsync(forwarder, Database)).Records);
    }

    [Fact]
    public async Task Flattened_the_addresses_stand_under_the_name_that_was_asked_with_the_least_time()
    {
        await using var cloud = new FakeServer(query =>
            query.Is(Database) ? query.Answer().Cname(Database, "alias.rds.example", 300).Cname("alias.rds.example", Host, 20).Build()
            : query.Is(Host) ? query.Answer().A(Host, "10.8.2.20", 60).A(Host, "10.8.2.21", 60).Build()
            : query.Code(ResponseCode.Refused));
        await using var forwarder = TestForwarder.Start("rds.example", cloud, rule => rule with { Flatten = true });

        var answer = await TestClient.AskAsync(forwarder, Database);

        Assert.Equal([$"{Database} A 10.8.2.20", $"{Database} A 10.8.2.21"], answer.Records);
        Assert.All(answer.Ttls, ttl => Assert.InRange(ttl, 19u, 20u));
    }

    [Fact]
    public async Task Flattened_absence_is_told_with_an_SOA_of_the_rules_domain()
    {
        await using var cloud = new FakeServer(query =>
            query.Is(Database, RecordType.Aaaa) ? query.Answer().Cname(Database, Host, 300).Build()
            : query.Answer().Soa("compute.example", 40).Build());
        await using var forwarder = TestForwarder.Start("rds.example", cloud, rule => rule with { Flatten = true });

        var answer = await TestClient.AskAsync(forwarder, Database, RecordType.Aaaa);

        Assert.Equal(ResponseCode.NoError, answer.Code);
        Assert.Equal(["rds.example SOA ns.compute.example"], answer.Records);
        Assert.Equal([2], answer.Sections);
    }

    [Fact]
    public async Task A_flattened_rule_still_tells_the_alias_to_who_asks_for_it()
    {
        await using var cloud = new FakeServer(query => query.Answer().Cname(Database, Host, 300).Build());
        await using var forwarder = TestForwarder.Start("rds.example", cloud, rule => rule with { Flatten = true });

        Assert.Equal([$"{Database} CNAME {Host}"], (await TestClient.AskAsync(forwarder, Database, RecordType.Cname)).Records);
    }

    [Fact]
    public async Task An_alias_of_the_internet_into_a_rules_domain_goes_on_with_that_rules_servers()
    {
        await using var cloud = new FakeServer(query => query.Answer().A(query.Name.ToLowerInvariant(), "10.8.2.10").Build());
        await using var internet = new FakeServer(query => query.Answer().Cname("www.customer.example", "app.cloud.example").A("app.cloud.example", "203.0.113.66").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", cloud)], defaults: [internet.EndPoint]);

        var answer = await TestClient.AskAsync(forwarder, "www.customer.example");

        Assert.Equal(["www.customer.example CNAME app.cloud.example", "app.cloud.example A 10.8.2.10"], answer.Records);
    }

    [Fact]
    public async Task Half_a_chain_is_never_answered()
    {
        await using var cloud = new FakeServer(query => query.Is(Database) ? query.Answer().Cname(Database, Host).Build() : query.Code(ResponseCode.Refused));
        await using var forwarder = TestForwarder.Start("rds.example", cloud);

        var answer = await TestClient.AskAsync(forwarder, Database);

        Assert.Equal(ResponseCode.ServerFailure, answer.Code);
        Assert.Empty(answer.Records);
    }

    [Fact]
    public async Task A_chain_whose_target_does_not_exist_is_answered_whole_with_NXDOMAIN()
    {
        await using var cloud = new FakeServer(query => query.Is(Database) ? query.Answer().Cname(Database, Host).Build() : query.Answer().Code(ResponseCode.NonExistentDomain).Soa("compute.example", 60).Build());
        await using var forwarder = TestForwarder.Start("rds.example", cloud);

        var answer = await TestClient.AskAsync(forwarder, Database);

        Assert.Equal(ResponseCode.NonExistentDomain, answer.Code);
        Assert.Equal([$"{Database} CNAME {Host}", "compute.example SOA ns.compute.example"], answer.Records);
        // The alias exists: other types of it are asked for all the same.
        var before = cloud.Count(Database);
        await TestClient.AskAsync(forwarder, Database, RecordType.Aaaa);
        Assert.Equal(before + 1, cloud.Count(Database));
    }

    [Fact]
    public async Task A_private_address_is_preferred_and_only_a_public_one_is_reported()
    {
        var lines = new List<string>();
        await using var first = new FakeServer(query => query.Answer().Cname(query.Name.ToLowerInvariant(), Host).A(Host, query.Is("only.rds.example") ? "203.0.113.9" : "203.0.113.1").Build());
        await using var second = new FakeServer(query => query.Is("only.rds.example") ? query.Answer().A(query.Name, "203.0.113.9").Build() : query.Answer().A(query.Name, "203.0.113.1").A(query.Name, "10.8.2.20").Build());
        await using (var forwarder = TestForwarder.Start([TestForwarder.Rule("rds.example", first, second) with { Private = true }], log: lines.Add))
        {
            Assert.Equal([$"{Database} A 10.8.2.20"], (await TestClient.AskAsync(forwarder, Database)).Records);
            Assert.Contains("203.0.113.9", string.Join(' ', (await TestClient.AskAsync(forwarder, "only.rds.example")).Records));
            Assert.Equal(1, forwarder.Metrics().Rules[0].PublicAnswers);
        }

        Assert.Contains(lines, line => line.Contains("dns-no-forwarder", StringComparison.Ordinal) || line.Contains("dns-cname-escapes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("self.rds.example", "self.rds.example")]
    [InlineData("a.rds.example", "b.rds.example")]
    public async Task A_chain_that_comes_back_to_itself_ends_in_a_failure(string name, string target)
    {
        await using var cloud = new FakeServer(query => query.Is(target) ? query.Answer().Cname(target, name).Build() : query.Answer().Cname(name, target).Build());
        await using var forwarder = TestForwarder.Start("rds.example", cloud);

        var answer = await TestClient.AskAsync(forwarder, name);

        Assert.Equal(ResponseCode.ServerFailure, answer.Code);
        Assert.Equal(ExtendedError.Other, answer.Error);
        Assert.Equal(1, forwarder.Metrics().Loops);
        Assert.InRange(cloud.Questions, 1, 2);
    }

    [Fact]
    public async Task A_chain_without_end_is_cut_off()
    {
        await using var cloud = new FakeServer(query =>
        {
            var name = query.Name.ToLowerInvariant();
            return query.Answer().Cname(name, $"n{int.Parse(name[1..name.IndexOf('.', StringComparison.Ordinal)]) + 1}.rds.example").Build();
        });
        await using var forwarder = TestForwarder.Start("rds.example", cloud);

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "n0.rds.example")).Code);
        Assert.Equal(17, cloud.Questions);
    }

    [Theory]
    [InlineData("self.rds.example")]
    [InlineData("first.rds.example")]
    public async Task A_name_that_is_its_own_alias_is_refused_at_once(string name)
    {
        await using var cloud = new FakeServer(query => query.Name.ToLowerInvariant() switch
        {
            "self.rds.example" => query.Answer().Cname("self.rds.example", "SELF.rds.example").Build(),
            "first.rds.example" => query.Answer().Cname("first.rds.example", "second.rds.example").Cname("second.rds.example", "first.rds.example").Build(),
            _ => query.Code(ResponseCode.NonExistentDomain),
        });
        await using var forwarder = TestForwarder.Start("rds.example", cloud);

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, name)).Code);
        Assert.Equal(1, cloud.Questions);
        Assert.Equal((1, 0), (forwarder.Metrics().Loops, forwarder.Metrics().Faults));
        var lookup = await DnsLookup.RunAsync(forwarder.Listening[0], Response.Name(name), RecordType.A, TimeSpan.FromSeconds(5), null, TestContext.Current.CancellationToken);
        Assert.Equal(ResponseCode.ServerFailure, lookup.Code);
        Assert.True((await DnsLookup.RunAsync(cloud.EndPoint, Response.Name(name), RecordType.A, TimeSpan.FromSeconds(5), null, TestContext.Current.CancellationToken)).Loops);
    }

    [Fact]
    public async Task What_a_server_adds_that_was_not_asked_for_is_not_believed()
    {
        await using var cloud = new FakeServer(query => query.Is("www.rds.example")
            ? query.Answer().A("www.rds.example", "10.8.2.1").A("bank.example", "10.6.6.6").Record("bank.example", RecordType.A, 60, [10, 6, 6, 6], section: 3).Build()
            : query.Answer().A(query.Name, "10.8.2.2").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("rds.example", cloud), TestForwarder.Rule("bank.example", cloud)]);

        Assert.Equal(["www.rds.example A 10.8.2.1"], (await TestClient.AskAsync(forwarder, "www.rds.example")).Records);
        Assert.Equal(["bank.example A 10.8.2.2"], (await TestClient.AskAsync(forwarder, "bank.example")).Records);
    }

    [Fact]
    public async Task The_longest_rule_counts()
    {
        await using var outer = new FakeServer(query => query.Answer().A(query.Name, "10.0.0.1").Build());
        await using var inner = new FakeServer(query => query.Answer().A(query.Name, "10.0.0.2").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("corp.example", outer), TestForwarder.Rule("db.corp.example", inner)]);

        Assert.EndsWith("10.0.0.1", (await TestClient.AskAsync(forwarder, "www.corp.example")).Records[0]);
        Assert.EndsWith("10.0.0.2", (await TestClient.AskAsync(forwarder, "db.corp.example")).Records[0]);
        Assert.EndsWith("10.0.0.2", (await TestClient.AskAsync(forwarder, "x.DB.corp.example")).Records[0]);
        Assert.EndsWith("10.0.0.1", (await TestClient.AskAsync(forwarder, "xdb.corp.example")).Records[0]);
        Assert.Equal(ResponseCode.Refused, (await TestClient.AskAsync(forwarder, "else.example")).Code);

        // What the cache answers is counted by rule as well.
        for (var i = 0; i < 3; i++) await TestClient.AskAsync(forwarder, "DB.corp.example");
        Assert.Equal([("corp.example", 2L, 0L), ("db.corp.example", 2L, 3L)], forwarder.Metrics().Rules.Select(rule => (rule.Domain, rule.Queries, rule.Hits)));
    }
}
