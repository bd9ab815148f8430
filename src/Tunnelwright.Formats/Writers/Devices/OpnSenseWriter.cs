using System.Security.Cryptography;
using System.Text;
using System.Xml;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>OPNsense 23.1 and later: the "Connections" model (Swanctl), pre-shared keys and VTIs of config.xml, and steps for what lies elsewhere.</summary>
internal sealed class OpnSenseWriter : DeviceWriter
{
    public override string Target => "opnsense";

    public override string Description => "config.xml's connections, keys and VTIs, and steps for routes";

    protected override DeviceAlgorithms Algorithms { get; } = new("OPNsense")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes128gcm16", "aes256gcm16"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes128gcm16", "aes256gcm16"),
        EspIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        IkeGroups = Modp,
        PfsGroups = Modp,
    };

    private static IReadOnlyDictionary<int, string> Modp { get; } = new[] { 2, 5, 14, 15, 16, 17, 18, 19, 20, 21 }.ToDictionary(number => number, number => new DhGroup(number).Keyword!);

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var files = new List<ConfigurationFile>
        {
            new("config.xml", Config(connection), HoldsSecrets: true),
            new("steps.txt", Steps(connection), HoldsSecrets: false),
        };
        if (connection.IsBgp) files.Add(new("frr-bgp.txt", BsdFrr.Bgp(connection), HoldsSecrets: false));
        return files;
    }

    private static string Config(DeviceConnection connection) => XmlText.Document(
        [
            $"OPNsense for {connection.Title}: merge these sections into a backup of your own config.xml and restore it.",
            "Group 2 and SHA1 with group 14 or less are marked insecure there; combinations that the list of the web interface does not have are taken from the file but cannot be chosen again.",
            "The replay window is strongSwan's own (32 packets); OPNsense has no field for it. Behind NAT, local_addrs is the private address.",
        ],
        xml => xml.Element("opnsense", () => xml.Element("OPNsense", () =>
        {
            xml.WriteStartElement("IPsec");
            xml.WriteAttributeString("version", "1.0.1");
            xml.Element("preSharedKeys", () =>
            {
                foreach (var tunnel in connection.Tunnels)
                {
                    Entry(xml, "preSharedKey", Id(tunnel, "psk"), () =>
                    {
                        xml.Element("ident", (tunnel.Tunnel.CustomerOutside ?? tunnel.Cloud).ToString());
                        if (tunnel.Tunnel.CustomerOutside is not null) xml.Element("remote_ident", tunnel.Cloud.ToString());
                        xml.Element("keyType", "PSK");
                        xml.Element("Key", tunnel.Key);
                    });
                }
            });
            xml.WriteEndElement();
            xml.WriteStartElement("Swanctl");
            xml.WriteAttributeString("version", "1.0.0");
            xml.Element("Connections", () => Each(xml, connection, "Connection", "connection", tunnel => Connection(xml, connection, tunnel)));
            xml.Element("locals", () => Each(xml, connection, "local", "local", tunnel => Identity(xml, tunnel, tunnel.Tunnel.CustomerOutside?.ToString())));
            xml.Element("remotes", () => Each(xml, connection, "remote", "remote", tunnel => Identity(xml, tunnel, tunnel.Cloud.ToString())));
            xml.Element("children", () => Each(xml, connection, "child", "child", tunnel => Child(xml, tunnel)));
            xml.Element("VTIs", () => Each(xml, connection, "VTI", "vti", tunnel => Vti(xml, connection, tunnel)));
            xml.WriteEndElement();
        })));

    private static void Each(XmlWriter xml, DeviceConnection connection, string element, string role, Action<DeviceTunnel> within)
    {
        foreach (var tunnel in connection.Tunnels) Entry(xml, element, Id(tunnel, role), () => within(tunnel));
    }

    private static void Entry(XmlWriter xml, string element, string id, Action within)
    {
        xml.WriteStartElement(element);
        xml.WriteAttributeString("uuid", id);
        within();
        xml.WriteEndElement();
    }

    /// <summary>An id that is the same for the same connection, so that merging twice does not double it (RFC 9562 section 5.8, version 8).</summary>
    private static string Id(DeviceTunnel tunnel, string role)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"tunnelwright/{tunnel.Name}/{role}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static void Connection(XmlWriter xml, DeviceConnection connection, DeviceTunnel tunnel)
    {
        xml.Element("enabled", 1);
        xml.Element("proposals", $"{tunnel.Words.IkeEncryption}-{tunnel.Words.IkeIntegrity ?? tunnel.Words.Prf}-{tunnel.Words.IkeGroup}");
        xml.Element("unique", "replace");
        xml.Element("aggressive", 0);
        xml.Element("version", tunnel.IsIkev2 ? 2 : 1);
        xml.Element("mobike", 0);
        xml.Element("local_addrs", (connection.Settings.LocalAddress ?? tunnel.Tunnel.CustomerOutside)?.ToString() ?? "");
        xml.Element("remote_addrs", tunnel.Cloud.ToString());
        xml.Element("encap", 0);
        xml.Element("rekey_time", tunnel.IkeTimes.RekeySeconds);
        xml.Element("over_time", tunnel.IkeTimes.MarginSeconds);
        xml.Element("dpd_delay", tunnel.Dpd.IntervalSeconds);
        xml.Element("dpd_timeout", tunnel.Dpd.TimeoutSeconds);
        xml.Element("send_certreq", 0);
        xml.Element("keyingtries", 0);
        xml.Element("description", tunnel.Name);
    }

    private static void Identity(XmlWriter xml, DeviceTunnel tunnel, string? identity)
    {
        xml.Element("enabled", 1);
        xml.Element("connection", Id(tunnel, "connection"));
        xml.Element("round", 0);
        xml.Element("auth", "psk");
        if (identity is not null) xml.Element("id", identity);
    }

    private static void Child(XmlWriter xml, DeviceTunnel tunnel)
    {
        var pfs = tunnel.Words.PfsGroup is { } group ? $"-{group}" : "";
        xml.Element("enabled", 1);
        xml.Element("connection", Id(tunnel, "connection"));
        xml.Element("reqid", tunnel.InterfaceNumber);
        xml.Element("esp_proposals", tunnel.EspIsAead ? $"{tunnel.Words.EspEncryption}{pfs}" : $"{tunnel.Words.EspEncryption}-{tunnel.Words.EspIntegrity}{pfs}");
        xml.Element("sha256_96", 0);
        xml.Element("start_action", "start");
        xml.Element("close_action", "start");
        xml.Element("dpd_action", "start");
        xml.Element("mode", "tunnel");
        xml.Element("policies", 0);
        xml.Element("local_ts", "0.0.0.0/0");
        xml.Element("remote_ts", "0.0.0.0/0");
        xml.Element("rekey_time", tunnel.IpsecTimes.RekeySeconds);
        xml.Element("description", tunnel.Name);
    }

    private static void Vti(XmlWriter xml, DeviceConnection connection, DeviceTunnel tunnel)
    {
        xml.Element("enabled", 1);
        xml.Element("reqid", tunnel.InterfaceNumber);
        xml.Element("local", (connection.Settings.LocalAddress ?? tunnel.Tunnel.CustomerOutside)?.ToString() ?? "");
        xml.Element("remote", tunnel.Cloud.ToString());
        xml.Element("tunnel_local", tunnel.Tunnel.CustomerInside.Address.ToString());
        xml.Element("tunnel_remote", tunnel.Tunnel.CloudInside.Address.ToString());
        xml.Element("description", tunnel.Name);
    }

    private static string Steps(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Line($"OPNsense for {connection.Title}: after config.xml is merged and restored");
        text.Line();
        text.Line("1. VPN > IPsec > Connections: \"Enable IPsec\" on, Apply.");
        if (connection.Tunnels.Any(tunnel => tunnel.Tunnel.CustomerOutside is null)) text.Line("   The gateway's own address is not known: fill in the local addresses of connections and VTIs, or give customer-address.");
        text.Line("2. Interfaces > Assignments: add both ipsec interfaces, enable them, and set:");
        foreach (var tunnel in connection.Tunnels) text.Line($"   ipsec{tunnel.InterfaceNumber} ({tunnel.Name}): MTU {tunnel.Size.Mtu}, MSS {tunnel.Size.Mss + 40} (OPNsense takes 40 off: {tunnel.Size.Mss} bytes of TCP)");
        text.Line($"3. Firewall > Settings > Normalization: IP Do-Not-Fragment {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment) ? "on: the Don't Fragment bit is cleared" : "off")}.");
        text.Line("4. Firewall > Rules: pass rules on both interfaces and on the inner interface.");
        BsdFrr.Routes(text, connection, 5);
        return text.ToString();
    }
}
