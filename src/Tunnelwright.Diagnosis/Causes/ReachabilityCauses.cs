using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class IkeUnreachable() : Cause("ike-unreachable", Sure(FirstMessageUnanswered, 0.88), Sure(HostUnreachable, 0.9), Sure(NothingAnswers, 0.93), Sure(UplinkWithoutCarrier, 0.97), Sure(OwnFilterDropsIke, 0.96), Perhaps(FirstAnswerLost, 0.72), Perhaps(NegotiationAbandoned, 0.42), Perhaps(HalfOpenExpired, 0.38))
{
    public override IReadOnlyList<string> Hides => ["keying-tries-exhausted", "udp4500-blocked", "bgp-not-established", "bgp-hold-timer"];

    public override string DecidedBy => "A probe of UDP 500 and 4500 from this gateway tells whether the peer is there; the peer's log tells whether the request arrives.";
}

internal sealed class Udp4500Blocked() : Cause(
    "udp4500-blocked",
    Sure(Udp4500Silent, 0.9),
    Sure(AuthUnansweredBehindNat, 0.88),
    Perhaps(AuthUnanswered, 0.62),
    Perhaps(HalfOpenExpired, 0.4),
    Perhaps(EncryptedMessageUnanswered, 0.35))
{
    public override IReadOnlyList<string> Hides => ["keying-tries-exhausted", "bgp-not-established", "ike-unreachable"];

    public override string DecidedBy => "A probe of UDP 4500, or the peer's log: whether the message after the first exchange arrives there.";
}

internal sealed class IkeFragmentsDropped() : Cause("ike-fragments-dropped", Sure(LargeMessageUnanswered, 0.82), Sure(FragmentsLost, 0.8), Explains(AuthUnanswered), Explains(AuthUnansweredBehindNat))
{
    public override IReadOnlyList<string> Hides => ["udp4500-blocked", "keying-tries-exhausted"];
}

internal sealed class PeerNotListening() : Cause("peer-not-listening", Sure(PortUnreachable, 0.9), Explains(FirstMessageUnanswered))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "keying-tries-exhausted", "udp4500-blocked", "dpd-timeout"];
}

internal sealed class KeyingTriesExhausted() : Cause("keying-tries-exhausted", Sure(StoppedTrying, 0.7))
{
    public override IReadOnlyList<string> Hides => [];
}
