using System.Text.Json;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;
using Tunnel = Tunnelwright.Model.Tunnel;

namespace Tunnelwright.Cloud;

/// <summary>Rows as the model's types, for the rules and for files.</summary>
internal static class ConnectionModel
{
    /// <summary>Phase 1 and phase 2 as the rules take them.</summary>
    public static RequestedParameters Of(IkeParameters ike, IpsecParameters ipsec) =>
        new(ike.Version, ike.Encryption, ike.Integrity, ike.DhGroup, ike.LifetimeSeconds, ipsec.Encryption, ipsec.Integrity, ipsec.PfsGroup, ipsec.LifetimeSeconds);

    /// <summary>MTU and MSS of a tunnel. Whether a NAT is in the path is known only when the tunnel is up: the smaller values fit both.</summary>
    public static TunnelMtu SizesOf(IkeParameters ike, IpsecParameters ipsec) => TunnelMtu.For(Of(ike, ipsec).ToIpsec()!.Proposal, natTraversal: true);

    /// <summary>A connection as its file shows it, with the newest keys: during a rotation those that the tunnels are going to have. The tunnels come with their keys.</summary>
    public static VpnConnection ForFile(ConnectionRow row, CustomerRow customer, IEnumerable<TunnelRow> tunnels, KeyRing keys, RequirementProfile profile)
    {
        var ike = JsonSerializer.Deserialize(row.Ike, CloudJson.Default.IkeParameters)!;
        var ipsec = JsonSerializer.Deserialize(row.Ipsec, CloudJson.Default.IpsecParameters)!;
        var parameters = Of(ike, ipsec);
        var sizes = SizesOf(ike, ipsec);
        var bgp = row.CustomerAsn is { } asn ? new Asn((uint)asn) : (Asn?)null;
        return new VpnConnection
        {
            Id = row.Id,
            CloudGatewayId = row.CloudGatewayId,
            CustomerGatewayId = row.CustomerGatewayId,
            Routing = bgp is null ? Routing.Static : Routing.Bgp,
            CustomerRanges = row.Ranges.Select(Cidr.Parse).ToValueList(),
            CloudRanges = [Cidr.Parse(customer.CloudNetwork)],
            Tunnels = tunnels.OrderBy(tunnel => tunnel.Number).Select(tunnel =>
            {
                var inside = new InsideNetwork(Cidr.Parse(tunnel.InsideNetwork));
                var key = new PreSharedKey(keys.Open(tunnel.NextKey ?? tunnel.Key!, Places.Key(row.Id, tunnel.Number)));
                return new Tunnel
                {
                    Number = tunnel.Number,
                    CustomerOutside = Ipv4Address.Parse(row.GatewayAddress),
                    CloudOutside = Ipv4Address.Parse(tunnel.CloudAddress),
                    CustomerInside = inside.Customer,
                    CloudInside = inside.Cloud,
                    Ike = parameters.ToIke(key)!,
                    Ipsec = parameters.ToIpsec()!,
                    DeadPeerDetection = new DeadPeerDetection(profile.DeadPeerDetection.IntervalSeconds, profile.DeadPeerDetection.Retries),
                    MtuBytes = sizes.Mtu,
                    MssBytes = sizes.Mss,
                    Bgp = bgp is { } number ? new BgpSettings(number, new Asn((uint)customer.CloudAsn), inside.Cloud.Address, profile.Bgp.HoldSeconds) : null,
                    StaticNextHop = bgp is null ? inside.Cloud.Address : null,
                };
            }).ToValueList(),
        };
    }

    /// <summary>What the rules have to know of a customer.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="others">Its connections besides the one that is asked about.</param>
    /// <param name="changing">Whether a change is on its way.</param>
    /// <param name="lab">Whether documentation addresses are public.</param>
    public static CustomerSituation Situation(CustomerRow customer, IEnumerable<ConnectionRow> others, bool changing, bool lab)
    {
        var limits = customer.ReadLimits();
        return new CustomerSituation
        {
            CloudNetwork = Cidr.Parse(customer.CloudNetwork),
            CloudAsn = new Asn((uint)customer.CloudAsn),
            Others = [.. others.Select(other => new ExistingConnection(Ipv4Address.Parse(other.GatewayAddress), other.CustomerAsn is { } asn ? new Asn((uint)asn) : null, other.Ranges.Select(Cidr.Parse).ToValueList()))],
            ConnectionLimit = limits.Connections,
            RouteLimit = limits.Routes,
            ChangeInProgress = changing,
            TransitGateway = customer.ReadEdition().TransitGateway,
            TakesDocumentationAddresses = lab,
            Devices = ConnectionFiles.Ids,
        };
    }
}
