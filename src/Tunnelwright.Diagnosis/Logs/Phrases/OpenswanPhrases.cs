using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What the pluto of FreeS/WAN and strongSwan 4 (src/pluto of 4.0 to 4.6), Openswan 2.4 to 3.0 and Libreswan 3 (programs/pluto) say of a negotiation in words of their own, and the
/// daemons of L2TP (xl2tpd, pppd) of what they send through it.</summary>
internal static class OpenswanPhrases
{
    /// <summary>What becomes of an IKEv1 message that was decrypted with another key (in_struct of packet.c): a field that cannot be so.</summary>
    private static readonly string[] Scrambled = ["Identification Payload", "Hash Payload", "Signature Payload"];

    public static IEnumerable<Phrase> All { get; } = [.. Decrypted(), .. Refused(), .. Pairs(), .. Ended(), .. InTunnel()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Pluto, detail);

    private static IEnumerable<Phrase> Decrypted() => Scrambled.SelectMany(payload => new[]
    {
        P($"of ISAKMP {payload} should have been zero", Undecryptable),
        P($"of ISAKMP {payload} is smaller than minimum", Undecryptable),
        P($"next payload type of ISAKMP {payload} has an unknown type", Undecryptable),
    });

    /// <summary>Who the ends are and what they offer.</summary>
    private static Phrase[] Refused() =>
    [
        P("AUTH mismatch: Received AUTH", KeyDiffers),
        P("No policy for initiator with id=", NoConnectionForIdentity),
        P("no policy with given IDs authenticates", NoConnectionForIdentity),
        P("ISAKMP version of ISAKMP Message has an unknown value", VersionRefused),
        P(" has ikev2=insist", VersionRefused),
        P("Attribute OAKLEY_ENCRYPTION_ALGORITHM", OfferRefused),
        P("Attribute OAKLEY_HASH_ALGORITHM", OfferRefused),
        P("Attribute OAKLEY_GROUP_DESCRIPTION", OfferRefused),
        P("Attribute OAKLEY_KEY_LENGTH", OfferRefused),
        P("seconds which exceeds our limit", IkeLifetimeRefused),
        P("No proposal selected", IkeProposalRefused),
        P("No PARENT proposal selected", IkeProposalRefused),
        P("DH group retries exhausted after", IkeProposalRefused),
        P("and we aren't xauth client", MethodRefused),
        P("and we aren't mode config client", MethodRefused),
        P("no file descriptor available for prompt", MethodRefused),
        P("XAUTH password prompt failed", MethodRefused),
        P("XAUTH username prompt failed", MethodRefused),
        P("XAUTH: unable to open password file", MethodRefused),
        P("fatal error in state STATE_XAUTH_", MethodRefused),
        P("fatal error in state XAUTH_", MethodRefused),
        P("NSS: RSA Signature FAILED verification", CertificateRefused),
        P("NSS: failure in verifying signature", CertificateRefused),
        P("sending encrypted notification INVALID_KEY_INFORMATION", CertificateRefused),
        P("RSA Signature NOT verified", CertificateRefused),
        P("failed IPsec verification", CertificateRefused),
        P("failed verification", CertificateRefused, Detail.OfIpsec),
        P("certificate has an invalid signature", CertificateRefused, Detail.OfIpsec),
        P("can not load certificate file ", CertificateRefused),
        P("cert verify failed with internal error", CertificateRefused),
        P("end certificate with identical subject and issuer", CertificateRefused),
        P("could not open host cert with nick name ", CertificateRefused),
        P("syntax error in private key file", CertificateRefused),
        P("Private key file -- could not be loaded", CertificateRefused),
        P("certificate revoked!", CertificateRefused, Detail.OfIpsec),
        P("X.509 certificate expired at ", CertificateOutOfTime),
        P("certificate time is expired/invalid", CertificateOutOfTime),
    ];

    /// <summary>The second phase.</summary>
    private static Phrase[] Pairs() =>
    [
        P("PARENT SA established tunnel mode", ChildUp),
        P("PARENT SA established transport mode", ChildUp),
        P("peer proposal was reject in a virtual connection policy", SelectorsRefused),
        P("NAT-Traversal: Transport mode disabled due to security concerns", EncapsulationDiffers),
        P("must only be used if NAT-Traversal is ", EncapsulationDiffers),
        P("must only be used with NAT-T RFC", EncapsulationDiffers),
        P("must only be used with old IETF drafts", EncapsulationDiffers),
        P("MODP1536 supported for PFS", GroupDiffers),
        P("new KE in DH for PFS is not yet supported", GroupDiffers),
        P("new KE in DH is not supported", GroupDiffers),
        P("ESP_NULL requires auth algorithm", ChildProposalRefused),
        P("AH in IKEv1 mode is not supported", ChildProposalRefused),
        P("Did not find valid ESP encrypter", ChildProposalRefused),
        P("Missing mandatory KEY_LENGTH attribute", ChildProposalRefused),
        P("did not specify required KEY_LENGTH attribute", ChildProposalRefused),
        P("IPsec encryption transform rejected: ", ChildProposalRefused),
        P("no acceptable kernel algorithms loaded", KernelLacksAlgorithm),
        P("no kernel algorithms for esp selection", KernelLacksAlgorithm),
        P("requested kernel enc ealg_id=", KernelLacksAlgorithm),
        P("XFRM: unknown authentication algorithm", KernelLacksAlgorithm),
        P("no response to our PF_KEY ", SaNotInstalled),
        P("pfkey write() of ", NetlinkError, Detail.Errno),
        P("Key material is too big for kernel interface", SaNotInstalled),
        P("bad response: Invalid argument (errno 22)", SaNotInstalled),
        P("bad response: File exists (errno 17)", SaNotInstalled),
    ];

    private static Phrase[] Ended() =>
    [
        P("exhausted retransmission; already STATE_MAIN_R1", FirstAnswerLost),
        P("DPD: Terminating all SAs using this connection", PeerStoppedAnswering),
        P("address change currently not supported [", AddressOfPeerChanged),
        P("ipsec_rcv: no ipsec_sa for SA:", UnknownSpi),
        P("ipsec_rcv: duplicate frame from ", OutsideReplayWindow),
    ];

    /// <summary>What "ipsec trafficstatus" counts, and what L2TP says that runs through the pair of SAs: a first message without an answer, a name or password that is refused.</summary>
    private static Phrase[] InTunnel() =>
    [
        P("type=ESP, add_time=", EspSilent, Detail.State),
        P("ESP traffic information: ", EspSilent, Detail.State),
        new("Maximum retries exceeded for tunnel", EspSilent, Product.Any, Detail.InTunnel),
        new("CHAP authentication failed", MethodRefused, Product.Any, Detail.InTunnel),
        new("PAP authentication failed", MethodRefused, Product.Any, Detail.InTunnel),
        new("peer refused to authenticate: terminating", MethodRefused, Product.Any, Detail.InTunnel),
        new("LNS session is ", DataPassed, Product.Any, Detail.Quiet),
    ];
}
