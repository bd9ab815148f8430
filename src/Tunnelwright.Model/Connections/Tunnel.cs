namespace Tunnelwright.Model;

/// <summary>IKE protocol version.</summary>
public enum IkeVersion
{
    /// <summary>IKEv1 (RFC 2409).</summary>
    V1 = 1,

    /// <summary>IKEv2 (RFC 7296).</summary>
    V2 = 2,
}

/// <summary>IKEv1 phase 1 mode (RFC 2409 section 5). IKEv2 has none; its files still say "main".</summary>
public enum IkeMode
{
    /// <summary>Main mode.</summary>
    Main,

    /// <summary>Aggressive mode: read, so that it can be refused by name.</summary>
    Aggressive,
}

/// <summary>How the peers authenticate each other.</summary>
public enum AuthenticationMethod
{
    /// <summary>Pre-shared key.</summary>
    PreSharedKey,

    /// <summary>Certificates.</summary>
    Certificate,
}

/// <summary>Phase 1: how the IKE SA is made.</summary>
/// <param name="Version">Protocol version.</param>
/// <param name="Authentication">How the peers authenticate.</param>
/// <param name="PreSharedKey">The key; null when the file has none.</param>
/// <param name="Proposal">Algorithms.</param>
/// <param name="Lifetime">Lifetime of the IKE SA.</param>
/// <param name="Mode">IKEv1 mode.</param>
public sealed record IkeSettings(
    IkeVersion Version,
    AuthenticationMethod Authentication,
    PreSharedKey? PreSharedKey,
    IkeProposal Proposal,
    Lifetime Lifetime,
    IkeMode Mode = IkeMode.Main);

/// <summary>Phase 2: how the traffic's SA pair is made. The protocol is always ESP in tunnel mode.</summary>
/// <param name="Proposal">Algorithms.</param>
/// <param name="Lifetime">Lifetime of the IPsec SA.</param>
public sealed record IpsecSettings(EspProposal Proposal, Lifetime Lifetime);

/// <summary>Dead peer detection (RFC 3706, RFC 7296 section 2.4).</summary>
/// <param name="IntervalSeconds">Seconds between checks.</param>
/// <param name="Retries">Unanswered checks after which the peer is dead.</param>
public sealed record DeadPeerDetection(int IntervalSeconds, int Retries)
{
    /// <summary>The service's default: every 10 s, 3 misses.</summary>
    public static DeadPeerDetection Default { get; } = new(10, 3);

    /// <summary>Seconds until a silent peer is dead.</summary>
    public int TimeoutSeconds => IntervalSeconds * Retries;
}

/// <summary>The BGP session of a tunnel (RFC 4271).</summary>
/// <param name="CustomerAsn">The customer's AS number; null when the file holds a placeholder.</param>
/// <param name="CloudAsn">The cloud's AS number.</param>
/// <param name="Neighbor">The cloud's address of the session, as the customer sees it: the cloud's inside address.</param>
/// <param name="HoldSeconds">Hold time in seconds (RFC 4271 section 4.2).</param>
public sealed record BgpSettings(Asn? CustomerAsn, Asn CloudAsn, Ipv4Address Neighbor, int HoldSeconds);

/// <summary>One tunnel of a VPN connection, in the words of the provider's file.</summary>
public sealed record Tunnel
{
    /// <summary>1 or 2: its place in the provider's file.</summary>
    public required int Number { get; init; }

    /// <summary>The customer gateway's public address; null when the file holds a placeholder.</summary>
    public required Ipv4Address? CustomerOutside { get; init; }

    /// <summary>The cloud endpoint's public address.</summary>
    public required Ipv4Address CloudOutside { get; init; }

    /// <summary>The customer's address inside the tunnel.</summary>
    public required InterfaceAddress CustomerInside { get; init; }

    /// <summary>The cloud's address inside the tunnel.</summary>
    public required InterfaceAddress CloudInside { get; init; }

    /// <summary>Phase 1.</summary>
    public required IkeSettings Ike { get; init; }

    /// <summary>Phase 2.</summary>
    public required IpsecSettings Ipsec { get; init; }

    /// <summary>Dead peer detection.</summary>
    public DeadPeerDetection DeadPeerDetection { get; init; } = DeadPeerDetection.Default;

    /// <summary>Largest TCP segment in bytes that the file asks for; null when it says none.</summary>
    public int? MssBytes { get; init; }

    /// <summary>MTU of the tunnel interface in bytes that the file asks for; null when it says none.</summary>
    public int? MtuBytes { get; init; }

    /// <summary>Whether the Don't Fragment bit of packets is cleared before encryption.</summary>
    public bool ClearDontFragment { get; init; } = true;

    /// <summary>Whether packets that are too large are fragmented before encryption (RFC 4301 section 8).</summary>
    public bool FragmentBeforeEncryption { get; init; } = true;

    /// <summary>The BGP session; null with static routing.</summary>
    public BgpSettings? Bgp { get; init; }

    /// <summary>Next hop of static routes to the cloud: the cloud's inside address; null with BGP.</summary>
    public Ipv4Address? StaticNextHop { get; init; }
}
