using Tunnelwright.Gateway;

namespace Tunnelwright.Cli.Tests;

/// <summary>The live screen at several sizes.</summary>
public sealed class WatchScreenTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 13, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(80, 24)]
    [InlineData(100, 30)]
    [InlineData(200, 60)]
    [InlineData(40, 10)]
    [InlineData(20, 4)]
    [InlineData(1, 1)]
    public void It_never_leaves_the_screen(int width, int height)
    {
        foreach (var connections in (int[])[0, 1, 4, 30])
        {
            foreach (var colours in (bool[])[false, true])
            {
                var lines = Lines(Status(connections), width, height, colours);
                Assert.InRange(lines.Count, 1, height);
                Assert.All(lines, line => Assert.True(Visible(line).Length <= width, line));
                Assert.All(lines, line => Assert.DoesNotContain('\n', line));
            }
        }
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(100, 30)]
    public void A_connection_shows_all_that_one_wants_to_know(int width, int height)
    {
        var text = string.Join('\n', Lines(Status(1), width, height, colours: false));
        string[] expected =
        [
            "vpn-0a1b2c3d4e5f60710  DEGRADED  BGP", "10.1.0.0/16 ↔ 10.8.2.0/24", "▶ ● tunnel 1  up for 10 min", "○ tunnel 2  down for 8 s", "198.51.100.1", "tw1-e5f60718", "active",
            "in    1.0 kB/s", "out   50 B/s", "█", "round trip 12.3 ms", "loss       2 %", "IKE 7:46:40", "pair 50:00", "BGP established  3 in, 1 out", "last down 13:03:57  dpd-timeout",
            "13:03:57", "tunnel 2", "down", "[dpd-timeout]", "! UDP port 500 is taken  stop it", "13:04:05 UTC", "working", "q leaves",
        ];
        Assert.All(expected, words => Assert.Contains(words, text, StringComparison.Ordinal));
        Assert.DoesNotContain('\e', text);
    }

    [Fact]
    public void The_newest_event_comes_first_and_a_long_one_keeps_its_cause()
    {
        var lines = Lines(Status(1), 80, 24, colours: false);
        var first = lines.ToList().FindIndex(line => line.Contains("EVENTS", StringComparison.Ordinal)) + 1;
        Assert.Contains("down", lines[first], StringComparison.Ordinal);
        Assert.EndsWith("…  [dpd-timeout]", lines[first], StringComparison.Ordinal);
        Assert.Contains("agent started", lines[first + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void Many_connections_take_one_line_a_tunnel()
    {
        var lines = Lines(Status(4), 80, 24, colours: false);
        Assert.Equal(4, lines.Count(line => line.StartsWith("▶ ● 1 up", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("EVENTS", StringComparison.Ordinal));
        Assert.Contains("more than this screen holds", Lines(Status(30), 80, 24, colours: false)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_colours_there_is_no_escape_and_with_them_each_ends()
    {
        Assert.All(Lines(Status(1), 80, 24, colours: false), line => Assert.DoesNotContain('\e', line));
        var coloured = Lines(Status(1), 80, 24, colours: true);
        Assert.Contains(coloured, line => line.Contains("\e[32m●", StringComparison.Ordinal));
        Assert.All(coloured, line => Assert.Equal(Count(line, "\e["), 2 * Count(line, "\e[0m")));
    }

    [Fact]
    public void Words_of_others_move_no_cursor()
    {
        var status = Status(1) with { Events = [new GatewayEvent(Now, null, null, "up\e[2J", "\e[1m", "bad\r\n\e[31mwords")] };
        Assert.All(Lines(status, 100, 30, colours: false), line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Fact]
    public void Without_an_agent_it_says_so()
    {
        var lines = new WatchScreen(100, 30).Render(Status(0), new RateHistory(), Now, agent: false);
        Assert.Contains("the agent is not running", lines[0].ToText(100, colours: false), StringComparison.Ordinal);
        Assert.Contains(lines, line => line.ToText(100, colours: false).Contains("no connection is in service", StringComparison.Ordinal));
    }

    [Fact]
    public void Rates_survive_a_renewal_and_an_end()
    {
        var rates = new TunnelRates();
        rates.Take(Tunnel("a", 1000), TimeSpan.FromSeconds(1));
        rates.Take(Tunnel("a", 3000), TimeSpan.FromSeconds(3));
        rates.Take(Tunnel("b", 500), TimeSpan.FromSeconds(4));
        rates.Take(Tunnel("b", 400), TimeSpan.FromSeconds(5));
        rates.Take(Tunnel(null, 0), TimeSpan.FromSeconds(6));
        rates.Take(Tunnel("c", 70), TimeSpan.FromSeconds(6));
        Assert.Equal([1000, 500, 0, 0], rates.In);
        for (var i = 0; i < 200; i++) rates.Take(Tunnel("d", i), TimeSpan.FromSeconds(10 + i));
        Assert.Equal(TunnelRates.Length, rates.In.Count);
    }

    [Theory]
    [InlineData(new double[0], 1, "    ")]
    [InlineData(new double[] { 0, 0 }, 0, "  ▁▁")]
    [InlineData(new double[] { 9, 0, 1, 50, 100 }, 100, "▁▂▅█")]
    public void Sparks_show_the_newest_at_the_right(double[] values, double peak, string expected) => Assert.Equal(expected, WatchScreen.Spark(values, peak, 4));

    [Theory]
    [InlineData(0, "0 B/s")]
    [InlineData(999, "999 B/s")]
    [InlineData(12_345, "12.3 kB/s")]
    [InlineData(123_456, "123 kB/s")]
    [InlineData(2_500_000_000, "2.5 GB/s")]
    public void Rates_in_words(double rate, string words) => Assert.Equal(words, WatchScreen.Rate(rate));

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    private static string Visible(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9;]*m", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    private static TunnelStatus Tunnel(string? spi, long bytes) =>
        new(1, "up", Now, null, "", null, spi is null ? null : new ChildStatus("", bytes, bytes, 0, 0, null) { SpiIn = spi }, null, null, null);

    private static IReadOnlyList<string> Lines(StatusDocument status, int width, int height, bool colours)
    {
        var rates = new RateHistory();
        rates.Take(status, TimeSpan.Zero);
        rates.Take(status with { Connections = [.. status.Connections.Select(connection => connection with { Tunnels = [.. connection.Tunnels.Select(tunnel => tunnel with { Child = tunnel.Child is null ? null : tunnel.Child with { BytesIn = 1000, BytesOut = 50 } })] })] }, TimeSpan.FromSeconds(1));
        return [.. new WatchScreen(width, height).Render(status, rates, Now, agent: true).Select(line => line.ToText(width, colours))];
    }

    private static StatusDocument Status(int connections)
    {
        var up = new TunnelStatus(
            1, "up", Now.AddMinutes(-10), "tw1-e5f60718", "198.51.100.1", new IkeStatus(2, "established", "AES_CBC-256", 90, 28000, NatT: true), new ChildStatus("AES_GCM_16-256", 0, 0, 1, 2, 3000) { SpiIn = "c1" },
            new ProbeStatus(12.345, 0.02), new SessionStatus("established", 3, 1, null), null);
        var down = new TunnelStatus(2, "down", Now.AddSeconds(-8), null, "198.51.100.2", null, null, null, null, new LastDown(Now.AddSeconds(-8), "dpd-timeout"));
        return new StatusDocument(
            [.. Enumerable.Range(0, connections).Select(i => new ConnectionStatus($"vpn-0a1b2c3d4e5f6071{i}", "degraded", "bgp", 1, ["10.1.0.0/16"], ["10.8.2.0/24"], [up, down]) { Sending = [1] })],
            "userspace",
            connections == 1 ? [new StatusProblem("port-in-use", "UDP port 500 is taken", "stop it")] : [],
            1,
            false)
        {
            Events =
            [
                new GatewayEvent(Now.AddDays(-2), null, null, EventKind.AgentStarted, null, "the agent began, process 1"),
                new GatewayEvent(Now.AddSeconds(-8), "vpn-0a1b2c3d4e5f60710", 2, EventKind.Down, "dpd-timeout", "the peer stopped answering; it was up for 5 minutes and a bit"),
            ],
        };
    }
}
