using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>Comware of H3C (HPE, 3Com before), by the lists of what "debugging ike" writes.</summary>
internal static class ComwarePhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Faults(), .. Progress()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);

    private static Phrase[] Faults() =>
    [
        P("Failed to match the proposal", NoProposal, Detail.PhaseOfConnection),
        P("No acceptable transform", NoProposal, Detail.PhaseOfConnection),
        P("The proposal is unacceptable", NoProposal, Detail.PhaseOfConnection),
        P("The attributes are unacceptable", NoProposal, Detail.PhaseOfConnection),
        P("Pre-shared key matching address ", KeyMissing, Detail.NotFound),
        P("Failed to find keychain ", KeyMissing),
        P("Failed to verify the peer HASH", KeyDiffers),
        P("Failed to verify the peer signature", CertificateRefused, Detail.OfIpsec),
        P("Failed to verify the peer certificate", CertificateRefused, Detail.OfIpsec),
        P("Failed to get local certificate", CertificateRefused, Detail.OfIpsec),
        P("Failed to get private key", CertificateRefused, Detail.OfIpsec),
        P("Failed to get IPsec policy for phase 2 responder", SelectorsRefused),
        P("due to notification type INVALID_ID_INFORMATION", SelectorsRefused),
        P("got NOTIFY of type INVALID_ID_INFORMATION", SelectorsRefused),
        P("The KE payload doesn't exist", GroupDiffers, Detail.PhaseNamed),
        P("match the DH group description", GroupDiffers, Detail.PhaseNamed),
        P("phase 1 packet timed out", GaveUp),
        P("phase 2 packet timed out", ChildUnanswered),
        P("DPD packet retransmission timed out", PeerStoppedAnswering),
        P("IKE keepalive timed out", PeerStoppedAnswering),
        P("Quick mode packet is received, but IKE SA does not exist", UnknownSpi),
        P("invalid SPI message from IPsec, but no IKE SA exists", UnknownSpi),
        P("Collision of phase 2 negotiation is found", RekeyCollision),
        P("Failed to install IPsec SA", SaNotInstalled),
    ];

    private static Phrase[] Progress() =>
    [
        P("Begin Main mode exchange", Initiating),
        P("Begin Aggressive mode exchange", InitiatingAggressive),
        P("Begin a new phase 1 negotiation as responder", Responding),
        P("to IKE_P1_STATE_SEND3", FirstAnswer),
        P("to IKE_P1_STATE_SEND5", AuthSent),
        P("to IKE_P1_STATE_ESTABLISHED", IkeUp),
        P("Begin Quick mode exchange", QuickModeSent),
        P("to IKE_P2_STATE_ESTABLISHED", ChildUp),
        P("Install IPsec SAs", ChildUp),
    ];
}
