using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Customers;

/// <summary>A customer's tunnels on this node as the engine has to realise them in the customer's namespace.</summary>
internal static class CustomerDesired
{
    /// <summary>The desired state of a customer's gateway.</summary>
    /// <param name="customer">What the service wants.</param>
    /// <param name="settings">The node's settings.</param>
    /// <param name="fabric">The node's address on the fabric.</param>
    /// <exception cref="FormatException">The service's words cannot be understood; the message says which, and never holds a key.</exception>
    public static DesiredGateway Of(NodeCustomer customer, NodeSettings settings, InterfaceAddress fabric) => new()
    {
        Name = customer.Id,
        DataPlane = settings.DataPlane,
        Connections = customer.Tunnels.OrderBy(tunnel => tunnel.ConnectionId, StringComparer.Ordinal).Select(tunnel => Connection(customer, tunnel)).ToValueList(),
        Upstream = new UpstreamSession(fabric.Address, settings.Asn, settings.CloudRouter, settings.CloudRouterAsn, customer.Tunnels.Select(tunnel => tunnel.MultiExitDiscriminator).DefaultIfEmpty(0).Min())
        {
            OwnAddresses = CustomerForwarding.OwnAddresses(customer),
        },
        Dns = CustomerForwarding.Of(customer),
    };

    private static DesiredConnection Connection(NodeCustomer customer, NodeTunnel tunnel) => new()
    {
        Id = tunnel.ConnectionId,
        Role = GatewayRole.Responder,
        Routing = tunnel.Bgp is null ? Model.Routing.Static : Model.Routing.Bgp,
        LocalRanges = [Cidr.Parse(customer.CloudNetwork)],
        RemoteRanges = tunnel.Ranges.Select(Cidr.Parse).ToValueList(),
        RestrictToRanges = true,
        Tunnels = [Tunnel(tunnel)],
    };

    private static DesiredTunnel Tunnel(NodeTunnel tunnel)
    {
        var inside = new InsideNetwork(Cidr.Parse(tunnel.InsideNetwork));
        var parameters = new RequestedParameters(
            tunnel.Ike.Version, tunnel.Ike.Encryption, tunnel.Ike.Integrity, tunnel.Ike.DhGroup, tunnel.Ike.LifetimeSeconds,
            tunnel.Ipsec.Encryption, tunnel.Ipsec.Integrity, tunnel.Ipsec.PfsGroup, tunnel.Ipsec.LifetimeSeconds);
        return new DesiredTunnel
        {
            Number = tunnel.Number,
            LocalOutside = Ipv4Address.Parse(tunnel.CloudAddress),
            RemoteOutside = Ipv4Address.Parse(tunnel.CustomerAddress),
            LocalIdentity = tunnel.CloudAddress,
            RemoteIdentity = tunnel.CustomerAddress,
            LocalInside = inside.Cloud,
            RemoteInside = inside.Customer.Address,
            Ike = parameters.ToIke(Key(tunnel)) ?? throw new FormatException($"phase 1 of {tunnel} has an algorithm that this node does not know"),
            Ipsec = parameters.ToIpsec() ?? throw new FormatException($"phase 2 of {tunnel} has an algorithm that this node does not know"),
            DeadPeerDetection = new DeadPeerDetection(tunnel.DpdIntervalSeconds, tunnel.DpdRetries),
            MaximumMtu = tunnel.MtuBytes,
            MaximumMss = tunnel.MssBytes,
            UpstreamDiscriminator = tunnel.MultiExitDiscriminator,
            Bgp = tunnel.Bgp is { } bgp ? new TunnelSession(new Asn(bgp.CloudAsn), new Asn(bgp.CustomerAsn), bgp.HoldSeconds, tunnel.MultiExitDiscriminator, bgp.PrefixLimit) : null,
        };
    }

    private static PreSharedKey Key(NodeTunnel tunnel) =>
        PreSharedKey.IsUsable(tunnel.PreSharedKey) ? new PreSharedKey(tunnel.PreSharedKey) : throw new FormatException($"the pre-shared key of {tunnel} cannot be used");
}
