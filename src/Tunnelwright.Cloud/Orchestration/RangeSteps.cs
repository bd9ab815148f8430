using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Changed ranges: both nodes take them over while their tunnels stay up. A dead node is not waited for.</summary>
internal sealed class RangeSteps : IOperationSteps
{
    public OperationKind Kind => OperationKind.ChangeRanges;

    public async Task AdvanceAsync(StepContext context)
    {
        if (!context.NobodyAwaited) return;
        var (store, customer, row, operation, _) = context;
        var statements = new Statements(store);
        OperationStore.SetState(statements, row.Id, ConnectionState.Available);
        OperationStore.Finish(statements, operation.Id, "done");
        var ranges = string.Join(", ", row.Ranges);
        JournalWriter.Event(statements, "connection.changed", row.CustomerId, row.Id, $"The registered ranges are {ranges}.{context.Unreached}");
        JournalWriter.Mail(statements, customer, row, $"VPN connection {row.Id} was changed", $"The registered ranges of VPN connection {row.Id} of {customer.Name} are now {ranges}.\n");
        await statements.RunAsync();
    }
}
