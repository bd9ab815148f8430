using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>The monitors of all tunnels, one a tunnel that has an interface and an SA.</summary>
internal sealed class MonitorSet(Action changed, TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<string, (TunnelMonitor Monitor, Ipv4Address Source, Ipv4Address Peer)> _monitors = new(StringComparer.Ordinal);

    /// <summary>The verdict of each tunnel by its name in charon.</summary>
    public IReadOnlyDictionary<string, TunnelHealth> Health => _monitors.ToDictionary(pair => pair.Key, pair => pair.Value.Monitor.Record.Health, StringComparer.Ordinal);

    /// <summary>The record of a tunnel; null when it is not watched.</summary>
    public EchoRecord? RecordOf(string name) => _monitors.TryGetValue(name, out var entry) ? entry.Monitor.Record : null;

    /// <summary>Watches exactly the tunnels that can carry packets; one without an SA starts anew when it has one again.</summary>
    public async Task FollowAsync(DesiredGateway desired, ObservedGateway observed)
    {
        var watched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (connection, tunnel) in desired.AllTunnels())
        {
            var name = GatewayNames.Connection(connection.Id, tunnel.Number);
            var charon = observed.Charons.FirstOrDefault(candidate => candidate.Sas.Any(sa => sa.Name == name && sa.Children.Any(child => child.IsInstalled || child.State is "REKEYED" or "REKEYING")));
            if (charon is null) continue;
            var device = charon.TunDevice ?? GatewayNames.XfrmInterface(connection.Id, tunnel.Number);
            var local = tunnel.LocalInside.Address;
            if (!observed.Addresses.Any(address => address.Device == device && address.Address == local.ToString())) continue;
            watched.Add(name);
            if (_monitors.TryGetValue(name, out var known))
            {
                if (known.Monitor.Device == device && known.Source == local && known.Peer == tunnel.RemoteInside) continue;
                await known.Monitor.DisposeAsync();
            }

            _monitors[name] = (new TunnelMonitor(device, local, tunnel.RemoteInside, changed, time), local, tunnel.RemoteInside);
        }

        foreach (var name in _monitors.Keys.Where(name => !watched.Contains(name)).ToList())
        {
            await _monitors[name].Monitor.DisposeAsync();
            _monitors.Remove(name);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _monitors.Values) await entry.Monitor.DisposeAsync();
        _monitors.Clear();
    }
}
