using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Keeps what nodes tell, and tells those who wait for it.</summary>
internal static class NodeReports
{
    /// <summary>
    /// What nodes tell does not wait for the disk: should a crash of the database take it away, they tell it again, and every commit that rests on it waits for it too.
    /// </summary>
    private const string NoDisk = "select set_config('synchronous_commit', 'off', true)";

    /// <summary>Tunnels kept at a time: a node with thousands of them holds up nobody else's request for long.</summary>
    private const int Slice = 256;

    /// <summary>
    /// Keeps what is told, and gives back only what became different; that counters moved is no difference. What stood before is read by the same statement,
    /// whose parts all see the store as it was when it began (the PostgreSQL manual, section 7.8.4).
    /// </summary>
    private const string Kept =
        """
        with before as (
          select connection_id, number, node_id, applied_generation, state, observed->'ike'->>'keyGeneration' as key_generation, observed->'bgp'->>'state' as session from observations where connection_id = any(@ids)),
        kept as (
          insert into observations (connection_id, number, node_id, applied_generation, state, observed, problem, at)
          select r.connection_id, r.number, @node, r.generation, r.state, r.observed::jsonb, r.problem, now()
          from unnest(@ids, @numbers, @generations, @states, @observed, @problems) r (connection_id, number, generation, state, observed, problem)
          join tunnels t on t.connection_id = r.connection_id and t.number = r.number and t.node_id = @node
          order by r.connection_id, r.number
          on conflict (connection_id, number) do update set
            node_id = excluded.node_id, applied_generation = excluded.applied_generation, state = excluded.state, observed = excluded.observed, problem = excluded.problem, at = excluded.at
          returning connection_id, number, node_id, applied_generation, state, observed->'ike'->>'keyGeneration' as key_generation, observed->'bgp'->>'state' as session)
        select k.connection_id, k.number, k.state, b.state as earlier from kept k left join before b on b.connection_id = k.connection_id and b.number = k.number
        where (b.node_id, b.applied_generation, b.state, b.key_generation, b.session) is distinct from (k.node_id, k.applied_generation, k.state, k.key_generation, k.session)
        """;

    /// <summary>Keeps a report, slice by slice: each is a transaction of its own, and what a node tells again and again needs no more.</summary>
    public static async Task SaveAsync(Database database, string node, NodeReport report, CancellationToken cancellationToken)
    {
        var tunnels = report.Tunnels.DistinctBy(tunnel => (tunnel.ConnectionId, tunnel.Number)).OrderBy(tunnel => tunnel.ConnectionId, StringComparer.Ordinal).ThenBy(tunnel => tunnel.Number).ToArray();
        foreach (var slice in tunnels.Chunk(Slice)) await database.WriteAsync(connection => KeepAsync(connection, node, slice), cancellationToken);
        if (report.Complete) await database.ChangeAsync(connection => ForgetOthersAsync(connection, node, tunnels), cancellationToken);
    }

    private static async Task KeepAsync(NpgsqlConnection connection, string node, NodeTunnelReport[] tunnels)
    {
        var changed = (await connection.QueryAsync<Change>(
            Kept,
            new
            {
                node,
                ids = tunnels.Select(tunnel => tunnel.ConnectionId).ToArray(),
                numbers = tunnels.Select(tunnel => tunnel.Number).ToArray(),
                generations = tunnels.Select(tunnel => tunnel.AppliedGeneration).ToArray(),
                states = tunnels.Select(tunnel => Words.Write(tunnel.Observed.State)).ToArray(),
                observed = tunnels.Select(tunnel => JsonSerializer.Serialize(tunnel.Observed, CloudJson.Default.ObservedTunnel)).ToArray(),
                problems = tunnels.Select(tunnel => tunnel.Problem).ToArray(),
            })).AsList();
        if (changed.Count > 0)
        {
            var up = Words.Write(TunnelState.Up);
            var causes = tunnels.ToDictionary(tunnel => (tunnel.ConnectionId, tunnel.Number), tunnel => tunnel.Observed.LastDown?.Cause);
            await TellAsync(connection, [.. changed.Where(now => now.State != now.Earlier && (now.State == up || now.Earlier == up))], causes);
            Signals.Send(connection, Signals.Work);
        }

        Database.AtCommit(connection).Add(NoDisk, new { });
    }

    /// <summary>A complete report names every tunnel of its node: what is kept beyond it is of a time before.</summary>
    private static Task<int> ForgetOthersAsync(NpgsqlConnection connection, string node, NodeTunnelReport[] tunnels) => connection.ExecuteAsync(
        "delete from observations where node_id = @node and not exists (select 1 from unnest(@ids, @numbers) r (id, number) where r.id = connection_id and r.number = observations.number)",
        new { node, ids = tunnels.Select(tunnel => tunnel.ConnectionId).ToArray(), numbers = tunnels.Select(tunnel => tunnel.Number).ToArray() });

    /// <summary>
    /// Keeps that a node lives, and what it has carried out; a report's tunnels are kept before. A transaction of its own, so that nobody waits for a node's row
    /// while this process works.
    /// </summary>
    /// <returns>The newest version of what the node should do.</returns>
    public static async Task<long> BeatAsync(NpgsqlConnection connection, string node, long applied)
    {
        var row = await connection.QuerySingleOrDefaultAsync<(long Desired, bool Changed, string Commit)?>(
            """
            update nodes n set last_seen_at = now(), applied_version = least(@applied, n.desired_version) from nodes old where n.id = @node and old.id = n.id
            returning n.desired_version, old.applied_version <> n.applied_version, set_config('synchronous_commit', 'off', true)
            """,
            new { node, applied }) ?? throw ProblemException.NotSignedIn();
        if (row.Changed) Signals.Send(connection, Signals.Work);
        return row.Desired;
    }

    private static async Task TellAsync(NpgsqlConnection connection, IReadOnlyCollection<Change> told, Dictionary<(string ConnectionId, int Number), string?> causes)
    {
        if (told.Count == 0) return;
        var customers = (await connection.QueryAsync<(string Id, string Customer)>("select id, customer_id from connections where id = any(@ids)", new { ids = told.Select(tunnel => tunnel.ConnectionId).ToArray() }))
            .ToDictionary(row => row.Id, row => row.Customer, StringComparer.Ordinal);
        var statements = new Statements(connection);
        foreach (var tunnel in told)
        {
            if (!customers.TryGetValue(tunnel.ConnectionId, out var customer)) continue;
            if (tunnel.State == Words.Write(TunnelState.Up)) JournalWriter.Event(statements, "tunnel.up", customer, tunnel.ConnectionId, $"Tunnel {tunnel.Number} is up.", tunnel.Number);
            else JournalWriter.Event(statements, "tunnel.down", customer, tunnel.ConnectionId, $"Tunnel {tunnel.Number} is down.", tunnel.Number, causes[(tunnel.ConnectionId, tunnel.Number)]);
        }

        await statements.RunAsync();
    }

    /// <summary>A tunnel of which a node tells something new.</summary>
    private sealed class Change
    {
        public required string ConnectionId { get; init; }

        public int Number { get; init; }

        public required string State { get; init; }

        /// <summary>The state that was told before; null for none.</summary>
        public string? Earlier { get; init; }
    }
}
