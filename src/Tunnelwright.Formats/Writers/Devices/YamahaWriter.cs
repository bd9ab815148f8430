namespace Tunnelwright.Formats;

/// <summary>Yamaha RTX and NVR routers: a tunnel interface for each tunnel.</summary>
internal sealed class YamahaWriter : DeviceWriter
{
    public override string Target => "yamaha";

    public override string Description => "console commands, a tunnel interface a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Yamaha RTX")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-cbc", "aes256-cbc"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha", "sha256", "sha384", "sha512"),
        Ikev1Integrity = DeviceAlgorithms.Sha("sha", "sha256"),
        EspEncryption = DeviceAlgorithms.Aes("aes-cbc", "aes256-cbc"),
        EspIntegrity = DeviceAlgorithms.Sha("sha-hmac", "sha256-hmac", "sha384-hmac", "sha512-hmac"),
        Ikev1EspIntegrity = DeviceAlgorithms.Sha("sha-hmac", "sha256-hmac"),
        IkeGroups = Modp,
        PfsGroups = Modp,
        LongestKey = 32,
    };

    private static IReadOnlyDictionary<int, string> Modp { get; } = new Dictionary<int, string> { [2] = "modp1024", [5] = "modp1536", [14] = "modp2048" };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        if (connection.Tunnels.FirstOrDefault(tunnel => tunnel.Words.PfsGroup is { } pfs && pfs != tunnel.Words.IkeGroup) is { } odd)
        {
            throw new WriterException($"Tunnel {odd.Number} wants another group for perfect forward secrecy than for phase 1; Yamaha RTX uses phase 1's for both.", "ask for the same group in both phases");
        }

        if (connection.IsBgp && connection.Tunnels.Any(tunnel => !tunnel.Bgp!.CloudAsn.Is16Bit || !connection.CustomerAsn.Is16Bit))
        {
            throw new WriterException("Yamaha RTX takes AS numbers up to 65535 only.", "ask for a connection with a 16-bit AS number on both sides");
        }

        var text = new ConfigurationText();
        text.Comment($"Yamaha RTX for {connection.Title}: enter as administrator, then save.");
        text.Comment("Tunnels 1 and 2 and policies 201 and 202 must be free. SHA2-384 and SHA2-512 need a model and firmware that has them (RTX830, RTX1220, RTX1300 and later).");
        text.Comment("The replay check has no window that could be set.");
        Gaps(text, connection);
        foreach (var tunnel in connection.Tunnels) Tunnel(text, connection, tunnel);
        text.Line("ipsec auto refresh on");
        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        return [new("yamaha.txt", text.ToString(), HoldsSecrets: true)];
    }

    private static void Tunnel(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        var (n, policy) = (tunnel.Number, 200 + tunnel.Number);
        text.Line($"tunnel select {n}");
        text.Line($"description tunnel {tunnel.Name}");
        text.Line($"ipsec tunnel {policy}");
        text.Line($"ipsec sa policy {policy} {n} esp {tunnel.Words.EspEncryption} {tunnel.Words.EspIntegrity} anti-replay-check=on");
        text.Line($"ipsec ike version {n} {(tunnel.IsIkev2 ? 2 : 1)}");
        text.Line($"ipsec ike always-on {n} on");
        if (tunnel.IsIkev2)
        {
            text.Line($"ipsec ike message-id-control {n} on");
            text.Comment("Type 2 is how other makers exchange keys when a child SA is renewed.");
            text.Line($"ipsec ike child-exchange type {n} 2");
        }

        text.Line($"ipsec ike encryption {n} {tunnel.Words.IkeEncryption}");
        text.Line($"ipsec ike hash {n} {tunnel.Words.IkeIntegrity}");
        text.Line($"ipsec ike group {n} {tunnel.Words.IkeGroup}");
        text.Line($"ipsec ike pfs {n} {(tunnel.Words.PfsGroup is null ? "off" : "on")}");
        text.Line($"ipsec ike proposal-limitation {n} on");
        text.Line($"ipsec ike duration isakmp-sa {n} {tunnel.IkeSeconds}");
        text.Line($"ipsec ike duration ipsec-sa {n} {tunnel.IpsecSeconds}");
        text.Line($"ipsec ike keepalive log {n} off");
        text.Line($"ipsec ike keepalive use {n} on {(tunnel.IsIkev2 ? "rfc4306" : "dpd")} {tunnel.Dpd.IntervalSeconds} {tunnel.Dpd.Retries}");
        text.Line($"ipsec ike nat-traversal {n} on");
        if ((connection.Settings.LocalAddress ?? tunnel.Tunnel.CustomerOutside) is { } local) text.Line($"ipsec ike local address {n} {local}");
        else text.Comment("The gateway's own address is not known: give customer-address, or local-address behind NAT, and enter \"ipsec ike local address\".");
        if (tunnel.Tunnel.CustomerOutside is { } identity) text.Line($"ipsec ike local name {n} {identity} ipv4-addr");
        text.Line($"ipsec ike local id {n} 0.0.0.0/0");
        text.Line($"ipsec ike remote address {n} {tunnel.Cloud}");
        text.Line($"ipsec ike remote name {n} {tunnel.Cloud} ipv4-addr");
        text.Line($"ipsec ike remote id {n} 0.0.0.0/0");
        text.Line($"ipsec ike pre-shared-key {n} text {tunnel.Key}");
        text.Line($"ipsec tunnel outer df-bit {(tunnel.Tunnel.ClearDontFragment ? "clear" : "copy")}");
        text.Line($"ip tunnel address {tunnel.Tunnel.CustomerInside}");
        text.Line($"ip tunnel remote address {tunnel.Tunnel.CloudInside.Address}");
        text.Line($"ip tunnel mtu {tunnel.Size.Mtu}");
        text.Line($"ip tunnel tcp mss limit {tunnel.Size.Mss}");
        text.Line($"tunnel enable {n}");
        text.Line("tunnel select none");
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        text.Comment("Echo through each tunnel keeps it alive; a route whose keepalive fails is hidden, so that the next gateway counts.");
        foreach (var tunnel in connection.Tunnels) text.Line($"ip keepalive {tunnel.Number} icmp-echo 5 3 {tunnel.Tunnel.CloudInside.Address}");
        var order = connection.InOrderOfPreference.ToList();
        foreach (var range in connection.Connection.CloudRanges)
        {
            text.Line($"ip route {range} {string.Join(' ', order.Select(tunnel => $"gateway tunnel {tunnel.Number} keepalive {tunnel.Number}{(tunnel == order[0] ? "" : " weight 0")}"))}");
        }
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        text.Line("bgp use on");
        text.Line($"bgp autonomous-system {connection.CustomerAsn}");
        text.Line($"bgp router id {connection.Tunnels[0].Tunnel.CustomerInside.Address}");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"bgp neighbor {tunnel.Number} {tunnel.Bgp!.CloudAsn} {tunnel.Bgp.Neighbor} hold-time={tunnel.Bgp.HoldSeconds} local-address={tunnel.Tunnel.CustomerInside.Address}");
        }

        if (connection.Settings.Prefer is not null) text.Comment("The router prepends no AS numbers: prefer has no effect on what the cloud chooses.");
        var filter = 1;
        foreach (var range in customer) text.Line($"bgp import filter {filter++} equal {range}");
        if (customer.Count > 0)
        {
            text.Comment("A range is announced only while the router has a static route for exactly that range.");
            foreach (var asn in connection.Tunnels.Select(tunnel => tunnel.Bgp!.CloudAsn).Distinct()) text.Line($"bgp import {asn} static filter {string.Join(' ', Enumerable.Range(1, customer.Count))}");
        }

        var export = 1;
        foreach (var range in cloud) text.Line($"bgp export filter {export++} include {range}");
        if (cloud.Count == 0)
        {
            text.Comment("Everything but the default route: both halves of the address space.");
            text.Line("bgp export filter 1 include 0.0.0.0/1");
            text.Line("bgp export filter 2 include 128.0.0.0/1");
            export = 3;
        }

        foreach (var asn in connection.Tunnels.Select(tunnel => tunnel.Bgp!.CloudAsn).Distinct()) text.Line($"bgp export {asn} filter {string.Join(' ', Enumerable.Range(1, export - 1))}");
        text.Line("bgp configure refresh");
    }
}
