using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tunnelwright.Dns.Control;

/// <summary>A forwarder's state as its control socket tells it. Counters begin at 0 with its process.</summary>
/// <param name="Configuration">SHA-256 of the configuration file that it works by, in hexadecimal: tells whether a change has been taken.</param>
/// <param name="Since">When it began, UTC.</param>
/// <param name="Listening">Addresses and ports that it answers at.</param>
/// <param name="Counters">What it has done.</param>
/// <param name="Rules">Its rules; a dot is the rule for all names without one.</param>
/// <param name="Servers">Its servers.</param>
public sealed record ForwarderStatus(
    string Configuration,
    DateTimeOffset Since,
    IReadOnlyList<string> Listening,
    ForwarderCounters Counters,
    IReadOnlyList<RuleState> Rules,
    IReadOnlyList<ServerState> Servers)
{
    /// <summary>The JSON text.</summary>
    public string Write() => JsonSerializer.Serialize(this, ForwarderStatusJson.Default.ForwarderStatus);

    /// <summary>Reads the JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">It is something else.</exception>
    public static ForwarderStatus Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ForwarderStatusJson.Default.ForwarderStatus) ?? throw new FormatException("the forwarder's status is empty");
        }
        catch (JsonException problem)
        {
            throw new FormatException($"the forwarder's status cannot be read: {problem.Message}", problem);
        }
    }

    internal static ForwarderStatus From(string configuration, DateTimeOffset since, DnsForwarder forwarder)
    {
        var metrics = forwarder.Metrics();
        return new ForwarderStatus(
            configuration,
            since,
            [.. forwarder.Listening.Select(endPoint => endPoint.ToString())],
            new ForwarderCounters(
                metrics.Queries, metrics.TcpQueries, metrics.Hits, metrics.Misses, metrics.StaleAnswers, metrics.Prefetches, metrics.Retries, metrics.Failures, metrics.Loops, metrics.Denied, metrics.Limited, metrics.Malformed, metrics.Forged,
                metrics.Truncated, metrics.Faults, metrics.CacheBytes),
            [.. metrics.Rules.Select(rule => new RuleState(rule.Domain, [.. rule.Servers.Select(server => server.ToString())], rule.Queries, rule.Failures, rule.StaleAnswers, rule.PublicAnswers) { LastPublic = rule.LastPublic, Hits = rule.Hits })],
            [.. metrics.Servers.Select(server => new ServerState(server.EndPoint.ToString(), server.IsUp, Math.Round(server.RoundTripMilliseconds, 3), server.Queries, server.Answers, server.Timeouts, server.Failures))]);
    }
}

/// <summary>What a forwarder has done since its start; see <see cref="ForwarderMetrics"/>, whose members these are.</summary>
/// <param name="Queries">Questions that were looked at.</param>
/// <param name="TcpQueries">Those over TCP.</param>
/// <param name="Hits">Answered out of the cache.</param>
/// <param name="Misses">Asked for at servers.</param>
/// <param name="StaleAnswers">Answers given beyond their time.</param>
/// <param name="Prefetches">Answers renewed before their end.</param>
/// <param name="Retries">Questions asked again, or elsewhere.</param>
/// <param name="Failures">Questions that no server answered usefully.</param>
/// <param name="Loops">Chains of CNAMEs without an end.</param>
/// <param name="Denied">Dropped: the source may not ask.</param>
/// <param name="Limited">Dropped: the source asked too much.</param>
/// <param name="Malformed">Not a query.</param>
/// <param name="Forged">Responses that did not match what was asked.</param>
/// <param name="Truncated">Answers that did not fit into the datagram.</param>
/// <param name="Faults">Faults of the forwarder itself.</param>
/// <param name="CacheBytes">Bytes of cached answers.</param>
public sealed record ForwarderCounters(
    long Queries, long TcpQueries, long Hits, long Misses, long StaleAnswers, long Prefetches, long Retries, long Failures, long Loops, long Denied, long Limited, long Malformed, long Forged, long Truncated, long Faults, long CacheBytes);

/// <summary>What became of a rule's names.</summary>
/// <param name="Domain">The domain; a dot for the names without a rule.</param>
/// <param name="Servers">Addresses and ports of its servers.</param>
/// <param name="Queries">Questions for its servers; what the cache answers is not counted.</param>
/// <param name="Failures">Those that no server answered usefully.</param>
/// <param name="StaleAnswers">Answers given beyond their time.</param>
/// <param name="PublicAnswers">Answers with public addresses alone, where private ones are wanted.</param>
public sealed record RuleState(string Domain, IReadOnlyList<string> Servers, long Queries, long Failures, long StaleAnswers, long PublicAnswers)
{
    /// <summary>The last of the public answers; null before the first.</summary>
    public PublicAnswer? LastPublic { get; init; }

    /// <summary>Answers out of the cache.</summary>
    public long Hits { get; init; }
}

/// <summary>What is known of a server.</summary>
/// <param name="Server">Its address and port.</param>
/// <param name="Up">Whether it answers.</param>
/// <param name="RttMilliseconds">Smoothed time to its answer; 0 before the first.</param>
/// <param name="Queries">Questions sent.</param>
/// <param name="Answers">Answers that came.</param>
/// <param name="Timeouts">Questions without one in time.</param>
/// <param name="Failures">Answers of an error, and questions that could not be sent.</param>
public sealed record ServerState(string Server, bool Up, double RttMilliseconds, long Queries, long Answers, long Timeouts, long Failures);

[JsonSerializable(typeof(ForwarderStatus))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class ForwarderStatusJson : JsonSerializerContext;
