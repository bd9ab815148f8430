using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Another configuration while clients ask.</summary>
public sealed class ReloadTests
{
    private static ForwarderOptions Options(int port, params RuleOptions[] rules) => new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, port)],
        Threads = 2,
        Allow = [IPNetwork.Parse("127.0.0.0/8")],
        Rules = rules,
        Cache = new CacheOptions { Megabytes = 4 },
    };

    [Fact]
    public async Task No_question_is_lost_while_the_configuration_changes_again_and_again()
    {
        await using var first = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1", 0).Build());
        await using var second = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.2", 0).Build());
        await using var forwarder = DnsForwarder.Start(Options(0, TestForwarder.Rule("cloud.example", first)));
        var port = forwarder.Listening[0].Port;
        await forwarder.ReloadAsync(Options(port, TestForwarder.Rule("cloud.example", first)));
        using var ending = new CancellationTokenSource();
        var lost = 0;
        var asked = 0;
        var clients = Enumerable.Range(0, 4).Select(client => Task.Run(async () =>
        {
            for (var i = 0; !ending.IsCancellationRequested; i++)
            {
                Interlocked.Increment(ref asked);
                var answer = await TestClient.SendAsync(new IPEndPoint(IPAddress.Loopback, port), TestClient.Question($"n{client}-{i}.cloud.example", id: (ushort)i), 3000);
                if (answer is null || new Answer(answer).Code != ResponseCode.NoError) Interlocked.Increment(ref lost);
            }
        })).ToList();

        for (var i = 0; i < 40; i++)
        {
            await forwarder.ReloadAsync(Options(port, TestForwarder.Rule("cloud.example", i % 2 == 0 ? second : first), TestForwarder.Rule($"other{i}.example", first)));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await ending.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(asked > 100, $"only {asked} questions were asked");
        Assert.Equal(0, lost);
        Assert.Equal(0, forwarder.Metrics().Faults);
        Assert.NotEmpty(first.Asked);
        Assert.NotEmpty(second.Asked);
    }

    [Fact]
    public async Task Answers_are_kept_when_the_rules_stay_and_forgotten_when_they_change()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var other = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.2").Build());
        await using var forwarder = DnsForwarder.Start(Options(0, TestForwarder.Rule("cloud.example", server)));
        await TestClient.AskAsync(forwarder, "www.cloud.example");

        await forwarder.ReloadAsync(Options(0, TestForwarder.Rule("cloud.example", server)) with { QueryLog = true, Allow = [IPNetwork.Parse("127.0.0.1/32")] });
        Assert.Equal(["www.cloud.example A 10.8.2.1"], (await TestClient.AskAsync(forwarder, "www.cloud.example")).Records);
        Assert.Equal(1, server.Questions);

        await forwarder.ReloadAsync(Options(0, TestForwarder.Rule("cloud.example", other)));
        Assert.Equal(["www.cloud.example A 10.8.2.2"], (await TestClient.AskAsync(forwarder, "www.cloud.example")).Records);
        Assert.Equal(2, Assert.Single(forwarder.Metrics().Rules).Queries);
    }

    [Fact]
    public async Task It_listens_where_it_is_told_from_then_on_and_nowhere_else()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = DnsForwarder.Start(Options(0, TestForwarder.Rule("cloud.example", server)));
        var before = forwarder.Listening[0];
        var elsewhere = new IPEndPoint(IPAddress.Parse("127.0.0.2"), before.Port);

        await forwarder.ReloadAsync(Options(0, TestForwarder.Rule("cloud.example", server)) with { Listen = [elsewhere] });

        Assert.Equal([elsewhere], forwarder.Listening);
        var question = TestClient.Question("www.cloud.example");
        Assert.NotNull(await TestClient.SendAsync(elsewhere, question));
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskTcpAsync(elsewhere, question))[0].Code);
        Assert.Null(await TestClient.SendAsync(before, question, 300));
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => TestClient.AskTcpAsync(before, question));
    }

    [Fact]
    public async Task From_all_addresses_to_one_and_back_on_the_same_port()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = DnsForwarder.Start(Options(0, TestForwarder.Rule("cloud.example", server)) with { Listen = [new IPEndPoint(IPAddress.Any, 0)] });
        var port = forwarder.Listening[0].Port;
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.Any, IPAddress.Loopback })
        {
            await forwarder.ReloadAsync(Options(port, TestForwarder.Rule("cloud.example", server)) with { Listen = [new IPEndPoint(address, port)] });
            Assert.Equal(ResponseCode.NoError, (await TestClient.AskTcpAsync(new IPEndPoint(IPAddress.Loopback, port), TestClient.Question("www.cloud.example")))[0].Code);
            Assert.NotNull(await TestClient.SendAsync(new IPEndPoint(IPAddress.Loopback, port), TestClient.Question("www.cloud.example")));
        }
    }

    [Fact]
    public async Task An_address_that_cannot_be_had_leaves_everything_as_it_was()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = DnsForwarder.Start(Options(0, TestForwarder.Rule("cloud.example", server)));

        await Assert.ThrowsAsync<IOException>(() => forwarder.ReloadAsync(Options(53, TestForwarder.Rule("cloud.example", server)) with { Listen = [new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5353)] }));

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskTcpAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example")))[0].Code);
    }

    [Fact]
    public async Task A_rule_asks_from_the_address_that_it_is_told()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server, rule => rule with { Source = IPAddress.Parse("127.0.0.9") });

        await TestClient.AskAsync(forwarder, "www.cloud.example");

        Assert.All(server.Asked, query => Assert.Equal("127.0.0.9", query.From.Address.ToString()));
    }
}
