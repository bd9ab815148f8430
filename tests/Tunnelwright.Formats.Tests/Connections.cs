using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Connections for the tests: a fixed one, and generators of random valid ones.</summary>
internal static class Connections
{
    private const string Hex = "0123456789abcdef";
    private const string KeyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

    private static readonly char[] Printable = [.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(c => PreSharedKey.IsUsable([c]))];

    /// <summary>An ordinary connection with two tunnels.</summary>
    public static VpnConnection Ordinary(Routing routing = Routing.Bgp) => new()
    {
        Id = "vpn-0a1b2c3d4e5f60718",
        CloudGatewayId = "vgw-0fedcba9876543210",
        CustomerGatewayId = "cgw-00112233445566778",
        Routing = routing,
        Tunnels = [Ordinary(1, routing), Ordinary(2, routing)],
    };

    /// <summary>Random valid connections.</summary>
    public static Arbitrary<VpnConnection> Any() => Arb.From(
        from bgp in Flag()
        from id in Identifier("vpn-")
        from cloud in Gen.OneOf(Gen.Constant<string?>(null), Identifier("vgw-").Select(text => (string?)text), Identifier("tgw-").Select(text => (string?)text))
        from customer in Identifier("cgw-")
        from count in Gen.Choose(1, 2)
        from first in Gen.Choose(1, 2)
        from tunnels in Gen.ListOf(AnyTunnel(bgp ? Routing.Bgp : Routing.Static), 2)
        from ranges in Gen.ListOf(Range())
        from cloudRanges in Gen.ListOf(Range())
        select new VpnConnection
        {
            Id = id,
            CloudGatewayId = cloud,
            CustomerGatewayId = customer,
            Routing = bgp ? Routing.Bgp : Routing.Static,
            Tunnels = count == 2
                ? [tunnels[0] with { Number = 1 }, tunnels[1] with { Number = 2, CustomerOutside = tunnels[0].CustomerOutside }]
                : [tunnels[0] with { Number = first }],
            CustomerRanges = ranges.Distinct().ToValueList(),
            CloudRanges = cloudRanges.Distinct().ToValueList(),
        });

    /// <summary>Keys of any characters that a key can have, also of those that no provider uses; none begins with a mark of Markdown, which a value may stand in.</summary>
    public static Arbitrary<PreSharedKey> AnyKey() => Arb.From(
        from length in Gen.Choose(1, 70)
        from key in Gen.ArrayOf(Gen.Elements(Printable), length)
        where key[0] is not ('`' or '*')
        select new PreSharedKey(new string(key)));

    private static Tunnel Ordinary(int number, Routing routing)
    {
        var inside = new InsideNetwork(new Cidr(new Ipv4Address(0xA9FE0A00u + (uint)(number * 4)), 30));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = Ipv4Address.Parse("192.0.2.77"),
            CloudOutside = Ipv4Address.Parse($"198.51.100.{number}"),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(
                IkeVersion.V2,
                AuthenticationMethod.PreSharedKey,
                new PreSharedKey($"Secret.Words_{number}.NobodyKnows"),
                new IkeProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)),
                new Lifetime(28800)),
            Ipsec = new IpsecSettings(new EspProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)), new Lifetime(3600)),
            MssBytes = 1382,
            MtuBytes = 1422,
            Bgp = routing == Routing.Bgp ? new BgpSettings(new Asn(65010), new Asn(64512), inside.Cloud.Address, 30) : null,
            StaticNextHop = routing == Routing.Static ? inside.Cloud.Address : null,
        };
    }

    private static Gen<Tunnel> AnyTunnel(Routing routing) =>
        from outside in Gen.OneOf(Gen.Constant<Ipv4Address?>(null), Address().Select(address => (Ipv4Address?)address))
        from cloud in Address()
        from inside in Gen.Choose(0, 16383)
        from ike in AnyIke()
        from esp in AnyEsp()
        from espLifetime in Gen.Choose(900, 3600)
        from interval in Gen.Choose(5, 60)
        from retries in Gen.Choose(1, 10)
        from mss in Optional(Gen.Choose(1200, 1460))
        from mtu in Optional(Gen.Choose(1280, 1500))
        from clear in Flag()
        from before in Flag()
        from customerAsn in Optional(Gen.Choose(1, int.MaxValue))
        from cloudAsn in Gen.Choose(1, int.MaxValue)
        from hold in Gen.Choose(3, 240)
        let network = new InsideNetwork(new Cidr(new Ipv4Address(0xA9FE0000u + ((uint)inside * 4)), 30))
        select new Tunnel
        {
            Number = 1,
            CustomerOutside = outside,
            CloudOutside = cloud,
            CustomerInside = network.Customer,
            CloudInside = network.Cloud,
            Ike = ike,
            Ipsec = new IpsecSettings(esp, new Lifetime(espLifetime)),
            DeadPeerDetection = new DeadPeerDetection(interval, retries),
            MssBytes = mss,
            MtuBytes = mtu,
            ClearDontFragment = clear,
            FragmentBeforeEncryption = before,
            Bgp = routing == Routing.Bgp ? new BgpSettings(customerAsn is { } asn ? new Asn((uint)asn) : null, new Asn((uint)cloudAsn * 2u), network.Cloud.Address, hold) : null,
            StaticNextHop = routing == Routing.Static ? network.Cloud.Address : null,
        };

    private static Gen<IkeSettings> AnyIke() =>
        from version in Gen.Elements(IkeVersion.V1, IkeVersion.V2)
        from certificate in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        from key in Key()
        from encryption in Gen.Elements(Enum.GetValues<EncryptionAlgorithm>())
        from integrity in Gen.Elements(Enum.GetValues<IntegrityAlgorithm>())
        from function in Gen.OneOf(Gen.Constant<IntegrityAlgorithm?>(null), Gen.Elements(Enum.GetValues<IntegrityAlgorithm>()).Select(value => (IntegrityAlgorithm?)value))
        from dhGroup in Gen.Elements(2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)
        from lifetime in Gen.Choose(900, 28800)
        from aggressive in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new IkeSettings(
            version,
            certificate ? AuthenticationMethod.Certificate : AuthenticationMethod.PreSharedKey,
            certificate ? null : key,
            new IkeProposal(encryption, encryption.IsAead() ? null : integrity, new DhGroup(dhGroup), function),
            new Lifetime(lifetime),
            aggressive ? IkeMode.Aggressive : IkeMode.Main);

    private static Gen<EspProposal> AnyEsp() =>
        from encryption in Gen.Elements(Enum.GetValues<EncryptionAlgorithm>())
        from integrity in Gen.Elements(Enum.GetValues<IntegrityAlgorithm>())
        from dhGroup in Gen.Elements<int?>(null, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)
        select new EspProposal(encryption, encryption.IsAead() ? null : integrity, dhGroup is { } number ? new DhGroup(number) : null);

    private static Gen<PreSharedKey> Key() =>
        from first in Gen.Elements(KeyCharacters.Where(c => c != '0').ToArray())
        from length in Gen.Choose(7, 63)
        from rest in Gen.ArrayOf(Gen.Elements(KeyCharacters.ToCharArray()), length)
        select new PreSharedKey($"{first}{new string(rest)}");

    private static Gen<string> Identifier(string prefix) =>
        from length in Gen.Elements(8, 17)
        from digits in Gen.ArrayOf(Gen.Elements(Hex.ToCharArray()), length)
        select prefix + new string(digits);

    private static Gen<Cidr> Range() =>
        from bits in Gen.Choose(8, 30)
        from address in Gen.Choose(0, 0xFFFFFF)
        select Cidr.Containing(new Ipv4Address(0x0A000000u + (uint)address), bits);

    private static Gen<Ipv4Address> Address() => Gen.Choose(0x01000000, 0x6F000000).Select(value => new Ipv4Address((uint)value));

    private static Gen<bool> Flag() => Gen.Elements(true, false);

    private static Gen<int?> Optional(Gen<int> values) => Gen.OneOf(Gen.Constant<int?>(null), values.Select(value => (int?)value));
}
