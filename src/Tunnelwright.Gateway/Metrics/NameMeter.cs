using System.Diagnostics.Metrics;
using Tunnelwright.Dns.Control;

namespace Tunnelwright.Gateway;

/// <summary>The instruments of the DNS forwarder. Its counters begin with its process, which outlives the agent. Without a forwarder they have no series.</summary>
internal static class NameMeter
{
    public static void AddTo(Meter meter, Func<DnsStatus?> status)
    {
        Gauge("tunnelwright_dns_up", null, "1 when the DNS forwarder answers and each rule has a server that does.", dns => [new(dns.State == "down" ? 0 : 1)]);
        Counter("tunnelwright_dns_queries_total", "Questions of clients.", counters => counters.Queries);
        Counter("tunnelwright_dns_cache_hits_total", "Questions answered out of the cache.", counters => counters.Hits);
        Counter("tunnelwright_dns_stale_answers_total", "Answers given beyond their time, because no server answered.", counters => counters.StaleAnswers);
        Counter("tunnelwright_dns_failures_total", "Questions that no server answered usefully.", counters => counters.Failures);
        Counter("tunnelwright_dns_retries_total", "Questions asked again, or at another server, because no answer came.", counters => counters.Retries);
        Counter("tunnelwright_dns_denied_total", "Questions of sources that may not ask, or that ask too much.", counters => counters.Denied + counters.Limited);
        Counter("tunnelwright_dns_forged_responses_total", "Responses that did not match what was asked.", counters => counters.Forged);
        Gauge("tunnelwright_dns_cache_bytes", "By", "Bytes of cached answers.", dns => [new(dns.Counters?.CacheBytes ?? 0)]);
        ByRule("tunnelwright_dns_rule_queries_total", "Questions for the servers of the rule.", rule => rule.Queries);
        ByRule("tunnelwright_dns_rule_cache_hits_total", "Questions for names of the rule that the cache answered.", rule => rule.Hits);
        ByRule("tunnelwright_dns_rule_failures_total", "Those that no server answered usefully.", rule => rule.Failures);
        ByRule("tunnelwright_dns_rule_stale_answers_total", "Answers of the rule given beyond their time.", rule => rule.StaleAnswers);
        ByRule("tunnelwright_dns_rule_public_answers_total", "Answers with public addresses alone, where private ones are wanted.", rule => rule.PublicAnswers);
        Gauge("tunnelwright_dns_server_up", null, "1 when the server answers.", dns => Servers(dns).Select(server => new Measurement<double>(server.Up ? 1 : 0, Label("server", server.Server))));
        Gauge("tunnelwright_dns_server_rtt_seconds", "s", "Smoothed time to the server's answer; 0 before the first.", dns => Servers(dns).Select(server => new Measurement<double>(server.RttMilliseconds / 1000, Label("server", server.Server))));
        ByServer("tunnelwright_dns_server_queries_total", "Questions sent to the server.", server => server.Queries);
        ByServer("tunnelwright_dns_server_timeouts_total", "Questions that the server did not answer in time.", server => server.Timeouts);
        ByServer("tunnelwright_dns_server_failures_total", "Errors that the server answered, and questions that could not be sent.", server => server.Failures);

        void Gauge(string name, string? unit, string description, Func<DnsStatus, IEnumerable<Measurement<double>>> values) =>
            meter.CreateObservableGauge(name, () => status() is { } dns ? values(dns) : [], unit, description);

        void Counter(string name, string description, Func<ForwarderCounters, long> value) =>
            meter.CreateObservableCounter(name, () => status() is { Counters: { } counters } ? [new Measurement<long>(value(counters))] : (IEnumerable<Measurement<long>>)[], null, description);

        void ByRule(string name, string description, Func<DnsRuleStatus, long> value) =>
            meter.CreateObservableCounter(name, () => status() is { Counters: not null } dns ? dns.Rules.Select(rule => new Measurement<long>(value(rule), Label("domain", rule.Domain))) : [], null, description);

        void ByServer(string name, string description, Func<ServerState, long> value) =>
            meter.CreateObservableCounter(name, () => status() is { Counters: not null } dns ? Servers(dns).Select(server => new Measurement<long>(value(server), Label("server", server.Server))) : [], null, description);
    }

    private static IEnumerable<ServerState> Servers(DnsStatus dns) => dns.Rules.SelectMany(rule => rule.Servers).DistinctBy(server => server.Server);

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
