using Tunnelwright.Diagnosis;

namespace Tunnelwright.Doctor;

/// <summary>Reads what a person wrote for strongSwan or Libreswan: what is wrong with it by itself and against the provider's file, and whether anything in it starts IKE.</summary>
internal sealed class WrittenExamination() : Examination("configuration")
{
    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.HandMade is not { } host) return Task.CompletedTask;
        foreach (var (file, why) in host.Files.Folder.Unreadable)
        {
            result.Skip(Name, $"{file}: {why}");
            result.LeavesOpen = true;
        }

        if (scene.Tunnels.Count == 0 || scene.IsBare)
        {
            foreach (var daemon in host.Daemons) result.Skip(Name, $"an IKE daemon (process {daemon.Pid}) runs here, and no connection to a peer is known to it or to the files");
        }

        foreach (var connection in host.Answering) result.Skip(Name, $"connection '{connection.Name}' ({connection.Source}) has no peer's address: it only answers and is not looked at");
        var providers = scene.Request.Files.Concat(scene.Request.Connections).ToList();
        var faults = host.Files.Faults;
        foreach (var fault in faults)
        {
            result.Fail(Name, $"{fault.Source}{(fault.Line is { } line ? $":{line}" : "")}: {fault.Text}");
            result.Facts.Add(fault);
        }

        if (faults.Count == 0 && host.Files.Files.Count > 0)
            result.Pass(Name, $"{string.Join(", ", host.Files.Files)}: {scene.Tunnels.Count} connection{(scene.Tunnels.Count == 1 ? "" : "s")}{(providers.Count > 0 ? $", as {string.Join(", ", providers.Select(file => file.File))} says" : "")}");
        if (providers.Count == 0 && !scene.IsBare && scene.Tunnels.Count > 0)
            result.Skip(Name, $"no provider's file to compare with (--file){(scene.Tunnels.Count == 1 ? ": whether a second tunnel belongs beside this one only that tells" : "")}");
        result.Pour = evidence => Starts(scene, evidence, result);
        return Task.CompletedTask;
    }

    /// <summary>What starts only on traffic, or never, and has never been tried. The logs have been read by then.</summary>
    private static void Starts(Scene scene, EvidenceStore evidence, ExaminationResult result)
    {
        foreach (var tunnel in scene.Tunnels)
        {
            if (tunnel is not { Written: { } written, Daemon: { Answers: true } daemon, Ike: null } || !daemon.ConnectionNames.Contains(tunnel.Name)) continue;
            if (written.Line == 0 || Tried(evidence, tunnel.Name) || Waits(written) is not { } words) continue;
            var place = written.Start ?? new Setting("", written.Line);
            result.Facts.Add(new Fact(FactKind.ConfigurationFault, written.Source, place.Line, $"connection '{written.Name}' {words}, and the provider's end only answers: no IKE SA, and none was tried") { Cause = "not-initiating", Tunnel = tunnel.Number, Scope = tunnel.Name });
        }
    }

    private static bool Tried(EvidenceStore evidence, string name) => new[] { FactKind.Initiating, FactKind.Responding, FactKind.IkeUp, FactKind.StoppedTrying, FactKind.GaveUp, FactKind.WeDeleted }.Any(kind => evidence.LastOf(kind, name) > 0);

    private static string? Waits(DeviceConnection connection) => connection.Start?.Text switch
    {
        null or "none" or "add" => "is started by nothing (start_action is none)",
        "trap" or "route" or "ondemand" => "starts only when packets match its policy",
        _ => null,
    };
}
