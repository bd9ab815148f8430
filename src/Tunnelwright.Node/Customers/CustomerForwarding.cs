using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Customers;

/// <summary>
/// The customer's domains on this node: the cloud's DNS servers ask here, and the customer's own servers are asked through the tunnels of this node. A
/// domain whose servers are in no range of a connection that ends here is another node's.
/// </summary>
internal static class CustomerForwarding
{
    /// <summary>The forwarder that the customer's gateway runs; null when there is nothing that it could answer, or nowhere to answer at.</summary>
    /// <exception cref="FormatException">The service's words cannot be understood.</exception>
    public static DesiredDns? Of(NodeCustomer customer)
    {
        var own = OwnAddresses(customer);
        var askers = customer.Services.DnsServers.Select(server => new Cidr(Ipv4Address.Parse(server), 32)).Distinct().Order().ToValueList();
        return own.Count == 0 || askers.Count == 0
            ? null
            : new DesiredDns { Listen = own.Select(address => new Ipv4EndPoint(address, DesiredDns.Port)).ToValueList(), Allow = askers, Rules = Rules(customer, own[0]) };
    }

    /// <summary>
    /// The addresses of the forwarder that this node has: the first when a tunnel 1 ends here, the second with a tunnel 2, so that the two nodes of a
    /// connection have one each and an answer finds the one that asked.
    /// </summary>
    public static ValueList<Ipv4Address> OwnAddresses(NodeCustomer customer)
    {
        if (customer.Services.DnsForwarders is not { Count: > 0 } addresses || Rules(customer, default).Count == 0) return [];
        return addresses.Where((_, index) => customer.Tunnels.Any(tunnel => tunnel.Number == index + 1)).Select(Ipv4Address.Parse).Distinct().ToValueList();
    }

    /// <summary>The customer's servers as all of its nodes see them: what they answer to a forwarder may come through another node than the question.</summary>
    public static IEnumerable<(Ipv4Address Server, ushort Port)> Servers(NodeCustomer customer) =>
        customer.Dns.Forwards.SelectMany(forward => forward.Servers).Select(server => (Ipv4Address.Parse(server.Address), checked((ushort)server.Port))).Distinct().Order();

    private static ValueList<DesiredDnsRule> Rules(NodeCustomer customer, Ipv4Address source) => customer.Dns.Forwards
        .DistinctBy(forward => forward.Domain.TrimEnd('.'), StringComparer.OrdinalIgnoreCase)
        .Select(forward => Rule(customer, forward, source)).OfType<DesiredDnsRule>()
        .OrderBy(rule => rule.Domain, StringComparer.Ordinal).ToValueList();

    private static DesiredDnsRule? Rule(NodeCustomer customer, DnsForward forward, Ipv4Address source)
    {
        var behind = forward.Servers.Select(server => (Server: server, Connection: ConnectionTo(customer, Ipv4Address.Parse(server.Address)))).Where(item => item.Connection is not null).ToList();
        return behind.Count == 0
            ? null
            : new DesiredDnsRule
            {
                Domain = forward.Domain.TrimEnd('.'),
                Servers = behind.Select(item => new Ipv4EndPoint(Ipv4Address.Parse(item.Server.Address), checked((ushort)item.Server.Port))).Distinct().ToValueList(),
                Connection = behind[0].Connection,
                Source = source,

                // A server that is to be asked over TCP alone is never asked otherwise; every other one takes TCP as well (RFC 7766 section 5).
                Tcp = behind.Exists(item => item.Server.Protocol == "tcp"),
            };
    }

    private static string? ConnectionTo(NodeCustomer customer, Ipv4Address server) => customer.Tunnels
        .Where(tunnel => tunnel.Ranges.Any(range => Cidr.Parse(range).Contains(server)))
        .Select(tunnel => tunnel.ConnectionId).Order(StringComparer.Ordinal).FirstOrDefault();
}
