namespace Tunnelwright.Model.Tests;

/// <summary>A connection that passes every rule, to be changed in one place by a test.</summary>
internal static class Samples
{
    public static RequirementProfile OutSystems { get; } = RequirementProfile.Load("outsystems");

    public static RequirementProfile Aws { get; } = RequirementProfile.Load("aws");

    public static VpnConnection Bgp() => new()
    {
        Id = "vpn-0a1b2c3d4e5f60718",
        CloudGatewayId = "vgw-0a1b2c3d4e5f60718",
        CustomerGatewayId = "cgw-0a1b2c3d4e5f60718",
        Routing = Routing.Bgp,
        Tunnels = [Tunnel(1), Tunnel(2)],
        CustomerRanges = [Cidr.Parse("10.1.0.0/16"), Cidr.Parse("192.168.7.0/24")],
        CloudRanges = [Cidr.Parse("10.8.2.0/24")],
    };

    public static VpnConnection Static()
    {
        var bgp = Bgp();
        return bgp with
        {
            Routing = Routing.Static,
            Tunnels = bgp.Tunnels.Select(tunnel => tunnel with { Bgp = null, StaticNextHop = tunnel.CloudInside.Address }).ToValueList(),
        };
    }

    public static VpnConnection With(this VpnConnection connection, int number, Func<Tunnel, Tunnel> change) => connection with
    {
        Tunnels = connection.Tunnels.Select(tunnel => tunnel.Number == number ? change(tunnel) : tunnel).ToValueList(),
    };

    public static Tunnel WithIke(this Tunnel tunnel, Func<IkeSettings, IkeSettings> change) => tunnel with { Ike = change(tunnel.Ike) };

    public static Tunnel WithIkeProposal(this Tunnel tunnel, Func<IkeProposal, IkeProposal> change) =>
        tunnel with { Ike = tunnel.Ike with { Proposal = change(tunnel.Ike.Proposal) } };

    public static Tunnel WithEsp(this Tunnel tunnel, Func<EspProposal, EspProposal> change) =>
        tunnel with { Ipsec = tunnel.Ipsec with { Proposal = change(tunnel.Ipsec.Proposal) } };

    public static Tunnel WithBgp(this Tunnel tunnel, Func<BgpSettings, BgpSettings> change) => tunnel with { Bgp = change(tunnel.Bgp!) };

    private static Tunnel Tunnel(int number)
    {
        var inside = new InsideNetwork(Cidr.Parse($"169.254.{number}0.0/30"));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = Ipv4Address.Parse("98.80.93.58"),
            CloudOutside = Ipv4Address.Parse($"3.7.174.{number}"),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(
                IkeVersion.V2,
                AuthenticationMethod.PreSharedKey,
                new PreSharedKey($"aKeyOf.Tunnel_{number}_32characters.xy"),
                new IkeProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)),
                new Lifetime(28800)),
            Ipsec = new IpsecSettings(new EspProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14)), new Lifetime(3060)),
            MssBytes = 1379,
            MtuBytes = 1436,
            Bgp = new BgpSettings(new Asn(65000), new Asn(64512), inside.Cloud.Address, 30),
        };
    }
}
