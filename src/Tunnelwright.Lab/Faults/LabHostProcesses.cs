using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Lab.Faults;

/// <summary>What runs on a lab host, looked at from outside.</summary>
internal static class LabHostProcesses
{
    public const string Charon = "charon-systemd";
    public const string Bird = "bird";
    public const string Agent = "tunnelwright";

    /// <summary>The processes of these names in the host's network namespace.</summary>
    public static Task<IReadOnlyList<ProcessStatistics>> FindAsync(LabHost host, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<ProcessStatistics>>(
        [
            .. NetworkNamespace.ProcessesIn([host.Namespace]).Select(ProcessStatistics.TryRead)
                .OfType<ProcessStatistics>()
                .Where(process => !process.HasEnded && names.Contains(process.Name)),
        ]);
    }

    /// <summary>The process's daemon handle, with its mark when it has one.</summary>
    public static ServiceProcess Handle(ProcessStatistics process) => new(process.Pid, process.StartTime);

    /// <summary>The VICI sockets of the gateway on this host.</summary>
    public static IReadOnlyList<string> ViciSockets(LabHost host)
    {
        var folder = host.Root + new GatewayPaths("default").StateFolder;
        return Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder, "charon-*").Order(StringComparer.Ordinal).Select(charon => $"{charon}/vici").Where(File.Exists)] : [];
    }

    /// <summary>Does something with every IKE daemon of the gateway on this host that answers.</summary>
    public static async Task WithCharonsAsync(LabHost host, Func<ViciClient, string, Task> work)
    {
        foreach (var socket in ViciSockets(host))
        {
            await using var client = new ViciClient(socket);
            await work(client, socket);
        }
    }

    /// <summary>A client of the agent on this host.</summary>
    public static AgentClient AgentOf(LabHost host) => AgentClient.ForSocket(host.Root + new GatewayPaths("default").ControlSocket);

    /// <summary>Hands a desired state to the agent and waits until it has been carried out.</summary>
    /// <exception cref="LabException">The agent does not answer, or takes too long.</exception>
    public static async Task SetDesiredAsync(LabHost host, DesiredGateway desired, CancellationToken cancellationToken)
    {
        using var agent = AgentOf(host);
        var generation = await agent.SetDesiredAsync(desired, cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        while ((await agent.TryGetStatusAsync(cancellationToken))?.Generation < generation)
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(60)) throw new LabException($"the agent of {host.Name} does not carry out what it was handed");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }
}
