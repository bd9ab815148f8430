using System.Globalization;
using Tunnelwright.Diagnosis;
using Tunnelwright.Ike;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>Asks each endpoint over the internet: its IKE ports, its host, and, when the tunnel is not up, what it says to the agreed proposal.</summary>
internal sealed class EndpointExamination() : Examination("endpoint")
{
    private const double Noticeable = TunnelExamination.Noticeable;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);

    public override Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken) =>
        EachTunnelAsync(scene, result, (tunnel, own) => LookAsync(scene, tunnel, own));

    private static async Task LookAsync(Scene scene, TunnelView tunnel, ExaminationResult result)
    {
        var name = $"endpoint {tunnel.Number}";
        var remote = tunnel.RemoteOutside;
        var asking = scene.Senses.PortsAsync(tunnel);
        var listening = ListenAsync(scene);
        EchoSample? echo = null;
        try
        {
            echo = await scene.Senses.OutsideAsync(tunnel);
        }
        catch (Exception problem) when (IsObstacle(problem))
        {
            result.Skip(name, $"{remote} cannot be pinged: {problem.Message}");
        }

        var probe = await asking;
        if (probe.Ports.All(port => port.State == IkePortState.NotTried))
        {
            result.Skip(name, $"{remote} cannot be asked: {probe.Ports[0].Detail}");
            return;
        }

        var loses = echo is { IsSilent: false, Loss: >= Noticeable };
        if (loses) result.Saw(FactKind.MuchLoss, name, string.Create(CultureInfo.InvariantCulture, $"{echo!.Loss:P0} of {echo.Sent} echo requests to {remote} are lost on the way"), tunnel);
        var own = probe.IsOpen ? null : await OwnDropAsync(scene, tunnel);
        if (own is not null)
        {
            result.Saw(FactKind.OwnFilterDropsIke, name, $"this host's own filter drops IKE of {remote}: {own}", tunnel, "nft list ruleset");
            return;
        }

        var overheard = probe.IsOpen ? [] : (await listening).Where(error => error.Destination.Equals(probe.Address)).ToList();
        Ports(tunnel, probe, overheard, echo, loses, await CarriesAsync(scene, tunnel), name, result);
        if (probe.IsOpen && !loses)
        {
            await FragmentsAsync(scene, tunnel, name, result);
            if (!tunnel.HasPair) await OfferAsync(scene, tunnel, name, result);
            else await AddressAsync(scene, tunnel, probe, name, result);
        }
    }

    /// <summary>The rule of this host that drops the endpoint's IKE; null when there is none, or when the rules cannot be read, which the filter's own examination tells.</summary>
    private static async Task<string?> OwnDropAsync(Scene scene, TunnelView tunnel)
    {
        try
        {
            return (await scene.Senses.RulesetAsync()).DropOfIke(scene, tunnel);
        }
        catch (Exception problem) when (IsObstacle(problem))
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<OverheardError>> ListenAsync(Scene scene)
    {
        try
        {
            return await scene.Senses.OverheardAsync();
        }
        catch (Exception problem) when (IsObstacle(problem))
        {
            return [];
        }
    }

    private static async Task<bool> CarriesAsync(Scene scene, TunnelView tunnel) => tunnel.HasPair && await TunnelExamination.WorksAsync(scene, tunnel);

    private static void Ports(TunnelView tunnel, IkeProbeResult probe, List<OverheardError> overheard, EchoSample? echo, bool loses, bool carries, string name, ExaminationResult result)
    {
        var remote = tunnel.RemoteOutside;
        var (ike, nat) = (probe.Ports[0], probe.Ports[1]);
        var detail = $"UDP 500 {ike.State.Word()}, UDP 4500 {nat.State.Word()}{(echo is null ? "" : $", ping {echo.Describe()}")}";
        if (probe.IsOpen)
        {
            result.Pass(name, $"{remote}: {detail}");
            return;
        }

        if (loses) return;
        var source = $"probe of {remote}";
        var silent = ike.State == IkePortState.Filtered && nat.State == IkePortState.Filtered;
        var kind = (ike.State, nat.State) switch
        {
            (IkePortState.Refused, _) or (_, IkePortState.Refused) => FactKind.PortUnreachable,
            (IkePortState.Unreachable, _) or (_, IkePortState.Unreachable) => FactKind.HostUnreachable,
            _ when overheard.Exists(error => error is { Type: 3, Code: 3, DestinationPort: 500 or 4500 }) => FactKind.PortUnreachable,
            _ when silent && overheard.Exists(error => error is { Type: 3, Code: 0 or 1 }) => FactKind.HostUnreachable,
            (IkePortState.Filtered, IkePortState.Open) => FactKind.Udp500Silent,
            (IkePortState.Open, IkePortState.Filtered) => carries && tunnel.Child!.Encapsulated ? FactKind.IkeStarvedBesideData : FactKind.Udp4500Silent,
            _ when silent && echo is { IsSilent: false } => FactKind.OnlyIkeSilent,
            _ => FactKind.NothingAnswers,
        };
        var words = kind switch
        {
            FactKind.PortUnreachable => "its host answers that nothing listens there",
            FactKind.HostUnreachable => ike.Detail ?? nat.Detail ?? "a router answers that it cannot be reached",
            FactKind.Udp500Silent => "nothing comes back on UDP 500, while 4500 answers",
            FactKind.Udp4500Silent => "nothing comes back on UDP 4500, while 500 answers",
            FactKind.IkeStarvedBesideData => "IKE gets no answer on UDP 4500, where the tunnel's data passes",
            FactKind.OnlyIkeSilent => "the host answers ping, its IKE does not",
            _ => "nothing comes back",
        };
        result.Saw(kind, name, $"{remote}: {words} ({detail})", tunnel, source);
        if (kind is FactKind.NothingAnswers or FactKind.PortUnreachable or FactKind.HostUnreachable) result.PointTo(kind, tunnel, written => written.Remote);
    }

    private static async Task FragmentsAsync(Scene scene, TunnelView tunnel, string name, ExaminationResult result)
    {
        var large = await scene.Senses.LargeMessagesAsync(tunnel);
        if (large.Ports.Any(port => port.State != IkePortState.Filtered)) return;
        result.Saw(FactKind.FragmentsLost, name, $"{tunnel.RemoteOutside} answers small IKE messages and none of 2,600 bytes, which travel as IP fragments", tunnel, $"probe of {tunnel.RemoteOutside}");
    }

    /// <summary>
    /// A tunnel stands, and its endpoint refuses everything to a newcomer from here: it no longer knows the address that this gateway comes from. In IKEv2 the question
    /// leaves nothing behind; in IKEv1 it is asked only when the tunnel went down lately.
    /// </summary>
    private static async Task AddressAsync(Scene scene, TunnelView tunnel, IkeProbeResult ports, string name, ExaminationResult result)
    {
        var version = tunnel.Version;
        if (tunnel.AgreedVersion != version) return;
        var said = ports.Versions[0];
        if (version == 1)
        {
            if (tunnel.Status?.LastDown is not { } down || TimeProvider.System.GetUtcNow() - down.At > Lately) return;
            said = (await scene.Senses.OfferAsync(tunnel, version, agreedOnly: false)).Versions[0];
        }

        if (said.State != IkeVersionState.Refused) return;

        // An endpoint that is being set up anew ends the old tunnel in a moment: then it is the tunnel's own negotiation that tells.
        await Task.Delay(Farewell);
        if ((await scene.LookAgainAsync(tunnel)).Child?.SpiIn != tunnel.Child?.SpiIn) return;
        result.Saw(
            FactKind.RefusedBesideTunnel, name, $"the tunnel stands, and {tunnel.RemoteOutside} refuses every proposal in a new exchange: it knows no connection for the address that this gateway comes from now", tunnel, $"probe of {tunnel.RemoteOutside}");
    }

    /// <summary>What the endpoint says to the agreed proposal; where it refuses, what it says to the other version and to everything.</summary>
    private static async Task OfferAsync(Scene scene, TunnelView tunnel, string name, ExaminationResult result)
    {
        var remote = tunnel.RemoteOutside;
        var source = $"probe of {remote}";
        var version = tunnel.AgreedVersion;
        var offer = await scene.Senses.OfferAsync(tunnel, version, agreedOnly: true);
        if (offer.Nat is { IsHereTranslated: true } nat)
        {
            if (tunnel.Agreed?.CustomerOutside is { } registered && nat.SeenFrom is null && registered.ToString() == nat.Local.Address.ToString())
                result.Saw(FactKind.SeenFromElsewhere, name, $"{remote} sees this gateway come from another address than {registered}, which is registered", tunnel, source);
            else
                result.Pass("nat-in-path", $"{remote} sees this gateway behind NAT; that is no fault by itself");
        }

        var said = offer.Versions[0];
        if (said.State is not (IkeVersionState.Refused or IkeVersionState.NotSupported)) return;
        var other = await scene.Senses.OfferAsync(tunnel, 3 - version, agreedOnly: true);
        if (other.Versions[0].State == IkeVersionState.Accepted)
        {
            result.Saw(FactKind.VersionRefused, name, $"{remote} takes the {tunnel.ProposalOrigin} proposal in IKEv{3 - version} and refuses it in IKEv{version}", tunnel, source);
            result.PointTo(FactKind.VersionRefused, tunnel, written => written.VersionSetting);
            return;
        }

        var all = await scene.Senses.OfferAsync(tunnel, version, agreedOnly: false);
        if (all.Versions[0].State == IkeVersionState.Accepted)
        {
            result.Saw(FactKind.IkeProposalRefused, name, $"{remote} refuses {(tunnel.AgreedProposals.Count > 0 ? string.Join(", ", tunnel.AgreedProposals.Take(4)) : "the proposals in service")} and takes {all.Versions[0].Taken?.ToString() ?? "another"}", tunnel, source);
            result.PointTo(FactKind.IkeProposalRefused, tunnel, written => written.IkeProposals);
            return;
        }

        var kind = DiedSilently(scene, tunnel) ? FactKind.RefusedAfterSilentDeath : FactKind.EverythingRefused;
        result.Saw(kind, name, $"{remote} refuses every proposal in both versions: it knows no connection for the address that this gateway comes from", tunnel, source);
    }

    /// <summary>Whether the tunnel's last end was silence and not the peer's word: then it is not the peer that was changed.</summary>
    private static bool DiedSilently(Scene scene, TunnelView tunnel) => tunnel.Status?.LastDown?.Cause == "dpd-timeout";
}
