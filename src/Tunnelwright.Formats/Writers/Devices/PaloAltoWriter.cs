namespace Tunnelwright.Formats;

/// <summary>Palo Alto Networks PAN-OS: a tunnel interface for each tunnel, in the virtual router "default" and a zone of its own.</summary>
internal sealed class PaloAltoWriter : DeviceWriter
{
    private static readonly int[] ReplayWindows = [64, 128, 256, 512, 1024, 2048, 4096];

    public override string Target => "palo-alto";

    public override string Description => "set commands, a tunnel interface a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Palo Alto PAN-OS")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"),
        EspIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        IkeGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14, 15, 16, 19, 20, 21),
        PfsGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14, 15, 16, 19, 20, 21),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"Palo Alto Networks PAN-OS for {connection.Title}: paste in configuration mode without these comment lines, then commit.");
        text.Comment("AES-GCM in phase 1 and groups 15, 16 and 21 need PAN-OS 10.2 or later; anti-replay-window needs 10.0 or later.");
        text.Comment("The Don't Fragment bit cannot be cleared: a packet above the MTU with DF set is answered with ICMP, so that the sender makes it smaller.");
        text.Comment($"Zone {connection.Name} holds the tunnels; policies between it and the inner zones are yours to write.");
        Gaps(text, connection);
        foreach (var tunnel in connection.Tunnels)
        {
            Phase1(text, connection, tunnel);
            Phase2(text, connection, tunnel);
            Interface(text, connection, tunnel);
        }

        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        return [new("palo-alto.txt", text.ToString(), HoldsSecrets: true)];
    }

    private static void Phase1(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        var profile = $"set network ike crypto-profiles ike-crypto-profiles {tunnel.Name}";
        text.Line($"{profile} encryption {tunnel.Words.IkeEncryption}");
        text.Line($"{profile} hash {tunnel.Words.Prf}");
        text.Line($"{profile} dh-group {tunnel.Words.IkeGroup}");
        text.Line($"{profile} lifetime seconds {tunnel.IkeSeconds}");
        var gateway = $"set network ike gateway {tunnel.Name}";
        var version = tunnel.IsIkev2 ? "ikev2" : "ikev1";
        text.Line($"{gateway} authentication pre-shared-key key {tunnel.Key}");
        text.Line($"{gateway} local-address interface {connection.Outside("ethernet1/1")}");
        text.Line($"{gateway} peer-address ip {tunnel.Cloud}");
        if (tunnel.Tunnel.CustomerOutside is { } identity)
        {
            text.Line($"{gateway} local-id type ipaddr");
            text.Line($"{gateway} local-id id {identity}");
        }

        text.Line($"{gateway} peer-id type ipaddr");
        text.Line($"{gateway} peer-id id {tunnel.Cloud}");
        text.Line($"{gateway} protocol version {version}");
        text.Line($"{gateway} protocol {version} ike-crypto-profile {tunnel.Name}");
        if (!tunnel.IsIkev2) text.Line($"{gateway} protocol ikev1 exchange-mode main");
        text.Line($"{gateway} protocol {version} dpd enable yes");
        text.Line($"{gateway} protocol {version} dpd interval {tunnel.Dpd.IntervalSeconds}");
        if (!tunnel.IsIkev2) text.Line($"{gateway} protocol ikev1 dpd retry {tunnel.Dpd.Retries}");
        text.Line($"{gateway} protocol-common nat-traversal enable yes");
        text.Line($"{gateway} protocol-common passive-mode no");
    }

    private static void Phase2(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        var profile = $"set network ike crypto-profiles ipsec-crypto-profiles {tunnel.Name}";
        text.Line($"{profile} esp encryption {tunnel.Words.EspEncryption}");
        text.Line($"{profile} esp authentication {tunnel.Words.EspIntegrity ?? "none"}");
        text.Line($"{profile} lifetime seconds {tunnel.IpsecSeconds}");
        text.Line($"{profile} dh-group {tunnel.Words.PfsGroup ?? "no-pfs"}");
        var ipsec = $"set network tunnel ipsec {tunnel.Name}";
        var window = connection.Settings.Profile.Ipsec.ReplayWindowPackets.Default;
        text.Line($"{ipsec} auto-key ike-gateway {tunnel.Name}");
        text.Line($"{ipsec} auto-key ipsec-crypto-profile {tunnel.Name}");
        text.Line($"{ipsec} tunnel-interface tunnel.{tunnel.InterfaceNumber}");
        text.Line($"{ipsec} anti-replay yes");
        text.Line($"{ipsec} anti-replay-window {ReplayWindows.LastOrDefault(offered => offered <= window, ReplayWindows[0])}");
        text.Line($"{ipsec} tunnel-monitor enable yes");
        text.Line($"{ipsec} tunnel-monitor destination-ip {tunnel.Tunnel.CloudInside.Address}");
        text.Line($"{ipsec} tunnel-monitor tunnel-monitor-profile {connection.Name}");
        text.Line($"set network profiles monitor-profile {connection.Name} interval 5");
        text.Line($"set network profiles monitor-profile {connection.Name} threshold 5");
        text.Line($"set network profiles monitor-profile {connection.Name} action fail-over");
    }

    private static void Interface(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        var unit = $"set network interface tunnel units tunnel.{tunnel.InterfaceNumber}";
        text.Line($"{unit} comment {tunnel.Name}");
        text.Line($"{unit} ip {tunnel.Tunnel.CustomerInside}");
        text.Line($"{unit} mtu {tunnel.Size.Mtu}");
        text.Line($"{unit} adjust-tcp-mss enable yes");
        text.Line($"{unit} adjust-tcp-mss ipv4-mss-adjustment {Math.Clamp(tunnel.Size.Mtu - tunnel.Size.Mss, 40, 300)}");
        text.Line($"set network virtual-router default interface tunnel.{tunnel.InterfaceNumber}");
        text.Line($"set zone {connection.Name} network layer3 tunnel.{tunnel.InterfaceNumber}");
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        var metric = 10;
        foreach (var tunnel in connection.InOrderOfPreference)
        {
            for (var i = 0; i < connection.Connection.CloudRanges.Count; i++)
            {
                var route = $"set network virtual-router default routing-table ip static-route {tunnel.Name}-{i + 1}";
                text.Line($"{route} destination {connection.Connection.CloudRanges[i]}");
                text.Line($"{route} interface tunnel.{tunnel.InterfaceNumber}");
                text.Line($"{route} nexthop ip-address {tunnel.NextHop}");
                text.Line($"{route} metric {metric}");
            }

            metric += 10;
        }
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        const string bgp = "set network virtual-router default protocol bgp";
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        text.Line($"{bgp} enable yes");
        text.Line($"{bgp} router-id {connection.Tunnels[0].Tunnel.CustomerInside.Address}");
        text.Line($"{bgp} local-as {connection.CustomerAsn}");
        text.Line($"{bgp} install-route yes");
        text.Line($"{bgp} reject-default-route yes");
        foreach (var tunnel in connection.Tunnels)
        {
            var group = $"{bgp} peer-group {tunnel.Name}";
            var peer = $"{group} peer {tunnel.Name}";
            text.Line($"{group} enable yes");
            text.Line($"{group} type ebgp");
            text.Line($"{peer} enable yes");
            text.Line($"{peer} peer-as {tunnel.Bgp!.CloudAsn}");
            text.Line($"{peer} local-address interface tunnel.{tunnel.InterfaceNumber}");
            text.Line($"{peer} local-address ip {tunnel.Tunnel.CustomerInside}");
            text.Line($"{peer} peer-address ip {tunnel.Bgp.Neighbor}");
            text.Line($"{peer} connection-options hold-time {tunnel.Bgp.HoldSeconds}");
            text.Line($"{peer} connection-options keep-alive-interval {tunnel.KeepaliveSeconds}");
            var import = $"{bgp} policy import rules {tunnel.Name}-in";
            text.Line($"{import} enable yes");
            text.Line($"{import} used-by {tunnel.Name}");
            foreach (var range in cloud) text.Line($"{import} match address-prefix {range} exact no");
            text.Line($"{import} action allow update local-preference {tunnel.LocalPreference}");
            if (customer.Count == 0) continue;
            var export = $"{bgp} policy export rules {tunnel.Name}-out";
            text.Line($"{export} enable yes");
            text.Line($"{export} used-by {tunnel.Name}");
            foreach (var range in customer) text.Line($"{export} match address-prefix {range} exact yes");
            text.Line(tunnel.Prepends > 0 ? $"{export} action allow update as-path prepend {tunnel.Prepends}" : $"{export} action allow");
        }

        foreach (var range in customer) text.Line($"{bgp} redist-rules {range} enable yes");
    }
}
