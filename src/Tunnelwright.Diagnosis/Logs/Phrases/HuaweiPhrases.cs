using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// Huawei's VRP and the clouds and devices made of it: the reasons of IPSECNEGOFAIL and IPSECTUNNELSTOP (alarm reference), as a log has them ("Reason=…",
/// "Reason=[…]", "OfflineReason=…") and as a column of "display ike error-info" and "display ike offline-info".
/// </summary>
internal static class HuaweiPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Offers(), .. Refusals().SelectMany(Told), .. Ends().SelectMany(Told)];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);

    /// <summary>A reason whose words others use, too: it counts where it is told as one.</summary>
    private static Phrase[] Told((string Reason, FactKind Kind) it) =>
        [P("Reason=" + it.Reason, it.Kind), P("Reason=[" + it.Reason, it.Kind), P(" " + it.Reason + "  ", it.Kind)];

    /// <summary>Reasons that nobody else words like that.</summary>
    private static Phrase[] Offers() =>
    [
        P("phase1 proposal mismatch", IkeProposalRefused),
        P("phase1 proposal encryption algorithm mismatch", IkeProposalRefused),
        P("phase1 proposal dh mismatch", IkeProposalRefused),
        P("phase2 proposal or pfs mismatch", ChildProposalRefused),
        P("phase2 proposal mismatch", ChildProposalRefused),
        P("initiator dh mismatch", IkeProposalRefused),
        P("responder dh mismatch", IkeProposalRefused),
        P("flow mismatch", SelectorsRefused),
        P("flow or peer mismatch", SelectorsRefused),
        P("flow confict", SelectorsOverlap),
        P("flow conflict", SelectorsOverlap),
        P("peer address mismatch", NoConnectionForPeer),
        P("local address mismatch", NoSuchLocalAddress),
        P("no policy applied on interface", ConfigurationError),
        P("rekey no find old sa", UnknownSpi),
        P("config ID mismatch", IdentityDiffers),
        P("fragment packet reassemble timeout", FragmentsMissing),
        P("max transmit reached", GaveUp),
        P("receive invalid spi notify", UnknownSpi),
    ];

    private static (string Reason, FactKind Kind)[] Refusals() =>
    [
        ("exchange mode mismatch", ModeRefused),
        ("version mismatch", VersionRefused),
        ("unsupported version", VersionRefused),
        ("encapsulation mode mismatch", EncapsulationDiffers),
        ("authentication fail", KeyDiffers),
        ("eap authentication fail", MethodRefused),
        ("eap authentication timeout", MethodRefused),
        ("xauth authentication fail", MethodRefused),
        ("xauth authentication timeout", MethodRefused),
        ("netmask mismatch", SelectorsRefused),
        ("construct local ID fail", ConfigurationError),
        ("malformed payload", MalformedForPeer),
        ("malformed message", MalformedForPeer),
        ("invalid cookie", UnknownSpi),
        ("cookie mismatch", UnknownSpi),
        ("no valid local cert", CertificateRefused),
        ("form cert payload fail", CertificateRefused),
        ("peer cert is expired", CertificateOutOfTime),
        ("peer cert is revoked", CertificateRefused),
        ("rekey fail", RekeyFailed),
    ];

    private static (string Reason, FactKind Kind)[] Ends() =>
    [
        ("dpd timeout", PeerStoppedAnswering),
        ("heartbeat timeout", PeerStoppedAnswering),
        ("exchange timeout", GaveUp),
        ("peer request", PeerDeletedIke),
        ("re-auth timeout", RekeyFailed),
    ];
}
