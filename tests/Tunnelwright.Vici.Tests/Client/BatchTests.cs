using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

public sealed class BatchTests
{
    private static IEnumerable<ViciRequest> Requests(int count) =>
        Enumerable.Range(0, count).Select(i => new ViciRequest($"c{i}", new ViciSection { { "data", "hunter2" } }));

    [Theory(Timeout = FakeTests.Limit)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public async Task Outcomes_come_in_order_over_one_connection(int count)
    {
        await using var daemon = FakeTests.Echo();
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var outcomes = await FakeTests.ToListAsync(client.RequestAllAsync(Requests(count)));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"c{i}"), outcomes.Select(one => one.Response!.GetText("command")));
        Assert.Equal(outcomes.Select(one => one.Request.Command), outcomes.Select(one => one.Response!.GetText("command")));
        await client.RequestAsync("after");
        Assert.Equal(1, daemon.Connections);
        Assert.All(outcomes, one => Assert.DoesNotContain("hunter2", one.ToString(), StringComparison.Ordinal));
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Requests_run_ahead_of_the_answers_by_the_window_and_no_more()
    {
        var received = 0;
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                await connection.ReceiveAsync();
                if (Interlocked.Increment(ref received) != 128)
                    continue;
                await Task.Delay(100);
                for (var i = 0; i < 128; i++)
                    await connection.RespondAsync();
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await foreach (var outcome in client.RequestAllAsync(Requests(1000)))
        {
            Assert.Equal(128, received);
            break;
        }
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_refused_request_does_not_end_the_batch()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(packet => packet.Name switch
        {
            "c1" => connection.RespondAsync(new ViciSection { { "success", false }, { "errmsg", "no" } }),
            "c2" => connection.SendAsync(ViciPacketType.CommandUnknown),
            _ => connection.RespondAsync(),
        }));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var outcomes = await FakeTests.ToListAsync(client.RequestAllAsync(Requests(4)));
        Assert.Equal(4, outcomes.Count);
        Assert.Null(outcomes[0].Refusal);
        Assert.Equal("no", Assert.IsType<ViciCommandFailedException>(outcomes[1].Refusal).ErrorMessage);
        Assert.IsType<ViciUnknownCommandException>(outcomes[2].Refusal);
        Assert.Null(outcomes[1].Response);
        Assert.NotNull(outcomes[3].Response);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_hang_up_in_the_middle_is_told()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            for (var i = 0; i < 10; i++)
            {
                await connection.ReceiveAsync();
                await connection.RespondAsync();
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var outcomes = 0;
        await Assert.ThrowsAsync<ViciConnectionException>(async () =>
        {
            await foreach (var outcome in client.RequestAllAsync(Requests(1000)))
                outcomes++;
        });
        Assert.InRange(outcomes, 0, 10);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_batch_that_is_given_up_closes_its_connection_and_one_that_was_kept_may_be_dead()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            while ((await connection.ReceiveAsync()).Name is not "last")
                await connection.RespondAsync();
            await connection.RespondAsync();
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { MaximumConnections = 1 });
        await foreach (var outcome in client.RequestAllAsync(Requests(1000)))
            break;
        await FakeTests.UntilAsync(() => daemon.Open == 0);
        await client.RequestAsync("last");
        await FakeTests.UntilAsync(() => daemon.Open == 0);
        Assert.Equal(100, (await FakeTests.ToListAsync(client.RequestAllAsync(Requests(100)))).Count);
        Assert.Equal(3, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Commands_that_wait_are_refused()
    {
        await using var daemon = FakeTests.Echo();
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { MaximumConnections = 1 });
        await Assert.ThrowsAsync<ArgumentException>(() => FakeTests.ToListAsync(client.RequestAllAsync([new ViciRequest("initiate")])));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            FakeTests.ToListAsync(client.RequestAllAsync([new ViciRequest("x"), new ViciRequest("terminate")])));
        await client.RequestAsync("after");
    }
}
