using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Keeps what nodes tell, and tells those who wait for it.</summary>
internal static class NodeReports
{
    /// <summary>Keeps a report.</summary>
    /// <returns>The newest version of what the node should do.</returns>
    public static async Task<long> SaveAsync(NpgsqlConnection connection, string node, NodeReport report)
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

        var changed = false;
        var causes = tunnels.ToDictionary(tunnel => (tunnel.ConnectionId, tunnel.Number), tunnel => tunnel.Observed.LastDown?.Cause);
        foreach (var now in kept)
        {
            before.TryGetValue((now.ConnectionId, now.Number), out var earlier);
            changed |= earlier is null || earlier.NodeId != node || earlier.AppliedGeneration != now.AppliedGeneration || earlier.State != now.State || earlier.KeyGeneration != now.KeyGeneration;
            await TellAsync(connection, now, earlier?.State, causes[(now.ConnectionId, now.Number)]);
        }

        var version = await BeatAsync(connection, node, report.AppliedVersion);
        if (changed) await Signals.SendAsync(connection, Signals.Work);
        return version;
    }

    /// <summary>Keeps that a node lives.</summary>
    /// <returns>The newest version of what the node should do.</returns>
    public static async Task<long> BeatAsync(NpgsqlConnection connection, string node, long applied)
    {
        var before = await connection.QuerySingleOrDefaultAsync<long?>("select applied_version from nodes where id = @node", new { node }) ?? throw ProblemException.NotSignedIn();
        if (before != applied) await Signals.SendAsync(connection, Signals.Work);
        return await connection.QuerySingleAsync<long>("update nodes set last_seen_at = now(), applied_version = least(@applied, desired_version) where id = @node returning desired_version", new { node, applied });
    }

    private static async Task TellAsync(NpgsqlConnection connection, Known now, string? earlier, string? cause)
    {
        var up = Words.Write(TunnelState.Up);
        if (now.State == earlier || (now.State != up && earlier != up)) return;
        var customer = await connection.QuerySingleOrDefaultAsync<string>("select customer_id from connections where id = @ConnectionId", new { now.ConnectionId });
        if (customer is null) return;
        if (now.State == up) await JournalWriter.EventAsync(connection, "tunnel.up", customer, now.ConnectionId, $"Tunnel {now.Number} is up.", now.Number);
        else await JournalWriter.EventAsync(connection, "tunnel.down", customer, now.ConnectionId, $"Tunnel {now.Number} is down.", now.Number, cause);
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
