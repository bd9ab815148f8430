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

    /// <summary>Keeps a report.</summary>
    public static async Task SaveAsync(NpgsqlConnection connection, string node, NodeReport report)
    {
        var tunnels = report.Tunnels.DistinctBy(tunnel => (tunnel.ConnectionId, tunnel.Number)).OrderBy(tunnel => tunnel.ConnectionId, StringComparer.Ordinal).ThenBy(tunnel => tunnel.Number).ToArray();
        var ids = tunnels.Select(tunnel => tunnel.ConnectionId).ToArray();
        var before = (await connection.QueryAsync<Known>(
            "select connection_id, number, node_id, applied_generation, state, (observed->'ike'->>'keyGeneration')::int as key_generation from observations where connection_id = any(@ids)",
            new { ids })).ToDictionary(row => (row.ConnectionId, row.Number));
        var kept = (await connection.QueryAsync<Known>(
            """
            insert into observations (connection_id, number, node_id, applied_generation, state, observed, problem, at)
            select r.connection_id, r.number, @node, r.generation, r.state, r.observed::jsonb, r.problem, now()
            from unnest(@ids, @numbers, @generations, @states, @observed, @problems) r (connection_id, number, generation, state, observed, problem)
            join tunnels t on t.connection_id = r.connection_id and t.number = r.number and t.node_id = @node
            order by r.connection_id, r.number
            on conflict (connection_id, number) do update set
              node_id = excluded.node_id, applied_generation = excluded.applied_generation, state = excluded.state, observed = excluded.observed, problem = excluded.problem, at = excluded.at
            returning connection_id, number, node_id, applied_generation, state, (observed->'ike'->>'keyGeneration')::int as key_generation
            """,
            new
            {
                node,
                ids,
                numbers = tunnels.Select(tunnel => tunnel.Number).ToArray(),
                generations = tunnels.Select(tunnel => tunnel.AppliedGeneration).ToArray(),
                states = tunnels.Select(tunnel => Words.Write(tunnel.Observed.State)).ToArray(),
                observed = tunnels.Select(tunnel => JsonSerializer.Serialize(tunnel.Observed, CloudJson.Default.ObservedTunnel)).ToArray(),
                problems = tunnels.Select(tunnel => tunnel.Problem).ToArray(),
            })).ToArray();
        if (report.Complete)
        {
            await connection.ExecuteAsync(
                "delete from observations where node_id = @node and not exists (select 1 from unnest(@ids, @numbers) r (id, number) where r.id = connection_id and r.number = observations.number)",
                new { node, ids, numbers = tunnels.Select(tunnel => tunnel.Number).ToArray() });
        }

        var (changed, told, up) = (false, new List<Known>(), Words.Write(TunnelState.Up));
        var causes = tunnels.ToDictionary(tunnel => (tunnel.ConnectionId, tunnel.Number), tunnel => tunnel.Observed.LastDown?.Cause);
        foreach (var now in kept)
        {
            before.TryGetValue((now.ConnectionId, now.Number), out var earlier);
            changed |= earlier is null || earlier.NodeId != node || earlier.AppliedGeneration != now.AppliedGeneration || earlier.State != now.State || earlier.KeyGeneration != now.KeyGeneration;
            if (now.State != earlier?.State && (now.State == up || earlier?.State == up)) told.Add(now);
        }

        await TellAsync(connection, told, causes);
        if (changed) Signals.Send(connection, Signals.Work);
        Database.AtCommit(connection).Add(NoDisk, new { });
    }

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

    private static async Task TellAsync(NpgsqlConnection connection, IReadOnlyCollection<Known> told, Dictionary<(string ConnectionId, int Number), string?> causes)
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

    private sealed class Known
    {
        public required string ConnectionId { get; init; }

        public int Number { get; init; }

        public required string NodeId { get; init; }

        public long AppliedGeneration { get; init; }

        public required string State { get; init; }

        public int? KeyGeneration { get; init; }
    }
}
