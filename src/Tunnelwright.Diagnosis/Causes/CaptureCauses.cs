using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What only packets show of the cause.</summary>
internal sealed class EspBlockedOnTheWire() : Cause("esp-blocked", Sure(EspRefused, 0.92), Sure(EspOneWay, 0.85), Perhaps(EspSilent, 0.45))
{
    public override IReadOnlyList<string> Hides => ["bgp-not-established", "bgp-hold-timer"];

    public override string DecidedBy => "Whether IKE is still answered while no data comes back, and whether the peer's counters see our packets.";
}

/// <summary>What only packets show of the cause.</summary>
internal sealed class SaDesyncOnTheWire() : Cause("sa-desync", Perhaps(EspSilent, 0.3))
{
    public override string DecidedBy => "Whether the peer still holds the SAs, and whether IKE is answered.";
}

/// <summary>What only packets show of the cause.</summary>
internal sealed class FragmentsDroppedOnTheWire() : Cause("ike-fragments-dropped", Sure(FragmentsMissing, 0.86), Explains(FirstMessageUnanswered), Explains(AuthUnanswered), Explains(AuthUnansweredBehindNat))
{
    public override IReadOnlyList<string> Hides => ["udp4500-blocked", "keying-tries-exhausted", "ike-unreachable"];
}

/// <summary>What only packets show, of causes that may show themselves elsewhere, too; the verdict joins what has the same id.</summary>
internal static class CausesOnTheWire
{
    public static IReadOnlyList<Cause> All { get; } = [new EspBlockedOnTheWire(), new SaDesyncOnTheWire(), new FragmentsDroppedOnTheWire()];
}
