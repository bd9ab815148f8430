namespace Tunnelwright.Formats;

/// <summary>What Cisco's IOS and ASA say alike.</summary>
internal static class CiscoRouting
{
    /// <summary>The replay windows that both have, in packets.</summary>
    private static readonly int[] ReplayWindows = [64, 128, 256, 512, 1024];

    /// <summary>The largest replay window that does not exceed the provider's.</summary>
    public static int ReplayWindow(DeviceConnection connection) =>
        ReplayWindows.LastOrDefault(window => window <= connection.Settings.Profile.Ipsec.ReplayWindowPackets.Default, ReplayWindows[0]);

    /// <summary>The BGP process, with filters by prefix lists.</summary>
    /// <param name="text">Where it is written.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="prefixList">The command that makes a prefix list.</param>
    /// <param name="neighborsInFamily">Whether neighbours are named in the address family (ASA) rather than before it (IOS).</param>
    public static void Bgp(ConfigurationText text, DeviceConnection connection, string prefixList, bool neighborsInFamily)
    {
        PrefixLists(text, connection, prefixList);
        foreach (var tunnel in connection.Tunnels)
        {
            text.Block($"route-map {tunnel.Name}-in permit 10", "!", () =>
            {
                text.Line($"match ip address prefix-list {connection.Name}-in");
                text.Line($"set local-preference {tunnel.LocalPreference}");
            });
            text.Block($"route-map {tunnel.Name}-out permit 10", "!", () =>
            {
                text.Line($"match ip address prefix-list {connection.Name}-out");
                if (tunnel.Prepends > 0) text.Line($"set as-path prepend {string.Join(' ', Enumerable.Repeat(connection.CustomerAsn, tunnel.Prepends))}");
            });
        }

        text.Block($"router bgp {connection.CustomerAsn}", "!", () =>
        {
            text.Line("bgp log-neighbor-changes");
            if (!neighborsInFamily) Neighbors(text, connection);
            text.Block("address-family ipv4 unicast", "exit-address-family", () =>
            {
                if (neighborsInFamily) Neighbors(text, connection);
                foreach (var tunnel in connection.Tunnels)
                {
                    text.Line($"neighbor {tunnel.Bgp!.Neighbor} activate");
                    text.Line($"neighbor {tunnel.Bgp.Neighbor} route-map {tunnel.Name}-in in");
                    text.Line($"neighbor {tunnel.Bgp.Neighbor} route-map {tunnel.Name}-out out");
                }

                if (connection.Connection.CustomerRanges.Count > 0) text.Comment("A range is announced only while the routing table has a route for exactly that range.");
                foreach (var range in connection.Connection.CustomerRanges) text.Line($"network {range.Network} mask {AddressText.Netmask(range.PrefixLength)}");
            });
        });
    }

    private static void Neighbors(ConfigurationText text, DeviceConnection connection)
    {
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"neighbor {tunnel.Bgp!.Neighbor} remote-as {tunnel.Bgp.CloudAsn}");
            text.Line($"neighbor {tunnel.Bgp.Neighbor} description {tunnel.Name}");
            text.Line($"neighbor {tunnel.Bgp.Neighbor} timers {tunnel.KeepaliveSeconds} {tunnel.Bgp.HoldSeconds}");
        }
    }

    private static void PrefixLists(ConfigurationText text, DeviceConnection connection, string command)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        if (customer.Count == 0) text.Line($"{command} {connection.Name}-out seq 5 deny 0.0.0.0/0 le 32");
        for (var i = 0; i < customer.Count; i++) text.Line($"{command} {connection.Name}-out seq {(i + 1) * 5} permit {customer[i]}");
        if (cloud.Count == 0)
        {
            text.Line($"{command} {connection.Name}-in seq 5 deny 0.0.0.0/0");
            text.Line($"{command} {connection.Name}-in seq 10 permit 0.0.0.0/0 le 32");
        }

        for (var i = 0; i < cloud.Count; i++) text.Line($"{command} {connection.Name}-in seq {(i + 1) * 5} permit {cloud[i]}{(cloud[i].PrefixLength < 32 ? " le 32" : "")}");
    }
}
