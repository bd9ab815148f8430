namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>The client while a real daemon is started, stopped and flooded.</summary>
[Collection(SharedCharons.Name)]
public sealed class DaemonLifeTests(CharonPair pair)
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task A_restart_is_told_to_listeners_and_goes_unnoticed_by_requests()
    {
        var client = pair.Spare.Client;
        await client.GetVersionAsync();
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(50));
        var options = new ViciListenOptions { Resubscribe = true, ReconnectDelay = TimeSpan.FromMilliseconds(20) };
        await using var events = client.ListenAsync([ViciEventNames.Log], options, cancel.Token).GetAsyncEnumerator(cancel.Token);
        await NextAsync(events, ViciEventKind.Subscribed);

        Assert.True(await pair.Spare.StopAsync(TimeSpan.FromSeconds(20)));
        await NextAsync(events, ViciEventKind.Disconnected);
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.GetVersionAsync());
        Assert.False(error.RequestSent);
        Assert.True(error.Failure is ViciConnectionFailure.Refused or ViciConnectionFailure.SocketMissing, error.Message);

        await pair.Spare.LaunchAsync();
        await client.GetVersionAsync();
        await NextAsync(events, ViciEventKind.Subscribed);
    }

    [Fact(Timeout = Limit)]
    public async Task A_daemon_ends_at_once_though_a_subscriber_never_looks_at_its_events()
    {
        var client = pair.Spare.Client;
        await using var events = client.ListenAsync([ViciEventNames.Log], new ViciListenOptions { Capacity = 10 }).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        // Each line of the log goes to the subscriber, who sleeps: a megabyte, several times what a socket holds.
        var requests = Enumerable.Range(0, 3_000).Select(i => new ViciRequest("load-shared", new ViciSection
        {
            { "type", "IKE" }, { "id", $"flood{i}" }, { "data", "not-very-secret" }, { "owners", [$"{new string('o', 200)}{i}.example"] },
        }));
        await foreach (var outcome in client.RequestAllAsync(requests))
            Assert.Null(outcome.Refusal);
        Assert.True(await pair.Spare.StopAsync(TimeSpan.FromSeconds(20)), "charon did not end within 20 s of SIGTERM");
        await pair.Spare.LaunchAsync();

        Assert.True(await events.MoveNextAsync());
        Assert.Equal(ViciEventKind.Lost, events.Current.Kind);
        Assert.InRange(events.Current.LostCount, 2_900, 100_000);
    }

    private static async Task NextAsync(IAsyncEnumerator<ViciEvent> events, ViciEventKind kind)
    {
        do
            Assert.True(await events.MoveNextAsync());
        while (events.Current.Kind != kind);
    }
}
