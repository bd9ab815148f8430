using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud.Tests;

/// <summary>What has to hold when everything has come to rest: desired is observed, nothing is left over, nothing is there twice, nothing got lost.</summary>
internal sealed class Outcome(string state, IReadOnlyList<RandomClient> clients, IReadOnlyList<TestNode> nodes)
{
    /// <summary>The store's tunnels as the nodes should have them.</summary>
    private const string Tunnels =
        """
        select t.connection_id, t.number, t.node_id, t.generation, host(t.cloud_address) as cloud_address, host(c.gateway_address) as gateway_address, t.inside_network::text as inside_network,
          t.key, t.key_generation, t.med, array_to_string(c.ranges, ' ') as ranges, coalesce(o.applied_generation, 0) as applied, coalesce(o.state, '') as state
        from tunnels t join connections c on c.id = t.connection_id
        left join observations o on o.connection_id = t.connection_id and o.number = t.number and o.node_id = t.node_id order by t.connection_id, t.number
        """;

    /// <summary>What may be in no store at rest: each query counts it.</summary>
    private static readonly (string What, string Query)[] Nothing =
    [
        ("unfinished operations", "select count(*) from operations where finished_at is null"),
        ("connections that are not available", "select count(*) from connections where state <> 'available'"),
        ("connections without exactly two tunnels", "select count(*) from connections c where (select count(*) from tunnels t where t.connection_id = c.id) <> 2"),
        ("pairs of tunnels in one failure domain", "select count(*) from tunnels a join tunnels b on a.connection_id = b.connection_id and a.number = 1 and b.number = 2 join nodes m on m.id = a.node_id join nodes n on n.id = b.node_id where m.failure_domain = n.failure_domain"),
        ("addresses of nothing", "select count(*) from outside_addresses a where connection_id is not null and not exists (select 1 from tunnels t where t.cloud_address = a.address and t.connection_id = a.connection_id)"),
        ("tunnels with an address of another's", "select count(*) from tunnels t join outside_addresses a on a.address = t.cloud_address where a.connection_id is distinct from t.connection_id"),
        ("addresses that a node still holds", $"select count(*) from outside_addresses a join held_addresses h on h.address = a.address {Holds.Unreleased} where a.connection_id is null"),
        ("addresses that two tunnels have", "select count(*) - count(distinct cloud_address) from tunnels"),
        ("inside networks that a customer has twice", "select count(*) - count(distinct (customer_id, inside_network)) from tunnels"),
        ("keys of a rotation that is over", "select count(*) from tunnels where next_key is not null"),
        ("raised MEDs", "select count(*) from tunnels where med <> number * 100"),
        ("observations of nothing", "select count(*) from observations o where not exists (select 1 from tunnels t where t.connection_id = o.connection_id and t.number = o.number and t.node_id = o.node_id)"),
        ("nodes that do not have the newest version", "select count(*) from nodes where applied_version <> desired_version"),
        ("idempotency keys without an answer", "select count(*) from idempotency where response is null"),
        ("messages that were given up", "select count(*) from outbox where abandoned_at is not null"),
        ("customers' events without a message", "select count(*) - (select count(*) from outbox where channel = 'webhook') from events"),
    ];

    /// <summary>Waits until nothing is on its way any more, then looks at everything.</summary>
    /// <param name="store">The store.</param>
    /// <param name="received">Ids of the events that the customers' webhook has taken.</param>
    public async Task CheckAsync(NpgsqlDataSource store, IReadOnlyCollection<string> received)
    {
        await using var connection = (await Eventually.GetAsync(() => TryOpenAsync(store), opened => opened is not null, "a PostgreSQL that answers"))!;
        var rest = await Eventually.GetAsync(
            async () => (Wanted: await WantedAsync(connection), Observed: Observed()),
            now => now.Wanted.All(tunnel => tunnel.IsApplied) && now.Wanted.Select(tunnel => tunnel.Words).SequenceEqual(now.Observed),
            "what is wanted on the nodes, all of it up");
        foreach (var (what, query) in Nothing)
            await Eventually.GetAsync(() => connection.QuerySingleAsync<long>(query), count => count == 0, $"no {what}");
        Assert.Equal(clients.Sum(client => client.Connections.Count) * 2, rest.Wanted.Count);
        Assert.Equal(rest.Wanted.Count, nodes.SelectMany(node => node.Tunnels).Select(tunnel => tunnel.PreSharedKey).Distinct().Count());
        await ClientsAsync(connection);
        await MessagesAsync(connection, received);
    }

    /// <summary>What is on its way, and how the nodes stand: for a test that does not come to its end.</summary>
    public static async Task<IReadOnlyList<string>> DescribeAsync(NpgsqlDataSource store)
    {
        await using var connection = await store.OpenConnectionAsync();
        return
        [
            .. await connection.QueryAsync<string>(
                """
                select concat_ws(' ', 'operation', p.kind, p.connection_id, '"' || p.step || '"', 'tunnel', p.tunnel, 'since', now() - p.started_at, 'step since', now() - p.step_at, 'tunnels:',
                  (select string_agg(concat_ws(' ', t.number, t.node_id, 'generation', t.generation, 'applied', o.applied_generation, o.state), ', ') from tunnels t left join observations o using (connection_id, number) where t.connection_id = p.connection_id))
                from operations p where p.finished_at is null
                """),
            .. await connection.QueryAsync<string>("select concat_ws(' ', 'node', id, failure_domain, 'seen', now() - last_seen_at, 'ago, version', desired_version, 'applied', applied_version) from nodes order by id"),
        ];
    }

    private static async Task<NpgsqlConnection?> TryOpenAsync(NpgsqlDataSource store)
    {
        try
        {
            return await store.OpenConnectionAsync();
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    /// <summary>Each change that a client asked for was made, and made once.</summary>
    private async Task ClientsAsync(NpgsqlConnection connection)
    {
        var expected = clients.SelectMany(client => client.Connections.Select(one => $"{client.Customer} {one.Id} {string.Join(' ', one.Ranges)} keys {one.KeyGeneration} {one.KeyGeneration}")).Order(StringComparer.Ordinal);
        var there = await connection.QueryAsync<string>(
            """
            select customer_id || ' ' || id || ' ' || array_to_string(ranges, ' ') || ' keys ' || (select string_agg(key_generation::text, ' ') from tunnels where connection_id = id) from connections
            """);
        Assert.Equal(expected, there.Order(StringComparer.Ordinal));

        var asked = clients.SelectMany(client => client.Changes).Select(change => $"{change.Key.Action} {change.Key.Connection} {change.Value}").Order(StringComparer.Ordinal);
        var audited = await connection.QueryAsync<string>(
            "select action || ' ' || target || ' ' || count(*) from audit where action in ('connection.create', 'connection.change-ranges', 'connection.rotate-keys', 'connection.replace-endpoint', 'connection.delete') group by action, target");
        Assert.Equal(asked, audited.Order(StringComparer.Ordinal));
        Assert.Equal(clients.Sum(client => client.Keys), await connection.QuerySingleAsync<long>("select count(*) from idempotency where key like 'client-%'"));
    }

    /// <summary>Every event arrived at the customers' webhook. A message that a killed replica was sending waits for the end of its lease, which is brought forward here.</summary>
    private static async Task MessagesAsync(NpgsqlConnection connection, IReadOnlyCollection<string> received)
    {
        await Eventually.GetAsync(
            async () =>
            {
                await connection.ExecuteAsync("update outbox set next_attempt_at = now() where delivered_at is null and next_attempt_at > now() + interval '5 s'");
                return await connection.QuerySingleAsync<long>("select count(*) from outbox where delivered_at is null");
            },
            count => count == 0,
            "an outbox without messages");
        var told = (await connection.QueryAsync<string>("select transaction::text || '-' || id from events")).Order(StringComparer.Ordinal);
        Assert.Equal(told, received.Distinct().Order(StringComparer.Ordinal));
    }

    private async Task<IReadOnlyList<(string Words, bool IsApplied)>> WantedAsync(NpgsqlConnection connection)
    {
        var keys = KeyRing.Open(state);
        return
        [
            .. (await connection.QueryAsync<WantedTunnel>(Tunnels)).Select(tunnel => (
                Words(tunnel.NodeId, tunnel.ConnectionId, tunnel.Number, tunnel.Generation, tunnel.CloudAddress, tunnel.GatewayAddress, tunnel.InsideNetwork, keys.Open(tunnel.Key, Places.Key(tunnel.ConnectionId, tunnel.Number)), tunnel.KeyGeneration, tunnel.Med, tunnel.Ranges),
                tunnel.Applied == tunnel.Generation && tunnel.State == "up")).OrderBy(tunnel => tunnel.Item1, StringComparer.Ordinal),
        ];
    }

    private IReadOnlyList<string> Observed() =>
    [
        .. nodes.SelectMany(node => node.Tunnels.Select(tunnel => Words(
            node.Id, tunnel.ConnectionId, tunnel.Number, tunnel.Generation, tunnel.CloudAddress, tunnel.CustomerAddress, tunnel.InsideNetwork, tunnel.PreSharedKey, tunnel.KeyGeneration, tunnel.MultiExitDiscriminator, string.Join(' ', tunnel.Ranges)))).Order(StringComparer.Ordinal),
    ];

    private static string Words(string? node, string connection, int number, long generation, string cloud, string gateway, string inside, string key, int keyGeneration, int med, string ranges) =>
        $"{node} {connection} {number} generation {generation} {cloud} {gateway} {inside} {key} {keyGeneration} MED {med} {ranges}";

    private sealed class WantedTunnel
    {
        public required string ConnectionId { get; init; }

        public int Number { get; init; }

        public string? NodeId { get; init; }

        public long Generation { get; init; }

        public required string CloudAddress { get; init; }

        public required string GatewayAddress { get; init; }

        public required string InsideNetwork { get; init; }

        public required byte[] Key { get; init; }

        public int KeyGeneration { get; init; }

        public int Med { get; init; }

        public required string Ranges { get; init; }

        public long Applied { get; init; }

        public required string State { get; init; }
    }
}
