using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>
/// Chooses nodes for endpoints: those that report and are not draining, the emptiest first. How full nodes are is counted once a second;
/// in between this replica adds what it placed itself.
/// </summary>
internal sealed class Placement(CloudOptions options, TimeProvider time)
{
    private static readonly TimeSpan LoadAge = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Dictionary<string, int> _loads = new(StringComparer.Ordinal);
    private long? _counted;

    /// <summary>Reads the nodes that may take endpoints. Takes @silent.</summary>
    public const string Candidates = "select id, failure_domain from nodes where not draining and forgotten_at is null and last_seen_at >= now() - @silent";

    /// <summary>Silence after which a node takes no endpoints.</summary>
    public TimeSpan Silent { get; } = options.Silent();

    /// <summary>Two nodes of different failure domains; null when there are no two.</summary>
    /// <param name="candidates">The nodes that may take endpoints.</param>
    public (string First, string Second)? Pair(IEnumerable<Candidate> candidates)
    {
        var nodes = Emptiest(candidates);
        var first = nodes.FirstOrDefault();
        var second = nodes.FirstOrDefault(node => node.FailureDomain != first?.FailureDomain);
        if (first is null || second is null) return null;
        Add(first.Id);
        Add(second.Id);
        return (first.Id, second.Id);
    }

    /// <summary>A node whose failure domain the other tunnel does not use; null when there is none.</summary>
    /// <param name="connection">The store.</param>
    /// <param name="besides">The node that is left.</param>
    /// <param name="otherDomain">Failure domain of the other tunnel's node; null for none.</param>
    public async Task<string?> OneAsync(NpgsqlConnection connection, string? besides, string? otherDomain)
    {
        var found = await FindAsync(connection, besides, otherDomain);
        if (found is not null) Add(found);
        return found;
    }

    /// <summary>The node that <see cref="OneAsync"/> would give now; nothing is placed on it.</summary>
    public async Task<string?> FindAsync(NpgsqlConnection connection, string? besides, string? otherDomain)
    {
        await CountAsync(connection);
        return Emptiest(await connection.QueryAsync<Candidate>(Candidates, new { silent = Silent })).FirstOrDefault(node => node.Id != besides && node.FailureDomain != otherDomain)?.Id;
    }

    private Candidate[] Emptiest(IEnumerable<Candidate> nodes)
    {
        lock (_gate) return [.. nodes.OrderBy(node => _loads.GetValueOrDefault(node.Id)).ThenBy(_ => Random.Shared.Next())];
    }

    /// <summary>Counts the tunnels of each node anew when the last count is old.</summary>
    public async Task CountAsync(NpgsqlConnection connection)
    {
        lock (_gate)
        {
            if (_counted is { } at && time.GetElapsedTime(at) < LoadAge) return;
            _counted = time.GetTimestamp();
        }

        var loads = await connection.QueryAsync<(string, int)>("select node_id, count(*)::int from tunnels where node_id is not null group by node_id");
        lock (_gate) _loads = loads.ToDictionary(row => row.Item1, row => row.Item2, StringComparer.Ordinal);
    }

    private void Add(string node)
    {
        lock (_gate) _loads[node] = _loads.GetValueOrDefault(node) + 1;
    }

    /// <summary>A node that may take endpoints.</summary>
    internal sealed class Candidate
    {
        public required string Id { get; init; }

        public required string FailureDomain { get; init; }
    }
}
