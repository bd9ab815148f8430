using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>Devices with an IKE daemon of their own, by what their guides and logs say: SonicWall, Check Point, Zyxel, Windows and Azure, OpenIKED.</summary>
internal static class DevicePhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. SonicWall(), .. CheckPoint(), .. Zyxel(), .. Windows(), .. OpenIked()];

    /// <summary>The names of events in SonicOS.</summary>
    private static Phrase[] SonicWall()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("IKE Responder: IKE proposal does not match (Phase 1)", IkeProposalRefused),
            P("IKE Responder: IPSec proposal does not match (Phase 2)", ChildProposalRefused),
            P("Payload processing failed", Undecryptable, Detail.Quiet),
            P("Possible pre-shared key mismatch", KeyDiffers),
            P("No response from remote", GaveUp, Detail.State),
            P("remote party timeout", GaveUp, Detail.State),
            P("Remote Party Timeout", GaveUp, Detail.State),
            P("network does not match VPN Policy", SelectorsRefused),
            P("Peer's network does not match", SelectorsRefused),
            P("Local ID does not match", IdentityDiffers),
            P("IKE Initiator: Start Main Mode negotiation", Initiating),
            P("IKE Initiator: Start Aggressive Mode negotiation", InitiatingAggressive),
            P("IKE Responder: Received Main Mode request", Responding),
            P("IKE Responder: Received Aggressive Mode request", RespondingAggressive),
            P("Main Mode complete (Phase 1)", IkeUp),
            P("Aggressive Mode complete (Phase 1)", IkeUp),
            P("IKE negotiation complete. Adding IPSec SA", ChildUp),
            P("IKEv2 negotiation complete", ChildUp),
            P("IKEv2 Accept IKE SA Proposal", IkeUp, Detail.Quiet),
            P("IKE Initiator: Received notify. NO_PROPOSAL_CHOSEN", NoProposal, Detail.PhaseOfConnection),
            P("IKE Responder: Algorithms and/or keys do not match", IkeProposalRefused),
            P("IKE Phase 1 exchange does not match", ModeRefused),
            P("Phase 1 Authentication Method does not match", MethodRefused),
            P("Phase 1 DH Group does not match", IkeProposalRefused),
            P("Phase 1 encryption algorithm does not match", IkeProposalRefused),
            P("Phase 1 hash algorithm does not match", IkeProposalRefused),
            P("IKEv2 IKE proposal does not match", IkeProposalRefused),
            P("IPSec proposal not acceptable", ChildProposalRefused, Detail.SecondPhase),
            P("IKEv2 IPsec proposal does not match", ChildProposalRefused, Detail.SecondPhase),
            P("ESP encryption algorithm does not match", ChildProposalRefused, Detail.SecondPhase),
            P("ESP authentication algorithm does not match", ChildProposalRefused, Detail.SecondPhase),
            P("ESP encryption key length does not match", ChildProposalRefused, Detail.SecondPhase),
            P("Perfect Forward Secrecy mismatch", GroupDiffers),
            P("- not tunnel mode", EncapsulationDiffers),
            P("- not transport mode", EncapsulationDiffers),
            P("IKE ID mismatch", IdentityDiffers),
            P("Policy for remote IKE ID not found", NoConnectionForIdentity),
            P("IKEv2 VPN Policy not found", NoConnectionForPeer),
            P("IKE Responder: No policy for phase 1 ID", NoConnectionForIdentity),
            P("No matching Phase 1 ID found", NoConnectionForIdentity),
            P("No match for proposed remote network address", SelectorsRefused),
            P("Default LAN gateway is set but peer is not proposing", SelectorsRefused),
            P("Default LAN gateway is not set but peer is proposing", SelectorsRefused),
            P("Proposed local network is 0.0.0.0 but SA has no LAN Default Gateway", SelectorsRefused),
            P("Tunnel terminates outside firewall but proposed", SelectorsRefused),
            P("Tunnel terminates inside firewall but proposed", SelectorsRefused),
            P("Failed payload verification after decryption", KeyDiffers),
            P("IKEv2 Authentication failed", AuthenticationFailed),
            P("IKEv2 Decrypt packet failed", Undecryptable),
            P("IKEv2 Peer is not responding. Negotiation aborted", GaveUp),
            P("IKE negotiation aborted due to timeout", GaveUp),
            P("Remote party timeout - Retransmitting IKE", Retransmission, Detail.State),
            P("Received notify: ISAKMP_AUTH_FAILED", AuthenticationFailed),
            P("Received notify: INVALID_COOKIES", UnknownSpi),
            P("Received notify: INVALID_ID_INFO", IdRefused, Detail.PhaseOfConnection),
            P("Illegal IPSec SPI", UnknownSpi),
            P("IPSec Replay Detected", OutsideReplayWindow),
        ];
    }

    /// <summary>The notices of SmartLog and of ike.elg.</summary>
    private static Phrase[] CheckPoint()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("No valid SA; invalid id information", SelectorsRefused),
            P("Main Mode Failed to match proposal", IkeProposalRefused),
            P("Quick Mode Failed to match proposal", ChildProposalRefused, Detail.SecondPhase),
            P("Main Mode Received Notification from Peer: no proposal chosen", NoProposal, Detail.FirstPhase),
            P("Main Mode Sent Notification: no proposal chosen", IkeProposalRefused),
            P("Quick Mode Received Notification from Peer: no proposal chosen", NoProposal, Detail.SecondPhase),
            P("Quick Mode Sent Notification: no proposal chosen", ChildProposalRefused, Detail.SecondPhase),
            P("Notification from Peer: invalid id information", SelectorsRefused),
            P("Main Mode Received Notification from Peer: payload malformed", MalformedForPeer),
            P("Main Mode Received Notification from Peer: authentication failed", AuthenticationFailed),
            P("Initial exchange: Received notification from peer: No proposal chosen", IkeProposalRefusedAlone),
            P("Auth exchange: Received notification from peer: Authentication failed", AuthenticationFailed),
            P("Auth exchange: Received notification from peer: Traffic selectors unacceptable", SelectorsRefused),
            P("Auth exchange: Received notification from peer: No proposal chosen", ChildProposalRefused, Detail.SecondPhase),
            P("Child SA exchange: Received notification from peer: Traffic selectors unacceptable", SelectorsRefused),
            P("Child SA exchange: Received notification from peer: No proposal chosen", ChildProposalRefused, Detail.SecondPhase),
            P("Child SA exchange: Peer's message is unacceptable", ChildFailed),
            P("Initial exchange: Exchange failed: timeout reached", FirstMessageUnanswered),
            P("Auth exchange: Exchange failed: timeout reached", AuthUnanswered),
            P("Child SA exchange: Exchange failed: timeout reached", ChildUnanswered),
            P("Main Mode completion", IkeUp),
            P("Quick Mode completion", ChildUp),
            P("IKE SA Initiated", Initiating, Detail.Quiet),
            P("Received Delete IKE-SA from Peer", PeerDeletedIke),
            P("Received Delete IPSEC-SA from Peer", PeerDeletedChild),
            P("Wrong value for: Authentication Method", MethodRefused, Detail.Quiet),
            P("Invalid pre-shared secret", KeyDiffers),
            P("Pre-shared secret mismatch", KeyDiffers),
            P("packet should not have been decrypted", SelectorsRefused),
            P("cleartext packet within an encrypted connection", SelectorsRefused),
            P("encryption failure: no response from peer", FirstMessageUnanswered),
        ];
    }

    /// <summary>ZyNOS and ZLD; "verifying an ID" is there about the networks of the second phase.</summary>
    private static Phrase[] Zyxel()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("Send Main Mode request to", Initiating),
            P("Send Aggressive Mode request to", InitiatingAggressive),
            P("Recv Main Mode request from", Responding),
            P("Recv Aggressive Mode request from", RespondingAggressive),
            P("Phase 1 IKE SA process done", IkeUp),
            P("Start Phase 2: Quick Mode", QuickModeSent),
            P("Start Quick Mode (Phase 2)", QuickModeSent),
            P("Replay check failure.", OutsideReplayWindow),
            P("IKE Packet Retransmit", Retransmission, Detail.State),
            P("Too many errors! Deleting SA", GaveUp),
            P("Recv:<HASH>", ChildUp, Detail.ThirdOfQuickMode),
            P("Recv:[HASH]", ChildUp, Detail.ThirdOfQuickMode),
            P("Send:<HASH>", ChildUp, Detail.ThirdOfQuickMode),
            P("Send:[HASH]", ChildUp, Detail.ThirdOfQuickMode),
            P("NO_PROP_CHOSEN", NoProposal, Detail.PhaseOfConnection),
            P("ERR_ID_INFO", IdRefused, Detail.PhaseOfConnection),
            P("PYLD_MALFORMED", MalformedForPeer),
            P("Tunnel built successfully", ChildUp, Detail.State),
            P("Verifying Remote ID failed", SelectorsRefused),
            P("Verifying Local ID failed", SelectorsRefused),
            P("remote IPs of incoming request conflict with rule", SelectorsRefused),
            P("Phase 1 negotiation mode mismatch", ModeRefused),
            P("Phase 1 encryption algorithm mismatch", IkeProposalRefused),
            P("Phase 1 authentication algorithm mismatch", IkeProposalRefused),
            P("Phase 1 authentication method mismatch", MethodRefused),
            P("Phase 1 key group mismatch", IkeProposalRefused),
            P("Phase 1 hash mismatch", KeyDiffers),
            P("Phase 1 preshared key mismatch", KeyDiffers),
            P("Phase 1 ID mismatch", IdentityDiffers),
            P("Phase 1 ID type mismatch", IdentityDiffers),
            P("Phase 1 ID content mismatch", IdentityDiffers),
            P("Phase 2 protocol mismatch", ChildProposalRefused, Detail.SecondPhase),
            P("Phase 2 encryption algorithm mismatch", ChildProposalRefused, Detail.SecondPhase),
            P("Phase 2 authentication algorithm mismatch", ChildProposalRefused, Detail.SecondPhase),
            P("Phase 2 encapsulation mismatch", EncapsulationDiffers),
            P("Phase 2 pfs mismatch", GroupDiffers),
            P("Phase 2 local policy mismatch", SelectorsRefused),
            P("Phase 2 remote policy mismatch", SelectorsRefused),
            P("Phase 2 proposal mismatch", ChildProposalRefused, Detail.SecondPhase),
            P("idle time out, disconnect", ClosedIdle),
            P("Receive IPSec packet, but no corresponding tunnel exists", UnknownSpi),
            P("Discard REPLAY packet", OutsideReplayWindow),
            P("Cannot resolve Secure Gateway Addr", HostUnreachable),

            // DrayTek's security level takes the weak proposals out.
            P("Ignore Phase1 SA proposals of ", IkeProposalRefused),
            P("Ignore Phase2 SA proposals of ", ChildProposalRefused, Detail.SecondPhase),
        ];
    }

    /// <summary>RRAS' error codes, and those of IKEEXT that Azure's gateway logs, too.</summary>
    private static Phrase[] Windows()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("error code returned on failure is 809", FirstMessageUnanswered),
            P("error code returned on failure is 868", HostUnreachable),
            P("error code returned on failure is 792", FirstMessageUnanswered),
            P("error code returned on failure is 766", CertificateRefused),
            P("error code returned on failure is 691", MethodRefused),
            P("error code returned on failure is 789", AuthenticationFailed),
            P("error code returned on failure is 13801", CertificateAuthRefused),
            P("error code returned on failure is 13806", CertificateRefused),
            P("error code returned on failure is 13868", IkeProposalRefusedAlone),
            P("IKE authentication credentials are unacceptable", CertificateAuthRefused),
            P("IKE failed to find valid machine certificate", CertificateRefused),
            P("because of the following error: The remote server is not responding", FirstMessageUnanswered),
            P("because of the  following error: The remote server is not responding", FirstMessageUnanswered),
            P("ERROR_IPSEC_IKE_AUTH_FAIL", AuthenticationFailed),
            P("ERROR_IPSEC_IKE_POLICY_MATCH", NoProposal, Detail.PhaseOfConnection),
            P("ERROR_IPSEC_IKE_NO_CERT", CertificateRefused),
            P("ERROR_IPSEC_IKE_NO_POLICY", NoConnectionForPeer),
            P("ERROR_IPSEC_IKE_ATTRIB_FAIL", NoProposal, Detail.PhaseOfConnection),
            P("ERROR_IPSEC_IKE_DH_FAIL", IkeProposalRefused),
            P("ERROR_IPSEC_IKE_INVALID_HASH", KeyDiffers),
            P("ERROR_IPSEC_IKE_INVALID_SIGNATURE", CertificateRefused),
            P("ERROR_IPSEC_IKE_NO_PRIVATE_KEY", CertificateRefused),
            P("ERROR_IPSEC_IKE_INVALID_CERT", CertificateRefused),
            P("ERROR_IPSEC_IKE_CRL_FAILED", CertificateRefused),
            P("ERROR_IPSEC_IKE_PEER_CRL_FAILED", CertificateRefused),
            P("ERROR_IPSEC_IKE_TIMED_OUT", GaveUp),
            P("ERROR_IPSEC_IKE_DROP_NO_RESPONSE", GaveUp),
            P("ERROR_IPSEC_IKE_SIMULTANEOUS_REKEY", RekeyCollision),
            P("ERROR_IPSEC_IKE_INVALID_ID", IdentityDiffers),
            P("Sending Notify Message - Policy Mismatch", NoProposal, Detail.PhaseOfConnection),
            P("called with error 13868", NoProposal, Detail.PhaseOfConnection),
            P("called with error 13801", AuthenticationFailed),
            P("called with error 13805", GaveUp),
        ];
    }

    /// <summary>iked of OpenBSD.</summary>
    private static Phrase[] OpenIked()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("ikev2_init_ike_sa: initiating ", Initiating),
            P("recv IKE_SA_INIT req ", Responding),
            P("recv IKE_SA_INIT res ", FirstAnswer),
            P("send IKE_AUTH req ", AuthSent),
            P("recv IKE_AUTH req ", AuthSent),
            P(": established peer ", IkeUp),
            P("ikev2_childsa_enable: loaded SPIs", ChildUp),
            P("ikev2_childsa_enable: loaded CHILD SA SPIs", ChildUp),
            P("ikev2_send_auth_failed: authentication failed", AuthenticationFailed),
            P("authentication failed notification from peer", AuthenticationFailed),
            P("sa_free: retransmit limit reached", GaveUp),
            P("ikev2_add_error: NO_PROPOSAL_CHOSEN", NoProposal, Detail.PhaseOfConnection),
            P("sa_free: SA_INIT timeout", FirstMessageUnanswered),
            P("sa_free: no proposal chosen (IKE SA)", IkeProposalRefused),
            P("sa_free: no proposal chosen (CHILD SA)", ChildProposalRefused, Detail.SecondPhase),
            P("failed to negotiate IKE SA", IkeProposalRefusedAlone),
            P("sa_free: received invalid KE as responder", IkeProposalRefusedAlone),
            P("sa_free: unable to select DH group", IkeProposalRefused),
            P("sa_free: unsupported group in INVALID_KE message", IkeProposalRefused),
            P("sa_free: authentication failed", AuthenticationFailed),
            P("sa_free: EAP failed", MethodRefused),
            P("sa_free: received delete", PeerDeletedIke),
            P("ikev2_ikesa_recv_delete: received delete", PeerDeletedIke),
            P("ikev2_msg_authverify failed", AuthenticationFailed),
            P("policy_lookup: localid mismatch", IdentityDiffers),
            P(": no compatible policy found", NoConnectionForIdentity),
            P("No matching Policy found, terminating SA", NoConnectionForIdentity),
            P(": unexpected auth method ", MethodRefused),
            P(": peer certificate is invalid", CertificateRefused),
            P(": no valid local certificate found for ", CertificateRefused),
            P("iked.conf:", ConfigurationError),
            P("failed to bind UDP socket", PortTaken, Detail.Errno),
        ];
    }
}
