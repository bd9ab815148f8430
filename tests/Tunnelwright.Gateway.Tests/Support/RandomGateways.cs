using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>Random provider's connections and desired states, the same for the same seed.</summary>
internal static class RandomGateways
{
    private const string KeyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz123456789._";

    public static Arbitrary<DesiredGateway> Gateways() => Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => Gateway(new Random(seed))));

    public static Arbitrary<VpnConnection> Connections() => Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => Connection(new Random(seed), 0)));

    /// <summary>A customer's or a cloud endpoint's gateway with no to three connections.</summary>
    public static DesiredGateway Gateway(Random random, DataPlane? plane = null)
    {
        var cloud = random.Next(3) == 0;
        var connections = Enumerable.Range(0, random.Next(4)).Select(index => Connection(random, index))
            .Select(connection => cloud
                ? CloudEndpoint.Desire(connection, random.Next(1, 3), Ranges(random, 1))
                : CustomerGateway.Desire(connection, new CustomerOptions { Prefer = Maybe(random, random.Next(3)) }))
            .OrderBy(connection => connection.Id, StringComparer.Ordinal)
            .ToValueList();
        return new DesiredGateway
        {
            Name = cloud ? "endpoint-1" : "default",
            DataPlane = plane ?? (DataPlane)random.Next(3),
            Connections = connections,
            Upstream = cloud && random.Next(2) == 0
                ? new UpstreamSession(Ipv4Address.Parse("10.8.0.2"), new Asn(64512), Ipv4Address.Parse("10.8.0.1"), new Asn(64513), random.Next(1, 500))
                : null,
        };
    }

    /// <summary>A whole connection with an id, outside and inside addresses of its own; <paramref name="index"/> tells those of one gateway apart.</summary>
    public static VpnConnection Connection(Random random, int index)
    {
        var routing = random.Next(2) == 0 ? Routing.Static : Routing.Bgp;
        return new VpnConnection
        {
            Id = $"vpn-0{index:x}{random.NextInt64(0, 1L << 56):x15}",
            CustomerGatewayId = "cgw-1",
            Routing = routing,
            Tunnels = [Tunnel(random, routing, index, 1), Tunnel(random, routing, index, 2)],
            CustomerRanges = Ranges(random, 0),
            CloudRanges = Ranges(random, 0),
        };
    }

    public static PreSharedKey Key(Random random) => new(new string(random.GetItems<char>(KeyCharacters, random.Next(8, 65))));

    public static IkeProposal Ike(Random random)
    {
        var encryption = Algorithms.AllEncryption[random.Next(Algorithms.AllEncryption.Count)];
        var integrity = Algorithms.AllIntegrity[random.Next(Algorithms.AllIntegrity.Count)];
        return new IkeProposal(encryption, encryption.IsAead() ? null : integrity, new DhGroup(random.Next(14, 25)), random.Next(4) == 0 ? IntegrityAlgorithm.Sha384 : null);
    }

    public static EspProposal Esp(Random random)
    {
        var encryption = Algorithms.AllEncryption[random.Next(Algorithms.AllEncryption.Count)];
        var integrity = Algorithms.AllIntegrity[random.Next(Algorithms.AllIntegrity.Count)];
        return new EspProposal(encryption, encryption.IsAead() ? null : integrity, Maybe(random, new DhGroup(random.Next(14, 25))));
    }

    private static Tunnel Tunnel(Random random, Routing routing, int index, int number)
    {
        var inside = new InsideNetwork(new Cidr(new Ipv4Address(0xA9FE0800u + (uint)((((index * 2) + number) * 128) + (random.Next(32) * 4))), 30));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = new Ipv4Address(0xC0000200u + (uint)random.Next(1, 255)),
            CloudOutside = new Ipv4Address(0xC6336400u + (uint)((index * 8) + number)),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(random.Next(2) == 0 ? IkeVersion.V1 : IkeVersion.V2, AuthenticationMethod.PreSharedKey, Key(random), Ike(random), new Lifetime(random.Next(900, 28801))),
            Ipsec = new IpsecSettings(Esp(random), new Lifetime(random.Next(900, 3601))),
            DeadPeerDetection = new DeadPeerDetection(random.Next(5, 61), random.Next(1, 11)),
            MssBytes = Maybe(random, random.Next(1200, 1460)),
            MtuBytes = Maybe(random, random.Next(1280, 1500)),
            ClearDontFragment = random.Next(2) == 0,
            Bgp = routing == Routing.Bgp ? new BgpSettings(new Asn((uint)random.Next(1, int.MaxValue)), new Asn((uint)random.Next(1, int.MaxValue)), inside.Cloud.Address, random.Next(3, 240)) : null,
            StaticNextHop = routing == Routing.Static ? inside.Cloud.Address : null,
        };
    }

    private static ValueList<Cidr> Ranges(Random random, int least) =>
        Enumerable.Range(0, random.Next(least, 4)).Select(_ => Cidr.Containing(new Ipv4Address(0x0A000000u + ((uint)random.Next(16) << 16)), random.Next(14, 25))).Distinct().ToValueList();

    private static T? Maybe<T>(Random random, T value)
        where T : struct => random.Next(2) == 0 ? value : null;
}
