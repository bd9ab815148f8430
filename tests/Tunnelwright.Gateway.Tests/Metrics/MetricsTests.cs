using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Tunnelwright.Dns.Control;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The page that Prometheus reads.</summary>
public sealed class MetricsTests : IDisposable
{
    private static readonly DateTimeOffset Since = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly EventCounts _events = new();
    private readonly GatewayMeter _meter;
    private StatusDocument _status;

    public MetricsTests()
    {
        _status = Status(Up(1), Down(2));
        _meter = new GatewayMeter(() => _status, new TrafficTotals(), _events, new PassCounts());
    }

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Every_tunnel_has_its_series_whether_it_is_up_or_not()
    {
        var page = Page();
        Assert.Equal("1", page["tunnelwright_tunnel_up{connection=\"vpn-1\",tunnel=\"1\"}"]);
        Assert.Equal("0", page["tunnelwright_tunnel_up{connection=\"vpn-1\",tunnel=\"2\"}"]);
        Assert.Equal("0.0004", page["tunnelwright_tunnel_rtt_seconds{connection=\"vpn-1\",tunnel=\"1\"}"]);
        Assert.Equal("6", page["tunnelwright_bgp_state{connection=\"vpn-1\",tunnel=\"1\"}"]);
        Assert.Equal("0", page["tunnelwright_bgp_up{connection=\"vpn-1\",tunnel=\"2\"}"]);
        Assert.Equal("1", page["tunnelwright_connection_up{connection=\"vpn-1\"}"]);
        Assert.Equal("1", page["tunnelwright_connection_active_tunnel{connection=\"vpn-1\"}"]);
        Assert.Equal("0", page["tunnelwright_tunnel_downs_total{connection=\"vpn-1\",tunnel=\"1\",cause=\"dpd-timeout\"}"]);
        var first = page.Keys.ToHashSet(StringComparer.Ordinal);
        _status = Status(Down(1), Down(2));
        var later = Page();
        Assert.Superset(first, later.Keys.ToHashSet(StringComparer.Ordinal));
        Assert.Equal("0", later["tunnelwright_tunnel_up{connection=\"vpn-1\",tunnel=\"1\"}"]);
        Assert.Equal("0", later["tunnelwright_connection_up{connection=\"vpn-1\"}"]);
    }

    [Fact]
    public void Events_are_counted_by_tunnel_and_cause()
    {
        _events.Take(new GatewayEvent(Since, "vpn-1", 1, EventKind.Down, "dpd-timeout", ""));
        _events.Take(new GatewayEvent(Since, "vpn-1", 1, EventKind.Down, "bgp-hold-timer", ""));
        _events.Take(new GatewayEvent(Since, "vpn-1", 2, EventKind.FailedOver, "dpd-timeout", ""));
        var page = Page();
        Assert.Equal("1", page["tunnelwright_tunnel_downs_total{connection=\"vpn-1\",tunnel=\"1\",cause=\"dpd-timeout\"}"]);
        Assert.Equal("1", page["tunnelwright_tunnel_downs_total{connection=\"vpn-1\",tunnel=\"1\",cause=\"bgp-hold-timer\"}"]);
        Assert.Equal("1", page["tunnelwright_failovers_total{connection=\"vpn-1\"}"]);
        Assert.Equal("0", page["tunnelwright_failbacks_total{connection=\"vpn-1\"}"]);
    }

    [Fact]
    public void The_forwarder_is_told_by_rule_and_server_and_not_at_all_without_one()
    {
        var page = Page();
        Assert.Equal("1", page["tunnelwright_dns_up"]);
        Assert.Equal("10", page["tunnelwright_dns_queries_total"]);
        Assert.Equal("15", page["tunnelwright_dns_denied_total"]);
        Assert.Equal("14", page["tunnelwright_dns_rule_public_answers_total{domain=\"cloud.example\"}"]);
        Assert.Equal("19", page["tunnelwright_dns_rule_cache_hits_total{domain=\"cloud.example\"}"]);
        Assert.Equal("0.0015", page["tunnelwright_dns_server_rtt_seconds{server=\"10.8.2.2:53\"}"]);
        Assert.Equal("0", page["tunnelwright_dns_server_up{server=\"10.8.2.3:53\"}"]);
        _status = _status with { Dns = _status.Dns! with { State = "down", Counters = null } };
        Assert.Equal("0", Page()["tunnelwright_dns_up"]);
        Assert.DoesNotContain("tunnelwright_dns_queries_total", Page().Keys);
        _status = _status with { Dns = null };
        Assert.DoesNotContain(Page().Keys, name => name.StartsWith("tunnelwright_dns_", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_line_is_of_the_format()
    {
        var lines = PrometheusPage.Write(_meter.Meter).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches(new Regex("""^(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge)|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.E+]+)$""", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)), line));
        var types = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        Assert.Equal(types.Count, types.Select(type => type[2]).Distinct().Count());
        Assert.All(types, type => Assert.Equal(type[2].EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge", type[3]));
    }

    [Fact]
    public void Labels_and_numbers_are_written_as_the_format_wants()
    {
        using var meter = new Meter("other");
        meter.CreateObservableGauge("odd", () => new Measurement<double>(double.NaN, new KeyValuePair<string, object?>("name", "a\"b\\c\nd")), null, "two\nlines");
        meter.CreateObservableGauge("big", () => double.PositiveInfinity);
        meter.CreateCounter<long>("asked").Add(1);
        Assert.Equal("# HELP big \n# TYPE big gauge\nbig +Inf\n# HELP odd two\\nlines\n# TYPE odd gauge\nodd{name=\"a\\\"b\\\\c\\nd\"} NaN\n", PrometheusPage.Write(meter));
    }

    [Fact]
    public async Task Over_TCP_there_is_the_page_and_nothing_else()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = (IPEndPoint)probe.LocalEndpoint;
        using var stop = new CancellationTokenSource();
        probe.Stop();
        var serving = new MetricsServer(address, _ => Task.FromResult("page\n"), NullLogger.Instance).RunAsync(stop.Token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address}"), Timeout = TimeSpan.FromSeconds(10) };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync("/metrics");
                Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
                Assert.Equal("page\n", await answer.Content.ReadAsStringAsync());
                break;
            }
            catch (HttpRequestException) when (attempt < 200)
            {
                await Task.Delay(20);
            }
        }

        foreach (var path in (string[])["/status", "/desired", "/", "/metrics/", "/metrics/../status"]) Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PutAsync("/desired", null)).StatusCode);
        await stop.CancelAsync();
        await serving.WaitAsync(TimeSpan.FromSeconds(20));
    }

    internal static StatusDocument Status(params TunnelStatus[] tunnels) =>
        new([new ConnectionStatus("vpn-1", tunnels.Any(tunnel => tunnel.State == "up") ? "degraded" : "down", "bgp", tunnels.FirstOrDefault(tunnel => tunnel.State == "up")?.Number, [], [], tunnels)], "kernel", [], 0, true)
        {
            Dns = new DnsStatus(
                "degraded",
                ["10.1.0.1:53"],
                Since,
                new ForwarderCounters(10, 1, 5, 4, 3, 2, 1, 6, 0, 7, 8, 0, 9, 0, 0, 4096),
                [new DnsRuleStatus("cloud.example", "vpn-1", 11, 12, 13, 14, [new ServerState("10.8.2.2:53", true, 1.5, 15, 16, 17, 18), new ServerState("10.8.2.3:53", false, 0, 0, 0, 3, 0)]) { Hits = 19 }]),
        };

    internal static TunnelStatus Up(int number) => new(
        number, "up", Since, "tw", "198.51.100.1", new IkeStatus(2, "established", "x", 90, 28000, NatT: true), new ChildStatus("x", 1, 2, 3, 4, 3000), new ProbeStatus(0.4, 0), new SessionStatus("established", 3, 1, null), null);

    internal static TunnelStatus Down(int number) => new(number, "down", Since, null, "198.51.100.1", null, null, null, new SessionStatus("down", 0, 0, null), null);

    private Dictionary<string, string> Page() => PrometheusPage.Write(_meter.Meter).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => line[(line.LastIndexOf(' ') + 1)..], StringComparer.Ordinal);
}
