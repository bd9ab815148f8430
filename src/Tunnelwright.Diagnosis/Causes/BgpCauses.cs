using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class BgpAsnMismatch() : Cause("bgp-asn-mismatch", Sure(BgpWrongAs, 0.96), Explains(BgpRefused))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "bgp-no-prefixes", "route-missing"];
}

internal sealed class BgpHoldTimer() : Cause("bgp-hold-timer", Sure(BgpHoldExpired, 0.9), Explains(SessionDown), Explains(BgpRefused))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "route-missing"];
}

internal sealed class BgpPrefixLimit() : Cause("bgp-prefix-limit", Sure(BgpTooManyPrefixes, 0.95))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "bgp-hold-timer", "route-missing"];
}

internal sealed class BgpNotEstablished() : Cause("bgp-not-established", Sure(BgpRefused, 0.8), Perhaps(SessionDown, 0.7))
{
    public override IReadOnlyList<string> Hides => ["route-missing"];

    /// <summary>Where IKE was refused and never came up, a session that its daemon says is not up is a symptom.</summary>
    public override Indication? Judge(EvidenceStore evidence)
    {
        const double Symptom = 0.3;
        if (base.Judge(evidence) is not { } found) return null;
        if (found.Certainty <= Symptom || evidence.Standing(SessionDown).Any()) return found;
        for (var kind = NoProposal; kind <= EncapsulationDiffers; kind++)
        {
            if (FactKinds.PhaseOf(kind) is Phase.Ike or Phase.Child && evidence.Standing(kind).Any()) return found with { Certainty = Symptom };
        }

        return found;
    }

    public override string DecidedBy => "BIRD's last error, and a capture of TCP 179 inside the tunnel.";
}

internal sealed class BgpNoPrefixes() : Cause("bgp-no-prefixes", Sure(NothingLearnt, 0.93), Sure(NothingAnnounced, 0.93), Sure(BgpRouteDenied, 0.7))
{
    public override IReadOnlyList<string> Hides => ["route-missing", "range-not-registered"];
}
