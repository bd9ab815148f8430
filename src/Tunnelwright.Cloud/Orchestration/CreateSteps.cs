using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>A new connection: allocated, programmed, available.</summary>
internal sealed class CreateSteps(Allocator allocator) : IOperationSteps
{
    public const string Programming = "programming both endpoints";

    public OperationKind Kind => OperationKind.Create;

    public async Task AdvanceAsync(StepContext context)
    {
        var (store, customer, row, operation, tunnels) = context;
        if (tunnels.Length == 0)
        {
            var (nodes, missing) = await allocator.AllocateAsync(store, row);
            if (missing is not null)
            {
                await OperationStore.SayAsync(store, operation, missing);
                return;
            }

            await OperationStore.SetStateAsync(store, row.Id, ConnectionState.Programming);
            await OperationStore.StepAsync(store, operation, Programming, null, context.Data);
            NodeStore.Touch(store, row.CustomerId, await NodeStore.ConcernedAsync(store, customer, nodes));
            return;
        }

        if (!context.AllProgrammed) return;
        var statements = new Statements(store);
        OperationStore.SetState(statements, row.Id, ConnectionState.Available);
        OperationStore.Finish(statements, operation.Id, "done");
        JournalWriter.Event(statements, "connection.available", row.CustomerId, row.Id, "Both endpoints answer, and the configuration file is ready.");
        JournalWriter.Mail(
            statements,
            customer,
            row,
            $"VPN connection {row.Id} is ready",
            $"The VPN connection {row.Id} of {customer.Name} is ready.\n\nCustomer gateway: {row.GatewayAddress}\nCloud endpoints: {tunnels[0].CloudAddress}, {tunnels[1].CloudAddress}\n\nDownload the configuration file for {row.Device} from the console; it holds the pre-shared keys, which this mail does not.\n");
        await statements.RunAsync();
    }
}
