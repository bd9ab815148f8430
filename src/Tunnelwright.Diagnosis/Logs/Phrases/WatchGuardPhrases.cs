using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>Fireware of WatchGuard: the reasons of its log catalogue (message numbers 0203 to 021A), IKEv1 and IKEv2.</summary>
internal static class WatchGuardPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. FirstPhase(), .. SecondPhase(), .. Progress()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);

    private static Phrase[] FirstPhase() =>
    [
        P("exchange type. Expecting main mode", ModeRefused),
        P("exchange type. Expecting aggressive mode", ModeRefused),
        P("Received 'Invalid Exchange Type' message", ModeRefused),
        P("Reason=Received DH group", IkeProposalRefused),
        P("Reason=Received hash ", IkeProposalRefused),
        P("Reason=Received encryption ", IkeProposalRefused),
        P("Reason=Received AES key length", IkeProposalRefused, Detail.PhaseNamed),
        P("Reason=IKE proposal did not match", IkeProposalRefused),
        P("Rejected phase 1 Main Mode", IkeProposalRefused, Detail.Quiet),
        P("Reason=Received authentication method", MethodRefused),
        P("Rejected phase-1 authentication method", MethodRefused),
        P("Received XAuth failed notification", MethodRefused),
        P("due to a mismatched XAuthMode", MethodRefused),
        P("Received IKE version did not match", VersionRefused),
        P("mode matching policy not found", NoConnectionForPeer),
        P("Matching gateway endpoint not found", NoConnectionForPeer),
        P("gateway endpoint not found to handle", NoConnectionForPeer),
        P("Reason=gateway endpoint is disabled", NoConnectionForPeer),
        P("Gateway endpoint with matching ID was not found", NoConnectionForIdentity),
        P("Mismatched ID settings", IdentityDiffers),
        P("due to mismatched ID setting", IdentityDiffers),
        P("due to mismatched DSS certificate ID", IdentityDiffers),
        P("Received ID did not match with configured", IdentityDiffers),
        P("Received ID did not match the configured", IdentityDiffers),
        P("failure due to mismatched secret", KeyDiffers),
        P("Pre-shared key authentication failure", KeyDiffers),
        P("possible shared secret mismatch", KeyDiffers),
        P("invalid aggressive mode hash payload", KeyDiffers),
        P("invalid main mode ID payload", Undecryptable),
        P("Check Payloads : illegal payload length", Undecryptable),
        P("WARNING: Failed to decrypt packet from ", Undecryptable),
        P("Reason=No CA certificate available", CertificateRefused),
        P("is not issued by known trusted CA", CertificateRefused),
        P("certificate with invalid CA name", CertificateRefused),
        P("Failed to get ID information from certificate", CertificateRefused),
        P("default IPSec certificate is not installed", CertificateRefused),
        P("RSA certificate authentication failed", CertificateRefused),
        P("with wrong interface IP address", SeenFromElsewhere),
        P("with the wrong interface IP address", SeenFromElsewhere),
        P("Reason=Message retry timeout", GaveUp),
        P("due to phase 1 retry timeout", FirstMessageUnanswered),
        P("due to phase 2 retry timeout", ChildUnanswered),
        P("Message was not received in expected time", GaveUp),
        P("No response for IKE_SA_INIT request", FirstMessageUnanswered),
        P("No response for IKE_AUTH request", AuthUnanswered),
    ];

    private static Phrase[] SecondPhase() =>
    [
        P("Reason=Received proposal without PFS", GroupDiffers),
        P("Received proposal with PFS. PFS not enabled", GroupDiffers),
        P("Reason=Received PFS DH group", GroupDiffers),
        P("in the KE payload does not match DH-Group", GroupDiffers, Detail.PhaseNamed),
        P("Reason=Received protocol 'AH'", ChildAlgorithmsDiffer),
        P("Reason=Received AH authentication", ChildAlgorithmsDiffer),
        P("Reason=Received ESP encryption", ChildAlgorithmsDiffer),
        P("Reason=Received ESP authentication", ChildAlgorithmsDiffer),
        P("Reason=IPSec proposal did not match", ChildAlgorithmsDiffer),
        P("Received 'No Proposal Chosen' message", NoProposal, Detail.PhaseNamed),
        P("No matching tunnel route for peer proposed", SelectorsRefused),
        P("does not match any of the configured tunnel routes", SelectorsRefused),
        P("unacceptable traffic selector in ", SelectorsRefused),
        P("No response for CREATE_CHILD_SA request", ChildUnanswered),
        P("No response for INFORMATIONAL request", PeerStoppedAnswering),
        P("presumed dead due to DPD failure", PeerStoppedAnswering),
        P("presumed dead due to keep-alive", PeerStoppedAnswering),
        P("for unknown P1 SA. Sending delete", UnknownSpi),
        P("Could not find child SA by received SPI", UnknownSpi),
    ];

    private static Phrase[] Progress() =>
    [
        P("BOVPN phase-1 mainmode completed successfully", IkeUp),
        P("BOVPN phase-1 aggressive mode completed successfully", IkeUp),
        P("IKEv2 IKE SA established successfully", IkeUp),
        P("BOVPN IPSec tunnel is established", ChildUp),
        P("BOVPN IPSec tunnel is rekeyed", ChildUp),
    ];
}
