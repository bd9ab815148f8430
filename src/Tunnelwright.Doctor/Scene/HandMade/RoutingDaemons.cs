using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>The BGP daemons of a host that was set up by hand: BIRD where its control socket is by default or where its process listens, FRR through vtysh.</summary>
internal static class RoutingDaemons
{
    private static readonly string[] BirdSockets = ["/run/bird/bird.ctl", "/run/bird.ctl", "/usr/local/var/run/bird.ctl"];

    /// <summary>All sessions; null when no BGP daemon answers.</summary>
    public static async Task<IReadOnlyList<SessionView>?> SessionsAsync(CancellationToken cancellationToken)
    {
        var bird = BirdAsync(cancellationToken);
        var frr = FrrAsync(cancellationToken);
        var (first, second) = (await bird, await frr);
        return first is null && second is null ? null : [.. first ?? [], .. second ?? []];
    }

    /// <summary>The names of the BGP daemons that run here.</summary>
    public static IReadOnlyList<string> Running() => [.. NamedProcesses.Here("bird", "bgpd").Select(process => ProcessStatistics.TryRead(process.Pid)?.Name).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static async Task<IReadOnlyList<SessionView>?> BirdAsync(CancellationToken cancellationToken)
    {
        var sockets = NamedProcesses.Here("bird").SelectMany(process => HeldFiles.ListeningSockets(process.Pid)).Concat(BirdSockets.Where(File.Exists)).Distinct(StringComparer.Ordinal);
        foreach (var socket in sockets)
        {
            try
            {
                return [.. BirdProtocol.Parse(await new BirdControl(socket).SendAsync("show protocols all", cancellationToken)).Select(SessionView.Of)];
            }
            catch (BirdException)
            {
                // A socket that nobody answers on says nothing; the next one may.
            }
        }

        return null;
    }

    private static async Task<IReadOnlyList<SessionView>?> FrrAsync(CancellationToken cancellationToken)
    {
        if (NamedProcesses.Here("bgpd").Count == 0) return null;
        try
        {
            if (await VtyshAsync("show bgp ipv4 unicast summary json", cancellationToken) is not { } summary || FrrSessions.Parse(summary) is not { } sessions) return null;
            if (sessions.All(session => session.State == "established")) return sessions;
            return await VtyshAsync("show bgp neighbors json", cancellationToken) is { } neighbors ? FrrSessions.WithErrors(sessions, neighbors) : sessions;
        }
        catch (Exception problem) when (Examination.IsObstacle(problem) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<string?> VtyshAsync(string command, CancellationToken cancellationToken)
    {
        var shown = await CommandRunner.Shared.RunAsync("vtysh", ["-c", command], CommandOptions.Default with { ThrowOnFailure = false, Timeout = TimeSpan.FromSeconds(3) }, cancellationToken);
        return shown.Succeeded ? shown.Output : null;
    }
}
