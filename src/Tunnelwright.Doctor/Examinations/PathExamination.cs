using System.Globalization;
using System.Net;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>Looks deeper, on request: every hop on the way to each endpoint and what it belongs to, and the largest packet that passes outside and inside the tunnel.</summary>
internal sealed class PathExamination() : Examination("path")
{
    private const int MostHops = 16;
    private const int SmallestMtu = 576;
    private const int IpAndIcmp = 28;

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (!scene.Request.Deep) return;
        foreach (var tunnel in scene.Tunnels.DistinctBy(tunnel => tunnel.RemoteOutside))
        {
            await HopsAsync(scene, tunnel, result, cancellationToken);
            var outside = await LargestAsync(tunnel.RemoteOutside.ToIPAddress(), new EchoOptions(), 1500, cancellationToken);
            if (outside is { } size) result.Pass($"path MTU {tunnel.Number}", $"{size} bytes to {tunnel.RemoteOutside}");
            else result.Skip($"path MTU {tunnel.Number}", $"{tunnel.RemoteOutside} answers no ping: it cannot be measured");
            if (tunnel is not { Device: { } device, Mtu: { } mtu, LocalInside: { } here, RemoteInside: { } there }) continue;
            var inside = await LargestAsync(there.ToIPAddress(), new EchoOptions { Device = device, Source = here.ToIPAddress() }, mtu, cancellationToken);
            if (inside == mtu) result.Pass($"tunnel MTU {tunnel.Number}", $"{mtu} bytes, the interface's MTU, pass");
            else if (inside is { } most) result.Fail($"tunnel MTU {tunnel.Number}", $"{most} bytes pass, the interface's MTU is {mtu}");
        }
    }

    private static async Task HopsAsync(Scene scene, TunnelView tunnel, ExaminationResult result, CancellationToken cancellationToken)
    {
        var remote = tunnel.RemoteOutside.ToIPAddress();
        var hops = await Task.WhenAll(Enumerable.Range(1, MostHops).Select(ttl => EchoSample.TakeAsync(remote, new EchoOptions { TimeToLive = ttl }, 2, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), cancellationToken)));
        var own = scene.Observed?.Addresses.Select(address => Ipv4Address.TryParse(address.Address, out var parsed) ? Cidr.Containing(parsed, address.PrefixLength) : (Cidr?)null).OfType<Cidr>().ToList() ?? [];
        var told = new List<string>();
        foreach (var hop in hops)
        {
            if (!hop.IsSilent)
            {
                told.Add(string.Create(CultureInfo.InvariantCulture, $"{remote} (endpoint, {hop.RoundTripMilliseconds:0.0} ms)"));
                result.Pass($"way {tunnel.Number}", string.Join(" → ", told));
                return;
            }

            told.Add(hop.Error is { } error ? $"{error.From} ({Belongs(error.From, own, tunnel)})" : "?");
        }

        while (told.Count > 0 && told[^1] == "?") told.RemoveAt(told.Count - 1);
        result.Skip($"way {tunnel.Number}", told.Count == 0 ? "no hop answers" : $"{string.Join(" → ", told)} → silence");
    }

    /// <summary>Whose a hop is: private addresses are the customer's own network, the endpoint's are its, and between them is the internet.</summary>
    internal static string Belongs(IPAddress hop, IReadOnlyList<Cidr> own, TunnelView tunnel)
    {
        if (!Ipv4Address.TryParse(hop.ToString(), out var address)) return "unknown";
        if (address == tunnel.RemoteOutside) return "endpoint";
        if (SpecialRanges.MeaningOf(address)?.StartsWith("private", StringComparison.Ordinal) == true) return "own network";
        return own.Any(network => network.PrefixLength >= 24 && network.Contains(address)) ? "own router" : "internet";
    }

    /// <summary>The largest packet that is answered with the DF bit set, by halves; null when even a small one is not.</summary>
    private static async Task<int?> LargestAsync(IPAddress destination, EchoOptions options, int most, CancellationToken cancellationToken)
    {
        if (await PassesAsync(most)) return most;
        if (!await PassesAsync(SmallestMtu)) return null;
        var (passes, fails) = (SmallestMtu, most);
        while (fails - passes > 1)
        {
            var middle = (passes + fails) / 2;
            if (await PassesAsync(middle)) passes = middle;
            else fails = middle;
        }

        return passes;

        async Task<bool> PassesAsync(int bytes) => !(await EchoSample.TakeAsync(destination, options with { DoNotFragment = true, PayloadBytes = bytes - IpAndIcmp }, 3, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(0.4), cancellationToken)).IsSilent;
    }
}
