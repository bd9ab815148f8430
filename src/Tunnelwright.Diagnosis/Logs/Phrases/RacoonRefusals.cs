using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What racoon says more rarely (ipsec-tools: isakmp*.c, ipsec_doi.c, proposal.c, oakley.c, pfkey.c, localconf.c, crypto_openssl.c).</summary>
internal static class RacoonRefusals
{
    public static IEnumerable<Phrase> All { get; } = Make();

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);
        return
        [
            P("the packet is retransmitted by ", FirstAnswerLost),
            P("exchange type is mismatched: ", ModeRefused),
            P("no configuration found for ", NoConnectionForPeer),
            P("phase2 negotiation failed due to send error", HostUnreachable),
            P("give up to get IPsec-SA due to time up to wait", ChildUnanswered),
            P("purged ISAKMP-SA proto_id=", PeerDeletedIke),

            P("Packet decryption failed", Undecryptable, Detail.OfIpsec),
            P("Xauth mode config request but peer did not declare itself", MethodRefused),
            P("Xauth mode config set but peer did not declare itself", MethodRefused),
            P("Xauth reply but peer did not declare itself", MethodRefused),
            P("Hybrid auth negotiated but peer did not ", MethodRefused),
            P("hybrid auth is enabled, but peer is no Xauth compliant", MethodRefused),
            P("Xauth performed with no login supplied", MethodRefused),
            P("No password was found for login ", MethodRefused),
            P("Attempt to start phase config whereas Xauth failed", MethodRefused),
            P("Attempt to start phase 2 whereas Xauth failed", MethodRefused),
            P("not supported authmethod type ", MethodRefused),
            P("not supported authentication type ", MethodRefused),
            P("no peer's CERT payload found", CertificateRefused),
            P("no peer's CERT file found", CertificateRefused),
            P("no ID nor CERT found", CertificateRefused),
            P("no CERT RR found", CertificateRefused),
            P("failed to get own CERT", CertificateRefused),
            P("RSA key not found for ", CertificateRefused),
            P("no SIG payload was passed", CertificateRefused),
            P("no proper subjectAltName", IdentityDiffers),

            P("proposal mismathed", ChildProposalRefused, Detail.SecondPhase),
            P("proto_id mismathed: ", ChildProposalRefused, Detail.SecondPhase),
            P("no suitable transform found", ChildProposalRefused, Detail.SecondPhase),
            P("no suitable policy found", ChildProposalRefused, Detail.SecondPhase),
            P("low key length proposed, mine:", ChildProposalRefused, Detail.SecondPhase),
            P("key length mismatched, mine:", ChildProposalRefused, Detail.SecondPhase),
            P("#of protocols mismatched", ChildProposalRefused, Detail.SecondPhase),
            P("no PFS is specified, but peer sends KE", GroupDiffers),
            P("PFS is specified, but peer doesn't sends KE", GroupDiffers),
            P("lifetime mismatched: my:", LifetimeRefused),
            P("lifebyte mismatched: my:", LifetimeRefused),
            P("long lifebyte proposed: my:", LifetimeRefused),
            P("mismatched IDci was returned", SelectorsRefused),
            P("mismatched IDcr was returned", SelectorsRefused),
            P("failed to get proposal for responder", SelectorsRefused),
            P("policy found, but no IPsec required: ", SelectorsRefused),

            P("pfkey update failed.", SaNotInstalled),
            P("pfkey add failed.", SaNotInstalled),
            P("libipsec failed send update", SaNotInstalled),
            P("libipsec failed send add", SaNotInstalled),
            P("failed to regist any protocol", KernelLacks),
            P("could not read configuration file \"", ConfigurationError),
            P("parse error is nothing, but yyerrorcount", ConfigurationError),
        ];
    }
}
