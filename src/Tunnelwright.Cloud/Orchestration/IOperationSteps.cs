using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>What stands when an operation is looked at: one transaction, the customer locked.</summary>
/// <param name="Store">The transaction.</param>
/// <param name="Customer">The customer.</param>
/// <param name="Row">The connection.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Tunnels">The connection's tunnels.</param>
internal sealed record StepContext(NpgsqlConnection Store, CustomerRow Customer, ConnectionRow Row, OperationRow Operation, TunnelRow[] Tunnels)
{
    /// <summary>Silence after which a node is not waited for.</summary>
    public required TimeSpan Silence { get; init; }

    public OperationData Data { get; } = OperationData.Of(Operation);

    /// <summary>Whether every node that lives works with the newest settings.</summary>
    public bool NobodyAwaited => Tunnels.Length == 2 && !Tunnels.Any(tunnel => tunnel.IsAwaited);

    /// <summary>The tunnels whose endpoints are on no living node, in words to put behind a sentence; empty when there are none.</summary>
    public string Unreached => string.Concat(Tunnels.Where(tunnel => !tunnel.IsProgrammed).Select(tunnel => $" The endpoint of tunnel {tunnel.Number} is on no living node, and takes it over with its next one."));

    public bool AllProgrammed => Tunnels.Length == 2 && Tunnels.All(tunnel => tunnel.IsProgrammed);

    public TunnelRow Tunnel(int number) => Tunnels.Single(tunnel => tunnel.Number == number);
}

/// <summary>Takes an operation of one kind as far as it can go now. Looked at again whenever something changes: it acts on what it sees, never on how often it was called.</summary>
internal interface IOperationSteps
{
    OperationKind Kind { get; }

    Task AdvanceAsync(StepContext context);
}
