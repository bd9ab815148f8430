using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class EspBlocked() : Cause("esp-blocked", Sure(EspRefused, 0.92), Sure(EspOneWay, 0.85), Perhaps(EspSilent, 0.45))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "bgp-hold-timer"];

    public override string DecidedBy => "Whether IKE is still answered while no data comes back, and whether the peer's counters see our packets.";
}
