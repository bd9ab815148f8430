using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Node;

/// <summary>What a node is told about the machine that it runs on and the networks around it.</summary>
public sealed record NodeSettings
{
    /// <summary>The service's address, such as https://vpn.example.</summary>
    public required Uri Service { get; init; }

    /// <summary>The file with the registration token.</summary>
    public required string TokenFile { get; init; }

    /// <summary>The node's name for people, 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The interface towards the internet.</summary>
    public required string Uplink { get; init; }

    /// <summary>The edge router on the uplink, which learns by BGP that the outside addresses of this node's tunnels are here; null where they are routed here by other means.</summary>
    public Ipv4Address? EdgeRouter { get; init; }

    /// <summary>AS number of the edge router.</summary>
    public Asn EdgeAsn { get; init; } = new(64600);

    /// <summary>The interface towards the cloud's fabric, which carries every customer's cloud network in a VXLAN segment (RFC 7348) whose number is the customer's.</summary>
    public required string Fabric { get; init; }

    /// <summary>The router of every customer's cloud network: its address on the fabric is the far end of the segments, and the same address within them its end of the BGP sessions.</summary>
    public required Ipv4Address CloudRouter { get; init; }

    /// <summary>AS number of the cloud router.</summary>
    public Asn CloudRouterAsn { get; init; } = new(64513);

    /// <summary>AS number of the node towards edge router and cloud router.</summary>
    public Asn Asn { get; init; } = new(64512);

    /// <summary>What carries ESP.</summary>
    public DataPlane DataPlane { get; init; }

    /// <summary>The program that runs a customer's gateway ("gateway run").</summary>
    public required string Program { get; init; }
}
