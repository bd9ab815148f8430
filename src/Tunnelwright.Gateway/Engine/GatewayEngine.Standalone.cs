using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <content>What can be seen of a gateway, and done to it, while no engine runs.</content>
public sealed partial class GatewayEngine
{
    /// <summary>The state of the host as it is now, without acting; echo requests are sent for a moment to tell whether packets pass.</summary>
    /// <param name="desired">What to look for.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<StatusDocument> LookAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        await using var observer = new Observer();
        await using var monitors = new MonitorSet(() => { }, TimeProvider.System);
        var status = new StatusKeeper(TimeProvider.System);
        var observed = await observer.ObserveAsync(desired, cancellationToken);
        await monitors.FollowAsync(desired, observed);
        await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        status.Update(desired, observed, monitors, Planner.Plan(desired, observed, monitors.Health), [], 0);
        return Chronicle.Of(desired.Name, TimeProvider.System, NullLogger.Instance).Complete(status.Current);
    }

    /// <summary>The gateway's processes in this network namespace: agent, charon, BIRD.</summary>
    /// <param name="name">The gateway's name.</param>
    public static IReadOnlyList<ServiceProcess> FindProcesses(string name) => Observer.FindProcesses(name);

    /// <summary>What would change, nothing done.</summary>
    /// <param name="desired">The desired state.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<PlanDocument> PlanAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        await using var observer = new Observer();
        return PlanFrom(desired, await observer.ObserveAsync(desired, cancellationToken));
    }

    /// <summary>Starts to find out what the kernel can do, for a caller that will need an engine in a moment.</summary>
    public static void Prepare() => _ = Observer.KernelSupportAsync();

    private static PlanDocument PlanFrom(DesiredGateway desired, ObservedGateway observed)
    {
        var plan = Planner.Plan(desired, observed, new Dictionary<string, TunnelHealth>());
        return new PlanDocument(
            [.. plan.Changes.Select(change => new PlannedChange(change.Kind.ToString().ToLowerInvariant(), change.Subject, change.Detail))],
            [.. plan.Problems.Select(problem => new StatusProblem(problem.Cause, problem.Message, problem.Hint))]);
    }

    /// <summary>Takes everything of the gateway off the host and sets the host's settings back.</summary>
    /// <param name="name">The gateway's name.</param>
    /// <param name="logger">Where it says what it does.</param>
    /// <param name="cancellationToken">Ends the work; what is left is found by the next call.</param>
    /// <returns>What could not be taken away, in words for people.</returns>
    public static async Task<IReadOnlyList<string>> TakeDownAsync(string name, ILogger logger, CancellationToken cancellationToken)
    {
        var nothing = new DesiredGateway { Name = name, DataPlane = DataPlane.Kernel };
        await using var observer = new Observer();
        var executor = new Executor(name, observer, logger);
        var failures = new List<string>();
        for (var round = 0; round < 4 && failures.Count == 0; round++)
        {
            var plan = Planner.Plan(nothing, await observer.ObserveAsync(nothing, cancellationToken), new Dictionary<string, TunnelHealth>());
            if (plan.Changes.Count == 0) break;
            await executor.ApplyAsync(plan, failures, cancellationToken);
        }

        if (failures.Count == 0) HostBefore.Restore(new GatewayPaths(name), new Sysctl(NetworkNamespace.Current));
        if (failures.Count == 0 && File.Exists(new GatewayPaths(name).History)) Chronicle.Of(name, TimeProvider.System, NullLogger.Instance).Note(EventKind.TakenDown, "everything taken off the host");
        return failures;
    }
}
