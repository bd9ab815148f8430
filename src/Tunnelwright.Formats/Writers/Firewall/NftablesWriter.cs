using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>nftables: one table that lets the tunnels' traffic in, keeps everything else out of the tunnels and clamps the MSS.</summary>
internal sealed class NftablesWriter : IConfigurationWriter
{
    public string Target => "nftables";

    public string Description => "nftables: a table for nft -f that admits IKE, ESP and the ranges, and clamps the MSS";

    public IReadOnlyList<WriterSetting> Settings => WriterSetting.Gateway;

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings)
    {
        connection = settings.Apply(connection);
        var tunnels = TunnelPlan.Of(connection, settings)
            .Select(plan => new FilteredTunnel(
                plan.Interface, plan.Tunnel.CloudOutside, plan.Tunnel.CloudInside.Address, plan.Size.Mss, plan.Tunnel.Bgp is not null, plan.Tunnel.ClearDontFragment))
            .ToList();
        var table = $"tunnelwright_{Printable.Symbol(connection.Id)}";
        return [new("nftables.conf", NftablesRuleset.Write(table, $"nftables for {connection.Id}: load with nft -f", tunnels, connection.CustomerRanges, connection.CloudRanges), HoldsSecrets: false)];
    }
}
