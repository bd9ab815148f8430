using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class IkeProposalMismatch() : Cause("ike-proposal-mismatch", Sure(IkeProposalRefused, 0.94), Explains(AuthenticationFailed), Explains(KeyMissingAtPeer), Perhaps(IkeProposalRefusedAlone, 0.68), Perhaps(WideProposalRefused, 0.45), Perhaps(OfferRefused, 0.7), Explains(NegotiationAbandoned), Explains(FirstMessageUnanswered))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "not-initiating"];

    public override string DecidedBy => "The responder's log lists the proposals that it received and those that it allows; 'no config found' there means an unknown peer or version instead.";
}

internal sealed class IkeLifetimeOutOfRange() : Cause("ike-lifetime-out-of-range", Sure(IkeLifetimeRefused, 0.92), Explains(IkeProposalRefused), Explains(NegotiationAbandoned))
{
    public override IReadOnlyList<string> Hides => ["ike-proposal-mismatch"];
}

internal sealed class EspProposalMismatch() : Cause(
    "esp-proposal-mismatch",
    Sure(ChildAlgorithmsDiffer, 0.95),
    Explains(NegotiationAbandoned),
    Perhaps(ChildProposalRefused, 0.72),
    Perhaps(ChildProposalRefusedWithPfs, 0.4),
    Perhaps(ChildProposalRefusedAtRekey, 0.25),
    Perhaps(ChildProposalRefusedBetweenHosts, 0.5),
    Perhaps(ChildFailed, 0.45),
    Perhaps(ChildFailedUnsaid, 0.35),
    Perhaps(ChildUnanswered, 0.4),
    Perhaps(WideChildUnanswered, 0.33))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "route-missing"];

    public override string DecidedBy => "The responder's log lists the ESP proposals of both ends; with PFS the groups stand in them, too.";
}

internal sealed class PfsMismatch() : Cause(
    "pfs-mismatch",
    Sure(GroupDiffers, 0.92),
    Perhaps(ChildProposalRefusedAtRekey, 0.8),
    Perhaps(ChildProposalRefusedWithPfs, 0.55),
    Perhaps(RekeyFailed, 0.55),
    Perhaps(ChildProposalRefused, 0.28),
    Explains(ChildFailed),
    Explains(ChildFailedUnsaid),
    Perhaps(ChildProposalRefusedBetweenHosts, 0.25),
    Explains(ChildUnanswered),
    Explains(WideChildUnanswered))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "rekey-60-minute-drop"];

    public override string DecidedBy => "The responder's log lists the ESP proposals of both ends: whether the groups or the algorithms differ.";
}

internal sealed class TsMismatch() : Cause(
    "ts-mismatch",
    Sure(SelectorsRefused, 0.94),
    Explains(NegotiationAbandoned),
    Perhaps(ChildFailed, 0.36),
    Perhaps(ChildFailedUnsaid, 0.39),
    Perhaps(ChildUnanswered, 0.33),
    Perhaps(WideChildUnanswered, 0.38),
    Explains(ChildProposalRefusedBetweenHosts),
    Explains(ChildProposalRefused))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "esp-proposal-mismatch"];

    public override string DecidedBy => "The responder's log, or the networks in the configurations of both ends.";
}

internal sealed class EncapsulationModeMismatch() : Cause("encapsulation-mode-mismatch", Sure(EncapsulationDiffers, 0.95), Perhaps(ChildProposalRefusedBetweenHosts, 0.55), Explains(ChildFailed), Explains(ChildFailedUnsaid), Explains(ChildProposalRefused))
{
    public override IReadOnlyList<string> Hides => ["esp-proposal-mismatch", "sa-install-failed"];

    public override string DecidedBy => "The responder's log, or the mode in the configurations of both ends: selectors of single hosts are what transport mode has.";
}

internal sealed class Phase2LifetimeOutOfRange() : Cause("phase2-lifetime-out-of-range", Sure(LifetimeRefused, 0.82), Explains(ChildProposalRefused), Explains(ChildFailed), Explains(ChildFailedUnsaid))
{
    public override IReadOnlyList<string> Hides => ["esp-proposal-mismatch"];
}

internal sealed class MultipleSaPairs() : Cause("multiple-sa-pairs", Sure(OnePairOnly, 0.85))
{
    public override IReadOnlyList<string> Hides => ["ts-mismatch"];
}
