using System.Globalization;
using System.Xml;

namespace Tunnelwright.Formats;

/// <summary>pfSense: the IPsec section of config.xml, to be restored by area, and steps for what lies elsewhere.</summary>
internal sealed class PfSenseWriter : DeviceWriter
{
    public override string Target => "pfsense";

    public override string Description => "config.xml's IPsec area, and steps for interfaces and routes";

    protected override DeviceAlgorithms Algorithms { get; } = new("pfSense")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes/128", "aes/256", "aes128gcm/128", "aes256gcm/128"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("aes/128", "aes/256", "aes128gcm/128", "aes256gcm/128"),
        EspIntegrity = DeviceAlgorithms.Sha("hmac_sha1", "hmac_sha256", "hmac_sha384", "hmac_sha512"),
        IkeGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
        PfsGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var files = new List<ConfigurationFile>
        {
            new("ipsec.xml", Ipsec(connection), HoldsSecrets: true),
            new("steps.txt", Steps(connection), HoldsSecrets: false),
        };
        if (connection.IsBgp) files.Add(new("frr-bgp.txt", BsdFrr.Bgp(connection), HoldsSecrets: false));
        return files;
    }

    private static string Ipsec(DeviceConnection connection) => XmlText.Document(
        [
            $"pfSense, area IPSEC, for {connection.Title}: Diagnostics, Backup and Restore, Restore area IPSEC.",
            "Restoring the area replaces every IPsec tunnel that is there: with other tunnels in use, copy phase1 and phase2 into a backup of your own area instead, with ikeid and reqid that are free.",
            "The replay window is 64 packets unless strongSwan's charon.replay_window is set otherwise; pfSense has no field for it.",
        ],
        xml => xml.Element("ipsec", () =>
        {
            foreach (var tunnel in connection.Tunnels) Phase1(xml, connection, tunnel);
            foreach (var tunnel in connection.Tunnels) Phase2(xml, tunnel);
        }));

    private static void Phase1(XmlWriter xml, DeviceConnection connection, DeviceTunnel tunnel) => xml.Element("phase1", () =>
    {
        xml.Element("ikeid", tunnel.Number);
        xml.Element("iketype", tunnel.IsIkev2 ? "ikev2" : "ikev1");
        if (!tunnel.IsIkev2) xml.Element("mode", "main");
        xml.Element("interface", connection.Outside("wan"));
        xml.Element("remote-gateway", tunnel.Cloud.ToString());
        xml.Element("protocol", "inet");
        if (tunnel.Tunnel.CustomerOutside is { } identity)
        {
            xml.Element("myid_type", "address");
            xml.Element("myid_data", identity.ToString());
        }
        else
        {
            xml.Element("myid_type", "myaddress");
        }

        xml.Element("peerid_type", "peeraddress");
        xml.Element("authentication_method", "pre_shared_key");
        xml.Element("pre-shared-key", tunnel.Key);
        xml.Element("encryption", () => xml.Element("item", () =>
        {
            Cipher(xml, "encryption-algorithm", tunnel.Words.IkeEncryption);
            xml.Element("hash-algorithm", tunnel.Words.IkeIntegrity ?? tunnel.Words.Prf);
            xml.Element("prf-algorithm", tunnel.Words.Prf);
            xml.Element("dhgroup", tunnel.Words.IkeGroup);
        }));
        xml.Element("lifetime", tunnel.IkeSeconds);
        xml.Element(tunnel.IsIkev2 ? "rekey_time" : "reauth_time", tunnel.IkeTimes.RekeySeconds);
        xml.Element("rand_time", tunnel.IkeTimes.RandomSeconds);
        xml.Element("nat_traversal", "on");
        xml.Element("mobike", "off");
        xml.Element("closeaction", "start");
        xml.Element("dpd_delay", tunnel.Dpd.IntervalSeconds);
        xml.Element("dpd_maxfail", tunnel.Dpd.Retries);
        xml.Element("descr", tunnel.Name);
    });

    private static void Phase2(XmlWriter xml, DeviceTunnel tunnel) => xml.Element("phase2", () =>
    {
        xml.Element("ikeid", tunnel.Number);
        xml.Element("uniqid", tunnel.Number.ToString("x13", CultureInfo.InvariantCulture));
        xml.Element("mode", "vti");
        xml.Element("reqid", tunnel.Number);
        xml.Element("localid", () =>
        {
            xml.Element("type", "network");
            xml.Element("address", tunnel.Tunnel.CustomerInside.Address.ToString());
            xml.Element("netbits", tunnel.Tunnel.CustomerInside.PrefixLength);
        });
        xml.Element("remoteid", () =>
        {
            xml.Element("type", "address");
            xml.Element("address", tunnel.Tunnel.CloudInside.Address.ToString());
        });
        xml.Element("protocol", "esp");
        Cipher(xml, "encryption-algorithm-option", tunnel.Words.EspEncryption);
        if (tunnel.Words.EspIntegrity is { } integrity) xml.Element("hash-algorithm-option", integrity);
        xml.Element("pfsgroup", tunnel.Words.PfsGroup ?? "0");
        xml.Element("lifetime", tunnel.IpsecTimes.LifeSeconds);
        xml.Element("rekey_time", tunnel.IpsecTimes.RekeySeconds);
        xml.Element("rand_time", tunnel.IpsecTimes.RandomSeconds);
        xml.Element("pinghost", tunnel.Tunnel.CloudInside.Address.ToString());
        xml.Element("keepalive", "enabled");
        xml.Element("descr", tunnel.Name);
    });

    private static void Cipher(XmlWriter xml, string element, string words) => xml.Element(element, () =>
    {
        var slash = words.IndexOf('/', StringComparison.Ordinal);
        xml.Element("name", words[..slash]);
        xml.Element("keylen", words[(slash + 1)..]);
    });

    private static string Steps(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Line($"pfSense for {connection.Title}: after ipsec.xml is restored");
        text.Line();
        text.Line("1. Interfaces > Assignments: add both ipsec interfaces, enable them, and set:");
        foreach (var tunnel in connection.Tunnels) text.Line($"   interface of {tunnel.Name}: MTU {tunnel.Size.Mtu}, MSS {tunnel.Size.Mss + 40} (pfSense takes 40 off: {tunnel.Size.Mss} bytes of TCP); the addresses come from phase 2");
        text.Line($"2. System > Advanced > Firewall and NAT: IP Do-Not-Fragment compatibility {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment) ? "on: the Don't Fragment bit is cleared" : "off")}.");
        text.Line("3. VPN > IPsec > Advanced: Maximum MSS clamping is not needed, step 1 does it. IPsec filter mode: filter IPsec VTI and transport on assigned interfaces.");
        text.Line("4. Firewall > Rules: pass rules on both interfaces and on the inner interface.");
        BsdFrr.Routes(text, connection, 5);
        return text.ToString();
    }
}
