using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Connections in the store.</summary>
internal static class ConnectionStore
{
    /// <summary>A connection of a customer.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static async Task<ConnectionRow> GetAsync(NpgsqlConnection connection, string customer, string id) =>
        await connection.QuerySingleOrDefaultAsync<ConnectionRow?>($"select {ConnectionRow.Columns} from connections where id = @id and customer_id = @customer", new { id, customer })
        ?? throw ProblemException.NotFound();

    public static Task<IEnumerable<ConnectionRow>> OfCustomerAsync(NpgsqlConnection connection, string customer) =>
        connection.QueryAsync<ConnectionRow>($"select {ConnectionRow.Columns} from connections where customer_id = @customer order by created_at, id", new { customer });

    public static async Task<TunnelRow[]> TunnelsAsync(NpgsqlConnection connection, TimeSpan silent, params string[] ids) =>
        (await connection.QueryAsync<TunnelRow>($"{TunnelRow.Select} where t.connection_id = any(@ids) order by t.connection_id, t.number", new { silent, ids })).ToArray();

    /// <summary>The change of a customer that is on its way; null when there is none.</summary>
    public static Task<OperationRow?> OperationAsync(NpgsqlConnection connection, string customer) =>
        connection.QuerySingleOrDefaultAsync<OperationRow?>($"select {OperationRow.Columns} from operations where customer_id = @customer and finished_at is null", new { customer });

    /// <summary>A connection as the API shows it.</summary>
    public static async Task<Connection> ShowAsync(NpgsqlConnection connection, TimeSpan silent, string customer, string id)
    {
        var row = await GetAsync(connection, customer, id);
        return (await ShowAsync(connection, silent, [row]))[0];
    }

    /// <summary>Connections of one customer as the API shows them.</summary>
    public static async Task<Connection[]> ShowAsync(NpgsqlConnection connection, TimeSpan silent, ConnectionRow[] rows)
    {
        if (rows.Length == 0) return [];
        var customer = await CustomerStore.GetAsync(connection, rows[0].CustomerId);
        var operation = await OperationAsync(connection, rows[0].CustomerId);
        var tunnels = (await TunnelsAsync(connection, silent, [.. rows.Select(row => row.Id)])).ToLookup(row => row.ConnectionId, StringComparer.Ordinal);
        return [.. rows.Select(row => Show(row, customer, operation?.ConnectionId == row.Id ? operation : null, [.. tunnels[row.Id]]))];
    }

    public static async Task<Page<Connection>> ListAsync(NpgsqlConnection connection, TimeSpan silent, string customer, PageQuery query)
    {
        await CustomerStore.GetAsync(connection, customer);
        var after = query.After?.Split(' ') ?? [];
        if (after.Length is not (0 or 2) || (after.Length == 2 && !long.TryParse(after[0], out _))) throw ProblemException.NotValid("cursor", "cursor", "The cursor is none that this list gave.");
        var rows = (await connection.QueryAsync<ConnectionRow>(
            $"select {ConnectionRow.Columns} from connections where customer_id = @customer and (created_at, id) > (@time, @id) order by created_at, id limit @rows",
            new
            {
                customer,
                time = after.Length == 2 ? new DateTime(long.Parse(after[0]), DateTimeKind.Utc) : DateTime.UnixEpoch,
                id = after.Length == 2 ? after[1] : "",
                rows = query.Limit + 1,
            })).ToArray();
        var page = query.Cut(rows, row => $"{row.CreatedAt.Ticks} {row.Id}");
        return new Page<Connection>(await ShowAsync(connection, silent, [.. page.Items]), page.Next);
    }

    private static Connection Show(ConnectionRow row, CustomerRow customer, OperationRow? operation, TunnelRow[] tunnels)
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
            customer.CloudNetwork,
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
