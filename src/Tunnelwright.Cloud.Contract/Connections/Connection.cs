namespace Tunnelwright.Cloud.Contract;

/// <summary>A VPN connection as the API shows it. There is no place for keys in it.</summary>
/// <param name="Id">vpn- and 17 hexadecimal digits.</param>
/// <param name="CustomerId">Whose it is.</param>
/// <param name="CloudGatewayId">vgw-…</param>
/// <param name="CustomerGatewayId">cgw-…</param>
/// <param name="Purpose">Free text.</param>
/// <param name="ContactEmail">Who is told.</param>
/// <param name="GatewayAddress">The customer gateway's public address.</param>
/// <param name="Routing">Static or BGP.</param>
/// <param name="CustomerAsn">The customer's AS number; null with static routing.</param>
/// <param name="Ranges">The customer's registered ranges.</param>
/// <param name="CloudNetwork">The customer's whole network in the cloud.</param>
/// <param name="Device">The device chosen.</param>
/// <param name="Ike">Phase 1.</param>
/// <param name="Ipsec">Phase 2.</param>
/// <param name="State">How far the service is.</param>
/// <param name="Operation">The change on its way; null when there is none.</param>
/// <param name="FileReady">Whether the file can be downloaded.</param>
/// <param name="Tunnels">The two tunnels with what their nodes see; empty while allocating.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="Version">Counts changes of what is wanted, not of what is observed; the ETag.</param>
public sealed record Connection(
    string Id,
    string CustomerId,
    string CloudGatewayId,
    string CustomerGatewayId,
    string Purpose,
    string ContactEmail,
    string GatewayAddress,
    RoutingKind Routing,
    uint? CustomerAsn,
    IReadOnlyList<string> Ranges,
    string CloudNetwork,
    string Device,
    IkeParameters Ike,
    IpsecParameters Ipsec,
    ConnectionState State,
    Operation? Operation,
    bool FileReady,
    IReadOnlyList<ConnectionTunnel> Tunnels,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long Version);

/// <summary>A change on its way.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What is changed.</param>
/// <param name="Step">Where it stands, such as "waiting for tunnel 1 with its new key".</param>
/// <param name="Tunnel">The tunnel that is being worked on; null for both.</param>
/// <param name="StartedAt">When it began.</param>
public sealed record Operation(string Id, OperationKind Kind, string Step, int? Tunnel, DateTimeOffset StartedAt);

/// <summary>Phase 1 as asked for and shown.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Encryption">aes128, aes256, aes128gcm16, aes256gcm16.</param>
/// <param name="Integrity">sha1, sha256, sha384, sha512; null with GCM.</param>
/// <param name="DhGroup">IANA number.</param>
/// <param name="LifetimeSeconds">900 to 28,800.</param>
public sealed record IkeParameters(int Version = 2, string Encryption = "aes256", string? Integrity = "sha256", int DhGroup = 14, int LifetimeSeconds = 28800);

/// <summary>Phase 2 as asked for and shown.</summary>
/// <param name="Encryption">aes128, aes256, aes128gcm16, aes256gcm16.</param>
/// <param name="Integrity">sha1, sha256, sha384, sha512; null with GCM.</param>
/// <param name="PfsGroup">IANA number.</param>
/// <param name="LifetimeSeconds">900 to 3,600, below phase 1's.</param>
public sealed record IpsecParameters(string Encryption = "aes256", string? Integrity = "sha256", int PfsGroup = 14, int LifetimeSeconds = 3600);

/// <summary>One tunnel of a connection.</summary>
/// <param name="Number">1 or 2.</param>
/// <param name="CloudAddress">The endpoint's public address.</param>
/// <param name="InsideNetwork">The /30; the first usable address is the cloud's.</param>
/// <param name="NodeId">The node that ends it; null while it has none.</param>
/// <param name="FailureDomain">The node's failure domain.</param>
/// <param name="Programmed">Whether the node works with the newest settings.</param>
/// <param name="KeyGeneration">Counts keys, from 1.</param>
/// <param name="Observed">What the node sees; null before its first report.</param>
public sealed record ConnectionTunnel(
    int Number,
    string CloudAddress,
    string InsideNetwork,
    string? NodeId,
    string? FailureDomain,
    bool Programmed,
    int KeyGeneration,
    ObservedTunnel? Observed);

/// <summary>What a node sees of a tunnel.</summary>
/// <param name="State">Whether it carries traffic.</param>
/// <param name="Since">Since when.</param>
/// <param name="Ike">The IKE SA; null without one.</param>
/// <param name="Child">The CHILD_SA and its counters; null without one.</param>
/// <param name="Bgp">The BGP session; null with static routing.</param>
/// <param name="LastDown">Why it last went down; null when it never did.</param>
/// <param name="Names">The customer's forwarded domains that are asked through this tunnel's node; null for none.</param>
public sealed record ObservedTunnel(TunnelState State, DateTimeOffset Since, ObservedIke? Ike, ObservedChild? Child, ObservedBgp? Bgp, ObservedDown? LastDown, ObservedNames? Names = null);

/// <summary>A node's DNS forwarder for the customer's domains.</summary>
/// <param name="State">up: it answers and so do all servers; degraded: a server does not; down: it does not answer, or none of a domain's servers does.</param>
/// <param name="Listening">Where it answers the cloud's DNS servers.</param>
/// <param name="Domains">The domains.</param>
public sealed record ObservedNames(string State, IReadOnlyList<string> Listening, IReadOnlyList<ObservedDomain> Domains);

/// <summary>A forwarded domain.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Queries">Questions for its servers since the forwarder began.</param>
/// <param name="Failures">Those that no server answered usefully.</param>
/// <param name="ServersUp">Servers, address and port, that answer.</param>
/// <param name="ServersDown">Servers that do not.</param>
public sealed record ObservedDomain(string Domain, long Queries, long Failures, IReadOnlyList<string> ServersUp, IReadOnlyList<string> ServersDown);

/// <summary>An IKE SA.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Proposal">In strongSwan's notation.</param>
/// <param name="EstablishedAt">When it was established.</param>
/// <param name="NatTraversal">Whether a NAT is in the path.</param>
/// <param name="KeyGeneration">Generation of the key that it was authenticated with; null when the node cannot tell.</param>
public sealed record ObservedIke(int Version, string Proposal, DateTimeOffset EstablishedAt, bool NatTraversal, int? KeyGeneration);

/// <summary>A CHILD_SA.</summary>
/// <param name="Proposal">In strongSwan's notation.</param>
/// <param name="BytesIn">Bytes from the customer since the tunnel was programmed.</param>
/// <param name="BytesOut">Bytes to the customer.</param>
/// <param name="PacketsIn">Packets from the customer.</param>
/// <param name="PacketsOut">Packets to the customer.</param>
public sealed record ObservedChild(string Proposal, long BytesIn, long BytesOut, long PacketsIn, long PacketsOut);

/// <summary>A BGP session (RFC 4271).</summary>
/// <param name="State">idle, connect, active, opensent, openconfirm, established.</param>
/// <param name="PrefixesIn">Prefixes taken from the customer.</param>
/// <param name="PrefixesOut">Prefixes told to the customer.</param>
/// <param name="PrefixesRefused">Prefixes of the customer that lie in no registered range.</param>
/// <param name="LastError">Why the session last ended or did not come up, in BIRD's words, such as "Automatic shutdown: Route limit exceeded"; null for no error.</param>
public sealed record ObservedBgp(string State, int PrefixesIn, int PrefixesOut, int PrefixesRefused = 0, string? LastError = null);

/// <summary>Why a tunnel went down.</summary>
/// <param name="At">When.</param>
/// <param name="Cause">A cause id such as psk-mismatch, or words of the daemon.</param>
public sealed record ObservedDown(DateTimeOffset At, string Cause);
