using Tunnelwright.Cli.Customer;
using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Cli;

/// <summary>What check prints for people.</summary>
internal static class ConnectionText
{
    public static void Write(TextWriter output, string path, ReadResult read, bool showSecrets)
    {
        var colours = new Colours(output);
        if (read.Connection is { } connection)
        {
            output.WriteLine($"{colours.Bold(connection.Id)}  {(connection.Routing == Routing.Bgp ? "BGP" : "static routing")}, {Words.Count(connection.Tunnels.Count, "tunnel")}, read as {read.Format}");
            output.WriteLine($"  customer gateway {connection.CustomerGatewayId}, cloud gateway {connection.CloudGatewayId ?? "not named"}");
            if (connection.CustomerRanges.Count > 0) output.WriteLine($"  customer's ranges {connection.CustomerRanges}");
            if (connection.CloudRanges.Count > 0) output.WriteLine($"  cloud's ranges {connection.CloudRanges}");
            foreach (var tunnel in connection.Tunnels) WriteTunnel(output, colours, tunnel, showSecrets);
        }

        output.WriteLine();
        foreach (var problem in read.Problems)
        {
            var line = ProblemText.Line(path, problem);
            output.WriteLine(problem.Severity == Severity.Error ? colours.Red(line) : colours.Yellow(line));
        }

        var errors = read.Problems.Count(problem => problem.Severity == Severity.Error);
        var warnings = read.Problems.Count - errors;
        output.WriteLine(errors > 0
            ? colours.Red($"{Words.Count(errors, "error")}, {Words.Count(warnings, "warning")}")
            : warnings > 0 ? colours.Yellow($"usable, {Words.Count(warnings, "warning")}") : colours.Green("nothing is wrong with it"));
    }

    private static void WriteTunnel(TextWriter output, Colours colours, Tunnel tunnel, bool showSecrets)
    {
        var key = tunnel.Ike.PreSharedKey is { } psk ? showSecrets ? psk.Reveal() : psk.ToString() : "none";
        output.WriteLine();
        output.WriteLine($"  {colours.Bold($"tunnel {tunnel.Number}")}");
        output.WriteLine($"    outside   {tunnel.CustomerOutside?.ToString() ?? "(placeholder)"} to {tunnel.CloudOutside}");
        output.WriteLine($"    inside    {tunnel.CustomerInside} to {tunnel.CloudInside}");
        output.WriteLine($"    phase 1   IKEv{(int)tunnel.Ike.Version}, {tunnel.Ike.Proposal}, {tunnel.Ike.Lifetime}, key {key}");
        output.WriteLine($"    phase 2   ESP, {tunnel.Ipsec.Proposal}, {tunnel.Ipsec.Lifetime}{(tunnel.Ipsec.Proposal.PfsGroup is null ? ", no PFS" : "")}");
        output.WriteLine($"    path      MTU {tunnel.MtuBytes?.ToString() ?? "not said"}, MSS {tunnel.MssBytes?.ToString() ?? "not said"}, DF {(tunnel.ClearDontFragment ? "cleared" : "kept")}, dead peer detection every {tunnel.DeadPeerDetection.IntervalSeconds} s, {tunnel.DeadPeerDetection.Retries} misses");
        if (tunnel.Bgp is { } bgp) output.WriteLine($"    BGP       AS {bgp.CustomerAsn?.ToString() ?? "(placeholder)"} to AS {bgp.CloudAsn} at {bgp.Neighbor}, hold time {bgp.HoldSeconds} s");
        if (tunnel.StaticNextHop is { } hop) output.WriteLine($"    routes    static, next hop {hop}");
    }
}
