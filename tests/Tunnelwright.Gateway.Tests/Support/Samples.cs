using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>Fixed connections and gateways that the tests start from.</summary>
internal static class Samples
{
    public const string Id = "vpn-0a1b2c3d4e5f60718";

    public static readonly Ipv4Address CustomerOutside = Ipv4Address.Parse("192.0.2.77");

    /// <summary>A provider's connection with two tunnels.</summary>
    public static VpnConnection Provider(Routing routing = Routing.Static, string id = Id) => new()
    {
        Id = id,
        CloudGatewayId = "vgw-0fedcba9876543210",
        CustomerGatewayId = "cgw-00112233445566778",
        Routing = routing,
        Tunnels = [ProviderTunnel(1, routing), ProviderTunnel(2, routing)],
        CustomerRanges = [Cidr.Parse("10.1.0.0/16")],
        CloudRanges = [Cidr.Parse("10.8.2.0/24")],
    };

    /// <summary>The customer's end of it.</summary>
    public static DesiredConnection Customer(Routing routing = Routing.Static, string id = Id, int? prefer = null) =>
        CustomerGateway.Desire(Provider(routing), new CustomerOptions { Prefer = prefer }) with { Id = id };

    /// <summary>The cloud's end of one of its tunnels.</summary>
    public static DesiredConnection Cloud(Routing routing = Routing.Static, int number = 1, string id = Id) =>
        CloudEndpoint.Desire(Provider(routing), number, [Cidr.Parse("10.8.2.0/24")]) with { Id = id };

    public static DesiredGateway Gateway(params DesiredConnection[] connections) => new() { Name = "default", Connections = connections.ToValueList() };

    public static Tunnel ProviderTunnel(int number, Routing routing)
    {
        var inside = new InsideNetwork(new Cidr(new Ipv4Address(0xA9FE0A00u + (uint)(number * 4)), 30));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = CustomerOutside,
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
            MssBytes = 1379,
            MtuBytes = 1436,
            Bgp = routing == Routing.Bgp ? new BgpSettings(new Asn(65000), new Asn(64512), inside.Cloud.Address, 30) : null,
            StaticNextHop = routing == Routing.Static ? inside.Cloud.Address : null,
        };
    }

    /// <summary>The name of a tunnel in charon.</summary>
    public static string Name(int tunnel, string id = Id) => GatewayNames.Connection(id, tunnel);

    /// <summary>The connection with one tunnel changed.</summary>
    public static DesiredConnection WithTunnel(this DesiredConnection connection, int number, Func<DesiredTunnel, DesiredTunnel> change) =>
        connection with { Tunnels = connection.Tunnels.Select(tunnel => tunnel.Number == number ? change(tunnel) : tunnel).ToValueList() };
}
