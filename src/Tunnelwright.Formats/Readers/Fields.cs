namespace Tunnelwright.Formats;

/// <summary>The values that a provider's file gives for one tunnel.</summary>
internal enum TunnelField
{
    Heading,
    IkeVersion,
    Authentication,
    PreSharedKey,
    IkeEncryption,
    IkeIntegrity,
    IkePseudoRandomFunction,
    IkeGroup,
    IkeLifetime,
    IkeMode,
    IpsecProtocol,
    IpsecMode,
    IpsecEncryption,
    IpsecIntegrity,
    PfsGroup,
    IpsecLifetime,
    DpdInterval,
    DpdRetries,
    DpdTimeout,
    Mss,
    Mtu,
    ClearDontFragment,
    Fragmentation,
    CustomerOutside,
    CloudOutside,
    CustomerInside,
    CloudInside,
    CustomerAsn,
    CloudAsn,
    Neighbor,
    HoldTime,
    NextHop,
}

/// <summary>The values that a provider's file gives for the whole connection.</summary>
internal enum ConnectionField
{
    Id,
    CloudGatewayId,
    CustomerGatewayId,
    Routing,
    CustomerRanges,
}

/// <summary>How fields are called in JSON and by people.</summary>
internal static class Fields
{
    private static readonly (string Path, string Name, string Section)[] OfTunnel =
    [
        ("number", "heading", "the tunnel's heading"),
        ("ike.version", "IKE version", "#1 Internet Key Exchange"),
        ("ike.authentication", "authentication method", "#1 Internet Key Exchange"),
        ("ike.preSharedKey", "pre-shared key", "#1 Internet Key Exchange"),
        ("ike.encryption", "phase 1 encryption algorithm", "#1 Internet Key Exchange"),
        ("ike.integrity", "phase 1 authentication algorithm", "#1 Internet Key Exchange"),
        ("ike.prf", "phase 1 pseudo-random function", "#1 Internet Key Exchange"),
        ("ike.dhGroup", "phase 1 Diffie-Hellman group", "#1 Internet Key Exchange"),
        ("ike.lifetimeSeconds", "phase 1 lifetime", "#1 Internet Key Exchange"),
        ("ike.mode", "phase 1 negotiation mode", "#1 Internet Key Exchange"),
        ("ipsec.protocol", "IPsec protocol", "#2 IPsec"),
        ("ipsec.mode", "IPsec mode", "#2 IPsec"),
        ("ipsec.encryption", "phase 2 encryption algorithm", "#2 IPsec"),
        ("ipsec.integrity", "phase 2 authentication algorithm", "#2 IPsec"),
        ("ipsec.pfsGroup", "perfect forward secrecy group", "#2 IPsec"),
        ("ipsec.lifetimeSeconds", "phase 2 lifetime", "#2 IPsec"),
        ("dpd.intervalSeconds", "DPD interval", "#2 IPsec"),
        ("dpd.retries", "DPD retries", "#2 IPsec"),
        ("dpd.timeoutSeconds", "DPD timeout", "#2 IPsec"),
        ("mssBytes", "TCP MSS", "#2 IPsec"),
        ("mtuBytes", "tunnel interface MTU", "#3 Tunnel Interface"),
        ("clearDf", "Clear Don't Fragment setting", "#2 IPsec"),
        ("fragmentBeforeEncryption", "fragmentation setting", "#2 IPsec"),
        ("outside.customer", "customer gateway's outside address", "#3 Tunnel Interface"),
        ("outside.cloud", "cloud gateway's outside address", "#3 Tunnel Interface"),
        ("inside.customer", "customer gateway's inside address", "#3 Tunnel Interface"),
        ("inside.cloud", "cloud gateway's inside address", "#3 Tunnel Interface"),
        ("bgp.customerAsn", "customer gateway's AS number", "#4 BGP"),
        ("bgp.cloudAsn", "cloud gateway's AS number", "#4 BGP"),
        ("bgp.neighbor", "BGP neighbour address", "#4 BGP"),
        ("bgp.holdSeconds", "BGP hold time", "#4 BGP"),
        ("staticNextHop", "next hop", "#4 Static Routing"),
    ];

    private static readonly (string Path, string Name)[] OfConnection =
    [
        ("id", "VPN connection id"),
        ("cloudGatewayId", "cloud gateway id"),
        ("customerGatewayId", "customer gateway id"),
        ("routing", "routing"),
        ("customerRanges", "customer ranges"),
    ];

    public static int TunnelFieldCount => OfTunnel.Length;

    public static int ConnectionFieldCount => OfConnection.Length;

    public static string Path(this TunnelField field) => OfTunnel[(int)field].Path;

    public static string Name(this TunnelField field) => OfTunnel[(int)field].Name;

    public static string Section(this TunnelField field) => OfTunnel[(int)field].Section;

    public static string Path(this ConnectionField field) => OfConnection[(int)field].Path;

    public static string Name(this ConnectionField field) => OfConnection[(int)field].Name;
}
