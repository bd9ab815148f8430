using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;

namespace Tunnelwright.Dns.Tests.Support;

/// <summary>Forwarders on loopback with a free port.</summary>
internal static class TestForwarder
{
    public static DnsForwarder Start(IEnumerable<RuleOptions> rules, CacheOptions? cache = null, IReadOnlyList<IPEndPoint>? defaults = null, Func<ForwarderOptions, ForwarderOptions>? change = null, Action<string>? log = null, TimeProvider? time = null)
    {
        var options = new ForwarderOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Threads = 1,
            Allow = [IPNetwork.Parse("127.0.0.0/8")],
            Rules = [.. rules],
            Defaults = defaults ?? [],
            Cache = cache ?? new CacheOptions { Megabytes = 4 },
        };
        return DnsForwarder.Start(change?.Invoke(options) ?? options, log, time);
    }

    public static RuleOptions Rule(string domain, params FakeServer[] servers) => new() { Domain = Response.Name(domain), Servers = [.. servers.Select(server => server.EndPoint)] };

    public static DnsForwarder Start(string domain, FakeServer server, Func<RuleOptions, RuleOptions>? change = null) =>
        Start([change?.Invoke(Rule(domain, server)) ?? Rule(domain, server)]);
}
