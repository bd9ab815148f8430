using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis;

/// <summary>The provider's file that was given, if any.</summary>
internal sealed record ProviderInput(string Source, VpnConnection Connection, SourceMap Lines);

/// <summary>Puts a device's configuration beside the provider's file.</summary>
internal sealed class Comparison(DeviceConfiguration device, IReadOnlyList<ProviderInput> providers, RequirementProfile profile, ConfigurationFaults faults)
{
    public void Run()
    {
        var tunnels = providers.SelectMany(provider => provider.Connection.Tunnels.Select(tunnel => (provider, tunnel))).ToList();
        var found = new HashSet<DeviceConnection>();
        var missing = new List<(ProviderInput Provider, Tunnel Tunnel)>();
        foreach (var (provider, tunnel) in tunnels)
        {
            var connections = device.Connections.Where(connection => connection.Peers.Contains(tunnel.CloudOutside)).ToList();
            if (connections.Count == 0) missing.Add((provider, tunnel));
            foreach (var connection in connections)
            {
                found.Add(connection);
                Look(new Pairing(connection, tunnel, device, profile));
            }

            if (connections.Count > 1) faults.Add("multiple-sa-pairs", connections[1].Source, connections[1].Line, $"{connections.Count} connections to {tunnel.CloudOutside} ask for an SA pair each; the provider's end keeps one", tunnel.Number);
        }

        var others = device.Connections.Where(connection => !found.Contains(connection) && connection.Peers.Count > 0).ToList();
        foreach (var connection in device.Connections.Where(connection => !found.Contains(connection))) Look(new Pairing(connection, null, device, profile));
        if (device.Connections.Count == 0) return;
        Missing(missing, others, tunnels.Count);
    }

    /// <summary>A tunnel without a connection: the device has an old address of the endpoint when a connection is left over, otherwise the tunnel is not set up.</summary>
    private void Missing(List<(ProviderInput Provider, Tunnel Tunnel)> missing, List<DeviceConnection> others, int tunnels)
    {
        for (var i = 0; i < missing.Count; i++)
        {
            var (provider, tunnel) = missing[i];
            if (i < others.Count)
            {
                var other = others[i];
                faults.Add(Model.Causes.StalePeerAddress, other.Source, other.Remote?.Line ?? other.Line, $"connection '{other.Name}' goes to {other.Remote?.Text}, where the provider's file has {tunnel.CloudOutside} for tunnel {tunnel.Number}", tunnel.Number);
            }
            else
            {
                var only = missing.Count < tunnels ? "both-tunnels-not-configured" : Model.Causes.StalePeerAddress;
                faults.Add(only, provider.Source, provider.Lines.LineOf(tunnel.Number, "outside.cloud"), $"tunnel {tunnel.Number} to {tunnel.CloudOutside} is in the provider's file and not in the device's configuration", tunnel.Number);
            }
        }
    }

    private void Look(Pairing pair)
    {
        foreach (var contradiction in Contradiction.All) contradiction.Look(pair, faults);
    }
}
