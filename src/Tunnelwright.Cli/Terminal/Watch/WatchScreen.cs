using System.Globalization;
using Tunnelwright.Gateway;

namespace Tunnelwright.Cli;

/// <summary>What status --watch shows: a screen made of a status, the rates and a size. Tunnels take five lines, or one when there are too many for the screen.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal sealed record WatchScreen(int Width, int Height)
{
    private const int LeastEvents = 3;
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>The screen's lines, as many as it has rows at most.</summary>
    /// <param name="status">The status.</param>
    /// <param name="rates">The rates.</param>
    /// <param name="now">The time that the screen shows, UTC.</param>
    /// <param name="agent">Whether an agent answered.</param>
    public IReadOnlyList<ScreenLine> Render(StatusDocument status, RateHistory rates, DateTimeOffset now, bool agent)
    {
        var lines = new List<ScreenLine> { Header(status, now, agent) };
        var compact = Full(status) + lines.Count + LeastEvents + 3 + status.Problems.Count > Height;
        if (status.Connections.Count == 0) lines.AddRange([new ScreenLine(), new ScreenLine().Add("  no connection is in service")]);
        foreach (var connection in status.Connections)
        {
            lines.Add(new ScreenLine());
            lines.Add(Title(connection));

            // One scale for both tunnels, so that their heights can be compared.
            var peak = connection.Tunnels.Select(tunnel => rates.Of(connection.Id, tunnel.Number)).SelectMany(of => of.In.Concat(of.Out)).DefaultIfEmpty(0).Max();
            foreach (var tunnel in connection.Tunnels)
            {
                if (!compact) lines.Add(new ScreenLine());
                lines.AddRange(compact ? [Compact(connection, tunnel, rates)] : Tunnel(connection, tunnel, rates.Of(connection.Id, tunnel.Number), peak, now));
            }
        }

        lines.Add(new ScreenLine());
        foreach (var problem in status.Problems) lines.Add(new ScreenLine().Add("  ! ", Look.RedBold).Add(problem.Message, Look.Red).Add(problem.Hint is { } hint ? $"  {hint}" : "", Look.Dim));
        var room = Height - lines.Count - 2;
        if (room > 0 && status.Events.Count > 0)
        {
            lines.Add(new ScreenLine().Add("  EVENTS", Look.Dim));
            lines.AddRange(status.Events.Reverse().Take(room).Select(happened => Event(happened, status, now, Width)));
        }

        if (lines.Count >= Height) return [.. lines.Take(Height - 1), new ScreenLine().Add("  … more than this screen holds; status prints all   q leaves", Look.Dim)];
        while (lines.Count < Height - 1) lines.Add(new ScreenLine());
        lines.Add(new ScreenLine().Add("  q leaves", Look.Dim));
        return lines;
    }

    private static int Full(StatusDocument status) => status.Connections.Sum(connection => 2 + (connection.Tunnels.Count * 5));

    private ScreenLine Header(StatusDocument status, DateTimeOffset now, bool agent)
    {
        var line = new ScreenLine().Add("  tunnelwright", Look.Bold).Add($"  ESP in {(status.DataPlane == "kernel" ? "the kernel" : status.DataPlane)}", Look.Dim);
        if (!agent) line.Add("  the agent is not running: nobody watches the tunnels", Look.RedBold);
        else if (!status.Settled) line.Add("  working", Look.Yellow);
        return line.Right(Width - 2, now.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture), Look.Dim);
    }

    private static ScreenLine Title(ConnectionStatus connection) => new ScreenLine()
        .Add("  ").Add(connection.Id, Look.Bold).Add("  ").Add(connection.State.ToUpperInvariant(), Colour(connection.State))
        .Add($"  {(connection.Routing == "bgp" ? "BGP" : "static routing")}", Look.Dim)
        .Add(connection.RemoteRanges.Count > 0 || connection.LocalRanges.Count > 0 ? $"  {Ranges(connection.LocalRanges)} ↔ {Ranges(connection.RemoteRanges)}" : "", Look.Dim);

    private IEnumerable<ScreenLine> Tunnel(ConnectionStatus connection, TunnelStatus tunnel, TunnelRates rates, double peak, DateTimeOffset now)
    {
        var active = connection.Sending.Contains(tunnel.Number);
        var colour = Colour(tunnel.State);
        yield return new ScreenLine()
            .Add(active ? "▶ " : "  ", Look.Cyan).Add($"{Dot(tunnel.State)} ", colour).Add($"tunnel {Text(tunnel.Number)}", Look.Bold).Add("  ").Add(tunnel.State, colour)
            .Add($" for {Span(now - tunnel.Since)}", Look.Dim)
            .At(36, tunnel.Remote).At(53, tunnel.Interface ?? "no interface", Look.Dim).Right(Width - 2, active ? "active" : "", Look.Cyan);
        yield return Traffic("in", rates.In, peak, tunnel).At(Column, "round trip", Look.Dim).At(Column + 11, tunnel is { State: not "down", Probe: { } probe } ? Number(probe.RttMilliseconds, "ms") : "–");
        yield return Traffic("out", rates.Out, peak, tunnel).At(Column, "loss", Look.Dim).At(Column + 11, tunnel.Probe is { } record ? record.LossRatio.ToString("0 %", CultureInfo.InvariantCulture) : "–", tunnel.Probe?.LossRatio > 0.02 ? Look.Yellow : Look.Plain);
        var facts = new ScreenLine();
        facts.At(6, "rekey", Look.Dim).At(12, "IKE ", Look.Dim);
        Countdown(facts, tunnel.Ike?.RekeyInSeconds);
        facts.At(26, "pair ", Look.Dim);
        Countdown(facts, tunnel.Child?.RekeyInSeconds);
        if (tunnel.Bgp is { } bgp)
            facts.At(41, "BGP ", Look.Dim).Add(bgp.State, Colour(bgp.State)).Add($"  {Text(bgp.PrefixesIn)} in, {Text(bgp.PrefixesOut)} out", Look.Dim);
        else if (tunnel.LastDown is { } down)
            facts.At(41, $"last down {When(down.At, now)}  {down.Cause}", Look.Dim);
        yield return facts;
    }

    /// <summary>Where the right part begins: after as much of the rates as there is room for.</summary>
    private int Column => Math.Clamp(Width - 24, 50, 86);

    private ScreenLine Traffic(string name, List<double> values, double peak, TunnelStatus tunnel)
    {
        var line = new ScreenLine().At(6, name, Look.Dim).At(12, values.Count == 0 ? "…" : Rate(values[^1]));
        return line.At(24, Spark(values, peak, Column - 24 - 3), tunnel.State == "up" ? Look.Green : Look.Dim);
    }

    private static ScreenLine Compact(ConnectionStatus connection, TunnelStatus tunnel, RateHistory history)
    {
        var rates = history.Of(connection.Id, tunnel.Number);
        var colour = Colour(tunnel.State);
        return new ScreenLine()
            .Add(connection.Sending.Contains(tunnel.Number) ? "▶ " : "  ", Look.Cyan).Add($"{Dot(tunnel.State)} ", colour).Add(Text(tunnel.Number), Look.Bold).Add(" ").Add(tunnel.State, colour)
            .At(18, tunnel.Remote)
            .At(34, $"in {(rates.In.Count == 0 ? "…" : Rate(rates.In[^1]))}").At(48, $"out {(rates.Out.Count == 0 ? "…" : Rate(rates.Out[^1]))}")
            .At(63, tunnel is { State: not "down", Probe: { } probe } ? $"{Number(probe.RttMilliseconds, "ms")} {probe.LossRatio.ToString("0 %", CultureInfo.InvariantCulture)}" : "–")
            .Add(tunnel.Bgp is { } bgp ? $"  BGP {bgp.State}" : "", Look.Dim);
    }

    private static ScreenLine Event(GatewayEvent happened, StatusDocument status, DateTimeOffset now, int width)
    {
        var look = happened.Kind switch
        {
            EventKind.Down or EventKind.BgpDown or EventKind.DaemonRestarted => Look.Red,
            EventKind.Up or EventKind.BgpUp => Look.Green,
            EventKind.FailedOver or EventKind.FailedBack or EventKind.Reconnected => Look.Yellow,
            _ => Look.Dim,
        };
        var subject = happened.Tunnel is { } tunnel ? $"tunnel {Text(tunnel)}" : "";
        if (status.Connections.Count > 1 && happened.Connection is { } id) subject = $"{(id.Length > 8 ? id[^8..] : id)}{(happened.Tunnel is { } number ? $"-{Text(number)}" : "")}";
        var (first, second, third) = width < 100 ? (12, 22, 36) : (15, 26, 41);
        var line = new ScreenLine().Add($"  {When(happened.At, now)}", Look.Dim).At(first, subject).At(second, Kind(happened.Kind), look);

        // Of a line that is too long the words are cut, not the cause.
        var cause = happened.Cause is { } why ? $"  [{why}]" : "";
        var room = Math.Max(width - Math.Max(third, line.Width + 1) - cause.Length, 8);
        return line.At(third, happened.Message.Length <= room ? happened.Message : $"{happened.Message[..(room - 1)]}…").Add(cause, Look.Dim);
    }

    private static void Countdown(ScreenLine line, long? seconds)
    {
        if (seconds is not { } left) line.Add("–", Look.Dim);
        else if (left < 0) line.Add($"{Text((int)Math.Max(left, -9999))} s", Look.Yellow);
        else line.Add(TimeSpan.FromSeconds(left).ToString(left >= 3600 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture));
    }

    /// <summary>The newest values at the right, as blocks of eight heights; the lowest is nothing at all.</summary>
    internal static string Spark(IReadOnlyList<double> values, double peak, int width)
    {
        var shown = values.Skip(Math.Max(values.Count - Math.Max(width, 0), 0));
        return string.Concat(shown.Select(value => value <= 0 || peak <= 0 ? Blocks[0] : Blocks[Math.Clamp((int)Math.Ceiling(value / peak * (Blocks.Length - 1)), 1, Blocks.Length - 1)])).PadLeft(Math.Max(width, 0));
    }

    internal static string Rate(double bytes) => bytes switch
    {
        < 1000 => Number(Math.Round(bytes), "B/s"),
        < 1_000_000 => Number(bytes / 1000, "kB/s"),
        < 1_000_000_000 => Number(bytes / 1_000_000, "MB/s"),
        _ => Number(bytes / 1_000_000_000, "GB/s"),
    };

    private static string Number(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{(unit == "B/s" || value >= 100 ? $"{value:0}" : string.Create(CultureInfo.InvariantCulture, $"{value:0.0}"))} {unit}");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Kind(string kind) => kind.Replace('-', ' ') is var words && words == "configuration changed" ? "configured" : words;

    private static string Dot(string state) => state switch { "up" => "●", "down" => "○", _ => "◐" };

    private static Look Colour(string state) => state switch { "up" or "established" => Look.Green, "down" => Look.RedBold, _ => Look.Yellow };

    private static string Ranges(IReadOnlyList<string> ranges) => ranges.Count switch { 0 => "nothing", 1 or 2 => string.Join(", ", ranges), _ => $"{ranges[0]} and {Text(ranges.Count - 1)} more" };

    private static string When(DateTimeOffset at, DateTimeOffset now) => at.UtcDateTime.ToString(now - at < TimeSpan.FromHours(20) ? "HH:mm:ss" : "MM-dd HH:mm", CultureInfo.InvariantCulture);

    internal static string Span(TimeSpan span) => span.TotalSeconds switch
    {
        < 120 => $"{Text((int)Math.Max(span.TotalSeconds, 0))} s",
        < 7200 => $"{Text((int)span.TotalMinutes)} min",
        < 172_800 => $"{Text((int)span.TotalHours)} h",
        _ => $"{Text((int)span.TotalDays)} days",
    };
}
