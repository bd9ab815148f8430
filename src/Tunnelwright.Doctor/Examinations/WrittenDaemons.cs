using Tunnelwright.Diagnosis;

namespace Tunnelwright.Doctor;

/// <summary>Whether the daemons of a host that was set up by hand are there and answer, and hold what is written for them.</summary>
internal static class WrittenDaemons
{
    private const string Name = "IKE daemon";

    public static void Look(Scene scene, HandMadeHost host, ExaminationResult result)
    {
        foreach (var daemon in host.Daemons.Where(daemon => daemon.Socket is null))
        {
            result.Skip(Name, $"process {daemon.Pid} has no control socket that speaks VICI: its SAs cannot be seen");
            result.LeavesOpen = true;
        }

        var before = result.Facts.Count;
        foreach (var tunnel in scene.Tunnels) Daemon(tunnel, host, result);
        var answering = host.Daemons.Count(daemon => daemon.Answers);
        if (result.Facts.Count == before && answering > 0) result.Pass(Name, answering == 1 ? "runs and answers" : $"{answering} run and answer");
        Sessions(scene, result);
    }

    private static void Daemon(TunnelView tunnel, HandMadeHost host, ExaminationResult result)
    {
        if (tunnel.Daemon is not { } daemon)
        {
            result.Saw(FactKind.DaemonAbsent, Name, $"{tunnel.Title}: no IKE daemon runs on this host", tunnel);
            result.PointTo(FactKind.DaemonAbsent, tunnel, _ => null);
        }
        else if (daemon is { Socket: { } socket, Answers: false })
        {
            result.Saw(FactKind.DaemonAbsent, Name, $"{tunnel.Title}: the IKE daemon (process {daemon.Pid}) does not answer on {socket}", tunnel);
        }
        else if (daemon.Answers && !daemon.ConnectionNames.Contains(tunnel.Name) && !tunnel.HasPair)
        {
            NotLoaded(tunnel, host, result);
        }
        else if (daemon is { Answers: true, KeyNames.Count: 0 } && tunnel.Written?.Authentication is { Text: "psk" })
        {
            result.Saw(FactKind.KeyMissing, Name, $"{tunnel.Title}: the IKE daemon holds no pre-shared key", tunnel);
            result.PointTo(FactKind.KeyMissing, tunnel, written => written.Authentication);
        }
    }

    /// <summary>A daemon takes a file only when it is told to (swanctl(8), --load-all); a file that it cannot read is told with its line.</summary>
    private static void NotLoaded(TunnelView tunnel, HandMadeHost host, ExaminationResult result)
    {
        var text = $"connection '{tunnel.Name}' is written and not loaded in the IKE daemon (swanctl --load-all): nobody starts IKE";
        result.Fail(Name, text);
        result.LeavesOpen = true;
        if (tunnel.Written is not { Line: > 0 } written || host.Files.HasSyntaxFaults) return;
        result.Facts.Add(new Fact(FactKind.ConfigurationFault, written.Source, written.Line, text) { Cause = "not-initiating", Tunnel = tunnel.Number, Scope = tunnel.Name });
    }

    private static void Sessions(Scene scene, ExaminationResult result)
    {
        const string name = "BGP daemon";
        if (!scene.Tunnels.Any(tunnel => tunnel.HasSession)) return;
        var running = RoutingDaemons.Running();
        if (scene.Sessions is { } sessions)
        {
            result.Pass(name, "runs and answers");
            foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.HasSession && !sessions.Any(session => session.IsIn(tunnel))))
                result.Saw(FactKind.SessionDown, name, $"{tunnel.Title}: the BGP daemon has no session with {tunnel.RemoteInside?.ToString() ?? "the peer's inside address"}", tunnel);
        }
        else if (running.Count > 0)
        {
            result.Skip(name, $"{string.Join(", ", running)} runs and cannot be asked: its sessions cannot be seen");
            result.LeavesOpen = true;
        }
        else
        {
            result.Saw(FactKind.SessionDown, name, "no BGP daemon runs");
        }
    }
}
