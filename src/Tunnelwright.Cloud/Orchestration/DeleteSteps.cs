using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Every trace goes: first from the nodes, then from the store, so that nobody gets an address that a node still has.</summary>
internal sealed class DeleteSteps : IOperationSteps
{
    public const string Removing = "the nodes are giving the tunnels up";

    public OperationKind Kind => OperationKind.Delete;

    public async Task AdvanceAsync(StepContext context)
    {
        var (store, customer, row, operation, _) = context;
        if (!await OperationStore.IsCarriedOutAsync(store, context.Data, context.Silence)) return;
        await Holds.AddAsync(store, context.Tunnels.Select(tunnel => tunnel.CloudAddress), context.Data.Awaited);
        await store.ExecuteAsync(
            """
            delete from observations where connection_id = @Id;
            delete from tunnels where connection_id = @Id;
            update outside_addresses set connection_id = null, freed_at = now() where connection_id = @Id;
            delete from connections where id = @Id;
            """,
            new { row.Id });
        await OperationStore.FinishAsync(store, operation.Id, "done");
        await JournalWriter.EventAsync(store, "connection.deleted", row.CustomerId, row.Id, "The connection is gone.");
        await JournalWriter.MailAsync(store, customer, row, $"VPN connection {row.Id} was deleted", $"The VPN connection {row.Id} of {customer.Name} was deleted. Its keys and endpoints no longer work.\n");
    }
}
