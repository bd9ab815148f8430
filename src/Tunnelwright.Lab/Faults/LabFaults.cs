using Tunnelwright.Linux;

namespace Tunnelwright.Lab.Faults;

/// <summary>A fault as a person chooses it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Breaks">What it breaks, in plain words.</param>
/// <param name="Cause">The cause id that it should be recognised as.</param>
/// <param name="TakesTunnel">Whether it is about one tunnel.</param>
/// <param name="DefaultTunnels">The tunnels that are hit when none is named.</param>
public sealed record FaultDescription(string Name, string Breaks, string Cause, bool TakesTunnel, IReadOnlyList<int> DefaultTunnels);

/// <summary>Faults of labs: what there is, injecting, healing. Another process may heal what one injected.</summary>
public static class LabFaults
{
    /// <summary>Every fault, in the order of the list.</summary>
    public static IReadOnlyList<FaultDescription> All { get; } =
    [
        .. FaultRegistry.All.Select(fault => new FaultDescription(fault.Name, fault.Breaks, fault.Cause, fault.DefaultTunnels.Count > 0, fault.DefaultTunnels)),
    ];

    /// <summary>Injects a fault. Injecting one twice is fine, and several may be there at once.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="name">The fault's name.</param>
    /// <param name="tunnel">1 or 2; null for the fault's default.</param>
    /// <param name="cancellationToken">Ends the work; heal undoes what was done by then.</param>
    /// <returns>The tunnels that were hit; empty when the fault is not about one tunnel.</returns>
    /// <exception cref="FaultRefusedException">There is no such fault or tunnel, or this lab cannot have the fault; nothing was changed.</exception>
    /// <exception cref="LabException">Something did not work; heal undoes what was done by then.</exception>
    public static async Task<IReadOnlyList<int>> InjectAsync(LabInstance lab, string name, int? tunnel = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var fault = FaultRegistry.Find(name) ?? throw new FaultRefusedException($"there is no fault '{name}'");
        if (tunnel is not null && fault.DefaultTunnels.Count == 0) throw new FaultRefusedException($"{name} is not about one tunnel: it takes no --tunnel");
        if (tunnel is not (null or 1 or 2)) throw new FaultRefusedException($"there is no tunnel {tunnel}: 1 or 2");
        var tunnels = tunnel is { } one ? [one] : fault.DefaultTunnels;
        using var held = await FaultJournal.LockAsync(lab.Name, cancellationToken);
        var journal = FaultJournal.Open(lab.Name);
        var site = new FaultSite(lab, journal, fault);
        foreach (var number in tunnels.DefaultIfEmpty(0))
        {
            var isNew = journal.Note(new InjectedFault(name, number));
            try
            {
                await fault.InjectAsync(site, number, cancellationToken);
            }
            catch (FaultRefusedException) when (isNew)
            {
                journal.Withdraw(new InjectedFault(name, number));
                throw;
            }
            catch (Exception problem) when (problem is Vici.ViciException or FormatException)
            {
                throw new LabException($"{name}: {problem.Message}; tunnelwright lab fault heal undoes what was done", problem);
            }
        }

        return tunnels;
    }

    /// <summary>What is injected and not healed, in the order of injection: the fault's name and the tunnel, 0 for a fault that is not about one.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="cancellationToken">Ends the wait for somebody who is just injecting.</param>
    public static async Task<IReadOnlyList<(string Name, int Tunnel)>> InjectedAsync(LabInstance lab, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lab);
        using var held = await FaultJournal.LockAsync(lab.Name, cancellationToken);
        return [.. FaultJournal.Open(lab.Name).Faults.Select(fault => (fault.Fault, fault.Tunnel))];
    }

    /// <summary>Undoes every fault of a lab. Healing a lab without faults is fine.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="cancellationToken">Ends the work; the next call goes on.</param>
    /// <returns>The names of the faults that were there.</returns>
    /// <exception cref="LabException">Something could not be undone; the message says what, everything else is undone, and the next call tries again.</exception>
    public static async Task<IReadOnlyList<string>> HealAsync(LabInstance lab, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lab);
        using var held = await FaultJournal.LockAsync(lab.Name, cancellationToken);
        var journal = FaultJournal.Open(lab.Name);
        var healer = new FaultHealer(lab, journal.Folder);
        var failures = new List<string>();
        foreach (var step in journal.Steps.Reverse().OrderBy(step => step.Order).ToList())
        {
            try
            {
                await healer.UndoAsync(step, cancellationToken);
                journal.Forget(step);
            }
            catch (Exception problem) when (problem is LabException or KernelException or CommandFailedException or NftablesException or ProgramMissingException or IOException or Gateway.AgentException)
            {
                failures.Add($"{step.Host}, {step.Thing}: {problem.Message}");
            }
        }

        if (failures.Count > 0) throw new LabException($"not everything could be healed: {string.Join("; ", failures)}");
        var healed = journal.Faults.Select(fault => fault.Fault).Distinct(StringComparer.Ordinal).ToList();
        journal.Clear();
        return healed;
    }
}
