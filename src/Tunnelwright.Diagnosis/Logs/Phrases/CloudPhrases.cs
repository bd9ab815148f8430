using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>The tunnel logs of AWS Site-to-Site VPN (AWS documentation, "Contents of Site-to-Site VPN logs"), JSON or text. The AWS end writes: "we" is the cloud.</summary>
internal static class CloudPhrases
{
    public static IEnumerable<Phrase> All { get; } = Make();

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Aws, detail);
        return
        [
            P("Peer is not responsive", PeerStoppedAnswering),
            P("Declaring peer dead", PeerStoppedAnswering),
            P("AWS tunnel DPD timed out", PeerStoppedAnswering),
            P("DPD timed out after", PeerStoppedAnswering),
            P("due to invalid Pre-shared Key", KeyDiffers),
            P("pre-shared key mismatch", KeyDiffers),
            P("No Proposal Match Found", NoProposal, Detail.PhaseOfConnection),
            P("No Proposal Match Found by AWS", NoProposal, Detail.PhaseOfConnection),
            P("Phase 2 was unable to establish while keeping Phase 1", ChildFailed),
            P("Traffic Selector: TS_UNACCEPTABLE", SelectorsRefused),
            P("is sending AUTHENTICATION_FAILED as the response", AuthenticationFailed),
            P("received DELETE for IKE_SA from CGW", PeerDeletedIke),
            P("received DELETE for Phase 2 SA", PeerDeletedChild),
            P("collision as CHILD_DELETE", RekeyCollision),
            P("(CHILD_REKEY) collision", RekeyCollision),
            P("redundant SA is being deleted due to detected collision", RekeyCollision),
            P("deleting un-established Phase 1 IKE_SA", HalfOpenExpired),
            P("ike_phase1_state\":\"established", IkeUp, Detail.Quiet),
            P("ike_phase1_state\\\":\\\"established", IkeUp, Detail.Quiet),
            P("ike_phase1_state\": \"established", IkeUp, Detail.Quiet),
            P("ike_phase2_state\":\"established", ChildUp, Detail.State),
            P("ike_phase2_state\\\":\\\"established", ChildUp, Detail.State),
            P("ike_phase2_state\": \"established", ChildUp, Detail.State),
            P("TunnelIKEPhase2State: Established", ChildUp, Detail.State),
            P("TunnelIKEPhase2State=Established", ChildUp, Detail.State),
            P("nat_t_detected\":true", NatFound, Detail.Quiet),
            P("nat_t_detected\\\":true", NatFound, Detail.Quiet),
            P("nat_t_detected\": true", NatFound, Detail.Quiet),
            P("for CREATE_CHILD_SA", CreateChildSent, Detail.Quiet),
            P("AWS-side peer detected a bad OPEN message", BgpWrongAs),
            P("AWS-side peer sent a Hold Timer Expired notification", BgpHoldExpired),
            P("AWS-side peer received a Hold Timer Expired notification", BgpHoldExpired),
            P("AWS-side peer detected the maximum prefix limit was exceeded", BgpTooManyPrefixes),
            P("to Established with neighbor", BgpUp),
            P("from Connect to Active with neighbor", BgpRefused),
            P("session state has changed from Established to", BgpRefused),
            P("session state has changed from OpenSent to Idle", BgpRefused),
            P("session state has changed from OpenConfirm to Idle", BgpRefused),
            P("notification 6/2 (Cease", BgpRefused),
            P("notification 6/3 (Cease", BgpRefused),
            P("notification 6/4 (Cease", BgpRefused),
            P("notification 6/5 (Cease", BgpRefused),
            P("notification 6/6 (Cease", BgpRefused),
            P("DENIED due to: ", BgpRouteDenied, Detail.State),
        ];
    }
}
