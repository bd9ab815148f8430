using System.Text.Json.Serialization;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A connection as the commands print it in JSON: the <c>connection</c> object of <c>check --json</c>. It has no place for keys.</summary>
/// <param name="Id">The connection's id.</param>
/// <param name="CloudGatewayId">The cloud gateway's id; null when the file has none.</param>
/// <param name="CustomerGatewayId">The customer gateway's id.</param>
/// <param name="Routing">"static" or "bgp".</param>
/// <param name="Tunnels">The tunnels, ordered by number.</param>
public sealed record ConnectionDocument(string Id, string? CloudGatewayId, string CustomerGatewayId, string Routing, IReadOnlyList<TunnelDocument> Tunnels)
{
    /// <summary>The document of a connection.</summary>
    /// <param name="connection">The connection.</param>
    public static ConnectionDocument From(VpnConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var tunnels = new List<TunnelDocument>(connection.Tunnels.Count);
        foreach (var tunnel in connection.Tunnels) tunnels.Add(TunnelDocument.From(tunnel));
        return new ConnectionDocument(
            connection.Id,
            connection.CloudGatewayId,
            connection.CustomerGatewayId,
            connection.Routing == Model.Routing.Bgp ? "bgp" : "static",
            tunnels);
    }
}

/// <summary>One tunnel of a <see cref="ConnectionDocument"/>.</summary>
/// <param name="Number">1 or 2.</param>
/// <param name="Outside">Public addresses.</param>
/// <param name="Inside">Addresses in the tunnel, with prefix length.</param>
/// <param name="Ike">Phase 1.</param>
/// <param name="Ipsec">Phase 2.</param>
/// <param name="Dpd">Dead peer detection.</param>
/// <param name="MssBytes">Largest TCP segment in bytes; null when the file says none.</param>
/// <param name="MtuBytes">MTU of the tunnel interface in bytes; null when the file says none.</param>
/// <param name="ClearDf">Whether Don't Fragment is cleared before encryption.</param>
/// <param name="Bgp">The BGP session; null with static routing.</param>
/// <param name="StaticNextHop">Next hop of static routes; null with BGP.</param>
public sealed record TunnelDocument(
    int Number,
    AddressPairDocument Outside,
    AddressPairDocument Inside,
    IkeDocument Ike,
    IpsecDocument Ipsec,
    DpdDocument Dpd,
    int? MssBytes,
    int? MtuBytes,
    bool ClearDf,
    BgpDocument? Bgp,
    string? StaticNextHop)
{
    internal static TunnelDocument From(Tunnel tunnel) => new(
        tunnel.Number,
        new AddressPairDocument(tunnel.CustomerOutside?.ToString(), tunnel.CloudOutside.ToString()),
        new AddressPairDocument(tunnel.CustomerInside.ToString(), tunnel.CloudInside.ToString()),
        new IkeDocument(
            (int)tunnel.Ike.Version,
            tunnel.Ike.Authentication == AuthenticationMethod.Certificate ? "certificate" : "psk",
            tunnel.Ike.Proposal.Encryption.Name(),
            tunnel.Ike.Proposal.Integrity?.Name(),
            tunnel.Ike.Proposal.Group.Number,
            tunnel.Ike.Lifetime.Seconds,
            tunnel.Ike.Mode == IkeMode.Aggressive ? "aggressive" : "main"),
        new IpsecDocument(
            "esp",
            "tunnel",
            tunnel.Ipsec.Proposal.Encryption.Name(),
            tunnel.Ipsec.Proposal.Integrity?.Name(),
            tunnel.Ipsec.Proposal.PfsGroup?.Number,
            tunnel.Ipsec.Lifetime.Seconds),
        new DpdDocument(tunnel.DeadPeerDetection.IntervalSeconds, tunnel.DeadPeerDetection.Retries),
        tunnel.MssBytes,
        tunnel.MtuBytes,
        tunnel.ClearDontFragment,
        tunnel.Bgp is { } bgp ? new BgpDocument(bgp.CustomerAsn?.Value, bgp.CloudAsn.Value, bgp.Neighbor.ToString(), bgp.HoldSeconds) : null,
        tunnel.StaticNextHop?.ToString());
}

/// <summary>The addresses of both ends.</summary>
/// <param name="Customer">The customer's; null when the file holds a placeholder.</param>
/// <param name="Cloud">The cloud's.</param>
public sealed record AddressPairDocument(string? Customer, string Cloud);

/// <summary>Phase 1.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Authentication">"psk" or "certificate".</param>
/// <param name="Encryption">Such as aes128 or aes256gcm16.</param>
/// <param name="Integrity">Such as sha1 or sha256; null with GCM.</param>
/// <param name="DhGroup">IANA number of the group.</param>
/// <param name="LifetimeSeconds">Lifetime in seconds.</param>
/// <param name="Mode">"main" or "aggressive".</param>
public sealed record IkeDocument(int Version, string Authentication, string Encryption, string? Integrity, int DhGroup, int LifetimeSeconds, string Mode);

/// <summary>Phase 2.</summary>
/// <param name="Protocol">"esp".</param>
/// <param name="Mode">"tunnel".</param>
/// <param name="Encryption">Such as aes128 or aes256gcm16.</param>
/// <param name="Integrity">Such as sha1 or sha256; null with GCM.</param>
/// <param name="PfsGroup">IANA number of the group; null without perfect forward secrecy.</param>
/// <param name="LifetimeSeconds">Lifetime in seconds.</param>
public sealed record IpsecDocument(string Protocol, string Mode, string Encryption, string? Integrity, int? PfsGroup, int LifetimeSeconds);

/// <summary>Dead peer detection.</summary>
/// <param name="IntervalSeconds">Seconds between checks.</param>
/// <param name="Retries">Misses after which the peer is dead.</param>
public sealed record DpdDocument(int IntervalSeconds, int Retries);

/// <summary>A BGP session.</summary>
/// <param name="CustomerAsn">The customer's AS number; null when the file holds a placeholder.</param>
/// <param name="CloudAsn">The cloud's AS number.</param>
/// <param name="Neighbor">The cloud's address of the session.</param>
/// <param name="HoldSeconds">Hold time in seconds.</param>
public sealed record BgpDocument(uint? CustomerAsn, uint CloudAsn, string Neighbor, int HoldSeconds);

/// <summary>Source-generated JSON of <see cref="ConnectionDocument"/>: camelCase, indented.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ConnectionDocument))]
public sealed partial class ConnectionDocumentContext : JsonSerializerContext;
