using System.Diagnostics;
using System.Text;

namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>The client while a real daemon is started, stopped and flooded.</summary>
[Collection(SharedCharons.Name)]
public sealed class DaemonLifeTests(CharonPair pair)
{
    private const int Limit = 20_000;

    [Fact(Timeout = Limit)]
    public async Task A_restart_is_told_to_listeners_and_goes_unnoticed_by_requests()
    {
        var client = pair.Right.Client;
        await client.GetVersionAsync();
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var options = new ViciListenOptions { Resubscribe = true, ReconnectDelay = TimeSpan.FromMilliseconds(20) };
        await using var events = client.ListenAsync([ViciEventNames.Log], options, cancel.Token).GetAsyncEnumerator(cancel.Token);
        await NextAsync(events, ViciEventKind.Subscribed);

        Assert.True(await pair.Right.StopAsync(TimeSpan.FromSeconds(5)));
        await NextAsync(events, ViciEventKind.Disconnected);
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.GetVersionAsync());
        Assert.False(error.RequestSent);
        Assert.True(error.Failure is ViciConnectionFailure.Refused or ViciConnectionFailure.SocketMissing, error.Message);

        await pair.Right.LaunchAsync();
        await client.GetVersionAsync();
        await NextAsync(events, ViciEventKind.Subscribed);
    }

    [Fact(Timeout = Limit)]
    public async Task A_daemon_ends_at_once_though_a_subscriber_never_looks_at_its_events()
    {
        var client = pair.Right.Client;
        await using var events = client.ListenAsync([ViciEventNames.Log], new ViciListenOptions { Capacity = 10 }).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        // Each line of the log goes to the subscriber, who sleeps: several megabytes, more than a socket holds.
        var key = Encoding.ASCII.GetBytes("not-very-secret");
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i =>
            client.LoadSharedAsync(ViciSharedKeyType.Ike, key, [$"{new string('o', 200)}{i}.example"], $"flood{i}")));
        var clock = Stopwatch.StartNew();
        Assert.True(await pair.Right.StopAsync(TimeSpan.FromSeconds(5)), "charon did not end within 5 s of SIGTERM");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 3);
        await pair.Right.LaunchAsync();

        Assert.True(await events.MoveNextAsync());
        Assert.Equal(ViciEventKind.Lost, events.Current.Kind);
        Assert.InRange(events.Current.LostCount, 9_000, 100_000);
    }

    private static async Task NextAsync(IAsyncEnumerator<ViciEvent> events, ViciEventKind kind)
    {
        do
            Assert.True(await events.MoveNextAsync());
        while (events.Current.Kind != kind);
    }
}
