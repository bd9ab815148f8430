using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>A cause that plain words suggest.</summary>
internal sealed class Suspicion(string id, FactKind kind) : Cause(id, Perhaps(kind, Weight))
{
    private const double Weight = 0.4;

    public override string DecidedBy => "The product's manual says what it writes then; the other end's log says more.";
}

/// <summary>What is suspected where no product's own words and no clear plain ones tell anything.</summary>
internal static class Suspicions
{
    public static IReadOnlyList<Cause> All { get; } =
    [
        new Suspicion("ike-unreachable", SuspectedSilence), new Suspicion("dpd-timeout", SuspectedDeath),
        new Suspicion("psk-mismatch", SuspectedKey), new Suspicion("psk-missing", SuspectedKeyMissing), new Suspicion("certificate-problem", SuspectedCertificate),
        new Suspicion("auth-method-unsupported", SuspectedMethod), new Suspicion("ike-version-mismatch", SuspectedVersion), new Suspicion("ike-mode-mismatch", SuspectedMode),
        new Suspicion("identity-mismatch", SuspectedName), new Suspicion("unknown-peer", SuspectedPeer),
        new Suspicion("ike-proposal-mismatch", SuspectedOffer), new Suspicion("esp-proposal-mismatch", SuspectedChildOffer),
        new Suspicion("pfs-mismatch", SuspectedGroup), new Suspicion("ts-mismatch", SuspectedSelectors),
        new Suspicion("forwarding-disabled", SuspectedForwarding), new Suspicion("ike-unreachable", SuspectedFilter), new Suspicion("esp-blocked", SuspectedEspFilter),
    ];
}
