using System.Globalization;
using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Ike;

namespace Tunnelwright.Doctor;

/// <summary>Sends small and large echo requests through each tunnel and looks at its counters.</summary>
internal sealed class TunnelExamination() : Examination("tunnel")
{
    /// <summary>Share of lost packets that is told.</summary>
    public const double Noticeable = 0.15;

    /// <summary>Packets that have to be sent before it counts that none came back.</summary>
    private const int Enough = 8;

    /// <summary>The age from which silence of a new SA counts: the peer of a busy machine installs its side a little later.</summary>
    private static readonly TimeSpan Grown = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan RenewalPatience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan ReplacementPatience = TimeSpan.FromSeconds(2);

    public override bool IsEssential => true;

    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken) =>
        EachTunnelAsync(scene, result, (tunnel, own) => LookAsync(scene, tunnel, own));

    /// <summary>Whether packets pass through the tunnel each way; for a peer that never answers echo requests its counters tell.</summary>
    public static async Task<bool> WorksAsync(Scene scene, TunnelView tunnel)
    {
        if (!tunnel.HasPair) return false;
        try
        {
            var inside = await scene.Senses.InsideAsync(tunnel);
            return !inside.IsSilent || ((IsNoPinger(scene, tunnel) || (tunnel.Written is not null && inside.Sent == 0)) && tunnel.Child is { PacketsIn: > 0 });
        }
        catch (Exception problem) when (IsObstacle(problem))
        {
            return tunnel.Status?.State == "up";
        }
    }

    /// <summary>Whether the peer has never answered an echo request through the tunnel.</summary>
    private static bool IsNoPinger(Scene scene, TunnelView tunnel) =>
        tunnel.Status is { Probe: null } && !(File.Exists(scene.Paths.Answering) && File.ReadAllText(scene.Paths.Answering).Contains(tunnel.Name, StringComparison.Ordinal));

    private static async Task LookAsync(Scene scene, TunnelView tunnel, ExaminationResult result)
    {
        var name = tunnel.Title;
        if (scene.Observed is null || tunnel.Daemon is not { Answers: true })
        {
            result.Skip(name, scene.Observed is null ? "its SAs cannot be seen" : "its IKE daemon cannot be asked");
            result.LeavesOpen = true;
            return;
        }

        if (!tunnel.HasPair)
        {
            if (WasUpJustNow(tunnel) && await IsReplacedAsync(scene, tunnel))
            {
                result.Pass(name, "its SA ended a moment ago; the new one carries");
                return;
            }

            result.Fail(name, tunnel.Ike switch
            {
                null => "no IKE SA",
                { IsEstablished: true } => "the IKE SA stands, without an SA pair",
                { State: var state } => $"the IKE SA is {state.ToLowerInvariant()}",
            });
            result.LeavesOpen = true;
            return;
        }

        if (WithoutInterface(scene.Observed, tunnel) is { } orphaned)
        {
            result.Saw(FactKind.NoInterfaceOfSa, name, orphaned, tunnel, "ip link");
            result.PointTo(FactKind.NoInterfaceOfSa, tunnel, written => written.InterfaceId);
            return;
        }

        var inside = await scene.Senses.InsideAsync(tunnel);
        var traffic = string.Create(CultureInfo.InvariantCulture, $"{tunnel.Child!.PacketsIn} packets in, {tunnel.Child.PacketsOut} out");
        if (!inside.IsSilent)
        {
            await CarryingAsync(scene, tunnel, inside, traffic, result);
            return;
        }

        if (IsNoPinger(scene, tunnel) && tunnel.Child.PacketsIn > 0)
        {
            result.Pass(name, $"the peer answers no echo request; {traffic}");
            return;
        }

        if (tunnel.Written is not null && await MayAnswerOtherwiseAsync(scene, tunnel, inside, traffic, result)) return;
        result.LeavesOpen = true;
        var ports = await scene.Senses.PortsAsync(tunnel);
        var carrier = ports.Ports[tunnel.Child.Encapsulated ? 1 : 0];
        if (carrier.State != IkePortState.Open)
        {
            result.Fail(name, $"the SA pair is installed and nothing comes back through it; {traffic}");
            return;
        }

        await UnansweredAsync(scene, tunnel, result);
    }

    /// <summary>Whether the agent saw it go down so shortly ago that it may be between its old SA and the new one.</summary>
    private static bool WasUpJustNow(TunnelView tunnel) => tunnel.Status is { State: not "up", Since: var since } && DateTimeOffset.UtcNow - since < Fresh;

    private static async Task<bool> IsReplacedAsync(Scene scene, TunnelView tunnel)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < ReplacementPatience)
        {
            await Task.Delay(Pause);
            if ((await scene.LookAgainAsync(tunnel)).Child is { PacketsIn: > 0 }) return true;
        }

        return false;
    }

    /// <summary>SAs with an if_id take only what an XFRM interface of the same number hands to them (ip-link(8)). One in another namespace is not seen from here, but then packets have gone out.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    private static string? WithoutInterface(ObservedGateway observed, TunnelView tunnel)
    {
        if (tunnel is not { Written: not null, Child: { InterfaceIdOut: { } id and > 0, PacketsOut: 0 } }) return null;
        var links = observed.Links.Where(link => link.IfId is not null).ToList();
        if (links.Exists(link => link.IfId == id)) return null;
        return string.Create(CultureInfo.InvariantCulture, $"no interface has the if_id {id} of its SAs ({(links.Count == 0 ? "there is no XFRM interface" : string.Join(", ", links.Select(link => $"{link.Name}: {link.IfId}")))}): nothing can be routed into it");
    }

    /// <summary>Of a peer that this product has not known before, nobody knows whether it answers echo requests at all: any packet from it tells that the tunnel carries.</summary>
    private static async Task<bool> MayAnswerOtherwiseAsync(Scene scene, TunnelView tunnel, EchoSample inside, string traffic, ExaminationResult result)
    {
        if (inside.Sent == 0)
        {
            result.Skip(tunnel.Title, $"the SA pair is installed, {inside.Refusal}, so that none could be sent; {traffic}; give the provider's file with --file");
            result.LeavesOpen |= tunnel.Child is not { PacketsIn: > 0 };
            return true;
        }

        if (await scene.Senses.AnswersTcpAsync(tunnel))
        {
            result.Pass(tunnel.Title, $"{tunnel.RemoteInside} answers no ping, and TCP; {traffic}");
            return true;
        }

        if ((await scene.LookAgainAsync(tunnel)).Child is not { } now || now.SpiIn != tunnel.Child!.SpiIn || now.PacketsIn <= tunnel.Child.PacketsIn) return false;
        result.Pass(tunnel.Title, string.Create(CultureInfo.InvariantCulture, $"the peer answers no echo request, and {now.PacketsIn - tunnel.Child.PacketsIn} packets came in meanwhile"));
        return true;
    }

    private static async Task CarryingAsync(Scene scene, TunnelView tunnel, EchoSample inside, string traffic, ExaminationResult result)
    {
        var name = tunnel.Title;
        if (inside.Loss >= Noticeable)
        {
            result.Saw(FactKind.MuchLoss, name, string.Create(CultureInfo.InvariantCulture, $"{inside.Loss:P0} of {inside.Sent} echo requests through the tunnel are lost; {traffic}"), tunnel, $"ping {tunnel.RemoteInside}");
            return;
        }

        var large = await scene.Senses.LargeInsideAsync(tunnel);
        if (large is { Sent: > 0, IsSilent: true } && inside.Loss < Noticeable)
        {
            result.Saw(FactKind.LargePacketsVanish, name, $"packets of 84 bytes pass, none of {tunnel.Mtu} bytes, the interface's MTU, does, and no router says why", tunnel, $"ping {tunnel.RemoteInside}");
            return;
        }

        result.Pass(name, $"{inside.Describe()}{(large is { IsSilent: false } ? $"; packets of {tunnel.Mtu} bytes pass" : "")}; {traffic}");
    }

    /// <summary>
    /// IKE answers, data does not: either data is dropped on the way, or the peer knows the SA no more. An SA that was made after the silence began tells: the peer
    /// knows it. The agent makes one within moments; that is waited for.
    /// </summary>
    private static async Task UnansweredAsync(Scene scene, TunnelView tunnel, ExaminationResult result)
    {
        var started = TimeProvider.System.GetTimestamp();
        var name = tunnel.Title;
        var now = tunnel;
        while ((now is { HasPair: false } or { Child.PacketsIn: > 0 } or { Child.PacketsOut: < Enough } || IsYoung(tunnel, now)) && TimeProvider.System.GetElapsedTime(started) < RenewalPatience)
        {
            await Task.Delay(Pause);
            now = await scene.LookAgainAsync(tunnel);
            if (now.HasPair && now.Child!.SpiIn != tunnel.Child!.SpiIn && now.Child.PacketsIn > 0)
            {
                result.Pass(name, "the old SA carried nothing any more; the new one does");
                result.LeavesOpen = false;
                return;
            }
        }

        Conclude(tunnel, now, result);
    }

    private static bool IsYoung(TunnelView before, TunnelView now) => now.Child is { Installed: { } age } child && child.SpiIn != before.Child!.SpiIn && age < Grown;

    private static void Conclude(TunnelView before, TunnelView now, ExaminationResult result)
    {
        var remote = before.RemoteOutside;
        var name = before.Title;
        var child = now.Child ?? before.Child!;
        var traffic = string.Create(CultureInfo.InvariantCulture, $"{child.PacketsOut} packets out, {child.PacketsIn} in{(child.Installed is { } age ? $", in {age.TotalSeconds:0} s" : "")}");
        var carried = before.Child!.PacketsIn > 0;
        var isOld = now.Child?.SpiIn == before.Child.SpiIn;

        // The end of an SA that the peer does not know is not answered, nor is anything else within it.
        if (carried && (!now.HasPair || (isOld && now.Ike?.TasksActive.Count > 0))) result.Saw(FactKind.SaUnknownToPeer, name, $"{remote} answers new IKE messages and none within the SA that carried before: it knows that SA no more ({traffic})", before, "SA counters");
        else if (child.PacketsOut >= Enough && (isOld || (child.PacketsIn == 0 && !IsYoung(before, now)))) result.Saw(FactKind.EspUnanswered, name, $"{remote} answers IKE, and nothing comes back through the SA pair: {traffic}", before, "SA counters");
        else result.Fail(name, $"{remote} answers IKE; the new SA pair has not shown yet whether it carries ({traffic})");
    }
}
