using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>
/// Takes every change to its end. Level-triggered: each pass looks at what is wanted and what nodes tell, and does the next step; what another
/// replica works on is skipped. A signal wakes it, and a clock in case one was lost.
/// </summary>
internal sealed partial class Orchestrator(
    Database database, Signals signals, DeadNodes deadNodes, Sweeper sweeper, IEnumerable<IOperationSteps> steps, CloudOptions options, TimeProvider time, ILogger<Orchestrator> log) : BackgroundService
{
    /// <summary>Operations looked at side by side: they are of different customers.</summary>
    private const int AtOnce = 12;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    /// <summary>How much longer a dead node is waited for than it takes to move its endpoints: a change waits for the node that they move to, where there is one.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Sweep = TimeSpan.FromMinutes(1);

    /// <summary>Nodes could not report while nobody listened: nobody is called silent before this replica has listened as long.</summary>
    private static readonly TimeSpan AnyLength = TimeSpan.FromDays(36_500);

    private readonly Dictionary<string, IOperationSteps> _steps = steps.ToDictionary(step => Words.Write(step.Kind), StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? listening = null;
        long? swept = null;
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var signal = signals.Next(Signals.Work);
            try
            {
                var knows = listening is { } since && time.GetElapsedTime(since) > options.Silent();
                if (knows && await deadNodes.MoveAsync(stoppingToken) is > 0 and var moved) Moved(moved);
                await AdvanceAllAsync(knows ? options.Silent() + Grace : AnyLength, stoppingToken);
                listening ??= time.GetTimestamp();
                if (swept is null || time.GetElapsedTime(swept.Value) > Sweep)
                {
                    await sweeper.SweepAsync(stoppingToken);
                    swept = time.GetTimestamp();
                }

                told = null;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                listening = null;

                // Once, not twice a second.
                if (problem.Message != told) Failed(told = problem.Message);
            }

            try
            {
                await Signals.WaitAsync(signal, Look, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task AdvanceAllAsync(TimeSpan silent, CancellationToken cancellationToken)
    {
        // Every step but a deletion's and an allocation's waits for both nodes while they live: what they still work on need not be looked at.
        var due = await database.ReadAsync(
            connection => connection.QueryAsync<(string Id, string CustomerId, string ConnectionId)>(
                """
                select p.id, p.customer_id, p.connection_id from operations p
                where p.finished_at is null and (p.kind in ('delete', 'replace-endpoint') or not exists (
                  select 1 from tunnels t left join observations o on o.connection_id = t.connection_id and o.number = t.number and o.node_id = t.node_id
                  join nodes n on n.id = t.node_id
                  where t.connection_id = p.connection_id and coalesce(o.applied_generation, 0) < t.generation and n.last_seen_at >= now() - @silent and n.forgotten_at is null))
                order by p.started_at
                """,
                new { silent }),
            cancellationToken);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (operation, stop) =>
        {
            try
            {
                await database.WriteAsync(connection => AdvanceAsync(connection, operation.Id, operation.CustomerId, operation.ConnectionId, silent), stop);
            }
            catch (Exception problem) when (problem is StoreException or PostgresException or InvalidOperationException)
            {
                // One operation that cannot go on holds up no other.
                Stuck(operation.Id, problem.Message);
            }
        });
    }

    private async Task AdvanceAsync(NpgsqlConnection connection, string id, string customerId, string connectionId, TimeSpan silent)
    {
        // Each of the statements sees what was committed before it began: what follows the lock sees all that its last holder did.
        await using var found = await connection.QueryMultipleAsync(
            $"{CustomerStore.TryLock}; {ConnectionStore.OperationOf}; {ConnectionStore.OneOf}; {ConnectionStore.TunnelsOf}",
            new { customer = customerId, id = connectionId, silent });
        var customer = await found.ReadSingleOrDefaultAsync<CustomerRow?>();
        var operation = await found.ReadSingleOrDefaultAsync<OperationRow?>();
        var row = await found.ReadSingleOrDefaultAsync<ConnectionRow?>();
        TunnelRow[] tunnels = [.. await found.ReadAsync<TunnelRow>()];
        if (customer is null || operation is null || operation.Id != id || row is null) return;
        await _steps[operation.Kind].AdvanceAsync(new StepContext(connection, customer, row, operation, tunnels) { Silence = silent });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{moved} endpoints moved away from silent nodes")]
    private partial void Moved(int moved);

    [LoggerMessage(Level = LogLevel.Error, Message = "operation {id} cannot go on: {problem}")]
    private partial void Stuck(string id, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "the orchestrator could not look: {problem}")]
    private partial void Failed(string problem);
}
