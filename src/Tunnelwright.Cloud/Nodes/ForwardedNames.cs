using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>
/// Which nodes answer for a customer's domains. The two addresses of the forwarder are for all domains, so each may be at one node only: at those of one
/// connection, whose forwarders ask every domain's servers, also those that other connections lead to.
/// </summary>
/// <param name="Dns">The customer's names, without servers that no connection leads to.</param>
/// <param name="ConnectionId">The connection whose nodes answer: the oldest one that leads to a server; null when none does.</param>
internal sealed record ForwardedNames(DnsForwarding Dns, string? ConnectionId)
{
    /// <summary>A customer's names over its connections.</summary>
    /// <param name="dns">What the customer has set.</param>
    /// <param name="connections">The customer's connections that have endpoints, the oldest first.</param>
    public static ForwardedNames Of(DnsForwarding dns, IEnumerable<Reach> connections)
    {
        var reach = connections.Select(connection => (connection.Id, Ranges: connection.Ranges.Select(Cidr.Parse).ToArray())).ToArray();
        DnsForward[] forwards = [.. dns.Forwards.Select(forward => forward with { Servers = [.. forward.Servers.Where(server => reach.Any(connection => Leads(connection.Ranges, server)))] }).Where(forward => forward.Servers.Count > 0)];
        var holder = reach.FirstOrDefault(connection => forwards.Any(forward => forward.Servers.Any(server => Leads(connection.Ranges, server)))).Id;
        return new ForwardedNames(dns with { Forwards = forwards }, holder);
    }

    /// <summary>What the connections of customers lead to, the oldest first, by customer.</summary>
    public static async Task<ILookup<string, Reach>> ReachAsync(NpgsqlConnection connection, string[] customers) => (await connection.QueryAsync<Reach>(
        """
        select c.customer_id, c.id, c.ranges::text[] as ranges from connections c
        where c.customer_id = any(@customers) and c.state <> 'deleting' and exists (select 1 from tunnels t where t.connection_id = c.id) order by c.created_at, c.id
        """,
        new { customers })).ToLookup(reach => reach.CustomerId, StringComparer.Ordinal);

    private static bool Leads(Cidr[] ranges, DnsServer server) => Ipv4Address.TryParse(server.Address, out var address) && ranges.Any(range => range.Contains(address));

    /// <summary>The registered ranges of a connection.</summary>
    internal sealed class Reach
    {
        public required string CustomerId { get; init; }

        public required string Id { get; init; }

        public required string[] Ranges { get; init; }
    }
}
