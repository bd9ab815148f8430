using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class DpdTimeout() : Cause("dpd-timeout", Sure(PeerStoppedAnswering, 0.88), Sure(OnlyIkeSilent, 0.86), Sure(MuchLoss, 0.84), Perhaps(PeerStoppedBehindNat, 0.45))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "udp4500-blocked", "keying-tries-exhausted", "bgp-hold-timer", "bgp-not-established", "bgp-no-prefixes", "sa-desync"];

    public override string DecidedBy => "Whether the peer's packets come from another port afterwards (then the NAT forgot the mapping), and the peer's log.";
}

internal sealed class NatMappingExpired() : Cause("nat-mapping-expired", Sure(NatForgot, 0.8), Perhaps(AddressOfPeerChanged, 0.5), Perhaps(PeerStoppedBehindNat, 0.55))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable"];

    public override string DecidedBy => "Whether keep-alives leave more often than the NAT forgets, and whether the peer's port changes.";
}

internal sealed class IdleTimeout() : Cause("idle-timeout", Sure(ClosedIdle, 0.93));

internal sealed class PeerDeleted() : Cause("peer-deleted", Sure(PeerDeletedIke, 0.75), Sure(PeerDeletedChild, 0.55))
{
    public override bool GivesWay => true;

    public override string DecidedBy => "The peer's log: why it sent the DELETE.";
}

internal sealed class Rekey60MinuteDrop() : Cause("rekey-60-minute-drop", Sure(EndedAfterAnHour, 0.92), Explains(PeerDeletedChild), Explains(PeerDeletedIke))
{
    public override IReadOnlyList<string> Hides => ["dpd-timeout"];
}

internal sealed class RekeyCollisionCause() : Cause("rekey-collision", Sure(RekeyCollision, 0.86))
{
    public override IReadOnlyList<string> Hides => ["duplicate-ike-sa", "pfs-mismatch"];
}

internal sealed class DuplicateIkeSa() : Cause("duplicate-ike-sa", Sure(DuplicateIke, 0.85));

internal sealed class SaDesync() : Cause("sa-desync", Sure(UnknownSpi, 0.8), Sure(UnknownSpiAfterStart, 0.8), Sure(SaUnknownToPeer, 0.82));

internal sealed class ReplayDrops() : Cause("replay-drops", Sure(OutsideReplayWindow, 0.88));
