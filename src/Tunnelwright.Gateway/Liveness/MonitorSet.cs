using System.Collections.Concurrent;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>The monitors of all tunnels, one a tunnel that has an interface and an SA.</summary>
/// <param name="changed">Called when a verdict changes.</param>
/// <param name="time">The clock.</param>
/// <param name="send">Whether requests are sent; not in tests of what is made of the records.</param>
/// <param name="answering">The peers that are known to answer; null when nothing is to be known or kept.</param>
internal sealed class MonitorSet(Action changed, TimeProvider time, bool send = true, AnsweringPeers? answering = null) : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, (TunnelMonitor Monitor, Ipv4Address Source, Ipv4Address Peer)> _monitors = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EchoRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeepAlive> _keepAlives = new(StringComparer.Ordinal);
    private readonly EchoLoop? _loop = send ? new EchoLoop(changed, time) : null;
    private readonly SemaphoreSlim _changing = new(1, 1);

    /// <summary>The verdict of each tunnel that was ever watched, by its name in charon.</summary>
    public IReadOnlyDictionary<string, TunnelHealth> Health => _records.ToDictionary(pair => pair.Key, pair => pair.Value.Health, StringComparer.Ordinal);

    /// <summary>The record of a tunnel; null when it is not watched.</summary>
    public EchoRecord? RecordOf(string name) => _monitors.TryGetValue(name, out var entry) ? entry.Monitor.Record : null;

    /// <summary>Watches exactly the tunnels that can carry packets; one without an SA starts anew when it has one again.</summary>
    public async Task FollowAsync(DesiredGateway desired, ObservedGateway observed)
    {
        var watched = new HashSet<string>(StringComparer.Ordinal);
        await _changing.WaitAsync();
        try
        {
            foreach (var (connection, tunnel) in desired.AllTunnels())
            {
                var name = GatewayNames.Connection(connection.Id, tunnel.Number);
                var charon = observed.Charons.FirstOrDefault(candidate => candidate.Sas.Any(sa => sa.Name == name && sa.Children.Any(child => child.IsInstalled || child.State is "REKEYED" or "REKEYING")));
                // A daemon that does not answer says nothing about its SAs: the tunnel is watched on.
                if (charon is null && _monitors.ContainsKey(name)) charon = observed.Charons.FirstOrDefault(candidate => !candidate.Answers && (candidate.Carries is null || candidate.Carries == name));
                if (charon is null) continue;
                var device = charon.TunDevice ?? GatewayNames.XfrmInterface(connection.Id, tunnel.Number);
                var local = tunnel.LocalInside.Address.ToString();
                if (!observed.Addresses.Any(address => address.Device == device && address.Address == local)) continue;
                watched.Add(name);
                Watch(name, device, connection, tunnel);
                await KeepAliveAsync(name, device, observed.HostSource(connection) ?? tunnel.LocalInside.Address, connection.CloudDnsServers);
            }

            foreach (var name in _monitors.Keys.Where(name => !watched.Contains(name)).ToList())
            {
                if (!_monitors.TryRemove(name, out var entry)) continue;
                Stop(entry.Monitor);
                if (_keepAlives.Remove(name, out var keepAlive)) await keepAlive.DisposeAsync();
            }

            // Of a tunnel that is not wanted any more nothing is kept.
            var wanted = desired.AllTunnels().Select(item => GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number)).ToHashSet(StringComparer.Ordinal);
            foreach (var name in _records.Keys.Where(name => !wanted.Contains(name))) _records.TryRemove(name, out _);
            KeepAnswering();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Watches one tunnel whose SA has come up this moment: the next look would come later.</summary>
    /// <param name="charon">The charon that said so.</param>
    /// <param name="connection">The tunnel's connection.</param>
    /// <param name="tunnel">The tunnel.</param>
    public async Task WatchAsync(ObservedCharon charon, DesiredConnection connection, DesiredTunnel tunnel)
    {
        await _changing.WaitAsync();
        try
        {
            Watch(GatewayNames.Connection(connection.Id, tunnel.Number), charon.TunDevice ?? GatewayNames.XfrmInterface(connection.Id, tunnel.Number), connection, tunnel);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The tunnel's SA is being replaced: what the old one did says nothing about the new one.</summary>
    public void Renewed(string name) => RecordOf(name)?.Restart();

    /// <summary>Waits until every watched tunnel has answered once.</summary>
    /// <param name="limit">How long at most: many peers answer no echo.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task FirstAnswersAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (_monitors.Values.Any(entry => entry.Monitor.Record.Health == TunnelHealth.Unknown) && time.GetElapsedTime(started) < limit)
            await Task.Delay(Poll, time, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _loop?.Dispose();
        KeepAnswering();
        foreach (var entry in _monitors.Values) entry.Monitor.Dispose();
        foreach (var keepAlive in _keepAlives.Values) await keepAlive.DisposeAsync();
        _monitors.Clear();
        _changing.Dispose();
    }

    private async Task KeepAliveAsync(string name, string device, Ipv4Address source, ValueList<Ipv4Address> servers)
    {
        if (_keepAlives.TryGetValue(name, out var known))
        {
            if (known.Device == device && known.Source == source && known.Servers == servers) return;
            await known.DisposeAsync();
            _keepAlives.Remove(name);
        }

        if (servers.Count > 0) _keepAlives[name] = new KeepAlive(device, source, servers, time);
    }

    private void Watch(string name, string device, DesiredConnection connection, DesiredTunnel tunnel)
    {
        var interval = connection.HealthyEchoMilliseconds is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : TunnelMonitor.Interval;
        var (source, peer) = (tunnel.LocalInside.Address, tunnel.RemoteInside);
        if (_monitors.TryGetValue(name, out var known))
        {
            known.Monitor.HealthyInterval = interval;
            if (known.Monitor.Device == device && known.Source == source && known.Peer == peer) return;
            Stop(known.Monitor);
        }

        var record = _records.GetOrAdd(name, _ => new EchoRecord(time, answering?.Contains(name, peer) ?? false));

        // How long it was dead before says nothing about the SA that it has now: that gets its own time to carry.
        if (record.Health is TunnelHealth.Dead or TunnelHealth.GivenUp) record.Restart();
        var monitor = new TunnelMonitor(record, device, source, peer, time) { HealthyInterval = interval };
        _monitors[name] = (monitor, source, peer);
        _loop?.Add(monitor);
    }

    private void KeepAnswering() => answering?.Keep(_monitors.Where(pair => pair.Value.Monitor.Record.EverAnswered).Select(pair => (pair.Key, pair.Value.Peer)));

    private void Stop(TunnelMonitor monitor)
    {
        _loop?.Remove(monitor);
        monitor.Dispose();
        monitor.Record.Restart();
    }
}
