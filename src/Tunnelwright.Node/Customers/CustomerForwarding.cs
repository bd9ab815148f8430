using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Customers;

/// <summary>
/// The customer's domains on this node: the cloud's DNS servers ask here, and the customer's own servers are asked through the tunnels of this node, or, where
/// another connection leads to them, by way of the cloud router through the nodes of that one.
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
    /// The addresses of the forwarder that this node has: the first when the tunnel 1 ends here whose connection answers for names, the second with its tunnel 2.
    /// No other node has them, so that an answer finds the one that asked.
    /// </summary>
    public static ValueList<Ipv4Address> OwnAddresses(NodeCustomer customer)
    {
        if (customer.Services.DnsForwarders is not { Count: > 0 } addresses || customer.Dns.Forwards.Count == 0) return [];
        return addresses.Where((_, index) => customer.Tunnels.Any(tunnel => tunnel.AnswersNames && tunnel.Number == index + 1)).Select(Ipv4Address.Parse).Distinct().ToValueList();
    }

    /// <summary>The customer's servers as all of its nodes see them: what they answer to a forwarder may come through another node than the question.</summary>
    public static IEnumerable<(Ipv4Address Server, ushort Port)> Servers(NodeCustomer customer) =>
        customer.Dns.Forwards.SelectMany(forward => forward.Servers).Select(server => (Ipv4Address.Parse(server.Address), checked((ushort)server.Port))).Distinct().Order();

    /// <summary>The customer's servers that this node asks and that no tunnel of its own leads to: the cloud router knows the way.</summary>
    public static IEnumerable<Ipv4Address> Beyond(NodeCustomer customer) => OwnAddresses(customer).Count == 0
        ? []
        : Servers(customer).Select(item => item.Server).Distinct().Where(server => ConnectionTo(customer, server) is null);

    private static ValueList<DesiredDnsRule> Rules(NodeCustomer customer, Ipv4Address source) => customer.Dns.Forwards
        .DistinctBy(forward => forward.Domain.TrimEnd('.'), StringComparer.OrdinalIgnoreCase)
        .Where(forward => forward.Servers.Count > 0)
        .Select(forward => Rule(customer, forward, source))
        .OrderBy(rule => rule.Domain, StringComparer.Ordinal).ToValueList();

    private static DesiredDnsRule Rule(NodeCustomer customer, DnsForward forward, Ipv4Address source) => new()
    {
        Domain = forward.Domain.TrimEnd('.'),
        Servers = forward.Servers.Select(server => new Ipv4EndPoint(Ipv4Address.Parse(server.Address), checked((ushort)server.Port))).Distinct().ToValueList(),
        Connection = forward.Servers.Select(server => ConnectionTo(customer, Ipv4Address.Parse(server.Address))).FirstOrDefault(connection => connection is not null),
        Source = source,

        // A server that is to be asked over TCP alone is never asked otherwise; every other one takes TCP as well (RFC 7766 section 5).
        Tcp = forward.Servers.Any(server => server.Protocol == "tcp"),
    };

    private static string? ConnectionTo(NodeCustomer customer, Ipv4Address server) => customer.Tunnels
        .Where(tunnel => tunnel.Ranges.Any(range => Cidr.Parse(range).Contains(server)))
        .Select(tunnel => tunnel.ConnectionId).Order(StringComparer.Ordinal).FirstOrDefault();
}
