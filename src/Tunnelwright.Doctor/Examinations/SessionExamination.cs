using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>The BGP sessions in the tunnels: state, last error, routes each way.</summary>
internal sealed class SessionExamination() : Examination("BGP")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Sessions is null) return;
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.HasSession))
        {
            if (scene.SessionIn(tunnel) is not { } session) continue;
            if (session.State != "established" && await TunnelExamination.WorksAsync(scene, tunnel)) session = await SettledAsync(scene, session, cancellationToken);
            if (session.IsFilling) session = await FilledAsync(scene, session, cancellationToken);
            if (session.State != "established" && KindOf(session) is FactKind.SessionDown or FactKind.BgpRefused && LastEnd(scene, tunnel) == "bgp-hold-timer")
                result.Add(FactKind.BgpHoldExpired, "history", $"the session of tunnel {tunnel.Number} ended when its hold timer ran out, and has not come back", tunnel);
            if (session.State == "established") Routes(tunnel, session, result);
            else if (session.State == "down") result.Fail($"BGP {tunnel.Number}", "this gateway holds the session back until its tunnel has proved itself");
            else if (await TunnelExamination.WorksAsync(scene, tunnel)) Down(tunnel, session, result);
            else result.Fail($"BGP {tunnel.Number}", $"{session.State}: its tunnel carries nothing");
        }
    }

    /// <summary>Why the session ended last; null when it has come back since.</summary>
    private static string? LastEnd(Scene scene, TunnelView tunnel) => scene.History.LastOrDefault(happened =>
        happened.Connection == tunnel.Connection.Id && happened.Tunnel == tunnel.Number && happened.Kind is EventKind.BgpDown or EventKind.BgpUp && TimeProvider.System.GetUtcNow() - happened.At < Lately) is { Kind: EventKind.BgpDown } ended ? ended.Cause : null;

    /// <summary>A session that has just been established exchanges its routes a moment later.</summary>
    private static Task<SessionView> FilledAsync(Scene scene, SessionView session, CancellationToken cancellationToken) => WatchedAsync(scene, session, now => now.IsFilling, cancellationToken);

    /// <summary>A session whose tunnel has just come back takes a few seconds; one that was refused has an error that says so.</summary>
    private static Task<SessionView> SettledAsync(Scene scene, SessionView session, CancellationToken cancellationToken) =>
        WatchedAsync(scene, session, now => now.State != "established" && KindOf(now) is FactKind.SessionDown or FactKind.BgpRefused or FactKind.BgpHoldExpired, cancellationToken);

    /// <summary>The session after something has passed, or after the longest that it can take.</summary>
    private static async Task<SessionView> WatchedAsync(Scene scene, SessionView session, Func<SessionView, bool> passing, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var now = session;
        while (passing(now) && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(Pause, cancellationToken);
            now = (await scene.SessionsAsync(cancellationToken)).FirstOrDefault(candidate => candidate.Name == session.Name) ?? now;
        }

        return now;
    }

    private static void Routes(TunnelView tunnel, SessionView session, ExaminationResult result)
    {
        var name = $"BGP {tunnel.Number}";
        if (session.Imported == 0) result.Saw(FactKind.NothingLearnt, name, "established, and the cloud announces nothing that is accepted: there is no route to it", tunnel, session.Daemon);
        if (session.Exported == 0 && tunnel.Connection.LocalRanges.Count > 0) result.Saw(FactKind.NothingAnnounced, name, "established, and this gateway announces nothing: the cloud has no way back", tunnel, session.Daemon);
        if (session is { Imported: > 0, Exported: > 0 }) result.Pass(name, $"established, {session.Imported} in, {session.Exported} out");
    }

    private static void Down(TunnelView tunnel, SessionView session, ExaminationResult result)
    {
        var error = session.LastError ?? "";
        result.Saw(KindOf(session), $"BGP {tunnel.Number}", $"{session.State}{(error.Length > 0 ? $": {error}" : "")}; its tunnel carries packets", tunnel, session.Daemon);
    }

    private static FactKind KindOf(SessionView session)
    {
        bool Says(string words) => session.LastError?.Contains(words, StringComparison.OrdinalIgnoreCase) == true;
        return true switch
        {
            // Liveness by BFD (RFC 5882) is a hold timer of less than a second.
            _ when Says("Hold timer") || Says("BFD session down") => FactKind.BgpHoldExpired,
            _ when Says("peer AS") => FactKind.BgpWrongAs,
            _ when Says("maximum number of prefixes") || Says("limit") => FactKind.BgpTooManyPrefixes,
            _ when Says("refused") || Says("reset") => FactKind.BgpRefused,
            _ => FactKind.SessionDown,
        };
    }
}
