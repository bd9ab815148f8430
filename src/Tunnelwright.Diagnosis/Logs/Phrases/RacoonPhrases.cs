using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>Palo Alto Networks' ikemgr and system logs, and racoon, from whose words they come (also older pfSense and MikroTik); Juniper's kmd.</summary>
internal static class RacoonPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. PaloAlto(), .. Racoon(), .. Juniper(), .. Others()];

    private static Phrase[] PaloAlto()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.PaloAlto, detail);
        return
        [
            P("IKE phase-1 negotiation is started as initiator", Initiating),
            P("IKE phase-1 negotiation is started as responder", Responding),
            P("IKEv2 IKE SA negotiation is started as initiator", Initiating),
            P("IKEv2 IKE SA negotiation is started as responder", Responding),
            P("IKE phase-1 negotiation is succeeded", IkeUp),
            P("IKEv2 IKE SA negotiation is succeeded", IkeUp),
            P("IKE phase-2 negotiation is started", QuickModeSent),
            P("IKEv2 child SA negotiation is started", QuickModeSent),
            P("IKE phase-2 negotiation is succeeded", ChildUp),
            P("IKEv2 child SA negotiation is succeeded", ChildUp),
            P("IPSec key installed", ChildUp),
            P("PHASE-1 NEGOTIATION SUCCEEDED", IkeUp),
            P("PHASE-1 NEGOTIATION STARTED AS INITIATOR", Initiating),
            P("PHASE-2 NEGOTIATION STARTED", QuickModeSent),
            P("PHASE-2 NEGOTIATION SUCCEEDED", ChildUp),
            P("IKEv2 IKE SA NEGOTIATION SUCCEEDED", IkeUp),
            P("IKEv2 CHILD SA NEGOTIATION SUCCEEDED", ChildUp),
            P("no suitable proposal found in peer's SA payload", NoProposal, Detail.PhaseNamed),
            P("cannot find matching phase-2 tunnel for received proxy ID", SelectorsRefused),
            P("cannot find matching phase-2 tunnel", SelectorsRefused),
            P("can't find matching selector", SelectorsRefused),
            P("cannot find matching selector", SelectorsRefused),
            P("ts unacceptable", SelectorsRefused),
            P("Couldn't find configuration for IKE phase-1 request", NoConnectionForPeer),
            P("couldn't find configuration for IKE", NoConnectionForPeer),
            P("find configuration for IKE phase-1 request for peer", NoConnectionForPeer),
            P("does not match any IKE gateway", NoConnectionForPeer),
            P("authentication result: failure", AuthenticationFailed),
            P("authentication failure", AuthenticationFailed, Detail.Quiet),
            P("message lacks IDr payload", AuthenticationFailed),
            P("packet lacks expected payload", AuthenticationFailed, Detail.Quiet),
            P("possible pre-shared key mismatch", KeyDiffers),
            P("maybe pre-shared key mismatch", KeyDiffers),
            P("check pre-shared key", KeyDiffers),
            P("Likely due to pre-shared key mismatch", KeyDiffers),
            P("due to timeout", GaveUp, Detail.State),
            P("due to negotiation timeout", GaveUp, Detail.State),
            P("does not match the peer identification", IdentityDiffers),
            P("peer identifier (type ", IdentityDiffers),
            P("does not match remote id", IdentityDiffers),
            P("does not match a configured IKE gateway ID", IdentityDiffers),
            P("peer's ID payload", IdentityDiffers, Detail.State),
            P("ID mismatch for peer", IdentityDiffers),
            P("mismatch of authentication method", MethodRefused),
            P("mismatched authentication type", MethodRefused),
            P("pfs group mismatched", GroupDiffers),
            P("PFS group mismatch", GroupDiffers),
            P("received KE type", GroupDiffers, Detail.State),
            P("unauthenticated NO_PROPOSAL_CHOSEN received", NoProposal, Detail.FirstPhase),
            P("received notify type NO_PROPOSAL_CHOSEN", NoProposal, Detail.PhaseOfConnection),
            P("received notify type AUTHENTICATION_FAILED", AuthenticationFailed),
            P("received notify type TS_UNACCEPTABLE", SelectorsRefused),
            P("received notify type INVALID-ID-INFORMATION", IdRefused, Detail.PhaseOfConnection),
            P("IKE SA delete message received from peer", PeerDeletedIke),
            P("IPSec SA delete message received from peer", PeerDeletedChild),
            P("dpd is down", PeerStoppedAnswering),
            P("DPD: peer is dead", PeerStoppedAnswering),
            P("IKE gateway is down due to DPD", PeerStoppedAnswering),
            P("vpn tunnel peer not responding", PeerStoppedAnswering),
            P("ike-nego-p1-dpd-dn", PeerStoppedAnswering),
            P("Tunnel monitoring: target ", PeerStoppedAnswering, Detail.Quiet),
            P("unknown ikev2 peer", NoConnectionForPeer),
            P("unknown ikev1 peer", NoConnectionForPeer),
            P("IKEv1 not supported", VersionRefused),
            P("only IKEv2 is allowed", VersionRefused),
            P("unsupported IKE major version", VersionRefused),
            P("certificate verification failed", CertificateRefused, Detail.State),
        ];
    }

    private static Phrase[] Racoon()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("initiate new phase 1 negotiation", Initiating),
            P("respond new phase 1 negotiation", Responding),
            P("begin Identity Protection mode", FirstAnswer, Detail.Quiet),
            P("initiate new phase 2 negotiation", QuickModeSent),
            P("respond new phase 2 negotiation", ChildRequested),
            P("ISAKMP-SA established", IkeUp),
            P("IPsec-SA established", ChildUp),
            P("NAT detected: ME", NatFound),
            P("NAT detected: PEER", NatFound),
            P("no suitable proposal found", NoProposal, Detail.PhaseNamed),
            P("rejected enctype:", IkeProposalRefused),
            P("rejected hashtype:", IkeProposalRefused),
            P("rejected dh_group:", IkeProposalRefused),
            P("rejected authmethod:", MethodRefused),
            P("failed to get valid proposal", NoProposal, Detail.PhaseOfConnection),
            P("no proposal chosen by the peer", NoProposal, Detail.PhaseOfConnection),
            P("fatal NO-PROPOSAL-CHOSEN notify message", NoProposal, Detail.PhaseOfConnection),
            P("NO-PROPOSAL-CHOSEN notify message, phase1 should be deleted", NoProposal, Detail.FirstPhase),
            P("phase1 negotiation failed due to time up", GaveUp, Detail.State),
            P("phase2 negotiation failed due to time up waiting for phase1", FirstMessageUnanswered),
            P("phase2 negotiation failed due to time up", ChildUnanswered),
            P("couldn't find the pskey for", KeyMissing),
            P("couldn't find the proper pskey", KeyMissing),
            P("the psk is not found", KeyMissing),
            P("failed to process packet", Undecryptable, Detail.Quiet),
            P("invalid length of payload", Undecryptable),
            P("malformed or unencrypted packet", Undecryptable),
            P("parsing packet failed, possible cause: wrong password", KeyDiffers),
            P("HASH mismatched", KeyDiffers),
            P("failed to get sainfo", SelectorsRefused),
            P("no policy found: ", SelectorsRefused),
            P("not allowed in any applicable rmconf", ModeRefused),
            P("couldn't find configuration", NoConnectionForPeer),
            P("could not find configuration", NoConnectionForPeer),
            P("ID value mismatched", IdentityDiffers),
            P("ID type mismatched", IdentityDiffers),
            P("ID mismatched", IdentityDiffers),
            P("encmode mismatched", EncapsulationDiffers),
            P("pfs group mismatched: my:", GroupDiffers),
            P("DPD: remote (ISAKMP-SA", PeerStoppedAnswering),
            P("seems to be dead", PeerStoppedAnswering),
            P("no acceptable response", GaveUp, Detail.Quiet),
            P("got fatal error: AUTHENTICATION_FAILED", AuthenticationFailed),
            P("got fatal error: NO_PROPOSAL_CHOSEN", NoProposal, Detail.PhaseOfConnection),
            P("got fatal error: TS_UNACCEPTABLE", SelectorsRefused),
            P("peer's ID does not match certificate", IdentityDiffers),
            P("identity not found for peer", NoConnectionForIdentity),
            P("proposal mismatch", NoProposal, Detail.PhaseNamed),
        ];
    }

    private static Phrase[] Juniper()
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
        ];
    }

    /// <summary>SonicWall, Check Point, Zyxel, Huawei, Sophos where they do not run strongSwan: what their guides list.</summary>
    private static Phrase[] Others()
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
            P("Verifying Remote ID failed", IdentityDiffers),
            P("Verifying Local ID failed", IdentityDiffers),
            P("phase1 proposal mismatch", IkeProposalRefused),
            P("phase1 proposal encryption algorithm mismatch", IkeProposalRefused),
            P("phase1 proposal dh mismatch", IkeProposalRefused),
            P("phase2 proposal or pfs mismatch", ChildProposalRefused),
            P("phase2 proposal mismatch", ChildProposalRefused),
            P("config ID mismatch", IdentityDiffers),
            P("Reason=flow or peer mismatch", SelectorsRefused),
            P("Reason=exchange mode mismatch", ModeRefused),
            P("Reason=version mismatch", VersionRefused),
            P("Reason=encapsulation mode mismatch", EncapsulationDiffers),
            P("Reason=authentication fail", KeyDiffers),
            P("No valid SA; invalid id information", SelectorsRefused),
        ];
    }
}
