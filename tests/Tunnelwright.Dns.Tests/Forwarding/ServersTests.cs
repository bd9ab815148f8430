using System.Diagnostics;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Servers that are slow, dead, forged or odd.</summary>
public sealed class ServersTests
{
    private static readonly CacheOptions SmallCache = new() { Megabytes = 4 };

    [Fact]
    public async Task When_one_server_dies_every_question_is_answered_after_one_retry_at_most()
    {
        await using var first = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var second = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", first, second)]);
        for (var i = 0; i < 20; i++) await TestClient.AskAsync(forwarder, $"warm{i}.cloud.example");
        var place = forwarder.Metrics().Servers[0].RoundTripMilliseconds < forwarder.Metrics().Servers[1].RoundTripMilliseconds ? 0 : 1;
        var dying = place == 0 ? first : second;
        dying.IsSilent = true;

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => TestClient.AskAsync(forwarder, $"n{i}.cloud.example")));

        Assert.All(answers, answer => Assert.Equal(ResponseCode.NoError, answer.Code));
        // Once at the one that dies, once at the other; some once more when this machine is slow.
        var sendings = first.Asked.Concat(second.Asked).Where(query => query.Name.StartsWith("n", StringComparison.OrdinalIgnoreCase)).GroupBy(query => query.Name).Select(group => group.Count()).ToList();
        Assert.Equal(100, sendings.Count);
        Assert.InRange(sendings.Count(count => count > 2), 0, 20);
        Assert.Equal(0, forwarder.Metrics().Failures);
        Assert.Contains(dying.Asked, query => query.Name.StartsWith("n", StringComparison.OrdinalIgnoreCase));
        await Until(() => !forwarder.Metrics().Servers[place].IsUp, async () => Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, $"after{Guid.NewGuid():N}.cloud.example")).Code));
    }

    [Fact]
    public async Task A_server_where_nobody_listens_is_left_at_once()
    {
        var dead = new FakeServer(_ => null);
        var nobody = dead.EndPoint;
        await dead.DisposeAsync();
        await using var alive = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start([new RuleOptions { Domain = Response.Name("cloud.example"), Servers = [nobody, alive.EndPoint] }]);

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.Equal(0, forwarder.Metrics().Servers[0].Timeouts);
        Assert.False(forwarder.Metrics().Servers[0].IsUp);
    }

    [Fact]
    public async Task When_all_servers_die_expired_answers_are_given_and_new_ones_within_a_second_after_their_return()
    {
        var time = new ManualTime();
        var address = "10.8.2.1";
        await using var server = new FakeServer(query => query.Answer().A(query.Name, address, 5).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], SmallCache, time: time);
        await TestClient.AskAsync(forwarder, "www.cloud.example");
        server.IsSilent = true;
        time.Advance(TimeSpan.FromSeconds(10));

        var stale = await TestClient.AskAsync(forwarder, "www.cloud.example");
        Assert.Equal(["www.cloud.example A 10.8.2.1"], stale.Records);
        Assert.Equal(ExtendedError.StaleAnswer, stale.Error);
        Assert.InRange(stale.Ttls[0], 0u, 5u);
        await Until(() => !forwarder.Metrics().Servers[0].IsUp, async () => await TestClient.AskAsync(forwarder, "www.cloud.example"));

        // Known to be down: nobody waits.
        var watch = Stopwatch.StartNew();
        Assert.Equal(ExtendedError.StaleAnswer, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Error);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 450);

        address = "10.8.2.2";
        server.IsSilent = false;
        watch.Restart();
        while ((await TestClient.AskAsync(forwarder, "www.cloud.example")).Records[0] != "www.cloud.example A 10.8.2.2") await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 1000);
    }

    [Fact]
    public async Task With_nothing_to_give_the_client_is_told_that_no_server_answers()
    {
        await using var server = new FakeServer(_ => null);
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { PatienceSeconds = 1 });

        var answer = await TestClient.AskAsync(forwarder, "www.cloud.example");

        Assert.Equal(ResponseCode.ServerFailure, answer.Code);
        Assert.Equal(ExtendedError.NoReachableAuthority, answer.Error);
    }

    [Theory]
    [InlineData(ResponseCode.ServerFailure)]
    [InlineData(ResponseCode.Refused)]
    public async Task A_server_that_fails_is_passed_over(ResponseCode code)
    {
        await using var failing = new FakeServer(query => query.Code(code));
        await using var good = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build()) { Delay = TimeSpan.FromMilliseconds(20) };
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", failing, good)]);

        for (var i = 0; i < 5; i++) Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, $"n{i}.cloud.example")).Code);
        Assert.NotEmpty(failing.Asked);
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_is_fetched_over_TCP()
    {
        await using var server = new FakeServer(query =>
        {
            if (!query.IsTcp) return query.Answer().Flag(DnsHeader.Truncated).Build();
            var answer = query.Answer();
            for (var i = 0; i < 200; i++) answer.A(query.Name, $"10.8.{i}.1");
            return answer.Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        var small = await TestClient.AskAsync(forwarder, "big.cloud.example", udpSize: 512);
        Assert.True(small.IsTruncated);
        Assert.InRange(small.Message.Length, 12, 512);
        Assert.Empty(small.Records);
        var whole = Assert.Single(await TestClient.AskTcpAsync(forwarder.Listening[0], TestClient.Question("big.cloud.example")));
        Assert.Equal(200, whole.Records.Count);
        Assert.InRange(server.Asked.Count(query => query.IsTcp), 1, 2);
    }

    [Fact]
    public async Task A_rule_may_want_TCP_alone()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server, rule => rule with { Transport = UpstreamTransport.Tcp });

        for (var i = 0; i < 10; i++) Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, $"n{i}.cloud.example")).Code);
        Assert.All(server.Asked, query => Assert.True(query.IsTcp));
        Assert.InRange(server.Asked.Select(query => query.From).Distinct().Count(), 1, 3);
    }

    [Fact]
    public async Task A_server_that_does_not_know_EDNS_is_asked_without()
    {
        await using var server = new FakeServer(query => query.HasEdns ? query.Code(ResponseCode.FormatError) : query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
    }

    [Fact]
    public async Task Identifications_ports_and_letters_are_not_to_be_guessed()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        for (var i = 0; i < 60; i++) await TestClient.AskAsync(forwarder, $"name{i}.cloud.example");

        Assert.InRange(server.Asked.Select(query => DnsHeader.Id(query.Message)).Distinct().Count(), 55, 1000);
        Assert.InRange(server.Asked.Select(query => query.From.Port).Distinct().Count(), 4, 1000);
        Assert.InRange(server.Asked.Select(query => query.Name[(query.Name.IndexOf('.', StringComparison.Ordinal) + 1)..]).Distinct().Count(), 40, 1000);
    }

    [Fact]
    public async Task A_response_to_another_question_is_not_taken()
    {
        await using var server = new FakeServer(query =>
        {
            // A forger guesses the identification and the port, but answers with his name first, in lower case second.
            var forged = new Query([.. query.Message[..12], .. Response.Name("else.example"), 0, 1, 0, 1], false, query.From).Answer().A("www.cloud.example", "10.6.6.6").Build();
            return query.IsTcp ? query.Answer().A(query.Name, "10.8.2.1").Build() : forged;
        });
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { PatienceSeconds = 1 });

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.NotEqual(0, forwarder.Metrics().Forged);
    }

    [Fact]
    public async Task Letters_that_come_back_otherwise_are_asked_for_over_TCP_and_a_server_that_never_keeps_them_is_asked_plainly()
    {
        await using var server = new FakeServer(query =>
        {
            var lowered = query.Message.ToArray();
            DomainName.ToLower(lowered.AsSpan(12, DomainName.Skip(lowered, 12) - 12));
            return new Query(lowered, query.IsTcp, query.From).Answer().A(query.Name.ToLowerInvariant(), query.IsTcp ? "10.8.2.2" : "10.8.2.1").Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.EndsWith("10.8.2.2", (await TestClient.AskAsync(forwarder, "abcdefghijklmnopqrstuvwxyz1.cloud.example")).Records[0]);
        for (var i = 2; i < 5; i++) await TestClient.AskAsync(forwarder, $"abcdefghijklmnopqrstuvwxyz{i}.cloud.example");
        Assert.EndsWith("10.8.2.1", (await TestClient.AskAsync(forwarder, "abcdefghijklmnopqrstuvwxyz5.cloud.example")).Records[0]);
    }

    [Fact]
    public async Task A_wrong_cookie_gives_a_forger_away()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Raw(0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 20, 0, 10, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8).Count(3, 1).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { PatienceSeconds = 1 });

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.NotEqual(0, forwarder.Metrics().Forged);
    }

    [Fact]
    public async Task The_faster_server_is_asked_most()
    {
        await using var slow = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build()) { Delay = TimeSpan.FromMilliseconds(60) };
        await using var fast = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", slow, fast)]);

        for (var i = 0; i < 80; i++) await TestClient.AskAsync(forwarder, $"n{i}.cloud.example");

        Assert.InRange(fast.Questions, 50, 80);
        Assert.InRange(slow.Questions, 1, 30);
    }

    [Fact]
    public async Task Hostile_responses_do_no_harm()
    {
        byte[][] tails =
        [
            [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0xFF, 0xFF, 10, 8, 2, 1], // a length beyond the message
            [0xC0, 60, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, 2, 1], // a pointer forwards
            [0xC0, 33, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, 2, 1], // a pointer at itself
            [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 45], // a target that points at itself
            [63],
            [],
        ];
        await using var server = new FakeServer(query => query.Answer().Raw(tails[query.Name[0] - '0']).Count(1, query.Name[0] == '5' ? 10_000 : 1).Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        for (var i = 0; i < tails.Length; i++) Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, $"{i}.cloud.example")).Code);
        Assert.Equal(0, forwarder.Metrics().Faults);
    }

    [Fact]
    public async Task A_question_that_failed_is_not_asked_again_for_a_second()
    {
        var code = ResponseCode.ServerFailure;
        await using var server = new FakeServer(query => code == ResponseCode.NoError ? query.Answer().A(query.Name, "10.8.2.1").Build() : query.Code(code));
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        var asked = server.Asked.Count;
        code = ResponseCode.NoError;
        var watch = Stopwatch.StartNew();

        var again = await TestClient.AskAsync(forwarder, "www.cloud.example");
        if (watch.ElapsedMilliseconds < 500)
        {
            Assert.Equal((ResponseCode.ServerFailure, ExtendedError.CachedError), (again.Code, again.Error));
            Assert.Equal(asked, server.Asked.Count);
        }

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "other.cloud.example")).Code);
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
    }

    [Fact]
    public async Task A_server_that_comes_back_ends_the_time_of_failures()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { PatienceSeconds = 1 });
        await TestClient.AskAsync(forwarder, "warm.cloud.example");
        server.IsSilent = true;
        await Until(() => !forwarder.Metrics().Servers[0].IsUp, () => TestClient.AskAsync(forwarder, $"n{Guid.NewGuid():N}.cloud.example"));
        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        server.IsSilent = false;
        var watch = Stopwatch.StartNew();

        await Until(() => forwarder.Metrics().Servers[0].IsUp, () => Task.Delay(5));
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.True(watch.ElapsedMilliseconds < 1000, $"{watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task The_largest_answer_that_a_message_holds_is_passed_on_whole_over_TCP()
    {
        await using var server = new FakeServer(query =>
        {
            if (!query.IsTcp) return query.Answer().Flag(DnsHeader.Truncated).Build();
            var answer = query.Answer();
            for (var i = 0; i < 4080; i++) answer.Raw(0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, (byte)(i >> 8), (byte)i);
            return answer.Count(1, 4080).Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        var answer = Assert.Single(await TestClient.AskTcpAsync(forwarder.Listening[0], TestClient.Question("big.cloud.example")));
        Assert.Equal(4080, answer.Records.Count);
        Assert.True((await TestClient.AskAsync(forwarder, "big.cloud.example")).IsTruncated);
        Assert.Equal(4080, Assert.Single(await TestClient.AskTcpAsync(forwarder.Listening[0], TestClient.Question("big.cloud.example"))).Records.Count);
        Assert.InRange(server.Asked.Count(query => query.IsTcp), 1, 2);
    }

    private static async Task Until(Func<bool> condition, Func<Task> meanwhile)
    {
        using var patience = new CancellationTokenSource(10_000);
        while (!condition())
        {
            await meanwhile();
            await Task.Delay(20, patience.Token);
        }
    }
}
