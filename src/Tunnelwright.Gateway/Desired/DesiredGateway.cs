using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>Which end of a connection a gateway is.</summary>
public enum GatewayRole
{
    /// <summary>The customer's end: initiates and keeps the tunnels up.</summary>
    Initiator,

    /// <summary>The cloud's end: only answers.</summary>
    Responder,
}

/// <summary>What carries ESP.</summary>
public enum DataPlane
{
    /// <summary>The kernel when it can install an ESP state and make XFRM interfaces, else userspace.</summary>
    Automatic,

    /// <summary>Linux XFRM, one XFRM interface a tunnel, one IKE daemon.</summary>
    Kernel,

    /// <summary>charon's kernel-libipsec, one TUN device and one IKE daemon a tunnel.</summary>
    Userspace,
}

/// <summary>What a gateway on this host is to realise: an immutable snapshot. Equal by value.</summary>
public sealed record DesiredGateway
{
    /// <summary>The gateway's name on this host, 1 to 24 letters, digits and '-'; it marks everything that the gateway makes.</summary>
    public required string Name { get; init; }

    /// <summary>The connections, ordered by id.</summary>
    public ValueList<DesiredConnection> Connections { get; init; }

    /// <summary>What carries ESP.</summary>
    public DataPlane DataPlane { get; init; }

    /// <summary>A BGP session with the router behind a cloud endpoint; null on a customer's gateway.</summary>
    public UpstreamSession? Upstream { get; init; }

    /// <summary>The DNS forwarder; null for none.</summary>
    public DesiredDns? Dns { get; init; }

    /// <summary>Every tunnel with the connection it belongs to.</summary>
    public IEnumerable<(DesiredConnection Connection, DesiredTunnel Tunnel)> AllTunnels()
    {
        foreach (var connection in Connections)
        {
            foreach (var tunnel in connection.Tunnels) yield return (connection, tunnel);
        }
    }
}

/// <summary>One connection as one of its ends sees it: "local" is this host's end.</summary>
public sealed record DesiredConnection
{
    /// <summary>The connection's id, such as vpn-0dcfd4c53deb88adf.</summary>
    public required string Id { get; init; }

    /// <summary>Which end this host is.</summary>
    public required GatewayRole Role { get; init; }

    /// <summary>How routes are learnt.</summary>
    public required Tunnelwright.Model.Routing Routing { get; init; }

    /// <summary>The tunnels that end here: two at a customer's gateway, usually one at a cloud endpoint.</summary>
    public required ValueList<DesiredTunnel> Tunnels { get; init; }

    /// <summary>Ranges on this host's side, announced with BGP.</summary>
    public ValueList<Cidr> LocalRanges { get; init; }

    /// <summary>Ranges on the other side: routed with static routing, accepted with BGP (empty: whatever is announced and harmless).</summary>
    public ValueList<Cidr> RemoteRanges { get; init; }

    /// <summary>The cloud's DNS servers, which answer echo requests: they get a little traffic through every tunnel, so that none is closed for being idle.</summary>
    public ValueList<Ipv4Address> CloudDnsServers { get; init; }

    /// <summary>Milliseconds from one echo request to the next while a tunnel is healthy, 100 to 10,000; null: 100. One that is not answered is followed by others at 100 ms.</summary>
    public int? HealthyEchoMilliseconds { get; init; }

    /// <summary>Number of the tunnel that is used as long as it lives; null for no preference.</summary>
    public int? PreferredTunnel { get; init; }

    /// <summary>Whether all fit tunnels are used at once (equal-cost multipath); only without a preferred tunnel.</summary>
    public bool EqualCost { get; init; }

    /// <summary>Whether traffic of ranges other than the registered ones is dropped (the cloud's end).</summary>
    public bool RestrictToRanges { get; init; }

    /// <summary>What an id must be, in words that follow "the id".</summary>
    internal const string IdRule = "has 1 to 64 letters, digits, '-', '_' and '.'";

    /// <summary>Whether an id can name things on a host: charon's connections, interfaces' aliases, files.</summary>
    internal static bool IsUsableId(string id) => id.Length is >= 1 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}

/// <summary>One tunnel as one of its ends sees it.</summary>
public sealed record DesiredTunnel
{
    /// <summary>1 or 2: its number in the provider's file.</summary>
    public required int Number { get; init; }

    /// <summary>This host's outside address, when it must be a given one; null: the address that the route to the peer starts from.</summary>
    public Ipv4Address? LocalOutside { get; init; }

    /// <summary>The peer's outside address.</summary>
    public required Ipv4Address RemoteOutside { get; init; }

    /// <summary>The identity that this host shows: its public address, also behind NAT; null: its outside address.</summary>
    public string? LocalIdentity { get; init; }

    /// <summary>The identity that the peer has to show.</summary>
    public required string RemoteIdentity { get; init; }

    /// <summary>This host's inside address.</summary>
    public required InterfaceAddress LocalInside { get; init; }

    /// <summary>The peer's inside address.</summary>
    public required Ipv4Address RemoteInside { get; init; }

    /// <summary>Phase 1.</summary>
    public required IkeSettings Ike { get; init; }

    /// <summary>Phase 2.</summary>
    public required IpsecSettings Ipsec { get; init; }

    /// <summary>Dead peer detection.</summary>
    public required DeadPeerDetection DeadPeerDetection { get; init; }

    /// <summary>Most bytes that the tunnel's MTU may have; null: the table's value.</summary>
    public int? MaximumMtu { get; init; }

    /// <summary>Most bytes that a TCP segment may have; null: the MTU less 40.</summary>
    public int? MaximumMss { get; init; }

    /// <summary>Whether the Don't Fragment bit of packets into the tunnel is cleared.</summary>
    public bool ClearDontFragment { get; init; } = true;

    /// <summary>The BGP session in the tunnel; null without.</summary>
    public TunnelSession? Bgp { get; init; }

    /// <summary>MED that the upstream router is told routes through this tunnel with; null: the upstream session's own.</summary>
    public int? UpstreamDiscriminator { get; init; }
}

/// <summary>The BGP session in a tunnel, between the inside addresses.</summary>
/// <param name="LocalAsn">This host's AS number.</param>
/// <param name="RemoteAsn">The peer's AS number.</param>
/// <param name="HoldSeconds">Hold time in seconds; keepalives go every third of it (RFC 4271 section 10).</param>
/// <param name="MultiExitDiscriminator">MED to announce with; null for none. The lower one is preferred (RFC 4271 section 5.1.4).</param>
/// <param name="PrefixLimit">Prefixes from the peer above which the session goes down; null for no limit.</param>
public sealed record TunnelSession(Asn LocalAsn, Asn RemoteAsn, int HoldSeconds, int? MultiExitDiscriminator = null, int? PrefixLimit = null);

/// <summary>The BGP session of a cloud endpoint with the cloud's router, which learns through which endpoint a customer is reached.</summary>
/// <param name="LocalAddress">This host's address of the session.</param>
/// <param name="LocalAsn">This host's AS number.</param>
/// <param name="Neighbor">The router's address.</param>
/// <param name="NeighborAsn">The router's AS number.</param>
/// <param name="MultiExitDiscriminator">MED of customer routes: the router prefers the lower one.</param>
public sealed record UpstreamSession(Ipv4Address LocalAddress, Asn LocalAsn, Ipv4Address Neighbor, Asn NeighborAsn, int MultiExitDiscriminator)
{
    /// <summary>
    /// Addresses of this host in the cloud's range that the router is told, each as a /32. They come and go with what is asked for at them, so that no
    /// route prefers one as its source: the kernel takes such a route away with the address.
    /// </summary>
    public ValueList<Ipv4Address> OwnAddresses { get; init; }
}
