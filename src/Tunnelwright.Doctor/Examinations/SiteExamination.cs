using System.Net;
using Tunnelwright.Diagnosis;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>
/// Looks at the customer's own network: whether its hosts answer this gateway, also when the question comes from an address beyond it, as answers to the cloud have
/// to; and whether its DNS servers answer.
/// </summary>
internal sealed class SiteExamination() : Examination("own network")
{
    private const int MostHosts = 4;

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Observed is not { } observed || scene.Tunnels.Count == 0) return;
        var ranges = scene.Connections.SelectMany(connection => connection.LocalRanges).ToList();
        var servers = Resolvers().Where(server => ranges.Any(range => range.Contains(server)) && !observed.Addresses.Any(address => address.Address == server.ToString())).ToList();
        var answers = await Task.WhenAll(servers.Select(server => Names.ResolverAnswersAsync(server.ToIPAddress(), cancellationToken)));
        if (servers.Count > 0)
        {
            if (answers.Any(answer => answer)) result.Pass("own DNS", string.Join(", ", servers.Zip(answers).Select(pair => $"{pair.First} {(pair.Second ? "answers" : "is silent")}")));
            else result.Saw(FactKind.OnsiteDnsSilent, "own DNS", $"{string.Join(", ", servers)} does not answer on UDP 53: the cloud's questions for the customer's names find nobody");
        }

        await HostsAsync(scene, ranges, servers, result, cancellationToken);
    }

    private static async Task HostsAsync(Scene scene, List<Cidr> ranges, List<Ipv4Address> servers, ExaminationResult result, CancellationToken cancellationToken)
    {
        var hosts = (await NeighboursAsync(cancellationToken)).Where(host => ranges.Any(range => range.Contains(host))).Concat(servers).Distinct().Take(MostHosts).ToList();
        if (hosts.Count == 0)
        {
            result.Skip("own hosts", "no host of the customer's ranges is known to this gateway yet");
            return;
        }

        if (scene.Tunnels.Select(tunnel => tunnel.LocalInside).OfType<Ipv4Address>().Cast<Ipv4Address?>().FirstOrDefault()?.ToIPAddress() is not { } beyond) return;
        if (!scene.Observed!.Addresses.Any(address => address.Address == beyond.ToString())) return;
        var seen = await Task.WhenAll(hosts.Select(async host => (Host: host, Near: await AskAsync(host, null, cancellationToken), Far: await AskAsync(host, beyond, cancellationToken))));
        var near = seen.Where(host => !host.Near.IsSilent).ToList();
        var lost = near.Where(host => host.Far.IsSilent).ToList();
        if (near.Count == 0) result.Skip("own hosts", $"{string.Join(", ", hosts)} answer no ping");
        else if (lost.Count == 0) result.Pass("own hosts", $"{string.Join(", ", near.Select(host => host.Host))} answer, also to addresses beyond this gateway");
        else if (lost.Count == near.Count && near.Count > 1) result.Saw(FactKind.HostsNotReached, "own hosts", $"{string.Join(", ", lost.Select(host => host.Host))} answer this gateway's own address, and nothing passes between them and it for other addresses: the network lets it handle its own packets only");
        else foreach (var host in lost) result.Saw(FactKind.HostHasNoRoute, "own hosts", $"{host.Host} answers this gateway's own address and not {beyond}: it has no way back through this gateway");
    }

    private static Task<EchoSample> AskAsync(Ipv4Address host, IPAddress? source, CancellationToken cancellationToken) =>
        EchoSample.TakeAsync(host.ToIPAddress(), new EchoOptions { Source = source }, 4, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(0.8), cancellationToken);

    /// <summary>The resolvers of this host (resolv.conf(5)).</summary>
    public static IEnumerable<Ipv4Address> Resolvers()
    {
        if (!File.Exists("/etc/resolv.conf")) yield break;
        foreach (var line in File.ReadLines("/etc/resolv.conf"))
        {
            if (line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", var text, ..] && Ipv4Address.TryParse(text, out var address)) yield return address;
        }
    }

    /// <summary>Hosts that this one has spoken to lately, as the kernel's neighbour table tells (ip-neighbour(8)).</summary>
    private static async Task<List<Ipv4Address>> NeighboursAsync(CancellationToken cancellationToken)
    {
        var table = await CommandRunner.Shared.RunAsync("ip", ["-4", "neigh", "show"], CommandOptions.Default with { ThrowOnFailure = false }, cancellationToken);
        var hosts = new List<Ipv4Address>();
        foreach (var line in table.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Contains("lladdr", StringComparison.Ordinal) && !line.Contains("FAILED", StringComparison.Ordinal) && Ipv4Address.TryParse(line.Split(' ')[0], out var host)) hosts.Add(host);
        }

        return hosts;
    }
}
