using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// What strongSwan says more rarely: notifications of IKEv1 by name, its plug-ins for EAP, XAuth, RADIUS and TLS, its credential sets, kernel interfaces,
/// the starter, stroke and swanctl (src/libcharon, src/libstrongswan, src/libtls, src/libradius, src/starter, src/swanctl).
/// </summary>
internal static class CharonRefusals
{
    /// <summary>Names of notifications as charon prints them (notify_payload.c), where the words around them are always the same.</summary>
    private static readonly (string Name, FactKind Kind, Detail Detail)[] Notifications =
    [
        ("BAD_PROPOSAL_SYNTAX", NoProposal, Detail.PhaseOfConnection),
        ("SITUATION_NOT_SUPPORTED", NoProposal, Detail.PhaseOfConnection),
        ("INVALID_PROTOCOL_ID", NoProposal, Detail.PhaseOfConnection),
        ("INVALID_TRANSFORM_ID", NoProposal, Detail.PhaseOfConnection),
        ("INVALID_EXCHANGE_TYPE", ModeRefused, Detail.None),
        ("UNSUPPORTED_EXCHANGE_TYPE", ModeRefused, Detail.None),
        ("UNEQUAL_PAYLOAD_LENGTHS", MalformedForPeer, Detail.None),
        ("INVALID_SIGNATURE", CertificateAuthRefused, Detail.None),
        ("CERTIFICATE_UNAVAILABLE", CertificateAuthRefused, Detail.None),
        ("INVALID_COOKIE", UnknownSpi, Detail.None),
        ("FAILED_CP_REQUIRED", SelectorsRefused, Detail.None),
        ("INVALID_MINOR_VERSION", VersionRefused, Detail.None),
    ];

    public static IEnumerable<Phrase> All { get; } =
    [
        .. from notification in Notifications select new Phrase($"received {notification.Name} error notify", notification.Kind, Product.Charon, notification.Detail),
        .. from notification in Notifications select new Phrase($"received {notification.Name} notify error", notification.Kind, Product.Charon, notification.Detail),
        .. Ends(), .. Credentials(), .. Host(), .. Configuration(),
    ];

    /// <summary>Who the ends are and by which method they prove it.</summary>
    private static Phrase[] Ends()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);
        return
        [
            P("ignore malformed INFORMATIONAL request", MalformedForPeer),
            P("ID_PROT request with message ID 0 processing failed", MalformedForPeer),
            P("ID_PROT response with message ID 0 processing failed", MalformedForPeer),
            P("peer does not support any other EAP methods", MethodRefused),
            P("not supported, sending EAP_NAK", MethodRefused),
            P("EAP-only authentication requires a mutual", MethodRefused),
            P("EAP-MD5 verification failed", MethodRefused),
            P("EAP-MS-CHAPv2 verification failed", MethodRefused),
            P("no EAP key found for ", MethodRefused),
            P("EAP_AKA method failed", MethodRefused),
            P("EAP_SIM method failed", MethodRefused),
            P("EAP_GTC method failed", MethodRefused),
            P("EAP_TNC method failed", MethodRefused),
            P("EAP_DYNAMIC method failed", MethodRefused),
            P("EAP_RADIUS method failed", MethodRefused),
            P("EAP vendor specific method ", MethodRefused, Detail.State),
            P("received RES does not match XRES", MethodRefused),
            P("received MAC does not match XMAC", MethodRefused),
            P("no USIM found with quintuplets for ", MethodRefused),
            P("unable to get EAP-SIM triplet", MethodRefused),
            P("none had a quintuplet for ", MethodRefused),
            P("none had a triplet for ", MethodRefused),
            P("received EAP-AKA notification error", MethodRefused),
            P("received EAP-AKA client error", MethodRefused),
            P("received EAP-SIM notification error", MethodRefused),
            P("received EAP-SIM client error", MethodRefused),
            P("found XAuth secrets for ", MethodRefused),
            P("XAuth pam_", MethodRefused, Detail.State),
            P("no XAuth authentication round found", MethodRefused),
            P("RADIUS authentication of '", MethodRefused, Detail.State),
            P("RADIUS Access-Request timed out", MethodRefused),
            P("RADIUS Message-Authenticator verification failed", MethodRefused),
            P("RADIUS Response-Authenticator verification failed", MethodRefused),
            P("constraint check failed: no EAP identity", MethodRefused),
            P("requested a certificate, but client authentication disabled", MethodRefused),
            P("fatal TLS alert 'handshake failure'", MethodRefused),
            P("fatal TLS alert 'access denied'", MethodRefused),
            P("fatal TLS alert 'protocol version'", MethodRefused),
            P("' not whitelisted", NoConnectionForIdentity),
            P("received PPK_ID '", MethodRefused),

            P("negotiated DH group ", IkeProposalRefused, Detail.State),
            P("configured key exchange method ", IkeProposalRefused, Detail.State),
            P("negotiated key exchange method ", IkeProposalRefused, Detail.State),
            P("configuration payload negotiation failed, no CHILD_SA built", SelectorsRefused),
            P("closing IKE_SA due CHILD_SA setup failure", ChildFailed),
            P("failed to establish CHILD_SA, keeping IKE_SA", ChildFailed),
            P("peer seems to not support CHILD_SA rekeying", RekeyFailed),
            P("unable to create CHILD_SA while rekeying IKE_SA", RekeyCollision),
            P("unable to create CHILD_SA while deleting IKE_SA", RekeyCollision),
            P("received DELETE for AH CHILD_SA", PeerDeletedChild),
            P("detected duplicate IKE_SA for '", DuplicateIke),
            P("delete for duplicate IKE_SA '", DuplicateIke),
            P("ignoring IKE_SA setup from ", HalfOpenExpired),
        ];
    }

    /// <summary>Certificates and their keys; that a file does not load may be of no matter, so that is a weak sign.</summary>
    private static Phrase[] Credentials()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);
        return
        [
            P("signature validation failed, looking for another key", CertificateRefused),
            P("constraint check failed: peer not authenticated with peer cert", CertificateRefused),
            P("constraint check failed: group membership", CertificateRefused),
            P(", but requires at least ", CertificateRefused),
            P(" signatures not acceptable", CertificateRefused),
            P(" violates constraint of ", CertificateRefused),
            P("matches excluded name constraint", CertificateRefused),
            P("missing in issuing certificate '", CertificateRefused),
            P("no TLS public key found for server '", CertificateRefused),
            P("no usable TLS client certificate found", CertificateRefused),
            P("no usable TLS server certificate found", CertificateRefused),
            P("fatal TLS alert 'unknown ca'", CertificateRefused),
            P("fatal TLS alert 'bad certificate'", CertificateRefused),
            P("fatal TLS alert 'no certificate'", CertificateRefused),
            P("fatal TLS alert 'unsupported certificate'", CertificateRefused),
            P("fatal TLS alert 'certificate ", CertificateRefused),
            P("building CRED_CERTIFICATE - ", CertificateAuthRefused),
            P("building CRED_PRIVATE_KEY - ", CertificateAuthRefused),
            P("failed to load user certificate", CertificateRefused),
            P("failed to load user private key", CertificateRefused),
        ];
    }

    /// <summary>The kernel, the daemon and its socket.</summary>
    private static Phrase[] Host()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);
        return
        [
            P("unable to register PF_KEY socket", KernelLacks),
            P("failed to create XFRM interface", KernelLacks),
            P("failed to create ESP context: ", KernelLacks),
            P("only UDP-encapsulated ESP packets supported by kernel-libipsec", KernelLacks),
            P("HW offload is not supported by device", SaNotInstalled),
            P("Starting IKE service (", DaemonStarted),
            P("Starting charon NetworkManager backend", DaemonStarted),
            P("Starting charon-cmd IKE client", DaemonStarted),
            P("Starting charon-tkm", DaemonStarted),
            P("' URI failed: ", DaemonAbsent),
        ];
    }

    /// <summary>ipsec.conf, ipsec.secrets, swanctl.conf and the texts of proposals.</summary>
    private static Phrase[] Configuration()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);
        return
        [
            P("' referenced in section '", ConfigurationError, Detail.NotFound),
            P("' not confirmed by certificate, defaulting to '", CertificateAuthRefused, Detail.Quiet),
            P(" failed to load, ", ConfigurationError),
            P("RADIUS server '", ConfigurationError, Detail.State),
            P("no RADIUS secret defined", ConfigurationError),
            P("no RADIUS server defined", ConfigurationError),
            P("algorithm is mandatory in ", ConfigurationError),
            P("DH group is mandatory in ", ConfigurationError),
            P("classic and combined-mode (AEAD) encryption", ConfigurationError),
            P("' not recognized", ConfigurationError, Detail.State),
        ];
    }
}
