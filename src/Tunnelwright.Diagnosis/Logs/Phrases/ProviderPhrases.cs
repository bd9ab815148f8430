using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// What the VPN gateways of other clouds and of Sophos say: Azure (site-to-site error codes, IKEDiagnosticLog, IKEErrors.txt), IBM (status reasons of VPN for VPC),
/// Alibaba and UCloud (keywords of their gateways' logs, from iked of racoon2), Prisma SD-WAN (extended states of a service link), Clavister (log reference).
/// </summary>
internal static class ProviderPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Azure(), .. Ibm(), .. Racoon2(), .. Sophos(), .. Prisma(), .. Clavister()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);

    private static Phrase[] Azure() =>
    [
        P("IKE authentication credentials are unacceptable (Error code", AuthenticationFailed),
        P("with status IKE authentication credentials are unacceptable", AuthenticationFailed),
        P("error = IKE authentication credentials are unacceptable", AuthenticationFailed),
        P("Policy match error", NoProposal, Detail.PhaseOfConnection),
        P("No policy configured (Error code", NoProposal, Detail.PhaseOfConnection),
        P("Negotiation timed out", GaveUp, Detail.OfIpsec),
        P("cannot handle version of IKE", VersionRefused),
        P("Failure in Diffie-Hellman computation", IkeProposalRefused),
        P("Error: Authentication failed. Check keys", KeyDiffers),
        P("Error: Authenticated failed. Check shared key", KeyDiffers),
        P("Error: Authentication failed. Check shared key", KeyDiffers),
        P(" device rejected Quick Mode settings", ChildProposalRefused, Detail.SecondPhase),
        P(" device rejected Main Mode settings", IkeProposalRefused),
        P("On-prem device sent invalid payload", MalformedForPeer),
        P("Peer sent AUTHENTICATION_FAILED notify", AuthenticationFailed),
        P("Peer sent NO_PROPOSAL_CHOSEN notify", NoProposal, Detail.PhaseOfConnection),
        P("Peer sent TRAFFIC_SELECTORS_UNACCEPTABLE notify", SelectorsRefused),
    ];

    private static Phrase[] Ibm() =>
    [
        P("cannot_authenticate_connection", AuthenticationFailed),
        P("because of mismatched IKE ID and PSK", AuthenticationFailed),
        P("ike_policy_mismatch", IkeProposalRefused),
        P("None of the proposed IKE crypto suites", IkeProposalRefused),
        P("ipsec_policy_mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("None of the proposed IPsec crypto suites", ChildProposalRefused, Detail.SecondPhase),
        P("_local_remote_cidr_mismatch", SelectorsRefused),
        P("Mismatched local CIDRs", SelectorsRefused),
        P("Mismatched local and remote CIDRs", SelectorsRefused),
        P("peer_not_responding", FirstMessageUnanswered),
        P("No response from peer (check network", FirstMessageUnanswered),
    ];

    private static Phrase[] Racoon2() =>
    [
        P("Decryption failed! mismatch of preshared secrets", KeyDiffers),
        P("Unknow peer id", IdentityDiffers),
        P("Parse PEERID failed", IdentityDiffers),
        P("proposal mismatch, transform type:4", GroupDiffers, Detail.PhaseNamed),
        P("failed to compute dh value", GroupDiffers, Detail.PhaseNamed),
        P("retransmission count exceeded the limit", GaveUp),
    ];

    private static Phrase[] Sophos() =>
    [
        P("IKE message retransmission timed out", GaveUp),
        P("Couldn't authenticate the remote gateway", AuthenticationFailed),
        P("the received traffic selectors did not match", SelectorsRefused),
        P("Local and remote network did not match", SelectorsRefused),
        P("ALERT: peer authentication failed", AuthenticationFailed),
    ];

    private static Phrase[] Prisma() =>
    [
        P("proposal_mismatch_ike", IkeProposalRefused),
        P("proposal_mismatch_child", ChildProposalRefused, Detail.SecondPhase),
        P("transform_selector_mismatch", SelectorsRefused),
        P("local_auth_failed", AuthenticationFailed),
        P("peer_auth_failed", AuthenticationFailed),
        P("retransmit_send_timeout", GaveUp),
        P("half_open_timeout", HalfOpenExpired),
        P("no_issuer_cert", CertificateRefused),
        P("cert_revoked", CertificateRefused),
        P("cert_expired", CertificateOutOfTime),
        P("install_child_sa_failed", SaNotInstalled),
        P("install_child_policy_failed", PolicyNotInstalled),
        P("liveliness_failed", PeerStoppedAnswering),
        P("peer_address_unresolved", HostUnreachable),
    ];

    private static Phrase[] Clavister() =>
    [
        P("SA negotiation failed: \"Timed out\"", GaveUp),
        P("statusmsg=\"Timed out\"", GaveUp),
    ];
}
