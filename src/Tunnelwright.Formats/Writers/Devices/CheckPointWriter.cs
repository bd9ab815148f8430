namespace Tunnelwright.Formats;

/// <summary>Check Point Security Gateway: the management's objects as mgmt_cli calls, the gateway's tunnel interfaces and routes as Gaia clish commands.</summary>
internal sealed class CheckPointWriter : DeviceWriter
{
    public override string Target => "check-point";

    public override string Description => "mgmt_cli script and Gaia clish commands, a numbered VTI a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Check Point")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-128", "aes-256"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384"),
        EspEncryption = DeviceAlgorithms.Aes("aes-128", "aes-256", "aes-gcm-128", "aes-gcm-256"),
        EspIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        IkeGroups = DeviceAlgorithms.Groups("group-{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 24),
        PfsGroups = DeviceAlgorithms.Groups("group-{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 24),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection) =>
    [
        new("management.sh", Management(connection), HoldsSecrets: false),
        new("secrets.csv", Secrets(connection), HoldsSecrets: true),
        new("gaia.txt", Gaia(connection), HoldsSecrets: false),
    ];

    private static string Management(DeviceConnection connection)
    {
        var text = new ConfigurationText(2);
        text.Line("#!/bin/bash");
        text.Comment($"Check Point objects for {connection.Title}: run on the management server in expert mode, beside secrets.csv, with the gateway's object name.");
        text.Comment("The keys stand in secrets.csv, so that no process list shows them; delete it afterwards.");
        text.Comment("Then, in SmartConsole:");
        text.Comment("  1. Gateway > Network Management > VPN Domain: the empty group that this script makes (route-based VPN). Get Interfaces, so that the VTIs appear.");
        text.Comment($"  2. Rules between the inner networks and the cloud's range, with both communities ({string.Join(", ", connection.Tunnels.Select(tunnel => tunnel.Name))}) in their VPN column; install the policy.");
        text.Comment("  3. GuiDBedit, the gateway and both interoperable devices: tunnel_keepalive_method = dpd. Interval and number of repetitions are the gateway's own.");
        text.Comment("  4. GuiDBedit, Global Properties: fw_clamp_tcp_mss = true; the MSS follows the VTIs' MTU.");
        if (connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment)) text.Comment("  5. GuiDBedit, Global Properties: ipsec_dont_fragment = 0, so that ESP packets carry no Don't Fragment bit.");
        text.Comment("The replay window cannot be set here.");
        foreach (var line in ShorterLife(connection)) text.Comment(line);
        if (connection.Tunnels.Any(tunnel => !tunnel.IsIkev2)) text.Comment("\"ikev1 for ipv4 and ikev2 for ipv6 only\" is what Check Point calls IKEv1.");
        text.Line("set -eu");
        text.Line("gateway=${1:?usage: management.sh GATEWAY_OBJECT}");
        text.Line("session=$(mktemp)");
        text.Line("trap 'rm -f \"$session\"' EXIT");
        text.Line("mgmt_cli login -r true > \"$session\"");
        text.Line($"mgmt_cli add group name {connection.Name}-empty -s \"$session\"");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"mgmt_cli add interoperable-device name {Peer(tunnel)} ip-address {tunnel.Cloud} vpn-settings.vpn-domain-type manual vpn-settings.vpn-domain {connection.Name}-empty -s \"$session\"");
            text.Block($"mgmt_cli add vpn-community-meshed name {tunnel.Name} \\", "-s \"$session\"", () =>
            {
                text.Line($"encryption-method \"{(tunnel.IsIkev2 ? "ikev2 only" : "ikev1 for ipv4 and ikev2 for ipv6 only")}\" \\");
                text.Line("encryption-suite custom \\");
                text.Line($"ike-phase-1.encryption-algorithm {tunnel.Words.IkeEncryption} \\");
                text.Line($"ike-phase-1.data-integrity {tunnel.Words.IkeIntegrity} \\");
                text.Line($"ike-phase-1.diffie-hellman-group {tunnel.Words.IkeGroup} \\");
                text.Line($"ike-phase-1.ike-p1-rekey-time {Math.Max(1, tunnel.IkeSeconds / 60)} \\");
                text.Line($"ike-phase-2.encryption-algorithm {tunnel.Words.EspEncryption} \\");
                text.Line($"ike-phase-2.data-integrity {tunnel.Words.EspIntegrity ?? tunnel.Words.Prf} \\");
                text.Line(tunnel.Words.PfsGroup is { } group ? $"ike-phase-2.ike-p2-use-pfs true ike-phase-2.ike-p2-pfs-dh-grp {group} \\" : "ike-phase-2.ike-p2-use-pfs false \\");
                text.Line($"ike-phase-2.ike-p2-rekey-time {tunnel.IpsecSeconds} \\");
                text.Line("tunnel-granularity universal \\");
                text.Line("permanent-tunnels.set-permanent-tunnels all-tunnels-in-the-community \\");
                text.Line("use-shared-secret true \\");
                text.Line($"gateways.1 \"$gateway\" gateways.2 {Peer(tunnel)} \\");
            });
        }

        text.Line("mgmt_cli set vpn-community-meshed --batch secrets.csv -s \"$session\"");
        text.Line("mgmt_cli publish -s \"$session\"");
        text.Line("mgmt_cli logout -s \"$session\"");
        return text.ToString();
    }

    private static string Secrets(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Line("name,shared-secrets.1.external-gateway,shared-secrets.1.shared-secret");
        foreach (var tunnel in connection.Tunnels) text.Line($"{tunnel.Name},{Peer(tunnel)},{tunnel.Key}");
        return text.ToString();
    }

    /// <summary>A VTI's peer is named exactly like the interoperable device.</summary>
    private static string Peer(DeviceTunnel tunnel) => $"{tunnel.Name}-peer";

    private static string Gaia(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"Gaia clish for {connection.Title}: enter on the gateway, on every member of a cluster with its own local address, after management.sh has run.");
        text.Comment("VPN tunnels 1 and 2 must be free.");
        Gaps(text, connection);
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"add vpn tunnel {tunnel.Number} type numbered local {tunnel.Tunnel.CustomerInside.Address} remote {tunnel.Tunnel.CloudInside.Address} peer {Peer(tunnel)}");
            text.Line($"set interface vpnt{tunnel.Number} state on");
            text.Line($"set interface vpnt{tunnel.Number} mtu {tunnel.Size.Mtu}");
        }

        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        text.Line("save config");
        return text.ToString();
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        foreach (var range in connection.Connection.CloudRanges)
        {
            var priority = 1;
            foreach (var tunnel in connection.InOrderOfPreference) text.Line($"set static-route {range} nexthop gateway logical vpnt{tunnel.Number} priority {priority++} on");
            text.Line($"set static-route {range} ping on");
        }
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        text.Line($"set as {connection.CustomerAsn}");
        foreach (var asn in connection.Tunnels.Select(tunnel => tunnel.Bgp!.CloudAsn).Distinct())
        {
            text.Line($"set bgp external remote-as {asn} on");
            text.Line($"set bgp external remote-as {asn} description {connection.Name}");
        }

        foreach (var tunnel in connection.Tunnels)
        {
            var peer = $"set bgp external remote-as {tunnel.Bgp!.CloudAsn} peer {tunnel.Bgp.Neighbor}";
            text.Line($"{peer} on");
            text.Line($"{peer} holdtime {tunnel.Bgp.HoldSeconds}");
            text.Line($"{peer} keepalive {tunnel.KeepaliveSeconds}");
        }

        var import = $"set routemap {connection.Name}-in id 10";
        text.Line($"{import} on");
        text.Line($"{import} allow");
        foreach (var range in cloud) text.Line($"{import} match network {range} all");
        if (cloud.Count == 0)
        {
            text.Comment("Everything but the default route: both halves of the address space.");
            text.Line($"{import} match network 0.0.0.0/1 all");
            text.Line($"{import} match network 128.0.0.0/1 all");
        }

        if (customer.Count > 0)
        {
            text.Comment("A range is announced only while the gateway has a static route for exactly that range.");
            var export = $"set routemap {connection.Name}-out id 10";
            text.Line($"{export} on");
            text.Line($"{export} allow");
            foreach (var range in customer) text.Line($"{export} match network {range} exact");
            text.Line($"{export} match protocol static");
        }

        if (connection.Settings.Prefer is not null) text.Comment("Route maps count for a remote AS here, not for a peer: prefer is left to the cloud's MED.");
        foreach (var asn in connection.Tunnels.Select(tunnel => tunnel.Bgp!.CloudAsn).Distinct())
        {
            text.Line($"set bgp external remote-as {asn} import-routemap {connection.Name}-in preference 1 on");
            if (customer.Count > 0) text.Line($"set bgp external remote-as {asn} export-routemap {connection.Name}-out preference 1 on");
        }
    }
}
