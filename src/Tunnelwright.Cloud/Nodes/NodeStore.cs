using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Nodes in the store, and the versions of what they should do.</summary>
internal static class NodeStore
{
    public const string CredentialPrefix = "twn_";
    public const string RegistrationPrefix = "twr_";

    private const string Columns =
        """
        n.id, n.name, n.failure_domain, n.draining, n.forgotten_at is not null as forgotten, n.last_seen_at, n.desired_version, n.applied_version,
        n.last_seen_at < now() - @silent as silent, (select count(*) from tunnels t where t.node_id = n.id)::int as tunnels
        """;

    /// <summary>Counts the nodes' versions. In the order of their ids, so that two at once do not wait for each other.</summary>
    private const string Touched =
        """
        with locked as materialized (select id from nodes where id = any(@ids) order by id for no key update),
        counted as (update nodes set desired_version = desired_version + 1 where id in (select id from locked) returning id, desired_version)
        insert into node_customers (node_id, customer_id, version) select id, @customer, desired_version from counted
        on conflict (node_id, customer_id) do update set version = excluded.version
        returning node_id, version
        """;

    /// <summary>The nodes that a customer has tunnels on.</summary>
    public static async Task<string[]> OfCustomerAsync(NpgsqlConnection connection, string customer) =>
        (await connection.QueryAsync<string>("select distinct node_id from tunnels where customer_id = @customer and node_id is not null", new { customer })).ToArray();

    /// <summary>The nodes that a change of a customer's connection concerns: those of its own endpoints, and where domains are forwarded all that know what connections lead to.</summary>
    public static async Task<IEnumerable<string?>> ConcernedAsync(NpgsqlConnection connection, CustomerRow customer, IEnumerable<string?> own) =>
        customer.ReadDns().Forwards.Count == 0 ? own : own.Concat(await OfCustomerAsync(connection, customer.Id));

    /// <summary>Tells nodes, with the transaction's commit, that something of a customer changed.</summary>
    public static void Touch(NpgsqlConnection connection, string customer, IEnumerable<string?> nodes)
    {
        var ids = Distinct(nodes);
        if (ids.Length == 0) return;
        Database.AtCommit(connection).Add(Touched, new { ids, customer });
        Signals.Send(connection, ids.Select(Signals.Node));
    }

    /// <summary>The same for who has to know the versions. The last thing that a transaction does: it holds the nodes' rows until it commits.</summary>
    /// <returns>The version that holds the change, by node.</returns>
    public static async Task<IReadOnlyDictionary<string, long>> TouchAsync(NpgsqlConnection connection, string customer, IEnumerable<string?> nodes)
    {
        var ids = Distinct(nodes);
        if (ids.Length == 0) return new Dictionary<string, long>(StringComparer.Ordinal);
        var versions = await connection.QueryAsync<(string, long)>(Touched, new { ids, customer });
        Signals.Send(connection, ids.Select(Signals.Node));
        return versions.ToDictionary(row => row.Item1, row => row.Item2, StringComparer.Ordinal);
    }

    private static string[] Distinct(IEnumerable<string?> nodes) => [.. nodes.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public static async Task<Page<Node>> ListAsync(NpgsqlConnection connection, TimeSpan silent, PageQuery query)
    {
        var rows = (await connection.QueryAsync<NodeRow>($"select {Columns} from nodes n where id > @after order by id limit @rows", new { silent, after = query.After ?? "", rows = query.Limit + 1 })).ToArray();
        var page = query.Cut(rows, row => row.Id);
        return new Page<Node>([.. page.Items.Select(row => row.ToNode())], page.Next);
    }

    public static async Task<Node> GetAsync(NpgsqlConnection connection, TimeSpan silent, string id) =>
        (await connection.QuerySingleOrDefaultAsync<NodeRow?>($"select {Columns} from nodes n where id = @id", new { silent, id }))?.ToNode() ?? throw ProblemException.NotFound();

    private sealed class NodeRow
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string FailureDomain { get; init; }

        public bool Draining { get; init; }

        public bool Forgotten { get; init; }

        public bool Silent { get; init; }

        public DateTime LastSeenAt { get; init; }

        public long DesiredVersion { get; init; }

        public long AppliedVersion { get; init; }

        public int Tunnels { get; init; }

        public Node ToNode() => new(Id, Name, FailureDomain, Forgotten ? NodeState.Forgotten : Silent ? NodeState.Silent : Draining ? NodeState.Draining : NodeState.Ready, LastSeenAt, Tunnels, DesiredVersion, AppliedVersion);
    }
}
