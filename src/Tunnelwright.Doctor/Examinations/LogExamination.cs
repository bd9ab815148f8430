using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>Reads what the IKE daemons wrote since each tunnel went down; of a tunnel that works only what will bring it down later.</summary>
internal sealed class LogExamination() : Examination("log")
{
    private const int TailBytes = 512 << 10;
    private static readonly TimeSpan BeforeDown = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(10);

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        var working = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.HasPair))
        {
            if (await TunnelExamination.WorksAsync(scene, tunnel)) working.Add(tunnel.Name);
        }

        var now = DateTime.Now;
        var logs = Logs(scene).ToList();
        var since = scene.Tunnels.ToDictionary(tunnel => tunnel.Name, tunnel => working.Contains(tunnel.Name) ? now - (tunnel.Child?.Installed ?? TimeSpan.Zero) + Settling : Since(scene, tunnel, now), StringComparer.Ordinal);
        foreach (var (name, _) in since.Where(pair => !working.Contains(pair.Key)).ToList())
        {
            foreach (var log in logs) since[name] = LastAttempt.Begin(log.Tail, name, since[name]);
        }

        var secrets = new Secrets();
        foreach (var tunnel in scene.Tunnels)
        {
            secrets.Know(tunnel.Settings.Ike.PreSharedKey?.Reveal());
            secrets.Know(tunnel.Agreed?.Ike.PreSharedKey?.Reveal());
        }

        if (logs.Count == 0 && scene.Tunnels.Count > 0) result.Skip(Name, "no log of an IKE daemon can be read");
        result.Pour = evidence =>
        {
            evidence.Filter = (kind, scope, time) => Counts(kind, scope, time, working, since);
            foreach (var log in logs)
            {
                // What went before the oldest moment that counts would leave its state behind: SA pairs that are long gone.
                var from = LastAttempt.Offset(log.Tail, [.. since.Where(pair => LastAttempt.Names(log.Tail, pair.Key)).Select(pair => pair.Value)]);
                var lines = log.LinesBefore + log.Tail.AsSpan(0, from).Count((byte)'\n');
                new LogReader(Vocabulary.Matcher).Read(new MemoryStream(log.Tail, from, log.Tail.Length - from), new LineInterpreter(log.File, evidence, secrets) { FirstLine = lines + 1 });
            }

            evidence.Filter = null;
        };
    }

    /// <summary>What a daemon tells of a tunnel that works is over, but for a renewal that fails: the next one will, too.</summary>
    private static bool Counts(FactKind kind, string scope, DateTime? time, HashSet<string> working, Dictionary<string, DateTime> since)
    {
        if (working.Contains(scope) && time < since[scope]) return false;
        if (working.Contains(scope)) return FactKinds.PhaseOf(kind) == Phase.Progress || kind is FactKind.RekeyFailed or FactKind.ChildProposalRefusedAtRekey;
        if (!since.TryGetValue(scope, out var begin)) return scope.Length == 0 && working.Count < since.Count && (time is null || time >= since.Values.DefaultIfEmpty(DateTime.MinValue).Max());

        // What happened to a tunnel that was up, and is over since it came up again, does not count; of the negotiation a moment more does.
        return time is null || time >= (FactKinds.PhaseOf(kind) == Phase.Lasting ? begin + Settling : begin);
    }

    private static DateTime Since(Scene scene, TunnelView tunnel, DateTime now)
    {
        var own = scene.History.Where(happened => happened.Connection == tunnel.Connection.Id && (happened.Tunnel is null || happened.Tunnel == tunnel.Number)).ToList();
        var up = Last(EventKind.Up);
        var down = Last(EventKind.Down);
        var changed = Last(EventKind.ConfigurationChanged);
        var begin = down > up ? down - BeforeDown : up;
        if (begin < up) begin = up;
        if (begin < changed) begin = changed;
        return begin == DateTime.MinValue ? now - LongestLook : begin - Settling;

        DateTime Last(string kind) => own.LastOrDefault(happened => happened.Kind == kind)?.At.LocalDateTime ?? DateTime.MinValue;
    }

    private static IEnumerable<(string File, byte[] Tail, long LinesBefore)> Logs(Scene scene)
    {
        var folder = scene.Paths.StateFolder;
        string[] files;
        try
        {
            files = Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, "charon-*").Order(StringComparer.Ordinal).Select(charon => Path.Combine(charon, "charon.log")).Where(File.Exists)] : [];
        }
        catch (UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var file in files)
        {
            if (Tail(file) is { } tail) yield return (file, tail.Bytes, tail.LinesBefore);
        }
    }

    private static (byte[] Bytes, long LinesBefore)? Tail(string path)
    {
        try
        {
            var all = File.ReadAllBytes(path);
            var from = Math.Max(0, all.Length - TailBytes);
            if (from > 0) from += all.AsSpan(from).IndexOf((byte)'\n') + 1;
            return (all[from..], all.AsSpan(0, from).Count((byte)'\n'));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
