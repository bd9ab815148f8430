using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tunnelwright.Ike;

/// <summary>The known vendor IDs.</summary>
internal static class VendorIdList
{
    internal const string NatTraversal = "NAT-T (RFC 3947)";
    internal const string NatTraversal02 = "NAT-T draft 02 (with line end)";
    internal const string NatTraversal03 = "NAT-T draft 03";
    internal const string DeadPeerDetection = "DPD (RFC 3706)";
    internal const string Fragmentation = "FRAGMENTATION";

    private const string Libreswan = "libreswan lib/libswan/vendorid.c";
    private const string StrongSwan1 = "strongSwan src/libcharon/sa/ikev1/tasks/isakmp_vendor.c";
    private const string StrongSwan2 = "strongSwan src/libcharon/sa/ikev2/tasks/ike_vendor.c";
    private const string IkeScan = "ike-scan ike-vendor-ids";
    private const string Wireshark = "Wireshark epan/dissectors/packet-isakmp.c";
    private const string Microsoft = "[MS-IKEE] section 1.7";

    internal static IReadOnlyList<VendorIdEntry> All { get; } =
    [
        // What many vendors send.
        Md5(NatTraversal, null, "RFC 3947", "RFC 3947 section 3.1", isPrefix: true),
        Md5("NAT-T draft 00", null, "draft-ietf-ipsec-nat-t-ike-00", "draft-ietf-ipsec-nat-t-ike-00 section 3.1"),
        Md5("NAT-T draft 01", null, "draft-ietf-ipsec-nat-t-ike-01", "draft-ietf-ipsec-nat-t-ike-01 section 3.1"),
        Md5("NAT-T draft 02", null, "draft-ietf-ipsec-nat-t-ike-02", "draft-ietf-ipsec-nat-t-ike-02 section 3.1"),
        Md5(NatTraversal02, null, "draft-ietf-ipsec-nat-t-ike-02\n", "draft-ietf-ipsec-nat-t-ike-02 section 3.1, whose hash includes a line end"),
        Md5(NatTraversal03, null, "draft-ietf-ipsec-nat-t-ike-03", "draft-ietf-ipsec-nat-t-ike-03 section 3.1"),
        .. Enumerable.Range(4, 5).Select(n => Md5($"NAT-T draft 0{n}", null, $"draft-ietf-ipsec-nat-t-ike-0{n}", Libreswan)),
        Md5("NAT-T draft without a number", null, "draft-ietf-ipsec-nat-t-ike", Libreswan),
        Md5("NAT-T RFC of no number yet", null, "RFC XXXX", Libreswan),
        Md5("NAT-T draft-stenberg-01", null, "draft-stenberg-ipsec-nat-traversal-01", IkeScan),
        Md5("NAT-T draft-stenberg-02", null, "draft-stenberg-ipsec-nat-traversal-02", IkeScan),
        Md5("NAT-T draft-huttunen-00", null, "draft-huttunen-ipsec-esp-in-udp-00.txt", IkeScan),
        Md5("NAT-T draft-huttunen-01", null, "ESPThruNAT", IkeScan),
        // The RFC gives 14 octets, then the major and the minor version.
        Hex(DeadPeerDetection, null, "afcad71368a1f1c96b8696fc7757", "RFC 3706 section 5.1", isPrefix: true, Version),
        Hex("DPDv1_NG", null, "3b9031dce4fcf88b489a923963dd0c49", Libreswan),
        Md5("XAUTH", null, "draft-ietf-ipsra-isakmp-xauth-06.txt", "draft-beaulieu-ike-xauth-02 section 3, first eight octets", take: 8),
        Md5(Fragmentation, null, "FRAGMENTATION", "[MS-IKEE] section 1.7", isPrefix: true, detail: FragmentationCapabilities),
        Md5("Initial contact", null, "Vid-Initial-Contact", Microsoft),
        Text("HeartBeat_Notify", "Juniper", "HeartBeat_Notify", IkeScan, isPrefix: true),
        Text("OpenPGP", null, "OpenPGP", IkeScan, isPrefix: true),
        Text("CAN-IKEv2", null, "IKEv2", Libreswan),
        Text("Opportunistic IPsec", "libreswan", "Opportunistic IPsec", Libreswan),

        // strongSwan names itself, before 4.2.4 with its version (libreswan's table has every one of them).
        Md5("strongSwan", "strongSwan", "strongSwan", StrongSwan1),
        .. StrongSwanVersions().Select(version => Md5($"strongSwan {version}", "strongSwan", $"strongSwan {version}", Libreswan)),
        // ike-scan saw the early ones with a capital letter.
        .. StrongSwanVersions().Where(version => version[0] == '2').Select(version => Md5($"strongSwan {version}", "strongSwan", $"StrongSwan {version}", IkeScan)),
        Text("libreswan", "libreswan", "OE-Libreswan-", Libreswan, isPrefix: true, IkeVendorIds.Printable),
        // FreeS/WAN's way: "OE" and ten octets of a hash in the range of letters; "OEN" and "OSW" came later.
        Text("libreswan 3.0 to 3.5", "libreswan", "OEN", Libreswan, isPrefix: true) with { Length = 12 },
        Text("Openswan (Xelerance)", "Openswan", "OSW", Libreswan, isPrefix: true) with { Length = 12 },
        Text("Openswan or FreeS/WAN", "Openswan", "OE", Libreswan, isPrefix: true) with { Length = 12 },
        Md5("racoon", "KAME racoon", "KAME/racoon", IkeScan),
        Text("OpenIKED", "OpenIKED", "OpenIKED", Libreswan, isPrefix: true, IkeVendorIds.Printable),

        // The last two octets of the hash make room for a version: 1.0.
        Md5("Cisco Unity", "Cisco", "CISCO-UNITY", Libreswan, take: 14, isPrefix: true, detail: Version),
        Text("Cisco delete reason", "Cisco", "CISCO-DELETE-REASON", StrongSwan2),
        Text("Cisco copyright", "Cisco", "CISCO(COPYRIGHT)&", StrongSwan2, isPrefix: true, IkeVendorIds.Printable),
        Text("Cisco FlexVPN", "Cisco", "FLEXVPN-SUPPORTED", StrongSwan2),
        Text("Cisco VPN revision 2", "Cisco", "CISCOVPN-REV-02", Libreswan),
        Text("Cisco dynamic route", "Cisco", "CISCO-DYNAMIC-ROUTE", Libreswan),
        Md5("Cisco VPN 3000", "Cisco", "ALTIGA GATEWAY", Libreswan, take: 14, isPrefix: true, detail: Version),
        Hex("Cisco IOS", "Cisco", "3e984048", Libreswan, isPrefix: true),

        Md5("Fortinet endpoint control", "Fortinet", "Fortinet Endpoint Control", Libreswan),
        Md5("FortiClient licence", "Fortinet", "forticlient connect license", Libreswan),
        Hex("FortiGate", "Fortinet", "8299031757a36082c6a621de", Wireshark, isPrefix: true, FortiGateRelease),

        Hex("Check Point", "Check Point", "f4ed19e0c114eb516faaac0ee37daf2807b4381f", IkeScan, isPrefix: true, CheckPointVersion),

        Md5("Microsoft Windows", "Microsoft", "MS NT5 ISAKMPOAKLEY", Microsoft, isPrefix: true, detail: WindowsVersion),
        Md5("Microsoft negotiation discovery", "Microsoft", "MS-Negotiation Discovery Capable", Microsoft),
        Md5("Microsoft AuthIP", "Microsoft", "MS-MamieExists", Microsoft),
        Md5("Microsoft CGA", "Microsoft", "IKE CGA version 1", Microsoft),
        Md5("GSS-API authentication", "Microsoft", "A GSS-API Authentication Method for IKE", Libreswan),
        Md5("GSSAPI", "Microsoft", "GSSAPI", Libreswan),
        Hex("Microsoft network load balancing", "Microsoft", "72872b95fcda2eb708efe322119b4971", Libreswan),

        .. NetScreen().Select(id => Hex("Juniper NetScreen or SRX", "Juniper", id, Libreswan, isPrefix: true)),

        Hex("SonicWall", "SonicWall", "404bf439522ca3f6", IkeScan),
        Hex("SonicWall firmware", "SonicWall", "5b362bc820f6", "Nmap nselib/data/ike-fingerprints.lua", isPrefix: true),
        Hex("SonicWall or SafeNet", null, "da8e9378", IkeScan, isPrefix: true),

        Hex("ZyXEL ZyWALL USG", "ZyXEL", "f758f22668750f03b08df6ebe1d0", StrongSwan1, isPrefix: true),
        Hex("ZyXEL ZyWALL", "ZyXEL", "625027749d5ab97f5616c1602765cf480a3b7d0b", StrongSwan1),
        Hex("ZyXEL ZyWALL router", "ZyXEL", "b858d1addd08c1e8adafea150608aa4497aa6cc8", StrongSwan1),
        Hex("Nortel Contivity", "Nortel", "424e4553000000", IkeScan, isPrefix: true),
        Hex("NCP client", "NCP", "101fb0b35c5a4f4c08b919f1cb9777b0", Libreswan),
        Hex("Shrew Soft client", "Shrew Soft", "f14b94b7bff1fef02773b8c49feded26", Libreswan),
        .. new[] { "1.1.0", "1.1.1", "1.1.2", "1.2.1", "1.2.2" }.Select(version => Md5($"SSH IPSEC Express {version}", "SSH", $"Ssh Communications Security IPSEC Express version {version}", IkeScan)),
        .. new[] { "2.0.0", "2.1.0", "2.1.1", "2.1.2", "3.0.0", "3.0.1", "4.0.0", "4.0.1", "4.1.0", "4.1.1", "4.2.0", "5.0", "5.0.0", "5.1.0", "5.1.1" }
            .Select(version => Md5($"SSH IPSEC Express {version}", "SSH", $"SSH Communications Security IPSEC Express version {version}", IkeScan)),
    ];

    private static VendorIdEntry Md5(string name, string? vendor, string text, string source, int take = 16, bool isPrefix = false, Func<byte[], string?>? detail = null)
    {
#pragma warning disable CA5351 // The IDs are defined that way; nothing secret depends on it.
        var hash = MD5.HashData(Encoding.ASCII.GetBytes(text));
#pragma warning restore CA5351
        return new VendorIdEntry(name, vendor, hash[..take], isPrefix, $"{source}: MD5 of \"{text.TrimEnd('\n')}\"", detail);
    }

    private static VendorIdEntry Hex(string name, string? vendor, string hex, string source, bool isPrefix = false, Func<byte[], string?>? detail = null) =>
        new(name, vendor, Convert.FromHexString(hex), isPrefix, source, detail);

    private static VendorIdEntry Text(string name, string? vendor, string text, string source, bool isPrefix = false, Func<byte[], string?>? detail = null) =>
        new(name, vendor, Encoding.ASCII.GetBytes(text), isPrefix, source, detail);

    private static string? Version(byte[] rest) => rest is [var major, var minor, ..] ? $"{major}.{minor}" : null;

    // racoon and Cisco read the first bit as main and aggressive mode, the second as the base exchange (strongSwan, the same file).
    private static string? FragmentationCapabilities(byte[] rest) => rest.Length >= 4 ? $"0x{Convert.ToHexStringLower(rest.AsSpan(0, 4))}" : null;

    private static string? FortiGateRelease(byte[] rest) =>
        rest.Length >= 4 && rest.AsSpan(0, 4).ContainsAnyExcept((byte)0)
            ? $"release {BinaryPrimitives.ReadUInt16BigEndian(rest)} build {BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(2))}"
            : null;

    // Product, then version; the numbers as in ike-scan's list.
    private static string? CheckPointVersion(byte[] rest)
    {
        if (rest.Length < 8) return null;
        return BinaryPrimitives.ReadUInt32BigEndian(rest.AsSpan(4)) switch
        {
            2 => "4.1",
            3 => "4.1 SP1",
            4002 => "4.1 SP2 or later",
            5000 => "NG",
            5001 => "NG FP1",
            5002 => "NG FP2",
            5003 => "NG FP3",
            5004 => "NG AI R54",
            5005 => "NG AI R55 or later",
            var other => $"version {other}",
        };
    }

    // [MS-IKEE] section 1.7.
    private static string? WindowsVersion(byte[] rest)
    {
        if (rest.Length < 4) return null;
        return BinaryPrimitives.ReadUInt32BigEndian(rest) switch
        {
            2 => "2000",
            3 => "XP",
            4 => "Server 2003",
            5 => "Vista",
            6 => "Server 2008",
            7 => "7",
            8 => "Server 2008 R2",
            9 => "8 or later",
            var other => $"version {other}",
        };
    }

    private static IEnumerable<string> StrongSwanVersions()
    {
        (string Line, int Last)[] lines = [("2.2", 2), ("2.3", 2), ("2.4", 4), ("2.5", 7), ("2.6", 4), ("2.7", 3), ("2.8", 8), ("4.0", 7), ("4.1", 11), ("4.2", 3)];
        return lines.SelectMany(line => Enumerable.Range(0, line.Last + 1).Select(number => $"{line.Line}.{number}"));
    }

    private static string[] NetScreen() =>
    [
        "299ee8289f40a8973bc78687e2e7226b532c3b76", "3a15e1f3cf2a63582e3ac82d1c64cbe3b6d779e7", "47d2b126bfcd83489760e2cf8c5d4d5a03497c15",
        "4a4340b543e02b84c88a8b96a8af9ebe77d9accc", "64405f46f03b7660a23be116a1975058e69e8387", "699369228741c6d4ca094c93e242c9de19e7b7c6",
        "8c0dc6cf62a0ef1b5c6eabd1b67ba69866adf16a", "92d27a9ecb31d99246986d3453d0c3d57a222a61", "9b096d9ac3275a7d6fe8b91c583111b09efed1a0",
        "bf03746108d746c904f1f3547de24f78479fed12", "c2e80500f4cc5fbf5daaeed3bb59abaeee56c652", "c8660a62b03b1b6130bf781608d32a6a8d0fb89f",
        "f885da40b1e7a9abd17655ec5bbec0f21f0ed52e", "2a2bcac19b8e91b426107807e02e7249569d6fd3", "166f932d55eb64d8e4df4fd37e2313f0d0fd8451",
        "a35bfd05ca1ac0b3d2f24e9e82bfcbff9c9e52b5",
    ];
}
