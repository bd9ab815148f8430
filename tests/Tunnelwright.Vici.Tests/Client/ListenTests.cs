using System.Diagnostics;
using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

public sealed class ListenTests
{
    private static ViciSection Number(int n) => new() { { "n", n } };

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Events_come_in_order_after_the_mark_on_a_connection_of_their_own()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.ConfirmAsync();
            await connection.ReceiveAsync();
            await connection.ConfirmAsync();
            for (var i = 0; i < 100; i++)
                await connection.RaiseAsync(i % 2 == 0 ? "ike-updown" : "child-updown", Number(i));
            await connection.WaitForHangUpAsync();
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var seen = new List<ViciEvent>();
        await foreach (var item in client.ListenAsync(["ike-updown", "child-updown", "ike-updown"]))
        {
            seen.Add(item);
            if (seen.Count == 101)
                break;
        }

        Assert.Equal(ViciEventKind.Subscribed, seen[0].Kind);
        Assert.Equal(Enumerable.Range(0, 100), seen.Skip(1).Select(item => item.Message.GetInt32("n")!.Value));
        Assert.Equal(["ike-updown", "child-updown"], seen.Skip(1).Take(2).Select(item => item.Name));
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_flood_never_makes_the_daemon_wait_and_every_loss_is_counted()
    {
        const int flood = 30_000;
        var sent = new TaskCompletionSource<TimeSpan>();
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.ConfirmAsync();
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < flood; i++)
                await connection.RaiseAsync("log", Number(i));
            sent.SetResult(clock.Elapsed);
            await connection.WaitForHangUpAsync();
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        long lost = 0, received = 0;
        var last = -1;
        await foreach (var item in client.ListenAsync(["log"], new ViciListenOptions { Capacity = 100 }))
        {
            switch (item.Kind)
            {
                case ViciEventKind.Subscribed:
                    // The consumer sleeps until the whole flood has gone by: the daemon must get rid of all of it meanwhile.
                    await sent.Task;
                    await Task.Delay(200);
                    break;
                case ViciEventKind.Lost:
                    lost += item.LostCount;
                    break;
                default:
                    received++;
                    var number = item.Message.GetInt32("n")!.Value;
                    Assert.True(number > last);
                    last = number;
                    break;
            }

            if (last == flood - 1)
                break;
        }

        Assert.Equal(flood, lost + received);
        Assert.InRange(received, 100, 101); // One more when the mark itself was dropped: an event was in hand by then.
        Assert.True(lost > 0);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Without_resubscribing_a_hang_up_ends_the_enumeration_after_what_came_before()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.ConfirmAsync();
            await connection.RaiseAsync("log", Number(1));
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var kinds = new List<ViciEventKind>();
        var error = await Assert.ThrowsAsync<ViciConnectionException>(async () =>
        {
            await foreach (var item in client.ListenAsync(["log"]))
                kinds.Add(item.Kind);
        });
        Assert.Equal(ViciConnectionFailure.HungUp, error.Failure);
        Assert.Equal([ViciEventKind.Subscribed, ViciEventKind.Raised], kinds);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task With_resubscribing_each_loss_and_each_success_is_marked()
    {
        var round = 0;
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.ConfirmAsync();
            await connection.RaiseAsync("log", Number(Interlocked.Increment(ref round)));
            if (round == 2)
                await connection.SendRawAsync(new byte[] { 0xff, 0xff, 0xff, 0xff });
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var seen = new List<string>();
        var options = new ViciListenOptions { Resubscribe = true, ReconnectDelay = TimeSpan.FromMilliseconds(10) };
        await foreach (var item in client.ListenAsync(["log"], options))
        {
            seen.Add(item.Kind is ViciEventKind.Raised ? $"event {item.Message.GetInt32("n")}" : $"{item.Kind} {item.Failure?.GetType().Name}".Trim());
            if (seen.Count == 9)
                break;
        }

        Assert.Equal(
            [
                "Subscribed", "event 1", "Disconnected ViciConnectionException",
                "Subscribed", "event 2", "Disconnected ViciProtocolException",
                "Subscribed", "event 3", "Disconnected ViciConnectionException",
            ],
            seen);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_daemon_that_comes_late_is_waited_for_and_its_absence_is_told_once()
    {
        var path = Path.Combine(Path.GetTempPath(), $"vici-{Guid.NewGuid():n}.sock");
        await using var client = new ViciClient(path, FakeTests.Options);
        var options = new ViciListenOptions { Resubscribe = true, ReconnectDelay = TimeSpan.FromMilliseconds(10) };
        FakeDaemon? daemon = null;
        var seen = new List<ViciEventKind>();
        await foreach (var item in client.ListenAsync(["log"], options))
        {
            seen.Add(item.Kind);
            if (item.Kind is ViciEventKind.Subscribed)
                break;
            await Task.Delay(100);
            daemon = new FakeDaemon(connection => connection.AnswerAsync(_ => Task.CompletedTask));
            File.CreateSymbolicLink(path, daemon.Path);
        }

        Assert.Equal([ViciEventKind.Disconnected, ViciEventKind.Subscribed], seen);
        await daemon!.DisposeAsync();
        File.Delete(path);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task An_unknown_event_ends_the_enumeration_even_with_resubscribing()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync(ViciPacketType.EventUnknown);
            await connection.WaitForHangUpAsync();
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var error = await Assert.ThrowsAsync<ViciUnknownEventException>(() =>
            FakeTests.ToListAsync(client.ListenAsync(["alert"], new ViciListenOptions { Resubscribe = true })));
        Assert.Equal("alert", error.EventName);
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Cancelling_ends_the_enumeration_and_closes_the_connection()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(_ => Task.CompletedTask));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in client.ListenAsync(["log"], cancellationToken: cancel.Token))
                cancel.CancelAfter(50);
        });
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact]
    public async Task Wrong_arguments_are_refused_at_once()
    {
        await using var client = new ViciClient("/tmp/there-is-no-such.vici");
        Assert.Throws<ArgumentException>(() => client.ListenAsync([]));
        Assert.Throws<ArgumentException>(() => client.ListenAsync(["log"], new ViciListenOptions { Capacity = 0 }));
        Assert.Throws<ArgumentException>(() => client.ListenAsync(["log"], new ViciListenOptions { ReconnectDelay = TimeSpan.Zero }));
    }
}
