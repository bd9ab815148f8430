using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>Reads what the IKE daemons wrote since each tunnel went down; of a tunnel that works only what will bring it down later.</summary>
internal sealed class LogExamination() : Examination("log")
{
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
        var logs = scene.HandMade is { } host ? await host.LogsAsync(cancellationToken) : [.. Logs(scene)];
        var since = scene.Tunnels.ToDictionary(tunnel => tunnel.Name, tunnel => working.Contains(tunnel.Name) ? now - (tunnel.Child?.Installed ?? TimeSpan.Zero) + Settling : Since(scene, tunnel, now), StringComparer.Ordinal);
        var scopes = scene.HandMade is null ? [] : logs.ToDictionary(log => log, log => LineScopes.Of(log.Bytes, scene.Tunnels));
        foreach (var (name, _) in since.Where(pair => !working.Contains(pair.Key)).ToList())
        {
            foreach (var log in logs) since[name] = LastAttempt.Begin(log.Bytes, name, since[name], scopes.GetValueOrDefault(log));
        }

        var secrets = new Secrets();
        foreach (var tunnel in scene.Tunnels)
        {
            foreach (var key in tunnel.Keys) secrets.Know(key);
        }

        if (logs.Count == 0 && scene.Tunnels.Count > 0) result.Skip(Name, scene.HandMade is null ? "no log of an IKE daemon can be read" : "no log of an IKE daemon can be read: neither a file that it writes (filelog in strongswan.conf) nor the journal nor syslog's files");
        result.Pour = evidence =>
        {
            evidence.Filter = (kind, scope, time) => Counts(kind, scope, LastAttempt.Complete(time, now), working, since);
            foreach (var log in logs)
            {
                // What went before the oldest moment that counts would leave its state behind: SA pairs that are long gone.
                var from = LastAttempt.Offset(log.Bytes, [.. since.Where(pair => scopes.GetValueOrDefault(log)?.Names(pair.Key) ?? LastAttempt.Names(log.Bytes, pair.Key)).Select(pair => pair.Value)]);
                var passed = log.Bytes.AsSpan(0, from).Count((byte)'\n');
                new LogReader(Vocabulary.Matcher).Read(new MemoryStream(log.Bytes, from, log.Bytes.Length - from), new LineInterpreter(log.Source, evidence, secrets)
                {
                    FirstLine = log.LinesBefore + passed + 1,
                    ScopeOf = scopes.TryGetValue(log, out var known) ? place => known[place + passed] : null,
                });
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

    private static List<LogTail> Logs(Scene scene)
    {
        var folder = scene.Paths.StateFolder;
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, "charon-*").Order(StringComparer.Ordinal).Select(charon => LogTail.Read(Path.Combine(charon, "charon.log"))).OfType<LogTail>()] : [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
