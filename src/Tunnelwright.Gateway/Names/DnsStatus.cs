using Tunnelwright.Dns.Control;

namespace Tunnelwright.Gateway;

/// <summary>The state of the gateway's DNS forwarder.</summary>
/// <param name="State">up: it answers and so do all servers; degraded: a server does not; down: it does not answer, or none of a rule's servers does.</param>
/// <param name="Listening">Addresses and ports that it answers at.</param>
/// <param name="Since">When it began, UTC; null while it does not run.</param>
/// <param name="Counters">What it has done since then; null while it does not answer.</param>
/// <param name="Rules">The rules; a dot is the rule for all names without one.</param>
public sealed record DnsStatus(string State, IReadOnlyList<string> Listening, DateTimeOffset? Since, ForwarderCounters? Counters, IReadOnlyList<DnsRuleStatus> Rules)
{
    private const string OtherNames = ".";

    internal static DnsStatus? Of(DesiredGateway desired, ObservedGateway observed)
    {
        if (desired.Dns is not { } dns) return null;
        var told = observed.Dns?.Status;
        var rules = dns.Rules.Select(rule => Of(rule.Domain, rule.Connection, [.. rule.Servers.Select(server => server.ToString())], told)).ToList();
        if (dns.Upstreams.Count > 0) rules.Add(Of(OtherNames, null, [.. dns.Upstreams.Select(server => server.ToString())], told));
        var state = told is null || rules.Exists(rule => rule.Servers.All(server => !server.Up))
            ? "down"
            : rules.Exists(rule => rule.Servers.Any(server => !server.Up)) ? "degraded" : "up";
        return new DnsStatus(state, told?.Listening ?? [], told?.Since, told?.Counters, rules);
    }

    private static DnsRuleStatus Of(string domain, string? connection, IReadOnlyList<string> servers, ForwarderStatus? told)
    {
        var rule = told?.Rules.FirstOrDefault(candidate => candidate.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase));
        return new DnsRuleStatus(
            domain, connection, rule?.Queries ?? 0, rule?.Failures ?? 0, rule?.StaleAnswers ?? 0, rule?.PublicAnswers ?? 0,
            [.. servers.Select(server => told?.Servers.FirstOrDefault(candidate => candidate.Server == server) ?? new ServerState(server, Up: false, 0, 0, 0, 0, 0))])
        {
            Hits = rule?.Hits ?? 0,
        };
    }
}

/// <summary>A rule of the forwarder.</summary>
/// <param name="Domain">The domain; a dot for all names without a rule.</param>
/// <param name="Connection">The connection whose tunnels lead to its servers; null for none.</param>
/// <param name="Queries">Questions for its servers; what the cache answers is not counted.</param>
/// <param name="Failures">Those that no server answered usefully.</param>
/// <param name="StaleAnswers">Answers given beyond their time, because no server answered.</param>
/// <param name="PublicAnswers">Answers with public addresses alone, where private ones are wanted.</param>
/// <param name="Servers">Its servers.</param>
public sealed record DnsRuleStatus(string Domain, string? Connection, long Queries, long Failures, long StaleAnswers, long PublicAnswers, IReadOnlyList<ServerState> Servers)
{
    /// <summary>Answers out of the cache.</summary>
    public long Hits { get; init; }
}
