using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What a node has to realise, read from what is wanted of connections.</summary>
internal static class NodeDesired
{
    /// <summary>The desired state that is at least as new as a version, which was read before.</summary>
    /// <param name="connection">The store.</param>
    /// <param name="keys">Decrypts the pre-shared keys.</param>
    /// <param name="profile">Timers and limits.</param>
    /// <param name="node">The node.</param>
    /// <param name="version">The version that the answer is called.</param>
    /// <param name="since">Only customers that changed after it; null, or one that cannot be, for everything.</param>
    public static async Task<NodeDesiredState> ReadAsync(NpgsqlConnection connection, KeyRing keys, RequirementProfile profile, string node, long version, long? since)
    {
        var complete = since is null || since > version || since < 0;
        var changed = complete ? null : (await connection.QueryAsync<string>("select customer_id from node_customers where node_id = @node and version > @since", new { node, since })).ToArray();
        var rows = (await connection.QueryAsync<Row>(
            """
            select k.id as customer_id, k.number as customer_number, k.cloud_network::text as cloud_network, k.cloud_asn, k.services::text as services, k.edition::text as edition, k.dns::text as dns,
              c.id as connection_id, host(c.gateway_address) as gateway_address, c.routing, c.customer_asn, c.ranges::text[] as ranges, c.ike::text as ike, c.ipsec::text as ipsec,
              t.number, t.generation, host(t.cloud_address) as cloud_address, t.inside_network::text as inside_network, t.key, t.key_generation, t.med
            from tunnels t join connections c on c.id = t.connection_id join customers k on k.id = t.customer_id
            where t.node_id = @node and c.state <> 'deleting' and (@changed::text[] is null or t.customer_id = any(@changed))
            order by k.id, c.id
            """,
            new { node, changed })).ToArray();
        var names = rows.GroupBy(row => row.CustomerId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => JsonSerializer.Deserialize(group.First().Dns, CloudJson.Default.DnsForwarding)!, StringComparer.Ordinal);
        string[] forwarding = [.. names.Where(customer => customer.Value.Forwards.Count > 0).Select(customer => customer.Key)];
        var reach = forwarding.Length == 0 ? null : await ForwardedNames.ReachAsync(connection, forwarding);
        var customers = rows.GroupBy(row => row.CustomerId, StringComparer.Ordinal)
            .Select(group => OfCustomer([.. group], ForwardedNames.Of(names[group.Key], reach?[group.Key] ?? []), keys, profile)).ToArray();
        var removed = complete ? [] : changed!.Except(customers.Select(customer => customer.Id), StringComparer.Ordinal).ToArray();
        return new NodeDesiredState(version, complete, customers, removed);
    }

    private static NodeCustomer OfCustomer(Row[] rows, ForwardedNames names, KeyRing keys, RequirementProfile profile) => new(
        rows[0].CustomerId,
        rows[0].CustomerNumber,
        rows[0].CloudNetwork,
        JsonSerializer.Deserialize(rows[0].Services, CloudJson.Default.CloudServices)!,
        JsonSerializer.Deserialize(rows[0].Edition, CloudJson.Default.EditionFlags)!.HttpsOnly,
        names.Dns,
        [.. rows.Select(row => OfTunnel(row, keys, profile) with { AnswersNames = names.ConnectionId is null || names.ConnectionId == row.ConnectionId })]);

    private static NodeTunnel OfTunnel(Row row, KeyRing keys, RequirementProfile profile)
    {
        var ike = JsonSerializer.Deserialize(row.Ike, CloudJson.Default.IkeParameters)!;
        var ipsec = JsonSerializer.Deserialize(row.Ipsec, CloudJson.Default.IpsecParameters)!;
        var sizes = ConnectionModel.SizesOf(ike, ipsec);
        return new NodeTunnel(
            row.ConnectionId,
            row.Number,
            row.Generation,
            row.CloudAddress,
            row.GatewayAddress,
            row.InsideNetwork,
            keys.Open(row.Key, Places.Key(row.ConnectionId, row.Number)),
            row.KeyGeneration,
            ike,
            ipsec,
            profile.DeadPeerDetection.IntervalSeconds,
            profile.DeadPeerDetection.Retries,
            sizes.Mtu,
            sizes.Mss,
            Words.Read<RoutingKind>(row.Routing),
            row.Ranges,
            row.CustomerAsn is { } asn ? new NodeBgp((uint)row.CloudAsn, (uint)asn, profile.Bgp.HoldSeconds, profile.Bgp.VirtualGatewayPrefixes) : null,
            row.Med);
    }

    private sealed class Row
    {
        public required string CustomerId { get; init; }

        public int CustomerNumber { get; init; }

        public required string CloudNetwork { get; init; }

        public long CloudAsn { get; init; }

        public required string Services { get; init; }

        public required string Edition { get; init; }

        public required string Dns { get; init; }

        public required string ConnectionId { get; init; }

        public required string GatewayAddress { get; init; }

        public required string Routing { get; init; }

        public long? CustomerAsn { get; init; }

        public required string[] Ranges { get; init; }

        public required string Ike { get; init; }

        public required string Ipsec { get; init; }

        public int Number { get; init; }

        public long Generation { get; init; }

        public required string CloudAddress { get; init; }

        public required string InsideNetwork { get; init; }

        public required byte[] Key { get; init; }

        public int KeyGeneration { get; init; }

        public int Med { get; init; }
    }
}
