namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>The daemon's version (<c>version</c>).</summary>
    public async Task<DaemonVersion> GetVersionAsync(CancellationToken cancellationToken = default) =>
        DaemonVersion.Read(await RequestAsync("version", arguments: null, cancellationToken));

    /// <summary>
    /// The daemon's load (<c>stats</c>). The daemon walks its whole heap for it: after thousands of connections have come and gone one call
    /// can take it 50 ms, so ask for it every few seconds at most, and use <see cref="GetVersionAsync"/> to see whether the daemon lives.
    /// </summary>
    public async Task<DaemonStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default) =>
        DaemonStatistics.Read(await RequestAsync("stats", arguments: null, cancellationToken));

    /// <summary>Makes the daemon read strongswan.conf again (<c>reload-settings</c>).</summary>
    public Task ReloadSettingsAsync(CancellationToken cancellationToken = default) =>
        RequestAsync("reload-settings", arguments: null, cancellationToken);

    /// <summary>The algorithms that the daemon has loaded (<c>get-algorithms</c>).</summary>
    public async Task<IReadOnlyList<LoadedAlgorithm>> GetAlgorithmsAsync(CancellationToken cancellationToken = default)
    {
        var answer = await RequestAsync("get-algorithms", arguments: null, cancellationToken);
        return [.. answer.Sections.SelectMany(type => type.Value.Select(entry => new LoadedAlgorithm(type.Key, entry.Key, entry.Text)))];
    }

    /// <summary>The counters of one connection, or of the daemon as a whole (<c>get-counters</c>; needs the counters plugin).</summary>
    /// <param name="connection">The name of a connection, or null for the daemon as a whole.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ViciCommandFailedException">There are no counters of that connection (yet), or the plugin is missing.</exception>
    public async Task<IkeCounters> GetCountersAsync(string? connection = null, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection();
        arguments.AddOptional("name", connection);
        var all = ReadCounters(await RequestAsync("get-counters", arguments, cancellationToken));
        return all.Count > 0 ? all[0] : throw new ViciProtocolException("The answer to 'get-counters' holds no counters");
    }

    /// <summary>The counters of every connection that has some (<c>get-counters</c> with <c>all</c>).</summary>
    public async Task<IReadOnlyList<IkeCounters>> GetAllCountersAsync(CancellationToken cancellationToken = default) =>
        ReadCounters(await RequestAsync("get-counters", new ViciSection { { "all", true } }, cancellationToken));

    /// <summary>Sets the counters of one connection, or of the daemon as a whole, to zero (<c>reset-counters</c>).</summary>
    /// <param name="connection">The name of a connection, or null for the daemon as a whole.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task ResetCountersAsync(string? connection = null, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection();
        arguments.AddOptional("name", connection);
        return RequestAsync("reset-counters", arguments, cancellationToken);
    }

    /// <summary>Sets the counters of every connection to zero (<c>reset-counters</c> with <c>all</c>).</summary>
    public Task ResetAllCountersAsync(CancellationToken cancellationToken = default) =>
        RequestAsync("reset-counters", new ViciSection { { "all", true } }, cancellationToken);

    private static IReadOnlyList<IkeCounters> ReadCounters(ViciSection answer) =>
        answer.GetSection("counters") is { } counters
            ? [.. counters.Sections.Select(entry => IkeCounters.Read(entry.Key, entry.Value))]
            : [];
}
