using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>Juniper's kmd and iked: syslog, and the reasons that tunnel events give.</summary>
internal static class JuniperPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Make(), .. ScreenOs()];

    /// <summary>ScreenOS, by its message log reference.</summary>
    private static Phrase[] ScreenOs()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Juniper, detail);
        return
        [
            P("Phase 1: Initiated negotiations in ", Initiating),
            P("Phase 1: Responder starts ", Responding),
            P("Phase 1: Completed ", IkeUp),
            P("Phase 2: Initiated negotiations", QuickModeSent),
            P(": Completed negotiations with SPI", ChildUp),
            P("Rejected an initial Phase 1 packet from an unrecognized peer gateway", NoConnectionForPeer),
            P("Phase 1: Rejected proposals from peer", IkeProposalRefused),
            P("Phase 2: Rejected proposals from peer", ChildProposalRefused, Detail.SecondPhase),
            P("No policy exists for the proxy ID received", SelectorsRefused),
            P("No policy match for the proxy ID", SelectorsRefused),
            P("Phase 1: Retransmission limit has been reached", GaveUp, Detail.State),
            P("Phase 2: Retransmission limit has been reached", ChildUnanswered),
            P("Phase 1: Aborted negotiations because the time limit has elapsed", GaveUp, Detail.State),
            P("Phase 1: Cannot verify RSA signature", CertificateRefused),
            P("Phase 1: Discarded a second initial packet", FirstAnswerLost),
            P("Heartbeats have been lost", PeerStoppedAnswering),
            P("DPD found peer not responding", PeerStoppedAnswering),
            P("Received a notification message for DOI <1> <18>", IdRefused, Detail.PhaseOfConnection),
            P("Received a notification message for DOI <1> <14>", NoProposal, Detail.PhaseOfConnection),
            P("preshared keys might not match", KeyDiffers),
            P("Preshared key mismatch", KeyDiffers),
        ];
    }

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Juniper, detail);
        return
        [
            P("failed with error: No proposal chosen", NoProposal, Detail.PhaseNamed),
            P("failed with error: Authentication failed", AuthenticationFailed),
            P("failed with error: Invalid payload type", KeyDiffers),
            P("failed with error: Invalid syntax", KeyDiffers),
            P("failed with error: Timed out", GaveUp, Detail.State),
            P("failed with error: TS unacceptable", SelectorsRefused),
            P("failed with error: Peer proposed traffic-selectors are not in configured range", SelectorsRefused),
            P("KMD_VPN_TS_MISMATCH", SelectorsRefused),
            P("Traffic-selector mismatch", SelectorsRefused),
            P("unable to find phase-1 policy as remote peer", NoConnectionForPeer),
            P("Unable to find IKE gateway as remote peer is not recognized", NoConnectionForPeer),
            P("IKE gateway lookup failed", NoConnectionForPeer),
            P("Peer's IKE-ID validation failed", IdentityDiffers),
            P("KMD_PM_IKE_SRV_NOT_FOUND_DELETE", UnknownSpi, Detail.Quiet),
            P("KMD_VPN_UP_ALARM_USER", ChildUp),
            P("KMD_PM_SA_ESTABLISHED", ChildUp),
            P("IKE Phase-1 Failure: Invalid cookie", UnknownSpi),
            P("Phase-1 [responder] failed", NoProposal, Detail.PhaseOfConnection),
            P("KMD_DPD_PEER_DOWN", PeerStoppedAnswering),
            P("DPD detected peer", PeerStoppedAnswering),
            P("VPN monitoring detected tunnel as down", PeerStoppedAnswering),
            P("No response from peer. Negotiation failed", GaveUp),
            P("error code NO_PROPOSAL_CHOSEN received from peer", NoProposal, Detail.PhaseOfConnection),
            P("error code AUTHENTICATION_FAILED received from peer", AuthenticationFailed),
            P("error code TS_UNACCEPTABLE received from peer", SelectorsRefused),
            P("error code INVALID_SYNTAX received from peer", MalformedForPeer),
            P("Peer proposed phase1 proposal conflicts with local configuration", IkeProposalRefused),
            P("Peer proposed phase2 proposal conflicts with local configuration", ChildProposalRefused, Detail.SecondPhase),
            P("Peer proposed traffic-selectors are not in configured range", SelectorsRefused),
            P("Authentication failed with peer", AuthenticationFailed),
            P("IKE-ID validation failed", IdentityDiffers),
            P("delete payload received from peer, corresponding IKE", PeerDeletedIke),
            P("delete payload received from peer, corresponding IPSec", PeerDeletedChild),
            P("Failed to match the peer proxy IDs", SelectorsRefused),
            P(") Policy lookup failed", NoConnectionForPeer),
            P("KMD_VPN_PV_PHASE1: IKE Phase-1 Failure: No proposal chosen", IkeProposalRefused),
            P("KMD_VPN_PV_PHASE2: IPSec Phase-2 Failure: No proposal chosen", ChildProposalRefused, Detail.SecondPhase),
            P("failed with error: Invalid argument", ConfigurationError, Detail.Quiet),
            P("failed with error: Peer's IKE-ID validation failed", IdentityDiffers),
            P("failed with error: Invalid SPI", UnknownSpi),
            P("failed with error: Timeout", GaveUp, Detail.State),
            P("IKE negotiation successfully completed", IkeUp),
            P("Phase-1 [responder] done", IkeUp),
            P("Phase-1 [initiator] done", IkeUp),
            P("IPSec SA negotiation successfully completed", ChildUp),
            P("Received bad SPI on", UnknownSpi),
            P("RT_IPSEC_BAD_SPI", UnknownSpi),
            P("RT_IPSEC_REPLAY", OutsideReplayWindow),
        ];
    }
}
