using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What Libreswan's and Openswan's pluto write about notifications of the peer, about post-quantum keys and XAUTH, and about their own host.</summary>
internal static class PlutoRefusals
{
    /// <summary>How the versions of pluto announce a notification of IKEv1 that they only note.</summary>
    private static readonly string[] Noted = ["informational payload, type ", "informational payload ", "ignored notification payload: "];

    private static readonly (string Name, FactKind Kind, Detail Detail)[] Notifications =
    [
        ("NO_PROPOSAL_CHOSEN", NoProposal, Detail.PhaseOfConnection),
        ("BAD_PROPOSAL_SYNTAX", NoProposal, Detail.PhaseOfConnection),
        ("ATTRIBUTES_NOT_SUPPORTED", NoProposal, Detail.PhaseOfConnection),
        ("INVALID_ID_INFORMATION", IdRefused, Detail.PhaseOfConnection),
        ("AUTHENTICATION_FAILED", AuthenticationFailed, Detail.None),
        ("PAYLOAD_MALFORMED", MalformedForPeer, Detail.None),
        ("UNEQUAL_PAYLOAD_LENGTHS", MalformedForPeer, Detail.None),
        ("INVALID_HASH_INFORMATION", KeyDiffers, Detail.None),
        ("INVALID_KEY_INFORMATION", KeyMissingAtPeer, Detail.None),
        ("INVALID_SIGNATURE", CertificateAuthRefused, Detail.None),
        ("INVALID_CERTIFICATE", CertificateAuthRefused, Detail.None),
        ("INVALID_CERT_AUTHORITY", CertificateAuthRefused, Detail.None),
        ("CERTIFICATE_UNAVAILABLE", CertificateAuthRefused, Detail.None),
        ("INVALID_MAJOR_VERSION", VersionRefused, Detail.None),
        ("INVALID_EXCHANGE_TYPE", ModeRefused, Detail.None),
        ("UNSUPPORTED_EXCHANGE_TYPE", ModeRefused, Detail.None),
        ("INVALID_COOKIE", UnknownSpi, Detail.None),
        ("INVALID_SPI", UnknownSpi, Detail.None),
    ];

    public static IEnumerable<Phrase> All { get; } =
    [
        .. from before in Noted from notification in Notifications select new Phrase(before + notification.Name, notification.Kind, Product.Pluto, notification.Detail),
        .. Make(),
    ];

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Pluto, detail);
        return
        [
            P("IKE_SA_INIT message containing v2N_NO_PROPOSAL_CHOSEN", IkeProposalRefusedAlone),
            P("IKE_SA_INIT message containing v2N_INVALID_MAJOR_VERSION", VersionRefused),
            P("CREATE_CHILD_SA message containing v2N_INVALID_SYNTAX", RekeyFailed),
            P("CREATE_CHILD_SA message containing INVALID_SYNTAX", RekeyFailed),
            P("CREATE_CHILD_SA response containing INVALID_SYNTAX", RekeyFailed),
            P("CREATE_CHILD_SA message containing v2N_INVALID_KE_PAYLOAD", GroupDiffers),
            P("CREATE_CHILD_SA message containing INVALID_KE_PAYLOAD", GroupDiffers),
            P("CREATE_CHILD_SA response containing INVALID_KE_PAYLOAD", GroupDiffers),
            P("fatal error in state STATE_V2_REKEY_CHILD_I", RekeyFailed),
            P("fatal error in state V2_REKEY_CHILD_I", RekeyFailed),
            P("fatal error in state REKEY_CHILD_I", RekeyFailed),
            P("in response to duplicate packet; already STATE_MAIN_R1", FirstAnswerLost),
            P("in response to duplicate packet; already MAIN_R1", FirstAnswerLost),
            P("duplicate IKE_SA_INIT request; retransmitting", FirstAnswerLost),
            P("IKE_SA_INIT request has duplicate Message ID", FirstAnswerLost),

            P("deleting IPsec SA (QUICK_I1)", ChildUnanswered),
            P("deleting state (STATE_QUICK_I1)", ChildUnanswered),

            P("has ppk=insist but peer does not support PPK", MethodRefused),
            P("but connection does not allow PPK", MethodRefused),
            P("PPK confirmation and connection has ppk=insist", MethodRefused),
            P("connection requires PPK, but we didn't find one", KeyMissing),
            P("not found and connection requires a valid PPK", KeyMissing),
            P("found and connection requires a valid PPK", KeyMissing),
            P("connection allows no other hash policy", MethodRefused),
            P("legacy ECDSA is not implemented", MethodRefused),
            P("authentication failed: using ", CertificateRefused),
            P("authentication failed: no certificate matched ", CertificateRefused),
            P("authentication failed: rejecting received zero-length signature", CertificateRefused),
            P("FIPS: rejecting ", CertificateRefused),
            P("authentication failed: method ", MethodRefused),
            P("authentication failed: unknown or unsupported hash algorithm", MethodRefused),
            P("authentication failed: peer authentication requires hash", MethodRefused),
            P("authentication failed: no acceptable ECDSA/RSA-PSS", MethodRefused),
            P("bytes is too short for PRF ", KeyMissing),
            P("Cannot do Quick Mode until XAUTH done", MethodRefused),
            P("XAUTH client mode not enabled", MethodRefused),
            P("Received Cisco XAUTH status: FAIL", MethodRefused),
            P("Authentication Failed: Incorrect Username or Password", MethodRefused),
            P("Failed to find our PreShared Key", KeyMissing),
            P("failed (wrong key?)", CertificateRefused),
            P("ignoring packet with IKE major version", VersionRefused),
            P("rejecting IKEv1 packet as global policy", VersionRefused),

            P("rejected in a virtual connection policy", SelectorsRefused),
            P("Quick Mode request rejected, peer requested lease of", SelectorsRefused),
            P("for rekey do not match the established IPsec SA", SelectorsRefused),
            P("initiator rejected Child SA response", SaNotInstalled),
            P("perhaps kernel was not compiled with CONFIG_XFRM", KernelLacks),
            P("Starting Pluto (", DaemonStarted),
            P("initial Aggressive Mode message ", ModeRefused, Detail.State),
            P("does not appear to be an interface", NoSuchLocalAddress),
            P("IKE_AUTH message containing v2N_NO_PROPOSAL_CHOSEN", ChildProposalRefused, Detail.SecondPhase),
            P("IKE_AUTH message containing NO_PROPOSAL_CHOSEN", ChildProposalRefused, Detail.SecondPhase),
            P("IKE_AUTH message containing v2N_TS_UNACCEPTABLE", SelectorsRefused),
            P("IKE_AUTH message containing v2N_AUTHENTICATION_FAILED", AuthenticationFailed),
            P(" has type ECDSA but RSA is needed", CertificateRefused),
            P(" has type RSA but ECDSA is needed", CertificateRefused),
            P("ESP integrity algorithm ", ChildProposalRefused, Detail.State),
            P("using UDP failed in ", PortUnreachable, Detail.Errno),
            P("using TCP failed in ", PortUnreachable, Detail.Errno),
            P("sendto on ", PortUnreachable, Detail.Errno),
        ];
    }
}
