using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// What is wrong in plain English, as products that nobody knows write it. Such words count only where no product's own words are found in the line, and those
/// that other programs use, too, only where the line speaks of IPsec.
/// </summary>
internal static class PlainPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Keys(), .. Offers(), .. Names(), .. Silence(), .. Packets(), .. Progress()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Any, detail);

    private static Phrase[] Keys() =>
    [
        P("preshared key mismatch", KeyDiffers),
        P("shared secret mismatch", KeyDiffers),
        P("PSK mismatch", KeyDiffers),
        P("pre-shared key does not match", KeyDiffers),
        P("pre-shared keys do not match", KeyDiffers),
        P("preshared key does not match", KeyDiffers),
        P("preshared keys do not match", KeyDiffers),
        P("shared secrets do not match", KeyDiffers),
        P("shared secret does not match", KeyDiffers),
        P("wrong pre-shared key", KeyDiffers),
        P("wrong preshared key", KeyDiffers),
        P("check the pre-shared key", KeyDiffers),
        P("check the preshared key", KeyDiffers),
        P("unknown CA", CertificateRefused, Detail.OfIpsec),
        P("incorrect pre-shared key", KeyDiffers),
        P("invalid pre-shared key", KeyDiffers),
        P("invalid preshared key", KeyDiffers),
        P("pre-shared key is not configured", KeyMissing),
        P("no pre-shared key is configured", KeyMissing),
        P("missing pre-shared key", KeyMissing),
        P("certificate expired", CertificateOutOfTime, Detail.OfIpsec),
        P("certificate is expired", CertificateOutOfTime, Detail.OfIpsec),
        P("certificate not yet valid", CertificateOutOfTime, Detail.OfIpsec),
        P("certificate status is not valid yet", CertificateOutOfTime),
        P("certificate revoked", CertificateRefused, Detail.OfIpsec),
        P("certificate is revoked", CertificateRefused, Detail.OfIpsec),
        P("certificate has been revoked", CertificateRefused, Detail.OfIpsec),
        P("self-signed certificate", CertificateRefused, Detail.OfIpsec),
        P("certificate not trusted", CertificateRefused, Detail.OfIpsec),
        P("certificate is not trusted", CertificateRefused, Detail.OfIpsec),
        P("untrusted certificate", CertificateRefused, Detail.OfIpsec),
        P("revocation check failed", CertificateRefused, Detail.OfIpsec),
        P("revocation check for certificate failed", CertificateRefused),
        P("clock skew", CertificateTooEarly, Detail.OfIpsec),
    ];

    private static Phrase[] Offers() =>
    [
        P("Phase 1 mismatch", IkeProposalRefused),
        P("Phase1 mismatch", IkeProposalRefused),
        P("no matching proposal", NoProposal, Detail.PhaseNamed),
        P("no common proposal", NoProposal, Detail.PhaseNamed),
        P("proposals do not match", NoProposal, Detail.PhaseNamed),
        P("proposal does not match", NoProposal, Detail.PhaseNamed),
        P("proposals did not match", NoProposal, Detail.PhaseNamed),
        P("encryption algorithm mismatch", NoProposal, Detail.PhaseNamed),
        P("authentication algorithm mismatch", NoProposal, Detail.PhaseNamed),
        P("integrity algorithm mismatch", NoProposal, Detail.PhaseNamed),
        P("hash algorithm mismatch", NoProposal, Detail.PhaseNamed),
        P("DH group mismatch", GroupDiffers, Detail.PhaseNamed),
        P("Diffie-Hellman group mismatch", GroupDiffers, Detail.PhaseNamed),
        P("configured DH group ", GroupDiffers, Detail.PhaseNamed),
        P("ESP algorithm mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("ESP proposal mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("IPsec proposal mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("transform set mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("transform-set mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("transform mismatch", ChildProposalRefused, Detail.SecondPhase),
        P("traffic selector mismatch", SelectorsRefused),
        P("traffic selectors mismatch", SelectorsRefused),
        P("traffic selectors do not match", SelectorsRefused),
        P("traffic selectors did not match", SelectorsRefused),
        P("traffic selector unacceptable", SelectorsRefused),
        P("selector mismatch", SelectorsRefused, Detail.OfIpsec),
        P("proxy ID mismatch", SelectorsRefused),
        P("proxy-ID mismatch", SelectorsRefused),
        P("proxy IDs do not match", SelectorsRefused),
        P("proxy identity mismatch", SelectorsRefused),
        P("encryption domain mismatch", SelectorsRefused),
        P("subnet mismatch", SelectorsRefused, Detail.OfIpsec),
        P("subnets do not match", SelectorsRefused, Detail.OfIpsec),
        P("netmask mismatch", SelectorsRefused, Detail.OfIpsec),
    ];

    private static Phrase[] Names() =>
    [
        P("identity mismatch", IdentityDiffers, Detail.OfIpsec),
        P("identifier mismatch", IdentityDiffers, Detail.OfIpsec),
        P("identification mismatch", IdentityDiffers, Detail.OfIpsec),
        P("remote ID mismatch", IdentityDiffers, Detail.OfIpsec),
        P("local ID mismatch", IdentityDiffers, Detail.OfIpsec),
        P("identity does not match", IdentityDiffers, Detail.OfIpsec),
        P("unexpected peer ID", IdentityDiffers, Detail.OfIpsec),
        P("XAUTH failed", MethodRefused),
        P("version mismatch", VersionRefused, Detail.OfIpsec),
        P("exchange mode mismatch", ModeRefused),
        P("negotiation mode mismatch", ModeRefused),
        P("exchange type mismatch", ModeRefused),
        P("authentication method mismatch", MethodRefused, Detail.OfIpsec),
        P("authentication type mismatch", MethodRefused, Detail.OfIpsec),
    ];

    private static Phrase[] Silence() =>
    [
        P("peer not responding", GaveUp, Detail.OfIpsec),
        P("peer is not responding", GaveUp, Detail.OfIpsec),
        P("no response from peer", GaveUp, Detail.OfIpsec),
        P("IKE link timeout", GaveUp),
        P("no response from the peer", GaveUp, Detail.OfIpsec),
        P("peer unreachable", GaveUp, Detail.OfIpsec),
        P("peer is unreachable", GaveUp, Detail.OfIpsec),
        P("gateway is not responding", GaveUp, Detail.OfIpsec),
        P("gateway not responding", GaveUp, Detail.OfIpsec),
        P("maximum retransmissions", GaveUp, Detail.OfIpsec),
        P("max retransmissions", GaveUp, Detail.OfIpsec),
        P("maximum retransmits", GaveUp, Detail.OfIpsec),
        P("max retransmits", GaveUp, Detail.OfIpsec),
        P("retransmission timeout", GaveUp, Detail.OfIpsec),
        P("retransmissions exhausted", GaveUp, Detail.OfIpsec),
        P("rekey failed", RekeyFailed, Detail.OfIpsec),
        P("rekey failure", RekeyFailed, Detail.OfIpsec),
        P("received delete for IKE SA", PeerDeletedIke),
        P("deleted by peer", PeerDeletedIke, Detail.OfIpsec),
        P("deleted by the peer", PeerDeletedIke, Detail.OfIpsec),
        P("invalid SPI", UnknownSpi, Detail.OfIpsec),
        P("no SA found for SPI", UnknownSpi),
        P("no matching SA for SPI", UnknownSpi),
        P("no associated SA", UnknownSpi, Detail.OfIpsec),
        P("dead peer detected", PeerStoppedAnswering),
        P("peer declared dead", PeerStoppedAnswering),
        P("peer is dead", PeerStoppedAnswering, Detail.OfIpsec),
        P("detected dead peer", PeerStoppedAnswering),
        P("peer considered dead", PeerStoppedAnswering),
        P("peer assumed dead", PeerStoppedAnswering),
        P("peer presumed dead", PeerStoppedAnswering),
        P("due to inactivity", ClosedIdle, Detail.OfIpsec),
        P("replay detected", OutsideReplayWindow, Detail.OfIpsec),
        P("replayed packet", OutsideReplayWindow, Detail.OfIpsec),
        P("replay packet detected", OutsideReplayWindow, Detail.OfIpsec),
        P("DPD timed out", PeerStoppedAnswering),
        P("DPD: no response", PeerStoppedAnswering),
    ];

    /// <summary>What ping, tcpdump and routers say of a packet that is too large for the way and may not be divided.</summary>
    private static Phrase[] Packets() =>
    [
        P("need to frag (mtu", LargePacketsVanish),
        P("Frag needed and DF set", LargePacketsVanish),
        P("fragmentation needed and DF set", LargePacketsVanish),
        P("needs to be fragmented but DF set", LargePacketsVanish),
        P("local error: message too long, mtu", LargePacketsVanish),
    ];

    private static Phrase[] Progress() =>
    [
        P("IKE_AUTH success", IkeUp),
        P("IKE_SA established", IkeUp),
        P("IKE SA established", IkeUp),
        P("IKE SA is up", IkeUp),
        P("phase 1 SA established", IkeUp),
        P("phase 2 SA established", ChildUp),
        P("phase 1 established", IkeUp),
        P("phase1 established", IkeUp),
        P("phase 2 established", ChildUp),
        P("phase2 established", ChildUp),
        P("Child SA established", ChildUp),
        P("CREATE_CHILD_SA completed", ChildUp),
        P("tunnel established", ChildUp, Detail.OfIpsec),
        P("tunnel is established", ChildUp, Detail.OfIpsec),
        P("tunnel has been established", ChildUp, Detail.OfIpsec),
        P("tunnel is up", ChildUp, Detail.OfIpsec),
        P("tunnel is now up", ChildUp, Detail.OfIpsec),
        P("tunnel came up", ChildUp, Detail.OfIpsec),
    ];
}
