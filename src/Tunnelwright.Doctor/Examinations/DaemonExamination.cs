using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>Whether agent, IKE daemons and BGP daemon are there and answer, and hold what they are to work on.</summary>
internal sealed class DaemonExamination() : Examination("daemons")
{
    public override bool IsEssential => true;

    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Tunnels.Count == 0 || scene.IsBare) return Task.CompletedTask;
        if (!RootCheck.IsRoot)
        {
            result.Skip(Name, "not root: the daemons' control sockets cannot be asked");
            result.LeavesOpen = true;
            return Task.CompletedTask;
        }

        foreach (var (what, why) in scene.Unseen) result.Skip(what, why);
        if (scene.HandMade is { } host)
        {
            WrittenDaemons.Look(scene, host, result);
            return Task.CompletedTask;
        }

        Agent(scene, result);
        if (scene.Observed is not { } observed)
        {
            result.Skip(Name, $"this host could not be looked at: {scene.Blindness}");
            result.LeavesOpen = true;
            return Task.CompletedTask;
        }

        if (observed.KernelRefusal is { } refusal) result.Saw(FactKind.KernelLacks, "data plane", $"the kernel plane is asked for and cannot be had: {refusal}");
        foreach (var holder in observed.PortHolders) result.Saw(FactKind.PortTaken, "IKE daemon", $"{holder} holds port {holder.Port}");
        var before = result.Facts.Count;
        foreach (var tunnel in scene.Tunnels) Charon(tunnel, result);
        if (result.Facts.Count == before) result.Pass("IKE daemon", observed.Charons.Count == 1 ? "runs and answers" : $"{observed.Charons.Count} run and answer");
        Bird(scene, observed, result);
        return Task.CompletedTask;
    }

    private static void Agent(Scene scene, ExaminationResult result)
    {
        if (scene.Status is not null) result.Pass("agent", "answers");
        else if (scene is { Agent.IsAlive: true, IsYoung: true }) result.Skip("agent", "it has just been started and does not answer yet");
        else if (scene.Agent is null) result.Saw(FactKind.AgentAbsent, "agent", "the agent is not running: nobody watches the tunnels");
        else result.Saw(FactKind.AgentAbsent, "agent", $"the agent (process {scene.Agent.Pid}) does not answer on {scene.Paths.ControlSocket}");
        foreach (var problem in scene.Status?.Problems.Where(problem => problem.Cause is null) ?? []) result.Fail("agent", problem.Message);
    }

    private static void Charon(TunnelView tunnel, ExaminationResult result)
    {
        if (tunnel.Daemon is not { } charon)
        {
            result.Saw(FactKind.DaemonAbsent, "IKE daemon", $"{tunnel.Title}: no IKE daemon runs for it", tunnel);
            return;
        }

        if (!charon.Answers)
        {
            result.Saw(FactKind.DaemonAbsent, "IKE daemon", $"{tunnel.Title}: the IKE daemon (process {charon.Pid}) does not answer on {charon.Socket}", tunnel);
            return;
        }

        if (charon.ConnectionNames.Contains(tunnel.Name) && !charon.KeyNames.Any(key => key.StartsWith(TunnelSecurity.KeyNamePrefix(tunnel.Name), StringComparison.Ordinal)))
            result.Saw(FactKind.KeyMissing, "IKE daemon", $"{tunnel.Title}: the IKE daemon holds no pre-shared key for {tunnel.RemoteOutside}", tunnel);
    }

    private static void Bird(Scene scene, ObservedGateway observed, ExaminationResult result)
    {
        if (!scene.Tunnels.Any(tunnel => tunnel.HasSession)) return;
        if (observed.Bird is not { } bird) result.Saw(FactKind.SessionDown, "BGP daemon", "no BGP daemon runs");
        else if (bird.Sessions is null) result.Saw(FactKind.SessionDown, "BGP daemon", $"the BGP daemon (process {bird.Process.Pid}) does not answer on its control socket");
        else result.Pass("BGP daemon", "runs and answers");
    }
}
