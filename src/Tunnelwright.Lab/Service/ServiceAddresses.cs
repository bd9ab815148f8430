using System.Globalization;
using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>A node of the lab's service.</summary>
/// <param name="Number">1 to 3.</param>
/// <param name="FailureDomain">What fails together.</param>
/// <param name="Uplink">Its address towards the internet.</param>
/// <param name="Edge">The internet's address towards it.</param>
/// <param name="Fabric">Its address on the cloud's fabric.</param>
public sealed record ServiceNode(int Number, string FailureDomain, InterfaceAddress Uplink, InterfaceAddress Edge, InterfaceAddress Fabric)
{
    /// <summary>The lab host.</summary>
    public string Host => string.Create(CultureInfo.InvariantCulture, $"cloud-node-{Number}");
}

/// <summary>Addresses of a lab with the provider's service, beside those of <see cref="LabAddresses"/>.</summary>
public static class ServiceAddresses
{
    /// <summary>Where outside addresses of endpoints come from.</summary>
    public static readonly Cidr Pool = Cidr.Parse("198.51.100.0/24");

    /// <summary>AS number of the internet's router towards the nodes.</summary>
    public static readonly Asn EdgeAsn = new(64600);

    /// <summary>The control plane's address on the internet, for customers.</summary>
    public static readonly InterfaceAddress ControlPublic = InterfaceAddress.Parse("192.0.2.18/30");

    /// <summary>The internet's address towards the control plane.</summary>
    public static readonly InterfaceAddress ControlEdge = InterfaceAddress.Parse("192.0.2.17/30");

    /// <summary>The control plane's address on the fabric, for nodes.</summary>
    public static readonly InterfaceAddress ControlFabric = InterfaceAddress.Parse("100.64.0.5/24");

    /// <summary>The address on the fabric of the router of all cloud networks.</summary>
    public static readonly InterfaceAddress RouterFabric = InterfaceAddress.Parse("100.64.0.1/24");

    /// <summary>TCP port of the control plane.</summary>
    public const int ControlPort = 8460;

    /// <summary>The three nodes.</summary>
    public static readonly IReadOnlyList<ServiceNode> Nodes = [.. new[] { 1, 2, 3 }.Select(number => new ServiceNode(
        number,
        $"zone-{(char)('a' + number - 1)}",
        new InterfaceAddress(Ipv4Address.Parse("192.0.2.2").Offset((number - 1) * 4), 30),
        new InterfaceAddress(Ipv4Address.Parse("192.0.2.1").Offset((number - 1) * 4), 30),
        new InterfaceAddress(Ipv4Address.Parse("100.64.0.10").Offset(number), 24)))];

    /// <summary>The service's address for customers.</summary>
    public static string ForCustomers => string.Create(CultureInfo.InvariantCulture, $"http://{ControlPublic.Address}:{ControlPort}");

    /// <summary>The service's address for nodes.</summary>
    public static string ForNodes => string.Create(CultureInfo.InvariantCulture, $"http://{ControlFabric.Address}:{ControlPort}");
}
