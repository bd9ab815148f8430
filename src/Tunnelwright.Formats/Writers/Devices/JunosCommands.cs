namespace Tunnelwright.Formats;

/// <summary>"set" commands of Junos OS with security services, which SRX and J Series share.</summary>
internal static class JunosCommands
{
    /// <summary>The whole file.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="text">Its head is written already.</param>
    /// <param name="replayWindow">Whether the replay window can be set.</param>
    public static string Write(DeviceConnection connection, ConfigurationText text, bool replayWindow)
    {
        var outside = connection.Outside("ge-0/0/0.0");
        foreach (var tunnel in connection.Tunnels) Tunnel(text, connection, tunnel, outside, replayWindow);
        text.Comment("For the whole device: the smallest of the tunnels' MSS.");
        text.Line($"set security flow tcp-mss ipsec-vpn mss {connection.Tunnels.Min(tunnel => tunnel.Size.Mss)}");
        text.Comment($"{outside} is in zone untrust, the tunnels are in a zone of their own; policies between it and the inner zones are yours to write.");
        text.Line($"set security zones security-zone untrust interfaces {outside} host-inbound-traffic system-services ike");
        foreach (var tunnel in connection.Tunnels) text.Line($"set security zones security-zone {connection.Name} interfaces st0.{tunnel.InterfaceNumber}");
        text.Line($"set security zones security-zone {connection.Name} host-inbound-traffic system-services ping");
        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        return text.ToString();
    }

    private static void Tunnel(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel, string outside, bool replayWindow)
    {
        var (name, words) = (tunnel.Name, tunnel.Words);
        text.Line($"set security ike proposal {name} authentication-method pre-shared-keys");
        if (words.IkeIntegrity is { } integrity) text.Line($"set security ike proposal {name} authentication-algorithm {integrity}");
        text.Line($"set security ike proposal {name} encryption-algorithm {words.IkeEncryption}");
        text.Line($"set security ike proposal {name} dh-group {words.IkeGroup}");
        text.Line($"set security ike proposal {name} lifetime-seconds {tunnel.IkeSeconds}");
        if (!tunnel.IsIkev2) text.Line($"set security ike policy {name} mode main");
        text.Line($"set security ike policy {name} proposals {name}");
        text.Line($"set security ike policy {name} pre-shared-key ascii-text \"{tunnel.Key}\"");
        text.Line($"set security ike gateway {name} ike-policy {name}");
        text.Line($"set security ike gateway {name} address {tunnel.Cloud}");
        text.Line($"set security ike gateway {name} external-interface {outside}");
        if (tunnel.Tunnel.CustomerOutside is { } identity) text.Line($"set security ike gateway {name} local-identity inet {identity}");
        text.Line($"set security ike gateway {name} version {(tunnel.IsIkev2 ? "v2-only" : "v1-only")}");
        text.Line($"set security ike gateway {name} dead-peer-detection interval {Math.Clamp(tunnel.Dpd.IntervalSeconds, 10, 60)}");
        text.Line($"set security ike gateway {name} dead-peer-detection threshold {Math.Clamp(tunnel.Dpd.Retries, 1, 5)}");
        text.Line($"set security ipsec proposal {name} protocol esp");
        if (words.EspIntegrity is { } espIntegrity) text.Line($"set security ipsec proposal {name} authentication-algorithm {espIntegrity}");
        text.Line($"set security ipsec proposal {name} encryption-algorithm {words.EspEncryption}");
        text.Line($"set security ipsec proposal {name} lifetime-seconds {tunnel.IpsecSeconds}");
        if (words.PfsGroup is { } group) text.Line($"set security ipsec policy {name} perfect-forward-secrecy keys {group}");
        text.Line($"set security ipsec policy {name} proposals {name}");
        text.Line($"set security ipsec vpn {name} bind-interface st0.{tunnel.InterfaceNumber}");
        text.Line($"set security ipsec vpn {name} ike gateway {name}");
        text.Line($"set security ipsec vpn {name} ike ipsec-policy {name}");
        if (replayWindow) text.Line($"set security ipsec vpn {name} ike anti-replay-window-size {connection.Settings.Profile.Ipsec.ReplayWindowPackets.Default}");
        text.Line($"set security ipsec vpn {name} df-bit {(tunnel.Tunnel.ClearDontFragment ? "clear" : "copy")}");
        text.Line($"set security ipsec vpn {name} establish-tunnels immediately");
        text.Line($"set interfaces st0 unit {tunnel.InterfaceNumber} description {name}");
        text.Line($"set interfaces st0 unit {tunnel.InterfaceNumber} family inet mtu {tunnel.Size.Mtu}");
        text.Line($"set interfaces st0 unit {tunnel.InterfaceNumber} family inet address {tunnel.Tunnel.CustomerInside}");
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        text.Comment("Echo through each tunnel keeps it alive and takes its interface down, and with it its routes, when nothing comes back.");
        text.Line("set security ipsec vpn-monitor-options interval 5");
        text.Line("set security ipsec vpn-monitor-options threshold 6");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"set security ipsec vpn {tunnel.Name} vpn-monitor source-interface st0.{tunnel.InterfaceNumber}");
            text.Line($"set security ipsec vpn {tunnel.Name} vpn-monitor destination-ip {tunnel.Tunnel.CloudInside.Address}");
        }

        foreach (var range in connection.Connection.CloudRanges)
        {
            var preference = 5;
            foreach (var tunnel in connection.InOrderOfPreference)
            {
                text.Line($"set routing-options static route {range} qualified-next-hop st0.{tunnel.InterfaceNumber} preference {preference}");
                preference += 5;
            }
        }
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        text.Line($"set security zones security-zone {connection.Name} host-inbound-traffic protocols bgp");
        foreach (var tunnel in connection.Tunnels)
        {
            var (inbound, outbound) = ($"{tunnel.Name}-in", $"{tunnel.Name}-out");
            if (cloud.Count == 0)
            {
                text.Line($"set policy-options policy-statement {inbound} term default from route-filter 0.0.0.0/0 exact");
                text.Line($"set policy-options policy-statement {inbound} term default then reject");
            }

            foreach (var range in cloud) text.Line($"set policy-options policy-statement {inbound} term cloud from route-filter {range} orlonger");
            text.Line($"set policy-options policy-statement {inbound} term cloud then local-preference {tunnel.LocalPreference}");
            text.Line($"set policy-options policy-statement {inbound} term cloud then accept");
            text.Line($"set policy-options policy-statement {inbound} term rest then reject");
            if (customer.Count > 0)
            {
                foreach (var range in customer) text.Line($"set policy-options policy-statement {outbound} term announced from route-filter {range} exact");
                if (tunnel.Prepends > 0) text.Line($"set policy-options policy-statement {outbound} term announced then as-path-prepend \"{string.Join(' ', Enumerable.Repeat(connection.CustomerAsn, tunnel.Prepends))}\"");
                text.Line($"set policy-options policy-statement {outbound} term announced then accept");
            }

            text.Line($"set policy-options policy-statement {outbound} term rest then reject");
        }

        if (customer.Count > 0) text.Comment("A range is announced only while the routing table has a route for exactly that range.");
        text.Line($"set protocols bgp group {connection.Name} type external");
        text.Line($"set protocols bgp group {connection.Name} local-as {connection.CustomerAsn}");
        foreach (var tunnel in connection.Tunnels)
        {
            var neighbor = $"set protocols bgp group {connection.Name} neighbor {tunnel.Bgp!.Neighbor}";
            text.Line($"{neighbor} description {tunnel.Name}");
            text.Line($"{neighbor} local-address {tunnel.Tunnel.CustomerInside.Address}");
            text.Line($"{neighbor} peer-as {tunnel.Bgp.CloudAsn}");
            text.Line($"{neighbor} hold-time {tunnel.Bgp.HoldSeconds}");
            text.Line($"{neighbor} import {tunnel.Name}-in");
            text.Line($"{neighbor} export {tunnel.Name}-out");
        }
    }
}
