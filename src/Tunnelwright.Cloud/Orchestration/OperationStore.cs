using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>What an operation has to know from one step to the next.</summary>
internal sealed record OperationData
{
    /// <summary>Nodes that have to carry out a version before the next step: what they gave up may then be used elsewhere.</summary>
    public IReadOnlyDictionary<string, long> Awaited { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>The tunnel that a rotation begins with.</summary>
    public int? First { get; init; }

    /// <summary>The node that an endpoint is to leave; null in operations of an earlier program.</summary>
    public string? Left { get; init; }

    /// <summary>Whether the tunnel was up when its endpoint began to be replaced.</summary>
    public bool WasUp { get; init; }

    public static OperationData Of(OperationRow operation) => JsonSerializer.Deserialize(operation.Data, StoreJson.Default.OperationData)!;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OperationData))]
internal sealed partial class StoreJson : JsonSerializerContext;

/// <summary>Operations in the store. The index one_change_at_a_time is what keeps two of a customer apart.</summary>
internal static class OperationStore
{
    private const string Finished = "update operations set step = @step, finished_at = now() where id = @id";
    private const string StateSet = "update connections set state = @state, updated_at = now(), version = version + 1 where id = @id";

    public static Task StartAsync(NpgsqlConnection connection, ConnectionRow row, OperationKind kind, string step, int? tunnel = null, OperationData? data = null)
    {
        var statements = new Statements(connection);
        Start(statements, row.Id, row.CustomerId, kind, step, tunnel, data);
        return statements.RunAsync();
    }

    public static void Start(Statements statements, string vpn, string customer, OperationKind kind, string step, int? tunnel = null, OperationData? data = null) => statements.Add(
        "insert into operations (id, customer_id, connection_id, kind, step, tunnel, data) values (@id, @customer, @vpn, @kind, @step, @tunnel, @data::jsonb)",
        new { id = Secrets.Id("op-", 12), customer, vpn, kind = Words.Write(kind), step, tunnel, data = Write(data) });

    public static Task StepAsync(NpgsqlConnection connection, OperationRow operation, string step, int? tunnel, OperationData data) => connection.ExecuteAsync(
        "update operations set step = @step, tunnel = @tunnel, data = @data::jsonb, confirmed = false, step_at = now() where id = @Id",
        new { operation.Id, step, tunnel, data = Write(data) });

    /// <summary>Other words for the same step.</summary>
    public static async Task SayAsync(NpgsqlConnection connection, OperationRow operation, string step)
    {
        if (operation.Step != step) await connection.ExecuteAsync("update operations set step = @step where id = @Id", new { operation.Id, step });
    }

    public static Task FinishAsync(NpgsqlConnection connection, string id, string step) => connection.ExecuteAsync(Finished, new { id, step });

    public static void Finish(Statements statements, string id, string step) => statements.Add(Finished, new { id, step });

    /// <summary>Sets a connection's state and counts the change.</summary>
    public static Task SetStateAsync(NpgsqlConnection connection, string id, ConnectionState state) => connection.ExecuteAsync(StateSet, new { id, state = Words.Write(state) });

    /// <summary>Sets a connection's state and counts the change.</summary>
    public static void SetState(Statements statements, string id, ConnectionState state) => statements.Add(StateSet, new { id, state = Words.Write(state) });

    /// <summary>Whether every awaited node has carried its version out, or cannot be waited for.</summary>
    public static async Task<bool> IsCarriedOutAsync(NpgsqlConnection connection, OperationData data, TimeSpan silent)
    {
        if (data.Awaited.Count == 0) return true;
        return !await connection.ExecuteScalarAsync<bool>(
            """
            select exists (select 1 from unnest(@ids, @versions) a (id, version) join nodes n on n.id = a.id
            where n.applied_version < a.version and n.last_seen_at >= now() - @silent)
            """,
            new { ids = data.Awaited.Keys.ToArray(), versions = data.Awaited.Values.ToArray(), silent });
    }

    private static string Write(OperationData? data) => JsonSerializer.Serialize(data ?? new OperationData(), StoreJson.Default.OperationData);
}
