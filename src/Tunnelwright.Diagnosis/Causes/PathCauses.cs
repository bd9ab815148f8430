using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class Udp500Blocked() : Cause("udp500-blocked", Sure(Udp500Silent, 0.9), Explains(FirstMessageUnanswered), Explains(PeerStoppedAnswering))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "dpd-timeout", "keying-tries-exhausted", "bgp-not-established", "bgp-hold-timer"];
}

internal sealed class EspBlocked() : Cause("esp-blocked", Sure(EspUnanswered, 0.88))
{
    public override IReadOnlyList<string> Hides => ["dpd-timeout", "sa-desync", "peer-deleted", "duplicate-ike-sa", "bgp-not-established", "bgp-hold-timer", "idle-timeout", "range-not-registered", "keying-tries-exhausted"];

    public override string DecidedBy => "A capture at the peer: whether ESP arrives there.";
}

internal sealed class MtuBlackHole() : Cause("mtu-blackhole", Sure(LargePacketsVanish, 0.92))
{
    public override IReadOnlyList<string> Hides => ["ike-fragments-dropped", "bgp-hold-timer"];
}

internal sealed class DpdRateLimited() : Cause("dpd-rate-limited", Sure(IkeStarvedBesideData, 0.85), Explains(PeerStoppedAnswering))
{
    public override IReadOnlyList<string> Hides => ["udp4500-blocked", "dpd-timeout", "keying-tries-exhausted"];
}

internal sealed class SourceAddressMismatch() : Cause("source-address-mismatch", Sure(SeenFromElsewhere, 0.95), Sure(RefusedBesideTunnel, 0.85), Sure(RefusedAfterSilentDeath, 0.7), Explains(EverythingRefused), Explains(IkeProposalRefusedAlone), Explains(NoConnectionForPeer))
{
    public override IReadOnlyList<string> Hides => ["unknown-peer", "ike-proposal-mismatch", "dpd-timeout", "esp-blocked", "sa-desync", "bgp-not-established", "bgp-hold-timer"];

    public override string DecidedBy => "The peer's log: which address it sees.";
}

internal sealed class NotInitiating() : Cause("not-initiating", Sure(WaitsForPeer, 0.8))
{
    public override IReadOnlyList<string> Hides => ["peer-deleted", "keying-tries-exhausted", "idle-timeout", "dpd-timeout", "bgp-not-established"];
}

internal sealed class StalePeerAddress() : Cause("stale-peer-address", Explains(FirstMessageUnanswered), Explains(NothingAnswers), Explains(HostUnreachable), Explains(PortUnreachable))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "peer-not-listening", "dpd-timeout", "unknown-peer", "identity-mismatch", "keying-tries-exhausted", "bgp-not-established", "bgp-hold-timer"];
}

internal sealed class BothTunnelsNotConfigured() : Cause("both-tunnels-not-configured")
{
    public override IReadOnlyList<string> Hides => ["peer-deleted"];
}
