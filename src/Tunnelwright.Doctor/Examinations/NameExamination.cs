using System.Net;
using System.Net.Sockets;
using Tunnelwright.Diagnosis;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>Puts the addresses that the hosts file pins (hosts(5)) beside those that DNS tells today. It works on any host, also one behind the gateway.</summary>
internal sealed class NameExamination() : Examination("names")
{
    private const string HostsFile = "/etc/hosts";
    private const int MostNames = 32;

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (!File.Exists(HostsFile)) return;
        var servers = Names.NamedServers(scene).Concat(SiteExamination.Resolvers().Select(server => server.ToIPAddress())).Distinct().ToList();
        var pinned = Pinned(File.ReadLines(HostsFile)).Take(MostNames).ToList();
        if (pinned.Count == 0 || servers.Count == 0) return;
        var judged = await Task.WhenAll(pinned.Select(async pin => (Pin: pin, Told: (await Names.ResolveAsync(servers, pin.Name, null, cancellationToken))?.Addresses.ToList() ?? [])));
        var stale = judged.Where(item => IsStale(item.Pin.Address, item.Told)).ToList();
        foreach (var (pin, told) in stale)
        {
            var text = $"{pin.Name} is pinned to {pin.Address}, where DNS says {string.Join(", ", told)}";
            result.Fail(Name, text);
            result.Facts.Add(new Fact(FactKind.PinnedAddressDiffers, HostsFile, pin.Line, text));
        }

        if (stale.Count == 0 && judged.Any(item => item.Told.Contains(item.Pin.Address))) result.Pass(Name, "pinned addresses are those that DNS tells");
    }

    /// <summary>Whether a pinned address is one of before.</summary>
    /// <param name="pinned">A private address.</param>
    /// <param name="told">What DNS says of the name. Public addresses alone are the internet's view of it, for which a person may have pinned the private one.</param>
    internal static bool IsStale(IPAddress pinned, IReadOnlyList<IPAddress> told) => told.Any(NameVerdicts.IsPrivate) && !told.Contains(pinned);

    /// <summary>Names with a domain and a private address: what a provider's service is pinned to.</summary>
    internal static IEnumerable<(string Name, IPAddress Address, long Line)> Pinned(IEnumerable<string> lines)
    {
        var number = 0L;
        foreach (var line in lines)
        {
            number++;
            var words = line.Split('#', 2)[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address) || address.AddressFamily != AddressFamily.InterNetwork || IPAddress.IsLoopback(address)) continue;
            if (!Ipv4Address.TryParse(words[0], out var four) || SpecialRanges.MeaningOf(four)?.StartsWith("private", StringComparison.Ordinal) != true) continue;
            foreach (var name in words.Skip(1).Where(name => name.Contains('.', StringComparison.Ordinal))) yield return (name, address, number);
        }
    }
}
