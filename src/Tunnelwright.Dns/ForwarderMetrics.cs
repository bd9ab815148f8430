using System.Net;
using Tunnelwright.Dns.Serving;

namespace Tunnelwright.Dns;

/// <summary>What a forwarder has done since its start.</summary>
public sealed record ForwarderMetrics
{
    /// <summary>Questions that were looked at, over UDP and TCP.</summary>
    public long Queries { get; init; }

    /// <summary>Those over TCP.</summary>
    public long TcpQueries { get; init; }

    /// <summary>Answered out of the cache.</summary>
    public long Hits { get; init; }

    /// <summary>Asked for at servers.</summary>
    public long Misses { get; init; }

    /// <summary>Joined to the same question on its way.</summary>
    public long Joined { get; init; }

    /// <summary>Answers given beyond their time.</summary>
    public long StaleAnswers { get; init; }

    /// <summary>Answers renewed before their end.</summary>
    public long Prefetches { get; init; }

    /// <summary>Questions asked again, or elsewhere, because no answer came.</summary>
    public long Retries { get; init; }

    /// <summary>Questions that no server answered usefully.</summary>
    public long Failures { get; init; }

    /// <summary>Chains of CNAMEs that came back to themselves or were too long.</summary>
    public long Loops { get; init; }

    /// <summary>Dropped: the source may not ask.</summary>
    public long Denied { get; init; }

    /// <summary>Dropped: the source asked too much.</summary>
    public long Limited { get; init; }

    /// <summary>Not a query, or one that cannot be read.</summary>
    public long Malformed { get; init; }

    /// <summary>Responses that did not match what was asked.</summary>
    public long Forged { get; init; }

    /// <summary>Answers that did not fit into the datagram.</summary>
    public long Truncated { get; init; }

    /// <summary>Faults of the forwarder itself; the log says which.</summary>
    public long Faults { get; init; }

    /// <summary>Bytes of cached answers.</summary>
    public long CacheBytes { get; init; }

    /// <summary>Answers that were put into the cache.</summary>
    public long CacheInsertions { get; init; }

    /// <summary>The rules.</summary>
    public required IReadOnlyList<RuleMetrics> Rules { get; init; }

    /// <summary>The servers.</summary>
    public required IReadOnlyList<ServerMetrics> Servers { get; init; }

    internal static ForwarderMetrics From(IEnumerable<WorkerCounters> counters, WorkerSettings settings)
    {
        var all = counters.ToList();
        long Sum(Func<WorkerCounters, long> value) => all.Sum(value);
        return new ForwarderMetrics
        {
            Queries = Sum(c => c.Queries),
            TcpQueries = Sum(c => c.TcpQueries),
            Hits = Sum(c => c.Hits),
            Misses = Sum(c => c.Misses),
            Joined = Sum(c => c.Joined),
            StaleAnswers = Sum(c => c.StaleAnswers),
            Prefetches = Sum(c => c.Prefetches),
            Retries = Sum(c => c.Retries),
            Failures = Sum(c => c.Failures),
            Loops = Sum(c => c.Loops),
            Denied = Sum(c => c.Denied),
            Limited = Sum(c => c.Limited),
            Malformed = Sum(c => c.Malformed),
            Forged = Sum(c => c.Forged),
            Truncated = Sum(c => c.Truncated),
            Faults = Sum(c => c.Faults),
            CacheBytes = settings.Cache.UsedBytes,
            CacheInsertions = settings.Cache.Insertions,
            Rules = [.. settings.Rules.Rules.Select(rule => new RuleMetrics(rule.Name, rule.Counters.Queries, rule.Counters.Failures, rule.Counters.PublicAnswers, rule.Counters.StaleAnswers, rule.Counters.LastPublic, [.. rule.Servers.Select(server => server.EndPoint)]) { Hits = Sum(c => c.HitsOf(rule.Counters.Number)) })],
            Servers = [.. settings.Rules.Servers.Select(server => new ServerMetrics(server.EndPoint, !server.IsDown, server.SmoothedRoundTrip / 1000.0, server.Queries, server.Answers, server.Timeouts, server.Failures))],
        };
    }
}

/// <summary>What became of a rule's names.</summary>
/// <param name="Domain">The domain; a dot for the names that no rule is for.</param>
/// <param name="Queries">Questions for its servers.</param>
/// <param name="Failures">Those that no server answered usefully.</param>
/// <param name="PublicAnswers">Answers with public addresses alone, where private ones are wanted.</param>
/// <param name="StaleAnswers">Answers given beyond their time.</param>
/// <param name="LastPublic">The last of the public answers of IPv4; null before the first.</param>
/// <param name="Servers">Its servers.</param>
public sealed record RuleMetrics(string Domain, long Queries, long Failures, long PublicAnswers, long StaleAnswers, PublicAnswer? LastPublic, IReadOnlyList<IPEndPoint> Servers)
{
    /// <summary>Answers out of the cache.</summary>
    public long Hits { get; init; }
}

/// <summary>An answer with public addresses alone, where private ones are wanted.</summary>
/// <param name="Name">The name that was asked for.</param>
/// <param name="Server">Who said it.</param>
/// <param name="Escapes">Whether the name is an alias (dns-cname-escapes), or not (dns-no-forwarder).</param>
/// <param name="At">When, UTC.</param>
public sealed record PublicAnswer(string Name, string Server, bool Escapes, DateTimeOffset At);

/// <summary>What is known of a server.</summary>
/// <param name="EndPoint">Its address and port.</param>
/// <param name="IsUp">Whether it answers.</param>
/// <param name="RoundTripMilliseconds">Smoothed time to its answer; 0 before the first.</param>
/// <param name="Queries">Questions sent.</param>
/// <param name="Answers">Answers that came.</param>
/// <param name="Timeouts">Questions without one in time.</param>
/// <param name="Failures">Answers of an error, and questions that could not be sent.</param>
public sealed record ServerMetrics(IPEndPoint EndPoint, bool IsUp, double RoundTripMilliseconds, long Queries, long Answers, long Timeouts, long Failures);
