namespace Tunnelwright.Formats;

/// <summary>VyOS 1.4 and later: a VTI for each tunnel.</summary>
internal sealed class VyosWriter : DeviceWriter
{
    public override string Target => "vyos";

    public override string Description => "set commands, a VTI a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("VyOS")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes128gcm128", "aes256gcm128"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes128gcm128", "aes256gcm128"),
        EspIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        IkeGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
        PfsGroups = DeviceAlgorithms.Groups("dh-group{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"VyOS 1.4 or later for {connection.Title}: paste in configuration mode, then commit and save.");
        text.Comment("The replay window cannot be set in 1.4 (strongSwan's own value counts), nor can the Don't Fragment bit be cleared.");
        Gaps(text, connection);
        text.Line($"set vpn ipsec interface '{connection.Outside("eth0")}'");
        text.Line("set vpn ipsec options disable-route-autoinstall");
        foreach (var tunnel in connection.Tunnels) Tunnel(text, connection, tunnel);
        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        return [new("vyos.txt", text.ToString(), HoldsSecrets: true)];
    }

    private static void Tunnel(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        var interfaces = $"set interfaces vti vti{tunnel.InterfaceNumber}";
        text.Line($"{interfaces} address '{tunnel.Tunnel.CustomerInside}'");
        text.Line($"{interfaces} description '{tunnel.Name}'");
        text.Line($"{interfaces} mtu '{tunnel.Size.Mtu}'");
        text.Line($"{interfaces} ip adjust-mss '{tunnel.Size.Mss}'");
        var ike = $"set vpn ipsec ike-group {tunnel.Name}";
        text.Comment($"VyOS renews phase 1 after its lifetime; this is the provider's {tunnel.IkeSeconds} s less the margin.");
        text.Line($"{ike} lifetime '{tunnel.IkeTimes.RekeySeconds}'");
        text.Line($"{ike} key-exchange '{(tunnel.IsIkev2 ? "ikev2" : "ikev1")}'");
        if (!tunnel.IsIkev2) text.Line($"{ike} mode 'main'");
        text.Line($"{ike} disable-mobike");
        text.Line($"{ike} close-action 'start'");
        text.Line($"{ike} dead-peer-detection action 'restart'");
        text.Line($"{ike} dead-peer-detection interval '{tunnel.Dpd.IntervalSeconds}'");
        if (tunnel.IsIkev2) text.Comment("With IKEv2 this time-out does not count: strongSwan gives a silent peer up after its own repetitions.");
        text.Line($"{ike} dead-peer-detection timeout '{tunnel.Dpd.TimeoutSeconds}'");
        text.Line($"{ike} proposal 1 encryption '{tunnel.Words.IkeEncryption}'");
        text.Line($"{ike} proposal 1 hash '{tunnel.Words.IkeIntegrity ?? tunnel.Words.Prf}'");
        if (tunnel.IkeIsAead) text.Line($"{ike} proposal 1 prf 'prf{tunnel.Words.Prf}'");
        text.Line($"{ike} proposal 1 dh-group '{tunnel.Words.IkeGroup}'");
        var esp = $"set vpn ipsec esp-group {tunnel.Name}";
        text.Line($"{esp} lifetime '{tunnel.IpsecSeconds}'");
        text.Line($"{esp} mode 'tunnel'");
        text.Line($"{esp} pfs '{tunnel.Words.PfsGroup ?? "disable"}'");
        text.Line($"{esp} proposal 1 encryption '{tunnel.Words.EspEncryption}'");
        text.Line($"{esp} proposal 1 hash '{tunnel.Words.EspIntegrity ?? tunnel.Words.Prf}'");
        var psk = $"set vpn ipsec authentication psk {tunnel.Name}";
        text.Line($"{psk} id '{tunnel.Cloud}'");
        text.Line($"{psk} secret '{tunnel.Key}'");
        var peer = $"set vpn ipsec site-to-site peer {tunnel.Name}";
        text.Line($"{peer} authentication mode 'pre-shared-secret'");
        if (tunnel.Tunnel.CustomerOutside is { } identity) text.Line($"{peer} authentication local-id '{identity}'");
        text.Line($"{peer} authentication remote-id '{tunnel.Cloud}'");
        text.Line($"{peer} connection-type 'initiate'");
        text.Line($"{peer} ike-group '{tunnel.Name}'");
        text.Line($"{peer} local-address '{(connection.Settings.LocalAddress ?? tunnel.Tunnel.CustomerOutside)?.ToString() ?? "any"}'");
        text.Line($"{peer} remote-address '{tunnel.Cloud}'");
        text.Line($"{peer} vti bind 'vti{tunnel.InterfaceNumber}'");
        text.Line($"{peer} vti esp-group '{tunnel.Name}'");
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        foreach (var range in connection.Connection.CloudRanges)
        {
            var distance = 10;
            foreach (var tunnel in connection.InOrderOfPreference)
            {
                text.Line($"set protocols static route {range} interface vti{tunnel.InterfaceNumber} distance '{distance}'");
                distance += 10;
            }

            text.Line($"set protocols static route {range} blackhole distance '254'");
        }
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        var list = $"set policy prefix-list {connection.Name}";
        if (cloud.Count == 0)
        {
            text.Line($"{list}-in rule 1 action 'deny'");
            text.Line($"{list}-in rule 1 prefix '0.0.0.0/0'");
            text.Line($"{list}-in rule 2 action 'permit'");
            text.Line($"{list}-in rule 2 prefix '0.0.0.0/0'");
            text.Line($"{list}-in rule 2 le '32'");
        }

        for (var i = 0; i < cloud.Count; i++)
        {
            text.Line($"{list}-in rule {i + 1} action 'permit'");
            text.Line($"{list}-in rule {i + 1} prefix '{cloud[i]}'");
            if (cloud[i].PrefixLength < 32) text.Line($"{list}-in rule {i + 1} le '32'");
        }

        if (customer.Count == 0)
        {
            text.Line($"{list}-out rule 1 action 'deny'");
            text.Line($"{list}-out rule 1 prefix '0.0.0.0/0'");
            text.Line($"{list}-out rule 1 le '32'");
        }

        for (var i = 0; i < customer.Count; i++)
        {
            text.Line($"{list}-out rule {i + 1} action 'permit'");
            text.Line($"{list}-out rule {i + 1} prefix '{customer[i]}'");
        }

        text.Line($"set protocols bgp system-as '{connection.CustomerAsn}'");
        text.Line($"set protocols bgp parameters router-id '{connection.Tunnels[0].Tunnel.CustomerInside.Address}'");
        if (customer.Count > 0) text.Comment("A range is announced only while the routing table has a route for exactly that range.");
        foreach (var range in customer) text.Line($"set protocols bgp address-family ipv4-unicast network {range}");
        foreach (var tunnel in connection.Tunnels)
        {
            var map = $"set policy route-map {tunnel.Name}";
            text.Line($"{map}-in rule 1 action 'permit'");
            text.Line($"{map}-in rule 1 match ip address prefix-list '{connection.Name}-in'");
            text.Line($"{map}-in rule 1 set local-preference '{tunnel.LocalPreference}'");
            text.Line($"{map}-out rule 1 action 'permit'");
            text.Line($"{map}-out rule 1 match ip address prefix-list '{connection.Name}-out'");
            if (tunnel.Prepends > 0) text.Line($"{map}-out rule 1 set as-path prepend '{string.Join(' ', Enumerable.Repeat(connection.CustomerAsn, tunnel.Prepends))}'");
            var neighbor = $"set protocols bgp neighbor {tunnel.Bgp!.Neighbor}";
            text.Line($"{neighbor} remote-as '{tunnel.Bgp.CloudAsn}'");
            text.Line($"{neighbor} description '{tunnel.Name}'");
            text.Line($"{neighbor} timers holdtime '{tunnel.Bgp.HoldSeconds}'");
            text.Line($"{neighbor} timers keepalive '{tunnel.KeepaliveSeconds}'");
            text.Line($"{neighbor} update-source '{tunnel.Tunnel.CustomerInside.Address}'");
            text.Line($"{neighbor} address-family ipv4-unicast route-map import '{tunnel.Name}-in'");
            text.Line($"{neighbor} address-family ipv4-unicast route-map export '{tunnel.Name}-out'");
        }
    }
}
