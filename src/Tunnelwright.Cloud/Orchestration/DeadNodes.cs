using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Moves endpoints away from nodes that fell silent, with their outside addresses, and finds a node for those that have none. What finds no node now stays, and holds up no other change.</summary>
internal sealed class DeadNodes(Database database, Placement placement, CloudOptions options)
{
    private const int AtOnce = 500;

    /// <summary>Leaves out an endpoint that an operation has on its way from one node to another.</summary>
    private const string NotReplaced =
        " and not (t.node_id is null and exists (select 1 from operations p where p.connection_id = t.connection_id and p.tunnel = t.number and p.kind = 'replace-endpoint' and p.finished_at is null))";

    /// <summary>Moves what can be moved now.</summary>
    /// <returns>How many endpoints moved.</returns>
    public async Task<int> MoveAsync(CancellationToken cancellationToken)
    {
        var customers = await database.ReadAsync(
            connection => connection.QueryAsync<string>(
                """
                select t.customer_id from nodes n join tunnels t on t.node_id = n.id join connections c on c.id = t.connection_id
                where (n.last_seen_at < now() - @silent or n.forgotten_at is not null) and c.state <> 'deleting'
                union select t.customer_id from tunnels t join connections c on c.id = t.connection_id where t.node_id is null and c.state <> 'deleting' limit @AtOnce
                """,
                new { silent = options.Silent(), AtOnce }),
            cancellationToken);
        var moved = 0;
        foreach (var customer in customers) moved += await database.WriteAsync(connection => MoveAsync(connection, customer), cancellationToken);
        return moved;
    }

    private async Task<int> MoveAsync(NpgsqlConnection connection, string customer)
    {
        if (await CustomerStore.TryLockAsync(connection, customer) is null) return 0;
        var tunnels = (await connection.QueryAsync<TunnelRow>(
            $"{TunnelRow.Select} join connections c on c.id = t.connection_id where t.customer_id = @customer and c.state <> 'deleting'{NotReplaced} order by t.connection_id, t.number",
            new { silent = options.Silent(), customer })).ToArray();
        var (moved, touched) = (0, new List<string?>());
        var left = new List<(string Node, string Address)>();
        foreach (var pair in tunnels.GroupBy(tunnel => tunnel.ConnectionId, StringComparer.Ordinal))
        {
            // The failure domains of the pair's living ends, and of ends that moved just now.
            var domains = pair.Where(tunnel => tunnel is { NodeId: not null, Silent: false }).ToDictionary(tunnel => tunnel.Number, tunnel => tunnel.FailureDomain);
            foreach (var tunnel in pair.Where(tunnel => tunnel.Silent))
            {
                if (await placement.OneAsync(connection, tunnel.NodeId, domains.GetValueOrDefault(3 - tunnel.Number)) is not { } node) continue;
                domains[tunnel.Number] = await connection.QuerySingleAsync<string>(
                    """
                    update tunnels set node_id = @node, generation = generation + 1 where connection_id = @ConnectionId and number = @Number
                    returning (select failure_domain from nodes where id = @node)
                    """,
                    new { node, tunnel.ConnectionId, tunnel.Number });
                await JournalWriter.EventAsync(
                    connection,
                    "endpoint.moved",
                    customer,
                    tunnel.ConnectionId,
                    tunnel.NodeId is null ? $"The endpoint of tunnel {tunnel.Number} has a node again, with its address {tunnel.CloudAddress}." : $"The node of tunnel {tunnel.Number} fell silent: its endpoint has moved to another node, with its address {tunnel.CloudAddress}.",
                    tunnel.Number);
                await JournalWriter.AuditAsync(connection, Caller.Service, "endpoint.move", customer, tunnel.ConnectionId, $"tunnel {tunnel.Number}, {tunnel.NodeId ?? "no node"} to {node}");
                touched.AddRange([tunnel.NodeId, node]);
                moved++;
                if (tunnel.NodeId is { } old) left.Add((old, tunnel.CloudAddress));
            }
        }

        var versions = await NodeStore.TouchAsync(connection, customer, touched);
        foreach (var (node, address) in left) await Holds.AddAsync(connection, [address], new Dictionary<string, long>(StringComparer.Ordinal) { [node] = versions[node] });
        return moved;
    }
}
