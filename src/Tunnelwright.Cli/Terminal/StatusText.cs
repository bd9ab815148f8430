using System.Globalization;
using Tunnelwright.Gateway;

namespace Tunnelwright.Cli;

/// <summary>What status and up print for people.</summary>
internal static class StatusText
{
    public static void Write(TextWriter output, StatusDocument status)
    {
        var colours = new Colours(output);
        if (status.Connections.Count == 0) output.WriteLine("no connection is in service");
        foreach (var connection in status.Connections)
        {
            output.WriteLine();
            output.WriteLine($"{colours.Bold(connection.Id)}  {colours.State(connection.State)}  {(connection.Routing == "bgp" ? "BGP" : "static routing")}, ESP in {(status.DataPlane == "kernel" ? "the kernel" : "userspace")}");
            if (connection.RemoteRanges.Count > 0)
                output.WriteLine($"  {Ranges(connection.LocalRanges)} ↔ {Ranges(connection.RemoteRanges)}{Sending(connection.Sending)}");
            foreach (var tunnel in connection.Tunnels) Write(output, colours, tunnel);
        }

        if (status.Dns is { } dns) Write(output, colours, dns);
        foreach (var problem in status.Problems)
            output.WriteLine(colours.Red($"problem: {problem.Message}{(problem.Hint is { } hint ? $" ({hint})" : "")}"));
    }

    private static void Write(TextWriter output, Colours colours, TunnelStatus tunnel)
    {
        var facts = new List<string>();
        if (tunnel.Ike is { } ike) facts.Add($"IKEv{ike.Version} {(ike.EstablishedSeconds is { } age ? Age(age) : ike.State)}{(ike.NatT ? ", in UDP" : "")}");
        if (tunnel.Child is { } child) facts.Add($"{child.Proposal}, {Bytes(child.BytesIn)} in, {Bytes(child.BytesOut)} out");
        if (tunnel.Probe is { } probe) facts.Add(string.Create(CultureInfo.InvariantCulture, $"{probe.RttMilliseconds:0.0} ms, {probe.LossRatio:0 %} loss"));
        if (tunnel.Probe?.Silent is { } silent) facts.Add(silent == "out" ? "packets of the peer arrive, none of ours is answered: the way out is dead" : "nothing comes back");
        if (tunnel.Bgp is { } bgp) facts.Add($"BGP {bgp.State}, {bgp.PrefixesIn} in, {bgp.PrefixesOut} out{(bgp.PrefixesRefused > 0 ? $", {bgp.PrefixesRefused} refused" : "")}");
        output.WriteLine($"  tunnel {tunnel.Number}  {colours.State(tunnel.State),-4}  {tunnel.Remote,-15}  {tunnel.Interface ?? "no interface"}");
        foreach (var fact in facts) output.WriteLine($"            {fact}");
        if (tunnel.LastDown is { } down) output.WriteLine($"            last down {down.At:yyyy-MM-dd HH:mm:ss} UTC: {down.Cause}");
    }

    private static void Write(TextWriter output, Colours colours, DnsStatus dns)
    {
        output.WriteLine();
        output.WriteLine($"{colours.Bold("names")}  {colours.State(dns.State)}  {(dns.Listening.Count > 0 ? string.Join(", ", dns.Listening) : "answers nowhere")}");
        if (dns.Counters is { } counters)
            output.WriteLine($"  {Count(counters.Queries, "question")}, {counters.Hits} out of the cache{(counters.StaleAnswers > 0 ? $", {counters.StaleAnswers} beyond their time" : "")}{(counters.Failures > 0 ? $", {counters.Failures} failed" : "")}{(counters.Denied > 0 ? $", {counters.Denied} of strangers" : "")}");
        foreach (var rule in dns.Rules)
        {
            var told = new List<string> { $"{rule.Queries} asked" };
            if (rule.Hits > 0) told.Add($"{rule.Hits} out of the cache");
            if (rule.StaleAnswers > 0) told.Add($"{rule.StaleAnswers} beyond their time");
            if (rule.PublicAnswers > 0) told.Add($"{rule.PublicAnswers} public");
            if (rule.Failures > 0) told.Add($"{rule.Failures} failed");
            output.WriteLine($"  {(rule.Domain == "." ? "other names" : rule.Domain)}  {string.Join(", ", told)}");
            foreach (var server in rule.Servers)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"            {server.Server,-21} {colours.State(server.Up ? "up" : "down"),-4}{(server.RttMilliseconds > 0 ? $"  {server.RttMilliseconds:0.0} ms" : "")}{(server.Timeouts > 0 ? $", {Count(server.Timeouts, "time-out")}" : "")}"));
        }
    }

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static string Ranges(IReadOnlyList<string> ranges) => ranges.Count == 0 ? "nothing" : string.Join(", ", ranges);

    private static string Sending(IReadOnlyList<int> tunnels) => tunnels.Count switch
    {
        0 => "",
        1 => $", sending through tunnel {tunnels[0]}",
        _ => $", sending through tunnels {string.Join(" and ", tunnels)}",
    };

    private static string Age(long seconds) => seconds switch
    {
        < 120 => $"for {seconds} s",
        < 7200 => $"for {seconds / 60} min",
        < 172800 => $"for {seconds / 3600} h",
        _ => $"for {seconds / 86400} days",
    };

    private static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} B",
        < 10_000_000 => $"{bytes / 1000} kB",
        < 10_000_000_000 => $"{bytes / 1_000_000} MB",
        _ => $"{bytes / 1_000_000_000} GB",
    };
}
