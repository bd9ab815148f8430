using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>
/// New keys, one tunnel at a time: the second tunnel's key is switched only when the first is seen up with its new one, or an operator
/// says that the customer's gateway has it. The file shows both new keys from the start. A tunnel whose node is dead cannot be seen: where the other carries
/// the traffic, its key is switched only when the operator says so, and a second tunnel without a living node is not waited for.
/// </summary>
internal sealed class RotateSteps : IOperationSteps
{
    private const string NoNode = "no living node has the endpoint of tunnel";

    public OperationKind Kind => OperationKind.RotateKeys;

    /// <summary>The tunnel to begin with: one that carries nothing while the other has the traffic, else tunnel 1.</summary>
    public static int FirstOf(ConnectionRow row, TunnelRow[] tunnels) => Carrying.Is(row, tunnels[0]) && !Carrying.Is(row, tunnels[1]) ? 2 : 1;

    public static string StepOf(int tunnel) => $"programming the new key of tunnel {tunnel}";

    /// <summary>Puts the next key in the place of a tunnel's key.</summary>
    public static Task SwitchAsync(NpgsqlConnection store, string connection, int tunnel) => store.ExecuteAsync(
        "update tunnels set key = next_key, next_key = null, key_generation = key_generation + 1, generation = generation + 1 where connection_id = @connection and number = @tunnel and next_key is not null",
        new { connection, tunnel });

    public async Task AdvanceAsync(StepContext context)
    {
        var (store, customer, row, operation, _) = context;
        var tunnel = context.Tunnel(operation.Tunnel ?? 1);
        if (tunnel.IsAwaited) return;
        var second = 3 - tunnel.Number;
        var begins = tunnel.Number == context.Data.First;
        var goesOn = operation.Confirmed || (tunnel.IsProgrammed ? HasNewKey(row, tunnel, operation) : !begins || !Carrying.IsUp(context.Tunnel(second)));
        if (!goesOn)
        {
            await OperationStore.SayAsync(store, operation, tunnel.IsProgrammed ? $"waiting for tunnel {tunnel.Number} to come up with its new key" : $"{NoNode} {tunnel.Number}: confirm when the gateway has both new keys");
            return;
        }

        if (begins)
        {
            await SwitchAsync(store, row.Id, second);
            await OperationStore.StepAsync(store, operation, StepOf(second), second, context.Data);
            NodeStore.Touch(store, row.CustomerId, [context.Tunnel(second).NodeId]);
            return;
        }

        await OperationStore.SetStateAsync(store, row.Id, ConnectionState.Available);
        await OperationStore.FinishAsync(store, operation.Id, "done");
        await JournalWriter.EventAsync(store, "keys.rotated", row.CustomerId, row.Id, $"Both tunnels have new keys.{context.Unreached}");
        await JournalWriter.MailAsync(store, customer, row, $"VPN connection {row.Id} has new keys", $"Both tunnels of VPN connection {row.Id} of {customer.Name} use their new pre-shared keys.\n");
    }

    /// <summary>Whether a tunnel carries traffic again, and with its new key: the other one may be touched.</summary>
    private static bool HasNewKey(ConnectionRow row, TunnelRow tunnel, OperationRow operation)
    {
        if (!Carrying.Is(row, tunnel) || Carrying.Seen(tunnel)?.Ike is not { } ike) return false;
        return ike.KeyGeneration is { } generation ? generation >= tunnel.KeyGeneration : ike.EstablishedAt.UtcDateTime > operation.StepAt;
    }
}
