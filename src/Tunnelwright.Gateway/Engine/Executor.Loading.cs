using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

internal sealed partial class Executor
{
    /// <summary>Tunnels that charon has nothing of go in one batch, so that a node's thousands of them take seconds; those that replace something one by one.</summary>
    private Task LoadAllAsync(IReadOnlyList<LoadTunnel> loads, List<string> failures, CancellationToken cancellationToken)
    {
        var isNew = loads.ToLookup(load => load.OldIkeSas.Count == 0 && load.OldKeyNames.Count == 0);
        return Task.WhenAll(
        [
            Together(isNew[false], failures, cancellationToken),
            .. isNew[true].GroupBy(load => load.Instance).Select(batch => LoadNewAsync(observer.Client(batch.Key), [.. batch], failures, cancellationToken)),
        ]);
    }

    /// <summary>A key's name tells that everything is loaded: keys come after the connections, and none for a connection that was refused.</summary>
    private async Task LoadNewAsync(ViciClient client, IReadOnlyList<LoadTunnel> loads, List<string> failures, CancellationToken cancellationToken)
    {
        using var span = Tracing.Change(loads[0])?.SetTag("tunnelwright.tunnels", loads.Count);
        foreach (var load in loads)
        {
            Applying(load.Kind, load.Subject, load.Detail);
            _pace.Forget(load.Connection);
        }

        try
        {
            var loaded = await AcceptedAsync(client, loads, load => new ViciRequest("load-conn", load.Settings), failures, cancellationToken);
            await AcceptedAsync(client, loaded, load => new ViciRequest("load-shared", load.Key), failures, cancellationToken);
        }
        catch (ViciException problem)
        {
            Failed(loads[0], problem, failures);
        }
    }

    /// <summary>Sends a request for each tunnel.</summary>
    /// <returns>The tunnels whose request charon carried out.</returns>
    private async Task<IReadOnlyList<LoadTunnel>> AcceptedAsync(
        ViciClient client, IReadOnlyList<LoadTunnel> loads, Func<LoadTunnel, ViciRequest> request, List<string> failures, CancellationToken cancellationToken)
    {
        var accepted = new List<LoadTunnel>(loads.Count);
        var at = 0;
        await foreach (var outcome in client.RequestAllAsync(loads.Select(request), cancellationToken))
        {
            var load = loads[at++];
            if (outcome.Refusal is { } refusal) Failed(load, refusal, failures);
            else accepted.Add(load);
        }

        return accepted;
    }

    /// <summary>The old SA goes first and the key, whose name tells that everything is loaded, comes last: a pass that is cut short is seen as not done.</summary>
    private async Task ReplaceAsync(LoadTunnel load, CancellationToken cancellationToken)
    {
        _pace.Forget(load.Connection);
        var client = observer.Client(load.Instance);
        foreach (var id in load.OldIkeSas) await TerminateAsync(client, id, cancellationToken);
        foreach (var old in load.OldKeyNames) await client.UnloadSharedAsync(old, cancellationToken);
        await client.RequestAsync("load-conn", load.Settings, cancellationToken);

        // A peer that heard the old SA's end may have begun another one at once, with the settings of before.
        if (load.OldIkeSas.Count > 0)
            foreach (var between in await client.ListSasAsync(new SaFilter { Ike = load.Connection }, cancellationToken: cancellationToken)) await TerminateAsync(client, between.UniqueId, cancellationToken);
        await client.RequestAsync("load-shared", load.Key, cancellationToken);
    }
}
