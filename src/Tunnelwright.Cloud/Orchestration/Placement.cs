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

    /// <summary>Two nodes of different failure domains; null when there are no two.</summary>
    public async Task<(string First, string Second)?> PairAsync(NpgsqlConnection connection)
    {
        var nodes = await CandidatesAsync(connection);
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
        var found = (await CandidatesAsync(connection)).FirstOrDefault(node => node.Id != besides && node.FailureDomain != otherDomain);
        if (found is not null) Add(found.Id);
        return found?.Id;
    }

    private async Task<Candidate[]> CandidatesAsync(NpgsqlConnection connection)
    {
        var nodes = await connection.QueryAsync<Candidate>("select id, failure_domain from nodes where not draining and last_seen_at >= now() - @silent", new { silent = options.Silent() });
        await CountAsync(connection);
        lock (_gate) return [.. nodes.OrderBy(node => _loads.GetValueOrDefault(node.Id)).ThenBy(_ => Random.Shared.Next())];
    }

    private async Task CountAsync(NpgsqlConnection connection)
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

    private sealed class Candidate
    {
        public required string Id { get; init; }

        public required string FailureDomain { get; init; }
    }
}
