using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Lab.Faults;

/// <summary>Undoes single steps of a journal.</summary>
internal sealed class FaultHealer(LabInstance lab, string folder)
{
    private const int SignalContinue = 18;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What commands say about a thing that is not there: it has been undone already, or was never done.</summary>
    private static readonly string[] Absent = ["No such", "not mounted", "no mount point", "Cannot assign requested address", "Cannot find device"];

    public Task UndoAsync(UndoStep step, CancellationToken cancellationToken)
    {
        var host = lab.Host(step.Host);
        var space = new NetworkNamespace(host.Namespace);
        switch (step)
        {
            case FilterUndo filter:
                return new Nftables(space).DeleteTableAsync(filter.Family, filter.Table, cancellationToken);
            case LinkUndo link:
                return new IpTool(space).SetLinkAsync(link.Interface, new LinkChange { Up = true }, cancellationToken);
            case SysctlUndo sysctl:
                new Sysctl(space).Set(sysctl.Name, sysctl.Value);
                return Task.CompletedTask;
            case ResumeUndo resume:
                new ServiceProcess(resume.Pid, resume.StartTime).SendSignal(SignalContinue);
                return Task.CompletedTask;
            case CommandUndo command:
                return RunAsync(host, command.Command, cancellationToken);
            case EndUndo end:
                return Task.WhenAll(ServiceProcess.FindByMark(end.Mark).Select(process => process.StopAsync(TimeSpan.FromSeconds(1), cancellationToken)));
            case ServiceUndo service:
                return StartAsync(host, service, cancellationToken);
            case DesiredUndo desired:
                return RestoreAsync(host, desired.File, cancellationToken);
            case ReloadUndo:
                return ReloadAsync(host, cancellationToken);
            default:
                throw new LabException($"{folder} holds a step of another version: {step.Thing}");
        }
    }

    private static async Task RunAsync(LabHost host, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await host.RunAsync(command, Patience, cancellationToken);
        if (!result.Succeeded && !Absent.Any(word => result.Error.Contains(word, StringComparison.OrdinalIgnoreCase)))
            throw new LabException($"{string.Join(' ', command)}: {result.Error.Trim()}");
    }

    private static async Task StartAsync(LabHost host, ServiceUndo service, CancellationToken cancellationToken)
    {
        var inside = (await LabHostProcesses.FindAsync(host, [LabHostProcesses.Charon, LabHostProcesses.Bird, LabHostProcesses.Agent, .. service.Command.Take(1).Select(Path.GetFileName).OfType<string>()], cancellationToken)).Select(process => process.Pid).ToHashSet();
        if (ServiceProcess.FindByMark(service.Mark).Any(running => running.Mark == service.Mark && inside.Contains(running.Pid))) return;
        await ServiceProcess.StartAsync(
            new ServiceProcessSpec { Program = "nsenter", Arguments = host.EnterArguments(service.Command), MarkValue = service.Mark, LogFile = service.LogFile },
            cancellationToken);
        if (!Path.GetFileName(service.Command[0]).Equals(LabHostProcesses.Agent, StringComparison.Ordinal)) return;
        using var agent = LabHostProcesses.AgentOf(host);
        var started = TimeProvider.System.GetTimestamp();
        while (!agent.Listens())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience) throw new LabException($"the agent of {host.Name} did not start");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    /// <summary>An agent that has been taken down since has nothing that could be restored.</summary>
    private static async Task RestoreAsync(LabHost host, string file, CancellationToken cancellationToken)
    {
        using var agent = LabHostProcesses.AgentOf(host);
        if (!agent.Listens() || !File.Exists(file)) return;
        await LabHostProcesses.SetDesiredAsync(host, DesiredGatewayJson.Read(await File.ReadAllTextAsync(file, cancellationToken)), cancellationToken);
    }

    /// <summary>The agent sees that its keys are gone and loads everything again.</summary>
    private static async Task ReloadAsync(LabHost host, CancellationToken cancellationToken)
    {
        using var agent = LabHostProcesses.AgentOf(host);
        if (!agent.Listens() || await agent.TryGetDesiredAsync(cancellationToken) is not { } desired) return;
        try
        {
            await LabHostProcesses.WithCharonsAsync(host, async (client, _) =>
            {
                foreach (var key in await client.GetSharedIdsAsync(cancellationToken)) await client.UnloadSharedAsync(key, cancellationToken);
            });
        }
        catch (ViciException problem)
        {
            throw new LabException($"the IKE daemon of {host.Name}: {problem.Message}", problem);
        }

        await LabHostProcesses.SetDesiredAsync(host, desired, cancellationToken);
    }
}
