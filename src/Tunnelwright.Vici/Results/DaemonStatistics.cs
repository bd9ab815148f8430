namespace Tunnelwright.Vici;

/// <summary>What <c>version</c> tells.</summary>
/// <param name="Daemon">The name of the daemon: charon, charon-systemd …</param>
/// <param name="Version">The version of strongSwan, for example 5.9.8.</param>
/// <param name="SystemName">The operating system, for example Linux.</param>
/// <param name="Release">The release of its kernel.</param>
/// <param name="Machine">The kind of machine, for example x86_64.</param>
public sealed record DaemonVersion(string Daemon, string Version, string SystemName, string Release, string Machine)
{
    internal static DaemonVersion Read(ViciSection section) => new(
        section.GetText("daemon") ?? "",
        section.GetText("version") ?? "",
        section.GetText("sysname") ?? "",
        section.GetText("release") ?? "",
        section.GetText("machine") ?? "");
}

/// <summary>What <c>stats</c> tells (strongSwan 5.9.8, vici README).</summary>
public sealed record DaemonStatistics
{
    /// <summary>How long the daemon has run, in the daemon's words, for example "5 minutes".</summary>
    public string Running { get; init; } = "";

    /// <summary>When it was started, in the daemon's words and its local time.</summary>
    public string Since { get; init; } = "";

    /// <summary>The number of worker threads.</summary>
    public int WorkersTotal { get; init; }

    /// <summary>Of these, idle.</summary>
    public int WorkersIdle { get; init; }

    /// <summary>Busy workers by the priority of their jobs.</summary>
    public JobCounts WorkersActive { get; init; } = new(0, 0, 0, 0);

    /// <summary>Jobs that wait for a worker, by priority.</summary>
    public JobCounts Queued { get; init; } = new(0, 0, 0, 0);

    /// <summary>Jobs that wait for their time.</summary>
    public int Scheduled { get; init; }

    /// <summary>IKE SAs, half-open ones included.</summary>
    public int IkeSas { get; init; }

    /// <summary>IKE SAs that a peer began and that are not established.</summary>
    public int HalfOpenIkeSas { get; init; }

    /// <summary>The names of the loaded plugins.</summary>
    public IReadOnlyList<string> Plugins { get; init; } = [];

    /// <summary>Bytes of heap in use; null when the daemon does not tell.</summary>
    public long? HeapUsed { get; init; }

    /// <summary>Bytes of heap that are free; null when the daemon does not tell.</summary>
    public long? HeapFree { get; init; }

    internal static DaemonStatistics Read(ViciSection section)
    {
        var workers = section.GetSection("workers");
        var heap = section.GetSection("mallinfo");
        return new()
        {
            Running = section.GetSection("uptime")?.GetText("running") ?? "",
            Since = section.GetSection("uptime")?.GetText("since") ?? "",
            WorkersTotal = workers?.GetInt32("total") ?? 0,
            WorkersIdle = workers?.GetInt32("idle") ?? 0,
            WorkersActive = JobCounts.Read(workers?.GetSection("active")),
            Queued = JobCounts.Read(section.GetSection("queues")),
            Scheduled = section.GetInt32("scheduled") ?? 0,
            IkeSas = section.GetSection("ikesas")?.GetInt32("total") ?? 0,
            HalfOpenIkeSas = section.GetSection("ikesas")?.GetInt32("half-open") ?? 0,
            Plugins = section.GetList("plugins"),
            HeapUsed = heap?.GetInt64("used"),
            HeapFree = heap?.GetInt64("free"),
        };
    }
}

/// <summary>Numbers of jobs by priority.</summary>
/// <param name="Critical">Jobs that must not wait, such as receiving packets.</param>
/// <param name="High">Jobs of high priority.</param>
/// <param name="Medium">Jobs of medium priority.</param>
/// <param name="Low">Jobs of low priority.</param>
public sealed record JobCounts(int Critical, int High, int Medium, int Low)
{
    internal static JobCounts Read(ViciSection? section) => new(
        section?.GetInt32("critical") ?? 0,
        section?.GetInt32("high") ?? 0,
        section?.GetInt32("medium") ?? 0,
        section?.GetInt32("low") ?? 0);
}

/// <summary>An implementation that the daemon has loaded, as <c>get-algorithms</c> tells it.</summary>
/// <param name="Type">The kind: encryption, integrity, aead, hasher, prf, xof, kdf, drbg, dh, rng or nonce-gen.</param>
/// <param name="Name">The algorithm, for example AES_CBC.</param>
/// <param name="Plugin">The plugin that implements it.</param>
public sealed record LoadedAlgorithm(string Type, string Name, string Plugin);

/// <summary>Counters of IKE events, as <c>get-counters</c> tells them (needs the counters plugin).</summary>
/// <param name="Connection">The connection, or the empty string for the daemon as a whole.</param>
/// <param name="Values">Counters by name: ike-rekey-init, ike-rekey-resp, child-rekey, invalid, invalid-spi, ike-init-in-req …</param>
public sealed record IkeCounters(string Connection, IReadOnlyDictionary<string, long> Values)
{
    internal static IkeCounters Read(string connection, ViciSection section)
    {
        var values = new Dictionary<string, long>(section.Count, StringComparer.Ordinal);
        foreach (var entry in section)
        {
            if (entry.Kind is ViciEntryKind.Value)
                values[entry.Key] = section.GetInt64(entry.Key) ?? 0;
        }

        return new(connection, values);
    }
}
