using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Connections for the writers' tests.</summary>
internal static class WriterSamples
{
    public const string FirstKey = "firstKeyOf.32_characters.abcdefg";
    public const string SecondKey = "secondKey_of.32.characters_abcde";

    public static VpnConnection Bgp { get; } = new()
    {
        Id = "vpn-0a1b2c3d4e5f60718",
        CloudGatewayId = "vgw-0a1b2c3d4e5f60718",
        CustomerGatewayId = "cgw-0a1b2c3d4e5f60718",
        Routing = Routing.Bgp,
        Tunnels = [Tunnel(1, "198.51.100.11", FirstKey), Tunnel(2, "198.51.100.22", SecondKey)],
        CustomerRanges = [Cidr.Parse("10.1.0.0/16"), Cidr.Parse("192.168.7.0/24")],
        CloudRanges = [Cidr.Parse("10.8.2.0/24")],
    };

    public static VpnConnection Static { get; } = Bgp with
    {
        Routing = Routing.Static,
        Tunnels = Bgp.Tunnels.Select(tunnel => tunnel with { Bgp = null, StaticNextHop = tunnel.CloudInside.Address }).ToValueList(),
    };

    /// <summary>What a provider's file of 2018 says: IKEv1, placeholders, no ranges.</summary>
    public static VpnConnection Old { get; } = Static with
    {
        CustomerRanges = [],
        CloudRanges = [],
        Tunnels = Static.Tunnels.Select(tunnel => tunnel with
        {
            CustomerOutside = null,
            Ike = tunnel.Ike with { Version = IkeVersion.V1, Proposal = new IkeProposal(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new DhGroup(2)) },
            Ipsec = tunnel.Ipsec with { Proposal = new EspProposal(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new DhGroup(2)) },
            MssBytes = 1387,
        }).ToValueList(),
    };

    /// <summary>Ids that try to leave their line, their quotes, their braces or their comment.</summary>
    public static IReadOnlyList<string> HostileIds { get; } =
    [
        "",
        "0",
        "----",
        "vpn\n}\nconnections { evil { version = 1 } }",
        "vpn\r\nrouter bgp 666",
        "a\"; log \"/etc/passwd\" all; protocol static evil { ipv4; route 0.0.0.0/0 unreachable; } #",
        "vpn; flush ruleset",
        "$(reboot) `reboot` ${IFS} 'x' \\",
        "include /etc/shadow",
        "ends in a backslash \\",
        "*/ } { /*",
        "vpn-\u2028\u0085\0\u001b[2J",
        "ünïcödé-" + new string('x', 500),
        "%any @evil [root] <x>&amp;",
    ];

    public static VpnConnection WithTunnels(this VpnConnection connection, Func<Tunnel, Tunnel> change) => connection with { Tunnels = connection.Tunnels.Select(change).ToValueList() };

    public static string Content(this IReadOnlyList<ConfigurationFile> files, string name) => files.Single(file => file.Name == name).Content;

    /// <summary>A sound connection with random values, the same for the same seed.</summary>
    public static VpnConnection Random(int seed)
    {
        var random = new Random(seed);
        var profile = RequirementProfile.Default;
        var bgp = random.Next(2) == 0;
        return Bgp with
        {
            Id = $"vpn-{random.NextInt64():x16}",
            Routing = bgp ? Routing.Bgp : Routing.Static,
            CustomerRanges = [Cidr.Containing(new Ipv4Address(0x0A000000u | (uint)random.Next(1 << 22)), random.Next(12, 29))],
            CloudRanges = [Cidr.Containing(new Ipv4Address(0xAC100000u | (uint)random.Next(1 << 20)), random.Next(16, 29))],
            Tunnels = Bgp.Tunnels.Select(tunnel => RandomTunnel(tunnel, random, profile, bgp)).ToValueList(),
        };
    }

    private static Tunnel RandomTunnel(Tunnel tunnel, Random random, RequirementProfile profile, bool bgp)
    {
        var version = random.Next(2) == 0 ? IkeVersion.V1 : IkeVersion.V2;
        var inside = new InsideNetwork(Cidr.Parse($"169.254.{(tunnel.Number * 100) + random.Next(50)}.{random.Next(64) * 4}/30"));
        var ikeCipher = profile.Ike.Encryption[random.Next(version == IkeVersion.V1 ? 2 : 4)];
        var espCipher = profile.Ipsec.Encryption[random.Next(4)];
        return tunnel with
        {
            CustomerOutside = Ipv4Address.Parse("203.0.113.99"),
            CloudOutside = Ipv4Address.Parse($"198.51.100.{(tunnel.Number * 100) + random.Next(50)}"),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(
                version,
                AuthenticationMethod.PreSharedKey,
                PreSharedKey.Generate(random.Next(8, 65)),
                new IkeProposal(ikeCipher, ikeCipher.IsAead() ? null : profile.Ike.Integrity[random.Next(4)], profile.Ike.Groups[random.Next(profile.Ike.Groups.Count)]),
                new Lifetime(random.Next(3601, 28801))),
            Ipsec = new IpsecSettings(
                new EspProposal(espCipher, espCipher.IsAead() ? null : profile.Ipsec.Integrity[random.Next(4)], profile.Ipsec.PfsGroups[random.Next(profile.Ipsec.PfsGroups.Count)]),
                new Lifetime(random.Next(4) == 0 ? 3600 : random.Next(900, 3601))),
            DeadPeerDetection = new DeadPeerDetection(random.Next(5, 30), random.Next(3, 6)),
            MtuBytes = random.Next(1200, 1400),
            MssBytes = random.Next(1000, 1160),
            Bgp = bgp ? new BgpSettings(new Asn((uint)random.Next(64512, 65000)), new Asn((uint)random.Next(65000, 65535)), inside.Cloud.Address, random.Next(3, 300)) : null,
            StaticNextHop = bgp ? null : inside.Cloud.Address,
        };
    }

    private static Tunnel Tunnel(int number, string cloud, string key)
    {
        var inside = new InsideNetwork(Cidr.Parse($"169.254.{number}0.0/30"));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = Ipv4Address.Parse("203.0.113.2"),
            CloudOutside = Ipv4Address.Parse(cloud),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(
                IkeVersion.V2,
                AuthenticationMethod.PreSharedKey,
                new PreSharedKey(key),
                new IkeProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)),
                new Lifetime(28800)),
            Ipsec = new IpsecSettings(new EspProposal(EncryptionAlgorithm.Aes256Gcm16, null, new DhGroup(14)), new Lifetime(3600)),
            MssBytes = 1379,
            MtuBytes = 1436,
            Bgp = new BgpSettings(new Asn(65000), new Asn(64512), inside.Cloud.Address, 30),
        };
    }
}
