using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>A connection as one of the cloud's endpoints has to realise it: the other end of <see cref="CustomerGateway"/>.</summary>
public static class CloudEndpoint
{
    /// <summary>Most prefixes that a customer may announce to a virtual private gateway.</summary>
    public const int PrefixLimit = 100;

    /// <summary>The desired connection of the endpoint that ends one tunnel.</summary>
    /// <param name="connection">The connection; the customer's outside address and ranges are known.</param>
    /// <param name="number">The tunnel that ends here.</param>
    /// <param name="cloudRanges">The cloud's ranges behind the endpoint.</param>
    /// <exception cref="ArgumentException">The connection has no such tunnel, or misses something the endpoint needs.</exception>
    public static DesiredConnection Desire(VpnConnection connection, int number, ValueList<Cidr> cloudRanges)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (!DesiredConnection.IsUsableId(connection.Id)) throw new ArgumentException($"the connection's id cannot be used on this host: an id {DesiredConnection.IdRule}", nameof(connection));
        var tunnel = connection.Tunnels.FirstOrDefault(candidate => candidate.Number == number)
            ?? throw new ArgumentException($"{connection.Id} has no tunnel {number}.", nameof(number));
        var customer = tunnel.CustomerOutside ?? throw new ArgumentException($"tunnel {number} of {connection.Id} has no customer address.", nameof(connection));
        return new DesiredConnection
        {
            Id = connection.Id,
            Role = GatewayRole.Responder,
            Routing = connection.Routing,
            LocalRanges = cloudRanges,
            RemoteRanges = connection.CustomerRanges,
            RestrictToRanges = true,
            Tunnels =
            [
                new DesiredTunnel
                {
                    Number = number,
                    LocalOutside = tunnel.CloudOutside,
                    RemoteOutside = customer,
                    LocalIdentity = tunnel.CloudOutside.ToString(),
                    RemoteIdentity = customer.ToString(),
                    LocalInside = tunnel.CloudInside,
                    RemoteInside = tunnel.CustomerInside.Address,
                    Ike = tunnel.Ike,
                    Ipsec = tunnel.Ipsec,
                    DeadPeerDetection = tunnel.DeadPeerDetection,
                    MaximumMtu = tunnel.MtuBytes,
                    MaximumMss = tunnel.MssBytes,
                    ClearDontFragment = tunnel.ClearDontFragment,
                    Bgp = tunnel.Bgp is { } bgp
                        ? new TunnelSession(
                            bgp.CloudAsn,
                            bgp.CustomerAsn ?? throw new ArgumentException($"tunnel {number} of {connection.Id} has no customer AS number.", nameof(connection)),
                            bgp.HoldSeconds,
                            MultiExitDiscriminator: number * 100,
                            PrefixLimit)
                        : null,
                },
            ],
        };
    }
}
