using System.Xml;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Sophos Firewall (SFOS): the IPsec profiles and connections as an XML API request, the rest as steps.</summary>
internal sealed class SophosWriter : DeviceWriter
{
    public override string Target => "sophos";

    public override string Description => "XML API request for IPsec, and steps for interfaces and routes";

    protected override DeviceAlgorithms Algorithms { get; } = new("Sophos Firewall")
    {
        IkeEncryption = DeviceAlgorithms.Aes("AES128", "AES256", "AES128GCM16", "AES256GCM16"),
        IkeIntegrity = DeviceAlgorithms.Sha("SHA1", "SHA2_256", "SHA2_384", "SHA2_512"),
        EspEncryption = DeviceAlgorithms.Aes("AES128", "AES256", "AES128GCM16", "AES256GCM16"),
        EspIntegrity = DeviceAlgorithms.Sha("SHA1", "SHA2_256", "SHA2_384", "SHA2_512"),
        IkeGroups = Groups,
        PfsGroups = Groups,
    };

    private static IReadOnlyDictionary<int, string> Groups { get; } = new Dictionary<int, string>
    {
        [2] = "2(DH1024)",
        [5] = "5(DH1536)",
        [14] = "14(DH2048)",
        [15] = "15(DH3072)",
        [16] = "16(DH4096)",
        [17] = "17(DH6144)",
        [18] = "18(DH8192)",
        [19] = "19(ecp256)",
        [20] = "20(ecp384)",
        [21] = "21(ecp521)",
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection) =>
    [
        new("ipsec-api.xml", Request(connection), HoldsSecrets: true),
        new("steps.txt", Steps(connection), HoldsSecrets: false),
    ];

    private static string Request(DeviceConnection connection) => XmlText.Document(
        [
            $"Sophos Firewall, XML API (Backup and firmware > API), for {connection.Title}: fill in Login, send as reqxml to https://FIREWALL:4444/webconsole/APIController.",
            "The replay window cannot be set. SHA2-384 and SHA2-512 in phase 2 are not cut to 96 bits (sha2_96_truncate Disable).",
            .. ShorterLife(connection),
        ],
        xml => xml.Element("Request", () =>
        {
            xml.Element("Login", () =>
            {
                xml.Element("Username", "");
                xml.Element("Password", "");
            });
            xml.WriteStartElement("Set");
            xml.WriteAttributeString("operation", "add");
            foreach (var tunnel in connection.Tunnels) Profile(xml, connection, tunnel);
            foreach (var tunnel in connection.Tunnels) Connection(xml, connection, tunnel);
            xml.WriteEndElement();
        }));

    private static void Profile(XmlWriter xml, DeviceConnection connection, DeviceTunnel tunnel) => xml.Element("VPNProfile", () =>
    {
        var margin = Math.Clamp(connection.Settings.Profile.Rekey.DefaultMarginSeconds, 30, 999);
        xml.Element("Name", tunnel.Name);
        xml.Element("Description", connection.Name);
        xml.Element("KeyingMethod", "Automatic");
        xml.Element("AllowReKeying", "Enable");
        xml.Element("KeyNegotiationTries", 0);
        xml.Element("AuthenticationMode", "MainMode");
        xml.Element("PassDataInCompressedFormat", "Disable");
        xml.Element("sha2_96_truncate", "Disable");
        xml.Element("keyexchange", tunnel.IsIkev2 ? "ikev2" : "ikev1");
        xml.Element("Phase1", () =>
        {
            xml.Element("EncryptionAlgorithm1", tunnel.Words.IkeEncryption);
            xml.Element("AuthenticationAlgorithm1", tunnel.Words.IkeIntegrity ?? tunnel.Words.Prf);
            xml.Element("SupportedDHGroups", () => xml.Element("DHGroup", tunnel.Words.IkeGroup));
            xml.Element("KeyLife", tunnel.IkeSeconds);
            xml.Element("ReKeyMargin", margin);
            xml.Element("RandomizeRe-KeyingMarginBy", connection.Settings.Profile.Rekey.FuzzPercent.Default);
            xml.Element("DeadPeerDetection", "Enable");
            xml.Element("CheckPeerAfterEvery", tunnel.Dpd.IntervalSeconds);
            xml.Element("WaitForResponseUpto", tunnel.Dpd.TimeoutSeconds);
            xml.Element("ActionWhenPeerUnreachable", "ReInitiate");
        });
        xml.Element("Phase2", () =>
        {
            xml.Element("EncryptionAlgorithm1", tunnel.Words.EspEncryption);
            xml.Element("AuthenticationAlgorithm1", tunnel.Words.EspIntegrity ?? tunnel.Words.Prf);
            xml.Element("PFSGroup", tunnel.Words.PfsGroup ?? "None");
            xml.Element("KeyLife", tunnel.IpsecSeconds);
        });
    });

    private static void Connection(XmlWriter xml, DeviceConnection connection, DeviceTunnel tunnel) => xml.Element("VPNIPSecConnection", () => xml.Element("Configuration", () =>
    {
        xml.Element("Name", tunnel.Name);
        xml.Element("Description", connection.Name);
        xml.Element("ConnectionType", "TunnelInterface");
        xml.Element("Policy", tunnel.Name);
        xml.Element("ActionOnVPNRestart", "Initiate");
        xml.Element("AuthenticationType", "PresharedKey");
        xml.Element("PresharedKey", tunnel.Key);
        xml.Element("SubnetFamily", "IPv4");
        xml.Element("EndpointFamily", "IPv4");
        xml.Element("LocalWANPort", connection.Outside("Port2"));
        xml.Element("AliasLocalWANPort", connection.Outside("Port2"));
        xml.Element("RemoteHost", tunnel.Cloud.ToString());
        xml.Element("LocalSubnet", "Any");
        if (tunnel.Tunnel.CustomerOutside is { } identity)
        {
            xml.Element("LocalIDType", "IP Address");
            xml.Element("LocalID", identity.ToString());
        }

        xml.Element("AllowNATTraversal", "Enable");
        xml.Element("RemoteNetwork", () => xml.Element("Network", "Any"));
        xml.Element("RemoteIDType", "IP Address");
        xml.Element("RemoteID", tunnel.Cloud.ToString());
        xml.Element("UserAuthenticationMode", "Disable");
    }));

    private static string Steps(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Line($"Sophos Firewall for {connection.Title}: what the API request does not do");
        text.Line();
        text.Line("1. Network > Interfaces: an xfrm interface has appeared for each connection. Set:");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"   xfrm interface of {tunnel.Name}: IPv4 {tunnel.Tunnel.CustomerInside.Address}/{AddressText.Netmask(tunnel.Tunnel.CustomerInside.PrefixLength)}, MTU {tunnel.Size.Mtu}, override MSS {tunnel.Size.Mss}");
        }

        text.Line("2. Site-to-site VPN > IPsec: activate both connections.");
        text.Line("3. Rules and policies: firewall rules between the inner zones and zone VPN, both directions.");
        text.Line("4. Device console (4 in the menu), for the whole device:");
        if (connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment)) text.Line("   The Don't Fragment bit cannot be cleared by a setting; the MSS above keeps TCP small enough.");
        text.Line("   set vpn conn-remove-tunnel-up enable");
        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        return text.ToString();
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        if (connection.Connection.CloudRanges.Count == 0) text.Line("5. The cloud's range is not known, so no route is named. Give cloud-range.");
        else text.Line("5. Routing > Static routing, IPv4 unicast route:");
        var distance = 1;
        foreach (var tunnel in connection.InOrderOfPreference)
        {
            foreach (var range in connection.Connection.CloudRanges) text.Line($"   {range} via {tunnel.NextHop}, xfrm interface of {tunnel.Name}, administrative distance {distance}");
            distance++;
        }

        text.Line("6. Routing > Gateways: a gateway for each xfrm interface, with a health check that pings every 5 s and fails after 3:");
        foreach (var tunnel in connection.Tunnels) text.Line($"   {tunnel.Name}: {tunnel.Tunnel.CloudInside.Address}");
        text.Line("   It keeps the tunnels alive; an SD-WAN route over both gateways moves the traffic when one fails.");
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        ValueList<Cidr> customer = connection.Connection.CustomerRanges;
        text.Line("5. Command line, 3 (route configuration), 1 (unicast), 3 (BGP):");
        text.Line("   enable");
        text.Line("   configure terminal");
        if (customer.Count == 0) text.Line($"   ip prefix-list {connection.Name}-out seq 5 deny any");
        for (var i = 0; i < customer.Count; i++) text.Line($"   ip prefix-list {connection.Name}-out seq {(i + 1) * 5} permit {customer[i]}");
        ValueList<Cidr> cloud = connection.Connection.CloudRanges;
        if (cloud.Count == 0)
        {
            text.Line($"   ip prefix-list {connection.Name}-in seq 5 deny 0.0.0.0/0");
            text.Line($"   ip prefix-list {connection.Name}-in seq 10 permit any");
        }

        for (var i = 0; i < cloud.Count; i++) text.Line($"   ip prefix-list {connection.Name}-in seq {(i + 1) * 5} permit {cloud[i]}{(cloud[i].PrefixLength < 32 ? " le 32" : "")}");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"   route-map {tunnel.Name}-in permit 10");
            text.Line($"    match ip address prefix-list {connection.Name}-in");
            text.Line($"    set local-preference {tunnel.LocalPreference}");
            text.Line($"   route-map {tunnel.Name}-out permit 10");
            text.Line($"    match ip address prefix-list {connection.Name}-out");
            if (tunnel.Prepends > 0) text.Line($"    set as-path prepend {string.Join(' ', Enumerable.Repeat(connection.CustomerAsn, tunnel.Prepends))}");
        }

        text.Line($"   router bgp {connection.CustomerAsn}");
        text.Line($"    bgp router-id {connection.Tunnels[0].Tunnel.CustomerInside.Address}");
        foreach (var range in customer) text.Line($"    network {range}");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"    neighbor {tunnel.Bgp!.Neighbor} remote-as {tunnel.Bgp.CloudAsn}");
            text.Line($"    neighbor {tunnel.Bgp.Neighbor} timers {tunnel.KeepaliveSeconds} {tunnel.Bgp.HoldSeconds}");
            text.Line($"    neighbor {tunnel.Bgp.Neighbor} route-map {tunnel.Name}-in in");
            text.Line($"    neighbor {tunnel.Bgp.Neighbor} route-map {tunnel.Name}-out out");
        }

        text.Line("   end");
        text.Line("   write");
        text.Line("6. Administration > Device access: Dynamic Routing on for zone VPN.");
    }
}
