using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>The lab's addresses. Documentation ranges (RFC 5737) stand for public ones.</summary>
public static class LabAddresses
{
    /// <summary>The customer gateway's public address; behind NAT the NAT's.</summary>
    public static readonly Ipv4Address CustomerPublic = Ipv4Address.Parse("203.0.113.2");

    /// <summary>The cloud endpoints' public addresses.</summary>
    public static readonly IReadOnlyList<Ipv4Address> Endpoints = [Ipv4Address.Parse("198.51.100.2"), Ipv4Address.Parse("192.0.2.2")];

    /// <summary>The inside networks of the tunnels.</summary>
    public static readonly IReadOnlyList<InsideNetwork> Inside = [new(Cidr.Parse("169.254.10.0/30")), new(Cidr.Parse("169.254.20.0/30"))];

    /// <summary>The customer's range, registered at the cloud.</summary>
    public static readonly Cidr Customer = Cidr.Parse("10.1.0.0/24");

    /// <summary>The cloud's range.</summary>
    public static readonly Cidr Cloud = Cidr.Parse("10.8.2.0/24");

    /// <summary>The customer's AS number.</summary>
    public static readonly Asn CustomerAsn = new(65000);

    /// <summary>The AS number of the cloud's endpoints.</summary>
    public static readonly Asn CloudAsn = new(64512);

    /// <summary>The AS number of the cloud's router, seen by the endpoints only.</summary>
    public static readonly Asn RouterAsn = new(64513);

    /// <summary>The DNS server of the internet, which knows only public addresses.</summary>
    public static readonly Ipv4Address PublicDns = Ipv4Address.Parse("203.0.113.53");

    /// <summary>The customer's DNS server.</summary>
    public static readonly Ipv4Address CustomerDns = Ipv4Address.Parse("10.1.0.53");

    /// <summary>The endpoint's own address in the cloud's range: its questions to the customer's DNS server come from there. With the provider's service the nodes answer there as well.</summary>
    /// <param name="number">1 or 2.</param>
    public static Ipv4Address EndpointInCloud(int number) => Ipv4Address.Parse("10.8.2.250").Offset(number);

    /// <summary>The endpoint's address towards the cloud's router.</summary>
    /// <param name="number">1 or 2.</param>
    public static InterfaceAddress EndpointToRouter(int number) => new(Ipv4Address.Parse("10.8.255.1").Offset((number - 1) * 4), 30);

    /// <summary>The router's address towards an endpoint.</summary>
    /// <param name="number">1 or 2.</param>
    public static InterfaceAddress RouterToEndpoint(int number) => new(Ipv4Address.Parse("10.8.255.2").Offset((number - 1) * 4), 30);
}
