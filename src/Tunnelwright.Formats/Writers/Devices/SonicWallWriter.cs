namespace Tunnelwright.Formats;

/// <summary>SonicWall SonicOS: a numbered tunnel interface for each tunnel.</summary>
internal sealed class SonicWallWriter : DeviceWriter
{
    public override string Target => "sonicwall";

    public override string Description => "SonicOS CLI commands, a numbered tunnel interface a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("SonicWall")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-128", "aes-256", "aes-gcm16-128", "aes-gcm16-256"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha-1", "sha-256", "sha-384", "sha-512"),
        EspEncryption = DeviceAlgorithms.Aes("aes-128", "aes-256", "aes-gcm16-128", "aes-gcm16-256"),
        EspIntegrity = DeviceAlgorithms.Sha("sha-1", "sha-256", "sha-384", "sha-512"),
        IkeGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 19, 20, 21),
        PfsGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 19, 20, 21),
        AeadWithIkev1 = false,
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var text = new ConfigurationText(4, "!");
        text.Comment($"SonicWall SonicOS 6.5 or 7 for {connection.Title}: enter over SSH without these comment lines.");
        text.Comment("The size of the replay window cannot be set, only that there is one.");
        text.Comment("In the management interface, for the whole device:");
        text.Comment($"  VPN > Advanced: IKE Dead Peer Detection on, interval {connection.Tunnels[0].Dpd.IntervalSeconds} s, failure trigger level {connection.Tunnels[0].Dpd.Retries}, also for idle sessions; NAT Traversal on.");
        text.Comment($"  VPN > Advanced: Fragmented Packet Handling on, Ignore DF Bit {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment) ? "on" : "off")}.");
        text.Comment($"  Network > Interfaces: MTU of the tunnel interfaces {connection.Tunnels.Min(tunnel => tunnel.Size.Mtu)}, so that TCP segments have {connection.Tunnels.Min(tunnel => tunnel.Size.Mss)} bytes at most.");
        text.Comment("Rules between zone VPN and the inner zones are yours to check.");
        Gaps(text, connection);
        text.Line("configure");
        if (!connection.IsBgp) Ranges(text, connection);
        foreach (var tunnel in connection.Tunnels) Policy(text, connection, tunnel);
        text.Line("commit");
        foreach (var tunnel in connection.Tunnels) Interface(text, tunnel);
        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        text.Line("commit");
        text.Line("end");
        return [new("sonicwall.txt", text.ToString(), HoldsSecrets: true)];
    }

    private static string Object(DeviceConnection connection, int index) => $"{connection.Name}-net{index + 1}";

    private static void Ranges(ConfigurationText text, DeviceConnection connection)
    {
        for (var i = 0; i < connection.Connection.CloudRanges.Count; i++)
        {
            var range = connection.Connection.CloudRanges[i];
            text.Line($"address-object ipv4 {Object(connection, i)} network {range.Network} {AddressText.Netmask(range.PrefixLength)} zone VPN");
        }
    }

    private static void Policy(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        text.Block($"vpn policy tunnel-interface {tunnel.Name}", "exit", () =>
        {
            text.Line($"gateway primary {tunnel.Cloud}");
            text.Line($"bound-to interface {connection.Outside("X1")}");
            text.Block("auth-method shared-secret", "exit", () =>
            {
                text.Line($"shared-secret {tunnel.Key}");
                if (tunnel.Tunnel.CustomerOutside is { } identity) text.Line($"ike-id local ipv4 {identity}");
                text.Line($"ike-id peer ipv4 {tunnel.Cloud}");
            });
            text.Line($"proposal ike exchange {(tunnel.IsIkev2 ? "ikev2" : "main")}");
            text.Line($"proposal ike encryption {tunnel.Words.IkeEncryption}");
            text.Line($"proposal ike authentication {tunnel.Words.IkeIntegrity}");
            text.Line($"proposal ike dh-group {tunnel.Words.IkeGroup}");
            text.Line($"proposal ike lifetime {tunnel.IkeSeconds}");
            text.Line("proposal ipsec protocol esp");
            text.Line($"proposal ipsec encryption {tunnel.Words.EspEncryption}");
            text.Line($"proposal ipsec authentication {tunnel.Words.EspIntegrity ?? "none"}");
            text.Line(tunnel.Words.PfsGroup is { } group ? $"proposal ipsec perfect-forward-secrecy dh-group {group}" : "no proposal ipsec perfect-forward-secrecy");
            text.Line($"proposal ipsec lifetime {tunnel.IpsecSeconds}");
            text.Line("anti-replay");
            text.Line("keep-alive");
            if (connection.IsBgp) text.Line("advanced-routing");
            text.Line("enable");
        });
    }

    private static void Interface(ConfigurationText text, DeviceTunnel tunnel) => text.Block($"tunnel-interface vpn {tunnel.Name}", "exit", () =>
    {
        text.Line($"policy {tunnel.Name}");
        text.Block("ip-assignment VPN static", "exit", () => text.Line($"ip {tunnel.Tunnel.CustomerInside.Address} netmask {AddressText.Netmask(tunnel.Tunnel.CustomerInside.PrefixLength)}"));
    });

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        text.Comment("In the management interface, give each route a Network Monitor probe that pings the tunnel's inside address every 5 s:");
        foreach (var tunnel in connection.Tunnels) text.Comment($"  {tunnel.Name}: {tunnel.Tunnel.CloudInside.Address}, \"Disable route when probe fails\" on. It keeps the tunnel alive, too.");
        if (connection.Connection.CloudRanges.Count == 0) return;
        text.Block("routing", "exit", () =>
        {
            var metric = 10;
            foreach (var tunnel in connection.InOrderOfPreference)
            {
                for (var i = 0; i < connection.Connection.CloudRanges.Count; i++)
                {
                    text.Line($"policy interface {tunnel.Name} metric {metric} source any destination name {Object(connection, i)} service any gateway {tunnel.NextHop}");
                }

                metric += 10;
            }
        });
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        text.Comment("From here on the advanced routing's own command line.");
        text.Line("routing");
        text.Line("bgp");
        text.Line("configure terminal");
        if (customer.Count == 0) text.Line($"ip prefix-list {connection.Name}-out seq 5 deny any");
        for (var i = 0; i < customer.Count; i++) text.Line($"ip prefix-list {connection.Name}-out seq {(i + 1) * 5} permit {customer[i]}");
        if (cloud.Count == 0)
        {
            text.Line($"ip prefix-list {connection.Name}-in seq 5 deny 0.0.0.0/0");
            text.Line($"ip prefix-list {connection.Name}-in seq 10 permit any");
        }

        for (var i = 0; i < cloud.Count; i++) text.Line($"ip prefix-list {connection.Name}-in seq {(i + 1) * 5} permit {cloud[i]}{(cloud[i].PrefixLength < 32 ? " le 32" : "")}");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"route-map {tunnel.Name}-in permit 10");
            text.Line($" match ip address prefix-list {connection.Name}-in");
            text.Line($" set local-preference {tunnel.LocalPreference}");
            text.Line($"route-map {tunnel.Name}-out permit 10");
            text.Line($" match ip address prefix-list {connection.Name}-out");
            if (tunnel.Prepends > 0) text.Line($" set as-path prepend {string.Join(' ', Enumerable.Repeat(connection.CustomerAsn, tunnel.Prepends))}");
        }

        text.Line($"router bgp {connection.CustomerAsn}");
        foreach (var range in customer) text.Line($" network {range}");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($" neighbor {tunnel.Bgp!.Neighbor} remote-as {tunnel.Bgp.CloudAsn}");
            text.Line($" neighbor {tunnel.Bgp.Neighbor} timers {tunnel.KeepaliveSeconds} {tunnel.Bgp.HoldSeconds}");
            text.Line($" neighbor {tunnel.Bgp.Neighbor} soft-reconfiguration inbound");
            text.Line($" neighbor {tunnel.Bgp.Neighbor} route-map {tunnel.Name}-in in");
            text.Line($" neighbor {tunnel.Bgp.Neighbor} route-map {tunnel.Name}-out out");
        }

        text.Line("end");
        text.Line("write");
        text.Line("exit");
    }
}
