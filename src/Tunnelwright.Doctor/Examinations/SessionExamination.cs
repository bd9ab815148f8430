using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>The BGP sessions in the tunnels: state, last error, routes each way.</summary>
internal sealed class SessionExamination() : Examination("BGP")
{
    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Observed?.Bird?.Sessions is not { } sessions) return;
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.Settings.Bgp is not null))
        {
            var session = sessions.FirstOrDefault(candidate => candidate.Name == BirdConfiguration.ProtocolName(tunnel.Connection.Id, tunnel.Number));
            if (session is null) continue;
            if (session.State == "established") Routes(tunnel, session, result);
            else if (await TunnelExamination.WorksAsync(scene, tunnel)) Down(tunnel, session, result);
            else result.Fail($"BGP {tunnel.Number}", $"{session.State}: its tunnel carries nothing");
        }
    }

    private static void Routes(TunnelView tunnel, BirdProtocol session, ExaminationResult result)
    {
        var name = $"BGP {tunnel.Number}";
        if (session.Imported == 0) result.Saw(FactKind.NothingLearnt, name, "established, and the cloud announces nothing that is accepted: there is no route to it", tunnel, "BIRD");
        if (session.Exported == 0 && tunnel.Connection.LocalRanges.Count > 0) result.Saw(FactKind.NothingAnnounced, name, "established, and this gateway announces nothing: the cloud has no way back", tunnel, "BIRD");
        if (session is { Imported: > 0, Exported: > 0 }) result.Pass(name, $"established, {session.Imported} in, {session.Exported} out");
    }

    private static void Down(TunnelView tunnel, BirdProtocol session, ExaminationResult result)
    {
        var error = session.LastError ?? "";
        bool Says(string words) => error.Contains(words, StringComparison.OrdinalIgnoreCase);
        var kind = true switch
        {
            _ when Says("Hold timer") => FactKind.BgpHoldExpired,
            _ when Says("peer AS") => FactKind.BgpWrongAs,
            _ when Says("maximum number of prefixes") || Says("limit") => FactKind.BgpTooManyPrefixes,
            _ when Says("refused") || Says("reset") => FactKind.BgpRefused,
            _ => FactKind.SessionDown,
        };
        result.Saw(kind, $"BGP {tunnel.Number}", $"{session.State}{(error.Length > 0 ? $": {error}" : "")}; its tunnel carries packets", tunnel, "BIRD");
    }
}
