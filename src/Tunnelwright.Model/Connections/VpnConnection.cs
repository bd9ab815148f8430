namespace Tunnelwright.Model;

/// <summary>How routes are learnt.</summary>
public enum Routing
{
    /// <summary>Static routes on both ends.</summary>
    Static,

    /// <summary>BGP in the tunnels.</summary>
    Bgp,
}

/// <summary>One VPN connection: a customer gateway and the tunnels to the cloud's endpoints. Immutable; equal by value.</summary>
public sealed record VpnConnection
{
    /// <summary>The connection's id, such as vpn-0dcfd4c53deb88adf.</summary>
    public required string Id { get; init; }

    /// <summary>The cloud gateway's id (vgw-…, tgw-…); null when the file has none.</summary>
    public string? CloudGatewayId { get; init; }

    /// <summary>The customer gateway's id (cgw-…).</summary>
    public required string CustomerGatewayId { get; init; }

    /// <summary>How routes are learnt.</summary>
    public required Routing Routing { get; init; }

    /// <summary>The tunnels, ordered by number; two in a whole connection.</summary>
    public required ValueList<Tunnel> Tunnels { get; init; }

    /// <summary>The customer's ranges that the cloud has registered, where the format tells them; otherwise empty.</summary>
    public ValueList<Cidr> CustomerRanges { get; init; }

    /// <summary>The cloud's ranges behind the tunnels, where the format tells them; otherwise empty.</summary>
    public ValueList<Cidr> CloudRanges { get; init; }
}
