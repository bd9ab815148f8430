using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>The host's own settings: forwarding, source validation, the uplink, the address that IKE starts from.</summary>
internal sealed class HostExamination() : Examination("host")
{
    private readonly Sysctl _sysctl = new(NetworkNamespace.Current);

    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Tunnels.Count == 0 || scene.Observed is not { } observed) return Task.CompletedTask;
        if (scene.Connections.Any(connection => connection.Forwards)) Forwarding(scene, observed, result);
        SourceValidation(scene, observed, result);
        foreach (var tunnel in scene.Tunnels) OwnAddress(tunnel, observed, result);
        return UplinkAsync(scene, observed, result, cancellationToken);
    }

    private void Forwarding(Scene scene, ObservedGateway observed, ExaminationResult result)
    {
        if (!observed.Forwarding)
        {
            result.Saw(FactKind.ForwardingOff, "forwarding", "net.ipv4.ip_forward = 0: this host passes nothing on between its network and the tunnels", source: "/proc/sys/net/ipv4/ip_forward");
            return;
        }

        var inner = observed.Addresses.Where(address => Ipv4Address.TryParse(address.Address, out var own) && scene.Connections.Any(connection => connection.LocalRanges.Any(range => range.Contains(own)))).Select(address => address.Device);
        var off = inner.Concat(scene.Tunnels.Select(tunnel => tunnel.Device).OfType<string>()).Distinct().Where(device => _sysctl.TryGet($"net/ipv4/conf/{device}/forwarding")?.Trim() == "0").ToList();
        foreach (var device in off) result.Saw(FactKind.ForwardingOff, "forwarding", $"net.ipv4.conf.{device}.forwarding = 0: what comes in on {device} is not passed on", source: $"/proc/sys/net/ipv4/conf/{device}/forwarding");
        if (off.Count == 0) result.Pass("forwarding", "this host forwards");
    }

    /// <summary>The kernel takes the stricter of "all" and the interface's own value (ip-sysctl, "rp_filter"); what its own ESP decrypted it does not judge.</summary>
    private void SourceValidation(Scene scene, ObservedGateway observed, ExaminationResult result)
    {
        if (observed.Plane == DataPlane.Kernel || scene.Tunnels.Select(tunnel => tunnel.Device).OfType<string>().Distinct().Count() < 2) return;
        var all = _sysctl.TryGet("net/ipv4/conf/all/rp_filter")?.Trim();
        var strict = scene.Tunnels.Where(tunnel => tunnel.Device is { } device && Stricter(all, _sysctl.TryGet($"net/ipv4/conf/{device}/rp_filter")?.Trim()) == 1).ToList();
        foreach (var tunnel in strict)
            result.Saw(FactKind.StrictReversePath, "source validation", $"rp_filter = 1 on {tunnel.Device}: answers that come through this tunnel to requests that left through the other are dropped", source: $"/proc/sys/net/ipv4/conf/{tunnel.Device}/rp_filter");
        if (strict.Count == 0) result.Pass("source validation", "the tunnels take answers whichever way they come");
    }

    /// <summary>2, loose, counts as the highest value and is the laxer: the kernel takes the maximum.</summary>
    private static int Stricter(string? all, string? own) => Math.Max(int.TryParse(all, out var a) ? a : 0, int.TryParse(own, out var b) ? b : 0);

    private static void OwnAddress(TunnelView tunnel, ObservedGateway observed, ExaminationResult result)
    {
        if (tunnel.LocalOutside is not { } own || observed.Addresses.Any(address => address.Address == own.ToString())) return;
        result.PointTo(FactKind.NoSuchLocalAddress, tunnel, written => written.Local);
        result.Saw(FactKind.NoSuchLocalAddress, "own address", $"{tunnel.Title} is to start from {own}, which is on no interface of this host", tunnel);
    }

    private static async Task UplinkAsync(Scene scene, ObservedGateway observed, ExaminationResult result, CancellationToken cancellationToken)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tunnel in scene.Tunnels.DistinctBy(tunnel => tunnel.RemoteOutside))
        {
            var remote = tunnel.RemoteOutside.ToString();
            var way = await scene.Ip.GetRouteToAsync(remote, cancellationToken: cancellationToken);
            if (way is null || way.Type != RouteType.Unicast)
            {
                result.Saw(FactKind.HostUnreachable, "uplink", $"this host has no route to {remote}", tunnel);
                continue;
            }

            if (way.Device is not { } device || observed.Links.FirstOrDefault(link => link.Name == device) is not { } link) continue;
            if (!link.Up || !link.LowerUp) result.Saw(FactKind.UplinkWithoutCarrier, "uplink", $"{device}, which leads to {remote}, {(link.Up ? "has no carrier" : "is down")}", tunnel);
            else if (told.Add(device)) result.Pass("uplink", $"{device} is up");
        }
    }
}
