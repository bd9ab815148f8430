using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Connections in the store.</summary>
internal static class ConnectionStore
{
    /// <summary>Reads a connection of a customer. Takes @customer and @id.</summary>
    public const string OneOf = $"select {ConnectionRow.Columns} from connections where id = @id and customer_id = @customer";

    /// <summary>Reads a customer's connections. Takes @customer.</summary>
    public const string AllOf = $"select {ConnectionRow.Columns} from connections where customer_id = @customer order by created_at, id";

    /// <summary>Reads the change of a customer that is on its way. Takes @customer.</summary>
    public const string OperationOf = $"select {OperationRow.Columns} from operations where customer_id = @customer and finished_at is null";

    /// <summary>Reads the tunnels of a connection. Takes @id, @customer and @silent.</summary>
    public const string TunnelsOf = $"{TunnelRow.Select} where t.connection_id = @id and t.customer_id = @customer order by t.number";

    private const string NetworkOf = "select cloud_network::text from customers where id = @customer";

    private const string Page = "from connections where customer_id = @customer and (created_at, id) > (@time, @after) order by created_at, id limit @rows";

    /// <summary>A connection of a customer.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static async Task<ConnectionRow> GetAsync(NpgsqlConnection connection, string customer, string id) =>
        await connection.QuerySingleOrDefaultAsync<ConnectionRow?>(OneOf, new { id, customer }) ?? throw ProblemException.NotFound();

    public static Task<IEnumerable<ConnectionRow>> OfCustomerAsync(NpgsqlConnection connection, string customer) => connection.QueryAsync<ConnectionRow>(AllOf, new { customer });

    /// <summary>The tunnels of a connection, with their keys.</summary>
    public static async Task<TunnelRow[]> TunnelsAsync(NpgsqlConnection connection, TimeSpan silent, string id) =>
        (await connection.QueryAsync<TunnelRow>($"{TunnelRow.SelectWithKeys} where t.connection_id = @id order by t.number", new { silent, id })).ToArray();

    /// <summary>The change of a customer that is on its way; null when there is none.</summary>
    public static Task<OperationRow?> OperationAsync(NpgsqlConnection connection, string customer) => connection.QuerySingleOrDefaultAsync<OperationRow?>(OperationOf, new { customer });

    /// <summary>A connection as the API shows it.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static async Task<Connection> ShowAsync(NpgsqlConnection connection, TimeSpan silent, string customer, string id)
    {
        await using var found = await connection.QueryMultipleAsync($"{NetworkOf}; {OperationOf}; {OneOf}; {TunnelsOf}", new { customer, id, silent });
        return (await ShowAsync(found, read => read.ReadAsync<ConnectionRow>())).FirstOrDefault() ?? throw ProblemException.NotFound();
    }

    public static async Task<Page<Connection>> ListAsync(NpgsqlConnection connection, TimeSpan silent, string customer, PageQuery query)
    {
        var (time, after) = Place(query);

        // Tunnels of one row more than is shown: asking for them need not wait for the rows.
        await using var found = await connection.QueryMultipleAsync(
            $"{NetworkOf}; {OperationOf}; select {ConnectionRow.Columns} {Page}; {TunnelRow.Select} where t.connection_id in (select id {Page}) order by t.connection_id, t.number",
            new
            {
                customer,
                silent,
                time,
                after,
                rows = query.Limit + 1,
            });
        string? next = null;
        var shown = await ShowAsync(found, async read =>
        {
            var page = query.Cut([.. await read.ReadAsync<ConnectionRow>()], row => $"{row.CreatedAt.Ticks} {row.Id}");
            next = page.Next;
            return page.Items;
        });
        return new Page<Connection>(shown, next);
    }

    private static (DateTime Time, string After) Place(PageQuery query) => query.After?.Split(' ') switch
    {
        null => (DateTime.UnixEpoch, ""),
        [var ticks, var id] when long.TryParse(ticks, out var number) && number >= 0 && number <= DateTime.MaxValue.Ticks => (new DateTime(number, DateTimeKind.Utc), id),
        _ => throw PageQuery.Foreign(),
    };

    /// <summary>Shows what comes as a customer's network, its operation, its connections and their tunnels.</summary>
    private static async Task<Connection[]> ShowAsync(SqlMapper.GridReader found, Func<SqlMapper.GridReader, Task<IEnumerable<ConnectionRow>>> rowsOf)
    {
        var network = await found.ReadSingleOrDefaultAsync<string?>() ?? throw ProblemException.NotFound();
        var operation = await found.ReadSingleOrDefaultAsync<OperationRow?>();
        var rows = await rowsOf(found);
        var tunnels = (await found.ReadAsync<TunnelRow>()).ToLookup(row => row.ConnectionId, StringComparer.Ordinal);
        return [.. rows.Select(row => Show(row, network, operation?.ConnectionId == row.Id ? operation : null, [.. tunnels[row.Id]]))];
    }

    private static Connection Show(ConnectionRow row, string network, OperationRow? operation, TunnelRow[] tunnels)
    {
        var state = Words.Read<ConnectionState>(row.State);
        return new Connection(
            row.Id,
            row.CustomerId,
            row.CloudGatewayId,
            row.CustomerGatewayId,
            row.Purpose,
            row.ContactEmail,
            row.GatewayAddress,
            Words.Read<RoutingKind>(row.Routing),
            (uint?)row.CustomerAsn,
            row.Ranges,
            network,
            row.Device,
            JsonSerializer.Deserialize(row.Ike, CloudJson.Default.IkeParameters)!,
            JsonSerializer.Deserialize(row.Ipsec, CloudJson.Default.IpsecParameters)!,
            state,
            operation is null ? null : new Operation(operation.Id, Words.Read<OperationKind>(operation.Kind), operation.Step, operation.Tunnel, operation.StartedAt),
            IsFileReady(state),
            [.. tunnels.Select(Show)],
            row.CreatedAt,
            row.UpdatedAt,
            row.Version);
    }

    /// <summary>Whether the file may be handed out: the nodes have worked with it once.</summary>
    public static bool IsFileReady(ConnectionState state) => state is ConnectionState.Available or ConnectionState.Changing;

    private static ConnectionTunnel Show(TunnelRow row)
    {
        var observed = row.Observed is null ? null : JsonSerializer.Deserialize(row.Observed, CloudJson.Default.ObservedTunnel);
        if (observed is not null && row.Silent) observed = observed with { State = TunnelState.Unknown };
        return new ConnectionTunnel(row.Number, row.CloudAddress, row.InsideNetwork, row.NodeId, row.FailureDomain, row.IsProgrammed, row.KeyGeneration, observed);
    }
}
