namespace Tunnelwright.Formats;

/// <summary>Cisco ASA: a virtual tunnel interface (VTI) for each tunnel.</summary>
internal sealed class CiscoAsaWriter : DeviceWriter
{
    public override string Target => "cisco-asa";

    public override string Description => "commands for configuration mode, a virtual tunnel interface a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Cisco ASA")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes", "aes-256", "aes-gcm", "aes-gcm-256"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha", "sha256", "sha384", "sha512"),
        Ikev1Integrity = DeviceAlgorithms.Sha("sha"),
        EspEncryption = DeviceAlgorithms.Aes("aes", "aes-256", "aes-gcm", "aes-gcm-256"),
        EspIntegrity = DeviceAlgorithms.Sha("sha-1", "sha-256", "sha-384", "sha-512"),
        Ikev1EspIntegrity = DeviceAlgorithms.Sha("esp-sha-hmac"),
        IkeGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 19, 20, 21, 24),
        Ikev1Groups = DeviceAlgorithms.Groups("{0}", 2, 5, 14),
        PfsGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14, 15, 16, 19, 20, 21, 24),
        AeadWithIkev1 = false,
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var outside = connection.Outside("outside");
        var text = new ConfigurationText(1, "!");
        text.Comment($"Cisco ASA for {connection.Title}: paste in configuration mode; {outside} is the nameif of the interface that faces the internet.");
        text.Comment($"Policies, tunnels, monitors and tracks are numbered from {connection.Tunnels[0].InterfaceNumber}; nothing else may have these numbers (interface-id sets another start).");
        Gaps(text, connection);
        Releases(text, connection);
        foreach (var version in connection.Tunnels.Select(tunnel => Version(tunnel)).Distinct()) text.Line($"crypto {version} enable {outside}");
        foreach (var tunnel in connection.Tunnels) Policies(text, tunnel);
        text.Comment("These count for the whole device or interface.");
        text.Line($"crypto ipsec security-association replay window-size {CiscoRouting.ReplayWindow(connection)}");
        text.Line($"crypto ipsec df-bit {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment) ? "clear-df" : "copy-df")} {outside}");
        text.Line($"crypto ipsec fragmentation {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.FragmentBeforeEncryption) ? "before-encryption" : "after-encryption")} {outside}");
        text.Line($"sysopt connection tcpmss {connection.Tunnels.Min(tunnel => tunnel.Size.Mss)}");
        text.Line($"group-policy {connection.Name} internal");
        text.Block($"group-policy {connection.Name} attributes", "!", () =>
        {
            text.Line("vpn-idle-timeout none");
            text.Line("vpn-session-timeout none");
            text.Line($"vpn-tunnel-protocol {string.Join(' ', connection.Tunnels.Select(tunnel => Version(tunnel)).Distinct())}");
        });
        foreach (var tunnel in connection.Tunnels) Tunnel(text, connection, tunnel, outside);
        if (connection.IsBgp) CiscoRouting.Bgp(text, connection, "prefix-list", neighborsInFamily: true);
        else Static(text, connection);
        text.Line("end");
        return [new("cisco-asa.txt", text.ToString(), HoldsSecrets: true)];
    }

    private static string Version(DeviceTunnel tunnel) => tunnel.IsIkev2 ? "ikev2" : "ikev1";

    private static void Releases(ConfigurationText text, DeviceConnection connection)
    {
        var groups = connection.Tunnels.SelectMany(tunnel => new[] { tunnel.Tunnel.Ike.Proposal.Group.Number, tunnel.Tunnel.Ipsec.Proposal.PfsGroup?.Number ?? 0 }).ToHashSet();
        if (groups.Overlaps([2, 5, 24])) text.Comment("Groups 2 and 24 went with release 9.15 and group 5 later: this needs an older release; ask for group 14 or above.");
        if (groups.Overlaps([15, 16])) text.Comment("Groups 15 and 16 need release 9.16 or later.");
        text.Comment("A tunnel interface has no MTU setting of its own in older releases; the MSS clamp below keeps TCP small enough.");
    }

    private static void Policies(ConfigurationText text, DeviceTunnel tunnel)
    {
        var words = tunnel.Words;
        if (!tunnel.IsIkev2)
        {
            text.Block($"crypto ikev1 policy {tunnel.InterfaceNumber}", "!", () =>
            {
                text.Line("authentication pre-share");
                text.Line($"encryption {words.IkeEncryption}");
                text.Line($"hash {words.IkeIntegrity}");
                text.Line($"group {words.IkeGroup}");
                text.Line($"lifetime {tunnel.IkeSeconds}");
            });
            text.Line($"crypto ipsec ikev1 transform-set {tunnel.Name} esp-{words.EspEncryption} {words.EspIntegrity}");
            return;
        }

        text.Block($"crypto ikev2 policy {tunnel.InterfaceNumber}", "!", () =>
        {
            text.Line($"encryption {words.IkeEncryption}");
            text.Line($"integrity {words.IkeIntegrity ?? "null"}");
            text.Line($"group {words.IkeGroup}");
            text.Line($"prf {words.Prf}");
            text.Line($"lifetime seconds {tunnel.IkeSeconds}");
        });
        text.Block($"crypto ipsec ikev2 ipsec-proposal {tunnel.Name}", "!", () =>
        {
            text.Line($"protocol esp encryption {words.EspEncryption}");
            text.Line($"protocol esp integrity {words.EspIntegrity ?? "null"}");
        });
    }

    private static void Tunnel(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel, string outside)
    {
        text.Block($"crypto ipsec profile {tunnel.Name}", "!", () =>
        {
            text.Line(tunnel.IsIkev2 ? $"set ikev2 ipsec-proposal {tunnel.Name}" : $"set ikev1 transform-set {tunnel.Name}");
            if (tunnel.Words.PfsGroup is { } group) text.Line($"set pfs {group}");
            text.Line($"set security-association lifetime seconds {tunnel.IpsecSeconds}");
            text.Line("set security-association lifetime kilobytes unlimited");
        });
        text.Line($"tunnel-group {tunnel.Cloud} type ipsec-l2l");
        text.Block($"tunnel-group {tunnel.Cloud} general-attributes", "!", () => text.Line($"default-group-policy {connection.Name}"));
        text.Block($"tunnel-group {tunnel.Cloud} ipsec-attributes", "!", () =>
        {
            if (tunnel.IsIkev2)
            {
                text.Line($"ikev2 remote-authentication pre-shared-key {tunnel.Key}");
                text.Line($"ikev2 local-authentication pre-shared-key {tunnel.Key}");
            }
            else
            {
                text.Line($"ikev1 pre-shared-key {tunnel.Key}");
            }

            text.Comment("The number of repetitions cannot be set.");
            text.Line($"isakmp keepalive threshold {Math.Clamp(tunnel.Dpd.IntervalSeconds, 10, 3600)} retry {Math.Clamp(tunnel.Dpd.IntervalSeconds, 2, 10)}");
        });
        text.Block($"interface Tunnel{tunnel.InterfaceNumber}", "!", () =>
        {
            text.Line($"nameif {tunnel.Name}");
            text.Line($"ip address {tunnel.Tunnel.CustomerInside.WithNetmask()}");
            text.Line($"tunnel source interface {outside}");
            text.Line($"tunnel destination {tunnel.Cloud}");
            text.Line("tunnel mode ipsec ipv4");
            text.Line($"tunnel protection ipsec profile {tunnel.Name}");
            text.Line("no shutdown");
        });
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        text.Comment("A probe through each tunnel keeps it alive and takes its routes away when nothing comes back.");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Block($"sla monitor {tunnel.InterfaceNumber}", "!", () =>
            {
                text.Line($"type echo protocol ipIcmpEcho {tunnel.Tunnel.CloudInside.Address} interface {tunnel.Name}");
                text.Line("frequency 5");
            });
            text.Line($"sla monitor schedule {tunnel.InterfaceNumber} life forever start-time now");
            text.Line($"track {tunnel.InterfaceNumber} rtr {tunnel.InterfaceNumber} reachability");
        }

        var metric = 1;
        foreach (var tunnel in connection.InOrderOfPreference)
        {
            foreach (var range in connection.Connection.CloudRanges) text.Line($"route {tunnel.Name} {range.WithNetmask()} {tunnel.NextHop} {metric} track {tunnel.InterfaceNumber}");
            metric++;
        }
    }
}
