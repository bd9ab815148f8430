using System.Diagnostics;
using System.Text.Json;
using Tunnelwright.Gateway;

namespace Tunnelwright.Cli.Commands;

/// <summary>Follows the agent's status while connections come up, and says each step once.</summary>
internal static class Progress
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until a packet has gone each way through every tunnel.</summary>
    public static async Task<int> FollowAsync(Func<CancellationToken, Task<StatusDocument?>> ask, IReadOnlySet<string> ids, int generation, TimeSpan limit, bool json, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var said = new HashSet<string>(StringComparer.Ordinal);
        var colours = new Colours(Console.Error);
        StatusDocument? status = null;
        do
        {
            status = await ask(cancellationToken);
            if (status is not null && status.Generation >= generation)
            {
                foreach (var line in Steps(status, ids)) Say(said, clock, colours, line);
                if (ids.All(id => IsUp(status, id)))
                {
                    if (json) Console.Out.WriteLine(JsonSerializer.Serialize(status, GatewayJson.Default.StatusDocument));
                    else StatusText.Write(Console.Out, status);
                    return ExitCodes.Done;
                }
            }

            await Task.Delay(Interval, cancellationToken);
        }
        while (clock.Elapsed < limit);

        if (json && status is not null) Console.Out.WriteLine(JsonSerializer.Serialize(status, GatewayJson.Default.StatusDocument));
        if (limit == TimeSpan.Zero) return ExitCodes.Done;
        foreach (var line in Waiting(status, ids)) Console.Error.WriteLine($"error: {line}");
        Console.Error.WriteLine("hint: the gateway goes on trying in the background: tunnelwright status; tunnelwright down takes it away");
        return ExitCodes.NotHealthy;
    }

    private static void Say(HashSet<string> said, Stopwatch clock, Colours colours, string line)
    {
        if (said.Add(line)) Console.Error.WriteLine($"{colours.Dim($"{clock.Elapsed.TotalSeconds,7:0.00} s")}  {line}");
    }

    private static bool IsUp(StatusDocument status, string id) =>
        status.Connections.FirstOrDefault(connection => connection.Id == id) is { } connection
        && connection.Tunnels.All(tunnel => tunnel.State == "up" && (tunnel.Bgp is null || tunnel.Bgp is { State: "established", PrefixesIn: > 0 }))
        && (connection.Active is not null || connection.RemoteRanges.Count == 0);

    private static IEnumerable<string> Steps(StatusDocument status, IReadOnlySet<string> ids)
    {
        foreach (var connection in status.Connections.Where(connection => ids.Contains(connection.Id)))
        {
            foreach (var tunnel in connection.Tunnels)
            {
                var name = $"tunnel {tunnel.Number}";
                if (tunnel.Ike is { EstablishedSeconds: not null } ike) yield return $"{name}  IKEv{ike.Version} SA established with {tunnel.Remote}";
                if (tunnel.Child is { } child) yield return $"{name}  SA pair installed, {child.Proposal}";
                if (tunnel.State == "up") yield return $"{name}  a packet went each way";
                if (tunnel.Bgp is { State: "established" }) yield return $"{name}  BGP established";
            }
        }

        foreach (var problem in status.Problems) yield return $"problem: {problem.Message}{(problem.Hint is { } hint ? $" ({hint})" : "")}";
    }

    private static IEnumerable<string> Waiting(StatusDocument? status, IReadOnlySet<string> ids)
    {
        if (status is null)
        {
            yield return $"the agent does not answer; see {new GatewayPaths(Customer.CustomerHost.GatewayName).AgentLog}";
            yield break;
        }

        foreach (var problem in status.Problems) yield return problem.Message;
        foreach (var connection in status.Connections.Where(connection => ids.Contains(connection.Id)))
        {
            foreach (var tunnel in connection.Tunnels)
            {
                var waits = tunnel switch
                {
                    { Ike: null } => $"no IKE SA with {tunnel.Remote} yet",
                    { Ike.EstablishedSeconds: null } => $"{tunnel.Remote} has not finished the IKE exchange ({tunnel.Ike.State})",
                    { Child: null } => $"the IKE SA with {tunnel.Remote} stands, but no SA pair",
                    { State: not "up" } => "the SA pair is installed, but no packet has come back through it",
                    { Bgp: { State: not "established" } bgp } => $"BGP is {bgp.State}{(bgp.LastError is { Length: > 0 } error ? $": {error}" : "")}",
                    { Bgp.PrefixesIn: 0 } => "BGP is established, but the cloud announces nothing",
                    _ => null,
                };
                if (waits is not null) yield return $"{connection.Id} tunnel {tunnel.Number}: {waits}";
            }
        }
    }
}
