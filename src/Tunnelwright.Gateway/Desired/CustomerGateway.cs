using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>What a customer says beside the provider's file.</summary>
public sealed record CustomerOptions
{
    /// <summary>The customer's ranges that go through the tunnels.</summary>
    public ValueList<Cidr> LocalRanges { get; init; }

    /// <summary>The cloud's ranges.</summary>
    public ValueList<Cidr> CloudRanges { get; init; }

    /// <summary>The cloud's DNS servers; none: nothing is sent to keep tunnels from being idle but the watch's own echo requests.</summary>
    public ValueList<Ipv4Address> CloudDnsServers { get; init; }

    /// <summary>Milliseconds from one echo request to the next while a tunnel is healthy, 100 to 10,000; null: 100.</summary>
    public int? HealthyEchoMilliseconds { get; init; }

    /// <summary>1 or 2: the tunnel to prefer; 0 for none; null: tunnel 1 with static routing, none with BGP.</summary>
    public int? Prefer { get; init; }

    /// <summary>Whether both tunnels are used at once (equal-cost multipath), where the cloud's end allows it; no tunnel is preferred then.</summary>
    public bool EqualCost { get; init; }

    /// <summary>The customer gateway's AS number, where the file has a placeholder.</summary>
    public Asn? CustomerAsn { get; init; }

    /// <summary>The customer gateway's public address, where the file has a placeholder.</summary>
    public Ipv4Address? CustomerAddress { get; init; }
}

/// <summary>The provider's connection as the customer's gateway has to realise it.</summary>
public static class CustomerGateway
{
    /// <summary>The desired connection.</summary>
    /// <param name="connection">What the provider's file says.</param>
    /// <param name="options">What the customer adds.</param>
    /// <exception cref="ArgumentException">Something is missing that neither says, such as a key or the customer's AS number; the message names it and the option that gives it.</exception>
    public static DesiredConnection Desire(VpnConnection connection, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        if (!DesiredConnection.IsUsableId(connection.Id)) throw new ArgumentException($"the connection's id cannot be used on this host: an id {DesiredConnection.IdRule}", nameof(connection));
        return new DesiredConnection
        {
            Id = connection.Id,
            Role = GatewayRole.Initiator,
            Routing = connection.Routing,
            Tunnels = connection.Tunnels.Select(tunnel => Desire(connection, tunnel, options)).ToValueList(),
            LocalRanges = options.LocalRanges.Count > 0 ? options.LocalRanges : connection.CustomerRanges,
            RemoteRanges = options.CloudRanges.Count > 0 ? options.CloudRanges : connection.CloudRanges,
            CloudDnsServers = options.CloudDnsServers,
            HealthyEchoMilliseconds = options.HealthyEchoMilliseconds,
            EqualCost = options.EqualCost,
            PreferredTunnel = options.Prefer switch
            {
                _ when options.EqualCost => null,
                null => connection.Routing == Tunnelwright.Model.Routing.Static ? 1 : null,
                0 => null,
                var number => number,
            },
        };
    }

    private static DesiredTunnel Desire(VpnConnection connection, Tunnel tunnel, CustomerOptions options)
    {
        if (tunnel.Ike.PreSharedKey is null) throw new ArgumentException($"tunnel {tunnel.Number} of {connection.Id} has no pre-shared key", nameof(connection));
        var outside = tunnel.CustomerOutside ?? options.CustomerAddress;
        return new DesiredTunnel
        {
            Number = tunnel.Number,
            RemoteOutside = tunnel.CloudOutside,
            LocalIdentity = outside?.ToString(),
            RemoteIdentity = tunnel.CloudOutside.ToString(),
            LocalInside = tunnel.CustomerInside,
            RemoteInside = tunnel.CloudInside.Address,
            Ike = tunnel.Ike,
            Ipsec = tunnel.Ipsec,
            DeadPeerDetection = tunnel.DeadPeerDetection,
            MaximumMtu = tunnel.MtuBytes,
            MaximumMss = tunnel.MssBytes,
            ClearDontFragment = tunnel.ClearDontFragment,
            Bgp = tunnel.Bgp is { } bgp
                ? new TunnelSession(
                    bgp.CustomerAsn ?? options.CustomerAsn ?? throw new ArgumentException($"tunnel {tunnel.Number} of {connection.Id} has no customer AS number; give it with --customer-asn", nameof(options)),
                    bgp.CloudAsn,
                    bgp.HoldSeconds)
                : null,
        };
    }
}
