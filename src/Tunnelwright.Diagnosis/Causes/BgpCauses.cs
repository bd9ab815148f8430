using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class BgpAsnMismatch() : Cause("bgp-asn-mismatch", Sure(BgpWrongAs, 0.96), Explains(BgpRefused))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "bgp-no-prefixes"];
}

internal sealed class BgpHoldTimer() : Cause("bgp-hold-timer", Sure(BgpHoldExpired, 0.9))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established"];
}

internal sealed class BgpPrefixLimit() : Cause("bgp-prefix-limit", Sure(BgpTooManyPrefixes, 0.95))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "bgp-hold-timer"];
}

internal sealed class BgpNotEstablished() : Cause("bgp-not-established", Sure(BgpRefused, 0.8));
