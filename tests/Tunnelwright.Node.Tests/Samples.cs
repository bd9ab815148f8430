using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Tests;

/// <summary>What a service may want of a node.</summary>
internal static class Samples
{
    public const string Key = "abcdefgh12345678abcdefgh12345678";

    public static NodeSettings Settings { get; } = new()
    {
        Service = new Uri("http://192.0.2.1"),
        TokenFile = "/nowhere",
        Name = "node",
        Uplink = "uplink",
        EdgeRouter = Ipv4Address.Parse("192.0.2.1"),
        Fabric = "fabric",
        CloudRouter = Ipv4Address.Parse("100.64.0.1"),
        Program = "/usr/bin/tunnelwright",
    };

    public static NodeCustomer Customer(string id = "c0123456789", params NodeTunnel[] tunnels) => new(
        id,
        7,
        "10.8.2.0/24",
        new CloudServices(["10.8.2.2", "10.8.2.3"], "10.8.2.10", [new DatabaseService("10.8.2.30", 5432, "postgresql", ReadOnly: false)]),
        HttpsOnly: false,
        new DnsForwarding([], []),
        tunnels.Length > 0 ? tunnels : [Tunnel()]);

    public static NodeTunnel Tunnel(int number = 1, RoutingKind routing = RoutingKind.Static, long generation = 3) => new(
        "vpn-0123456789abcdef0",
        number,
        generation,
        $"198.51.100.{number}",
        "203.0.113.2",
        "169.254.10.0/30",
        Key,
        1,
        new IkeParameters(),
        new IpsecParameters(),
        10,
        3,
        1422,
        1382,
        routing,
        ["10.1.0.0/24"],
        routing == RoutingKind.Bgp ? new NodeBgp(64512, 65000, 30, 100) : null,
        number * 100);
}
