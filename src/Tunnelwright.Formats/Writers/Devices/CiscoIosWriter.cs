namespace Tunnelwright.Formats;

/// <summary>Cisco IOS and IOS XE: a static virtual tunnel interface for each tunnel.</summary>
internal sealed class CiscoIosWriter : DeviceWriter
{
    /// <summary>How often IOS repeats an unanswered DPD message; the number cannot be set.</summary>
    private const int DpdRepetitions = 5;

    public override string Target => "cisco-ios";

    public override string Description => "commands for configuration mode, a virtual tunnel interface a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Cisco IOS")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-cbc-128", "aes-cbc-256", "aes-gcm-128", "aes-gcm-256"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("esp-aes", "esp-aes 256", "esp-gcm", "esp-gcm 256"),
        EspIntegrity = DeviceAlgorithms.Sha("esp-sha-hmac", "esp-sha256-hmac", "esp-sha384-hmac", "esp-sha512-hmac"),
        IkeGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 19, 20, 21, 24),
        PfsGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14, 15, 16, 19, 20, 21, 24),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var text = new ConfigurationText(1, "!");
        text.Comment($"Cisco IOS for {connection.Title}: paste in configuration mode.");
        text.Comment($"Policies, tunnels, probes and tracks are numbered from {connection.Tunnels[0].InterfaceNumber}; nothing else may have these numbers (interface-id sets another start).");
        Gaps(text, connection);
        var ikev2 = connection.Tunnels.Where(tunnel => tunnel.IsIkev2).ToList();
        if (ikev2.Count > 0) Ikev2(text, connection, ikev2);
        foreach (var tunnel in connection.Tunnels.Where(tunnel => !tunnel.IsIkev2)) Ikev1(text, connection, tunnel);
        text.Comment("These two count for the whole router.");
        text.Line($"crypto ipsec df-bit {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment) ? "clear" : "copy")}");
        text.Line($"crypto ipsec fragmentation {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.FragmentBeforeEncryption) ? "before-encryption" : "after-encryption")}");
        foreach (var tunnel in connection.Tunnels) Tunnel(text, connection, tunnel);
        if (connection.IsBgp) CiscoRouting.Bgp(text, connection, "ip prefix-list", neighborsInFamily: false);
        else Static(text, connection);
        text.Line("end");
        return [new("cisco-ios.txt", text.ToString(), HoldsSecrets: true)];
    }

    private static void Ikev2(ConfigurationText text, DeviceConnection connection, List<DeviceTunnel> tunnels)
    {
        foreach (var tunnel in tunnels)
        {
            text.Block($"crypto ikev2 proposal {tunnel.Name}", "!", () =>
            {
                text.Line($"encryption {tunnel.Words.IkeEncryption}");
                text.Line(tunnel.IkeIsAead ? $"prf {tunnel.Words.Prf}" : $"integrity {tunnel.Words.IkeIntegrity}");
                text.Line($"group {tunnel.Words.IkeGroup}");
            });
        }

        text.Block($"crypto ikev2 policy {connection.Name}", "!", () =>
        {
            foreach (var tunnel in tunnels) text.Line($"proposal {tunnel.Name}");
        });
        text.Block($"crypto ikev2 keyring {connection.Name}", "!", () =>
        {
            foreach (var tunnel in tunnels)
            {
                text.Block($"peer {tunnel.Name}", " !", () =>
                {
                    text.Line($"address {tunnel.Cloud}");
                    text.Line($"pre-shared-key {tunnel.Key}");
                });
            }
        });
        foreach (var tunnel in tunnels)
        {
            text.Block($"crypto ikev2 profile {tunnel.Name}", "!", () =>
            {
                text.Line($"match identity remote address {tunnel.Cloud} 255.255.255.255");
                if (tunnel.Tunnel.CustomerOutside is { } identity) text.Line($"identity local address {identity}");
                text.Line("authentication remote pre-share");
                text.Line("authentication local pre-share");
                text.Line($"keyring local {connection.Name}");
                text.Line($"lifetime {tunnel.IkeSeconds}");
                DpdComment(text, tunnel);
                text.Line($"dpd {tunnel.Dpd.IntervalSeconds} {DpdRetry(tunnel)} periodic");
            });
        }
    }

    private static void Ikev1(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        if (connection.Settings.BehindNat) text.Comment("With IKEv1 the router names its own interface's address as its identity; behind NAT the cloud must accept that.");
        text.Block($"crypto isakmp policy {tunnel.InterfaceNumber}", "!", () =>
        {
            text.Line($"encryption {tunnel.Words.IkeEncryption.Replace("-cbc-", " ", StringComparison.Ordinal)}");
            text.Line($"hash {(tunnel.Words.IkeIntegrity is "sha1" ? "sha" : tunnel.Words.IkeIntegrity)}");
            text.Line("authentication pre-share");
            text.Line($"group {tunnel.Words.IkeGroup}");
            text.Line($"lifetime {tunnel.IkeSeconds}");
        });
        text.Block($"crypto keyring {tunnel.Name}", "!", () => text.Line($"pre-shared-key address {tunnel.Cloud} key {tunnel.Key}"));
        text.Block($"crypto isakmp profile {tunnel.Name}", "!", () =>
        {
            text.Line($"keyring {tunnel.Name}");
            text.Line($"match identity address {tunnel.Cloud} 255.255.255.255");
            DpdComment(text, tunnel);
            text.Line($"keepalive {tunnel.Dpd.IntervalSeconds} retry {DpdRetry(tunnel)}");
        });
    }

    private static int DpdRetry(DeviceTunnel tunnel) => Math.Clamp((tunnel.Dpd.TimeoutSeconds - tunnel.Dpd.IntervalSeconds) / DpdRepetitions, 2, 60);

    private static void DpdComment(ConfigurationText text, DeviceTunnel tunnel) =>
        text.Comment($"A silent peer is given up after {tunnel.Dpd.IntervalSeconds} s and {DpdRepetitions} repetitions {DpdRetry(tunnel)} s apart; their number cannot be set.");

    private static void Tunnel(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        text.Block($"crypto ipsec transform-set {tunnel.Name} {tunnel.Words.EspEncryption}{(tunnel.EspIsAead ? "" : $" {tunnel.Words.EspIntegrity}")}", "!", () => text.Line("mode tunnel"));
        text.Block($"crypto ipsec profile {tunnel.Name}", "!", () =>
        {
            text.Line($"set transform-set {tunnel.Name}");
            if (tunnel.Words.PfsGroup is { } group) text.Line($"set pfs {group}");
            text.Line($"set security-association lifetime seconds {tunnel.IpsecSeconds}");
            text.Line("set security-association lifetime kilobytes disable");
            text.Line($"set security-association replay window-size {CiscoRouting.ReplayWindow(connection)}");
            text.Line($"set {(tunnel.IsIkev2 ? "ikev2-profile" : "isakmp-profile")} {tunnel.Name}");
        });
        text.Block($"interface Tunnel{tunnel.InterfaceNumber}", "!", () =>
        {
            text.Line($"description {tunnel.Name}");
            text.Line($"ip address {tunnel.Tunnel.CustomerInside.WithNetmask()}");
            text.Line($"ip mtu {tunnel.Size.Mtu}");
            text.Line($"ip tcp adjust-mss {tunnel.Size.Mss}");
            text.Line($"tunnel source {connection.Settings.LocalAddress?.ToString() ?? connection.Outside("GigabitEthernet1")}");
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
            text.Block($"ip sla {tunnel.InterfaceNumber}", "!", () =>
            {
                text.Line($"icmp-echo {tunnel.Tunnel.CloudInside.Address} source-interface Tunnel{tunnel.InterfaceNumber}");
                text.Line("timeout 1000");
                text.Line("frequency 5");
            });
            text.Line($"ip sla schedule {tunnel.InterfaceNumber} life forever start-time now");
            text.Block($"track {tunnel.InterfaceNumber} ip sla {tunnel.InterfaceNumber} reachability", "!", () => text.Line("delay down 10 up 10"));
        }

        var distance = 10;
        foreach (var tunnel in connection.InOrderOfPreference)
        {
            foreach (var range in connection.Connection.CloudRanges) text.Line($"ip route {range.WithNetmask()} Tunnel{tunnel.InterfaceNumber} {tunnel.NextHop} {distance} track {tunnel.InterfaceNumber}");
            distance += 10;
        }
    }
}
