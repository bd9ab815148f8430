using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What Openswan 2.6 and Libreswan 3 and 4 write (programs/pluto, lib/libipsecconf and lib/libswan of 3.0 to 5.1) where today's pluto has other words.</summary>
internal static class PlutoOldPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Refused(), .. Ended(), .. Host()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Pluto, detail);

    /// <summary>Who the ends are and what they offer.</summary>
    private static Phrase[] Refused() =>
    [
        P("authenticated using ", PeerAuthenticated, Detail.Quiet),
        P("authenticated peer ", PeerAuthenticated, Detail.Quiet),
        P("No matching subjectAltName found", IdentityDiffers),
        P("certificate does not contain subjectAltName=", IdentityDiffers),
        P("certificate does not contain ID_", IdentityDiffers),
        P("SubjectAltName does not match peer ID", IdentityDiffers),
        P("CERT payload does not match connection ID", IdentityDiffers),
        P("unmatched IKE ID in certificate SAN", IdentityDiffers),
        P("cannot match peer's certificate with expected peer ID", IdentityDiffers),
        P("Peer mismatch on first found connection", IdentityDiffers),
        P("Unacceptable identity type (", IdentityDiffers),
        P("Unsupported identity type (", IdentityDiffers),
        P("authentication request rejected: AUTHENTICATION_FAILED", AuthenticationFailed),
        P("RSA authentication of ", CertificateRefused, Detail.State),
        P("Digital Signature authentication using ", CertificateRefused, Detail.State),
        P("keys but none worked", CertificateRefused),
        P("verifying AUTH hash using PK11_Verify() failed", CertificateRefused),
        P("DigSig: failed to find our ", CertificateRefused),
        P("Failed to find our RSA key", CertificateRefused),
        P("Failed to find our ECDSA key", CertificateRefused),
        P("private key from the NSS CKA_ID", CertificateRefused),
        P("Can't find the private key from the ", CertificateRefused),
        P("not found in NSS DB", CertificateRefused),
        P("' in the NSS database", CertificateRefused),
        P("\" does not exist in NSS db", CertificateRefused),
        P("Certificate issuer is not recognized", CertificateRefused, Detail.OfIpsec),
        P("Certificate has been revoked", CertificateRefused, Detail.OfIpsec),
        P("Issuer certificate is invalid", CertificateRefused, Detail.OfIpsec),
        P("Certificate type not approved for application", CertificateRefused, Detail.OfIpsec),
        P("missing or expired CRL in strict mode", CertificateRefused),
        P("X.509 certificate rejected", CertificateRefused, Detail.OfIpsec),
        P("issuer cacert not found", CertificateRefused, Detail.OfIpsec),
        P("invalid certificate signature", CertificateRefused, Detail.OfIpsec),
        P("cacert rejected", CertificateRefused, Detail.OfIpsec),
        P("failure to fetch key for ", CertificateRefused),
        P("' is expired or not yet valid", CertificateOutOfTime),
        P("' is expired/invalid", CertificateOutOfTime),
        P("certificate issuer's certificate has expired", CertificateOutOfTime),
        P("FIPS Error: connection ", KeyMissing),
        P("FIPS: connection ", KeyMissing),
        P("policy does not allow Extended Authentication", MethodRefused),
        P("Pluto does not support ", MethodRefused),
        P("XAUTH: failure user(", MethodRefused),
        P("' with status FAILURE", MethodRefused),
        P("XAUTH: PAM auth chain failed", MethodRefused),
        P("packet as policy is set to ", VersionRefused),
        P("Neither IKEv1 nor IKEv2 allowed", VersionRefused),
        P("initiator proposed an unsupported algorithm", IkeProposalRefused),
        P("1DES was proposed, it is insecure and was rejected", IkeProposalRefused),
        P("unsupported ESP auth alg ", ChildProposalRefused),
        P("unknown ENCAPSULATION_MODE ", EncapsulationDiffers),
        P("rejecting responder TSi/TSr Traffic Selector", SelectorsRefused),
        P("not contain existing IPsec SA Traffic Selectors", SelectorsRefused),
        P("returned port doesn't match my proposal", SelectorsRefused),
        P("security context verification failed", SelectorsRefused),
        P("v2SA, v2TSi or v2TSr: not attempting to setup", ChildRequested),
    ];

    /// <summary>What nobody answers, and what comes to its end.</summary>
    private static Phrase[] Ended() =>
    [
        P("deleting state (STATE_MAIN_I1)", NegotiationAbandoned),
        P("deleting state (STATE_AGGR_I1)", NegotiationAbandoned),
        P("deleting state (STATE_PARENT_I1)", NegotiationAbandoned),
        P("deleting state (STATE_V2_PARENT_I1)", NegotiationAbandoned),
        P("took too long -- replacing", NegotiationAbandoned),
        P("deleting state (STATE_MAIN_I3)", EncryptedMessageUnanswered),
        P("fragmentation not allowed by local policy", LargeMessageUnanswered),
        P("ignoring fragment as not allowed by local policy", LargeMessageUnanswered),
        P("IKEv2 liveness action: ", PeerStoppedAnswering),
        P("IKEv1 DPD action: ", PeerStoppedAnswering),
        P("DPD: action - ", PeerStoppedAnswering),
        P("DPD: Clearing Connection", PeerStoppedAnswering),
        P("DPD: Putting connection into ", PeerStoppedAnswering),
        P("DPD: Restarting ", PeerStoppedAnswering),
        P("received Delete SA payload: delete IPSEC", PeerDeletedChild),
        P("received Delete SA payload: delete CHILD SA", PeerDeletedChild),
        P("received Delete SA payload: expire ", PeerDeletedChild),
        P("received Delete SA payload: replace CHILD SA", PeerDeletedChild),
    ];

    /// <summary>The host, its kernel and its configuration.</summary>
    private static Phrase[] Host() =>
    [
        P("Cannot send packet - interface vanished", NoSuchLocalAddress),
        P("which is shutting down", NoSuchLocalAddress, Detail.OfIpsec),
        P("without knowing peer IP address", WaitsForPeer),
        P("' at load time: ", HostUnreachable),
        P("TCP: connect(", PortUnreachable, Detail.Errno),
        P("bind UDP ", PortTaken, Detail.Errno),
        P("bind TCP ", PortTaken, Detail.Errno),
        P("setup_half_ipsec_sa() hit fail", SaNotInstalled),
        P("in setup_half_ipsec_sa() failed to add inbound", PolicyNotInstalled),
        P("in route_and_eroute() failed", PolicyNotInstalled),
        P("() failed to add SPD for ", PolicyNotInstalled),
        P("cannot install route: peer is within its client", PolicyNotInstalled),
        P("does not support overlapping IP ranges", PolicyNotInstalled),
        P("netlink_get_spi for ", NetlinkError, Detail.Errno),
        P("netlink recvfrom() of response to our ", NetlinkError, Detail.Errno),
        P("netlink write() of ", NetlinkError, Detail.Errno),
        P("XFRM kernel support detected, missing", KernelLacks),
        P("No Kernel XFRM/NETKEY interface detected", KernelLacks),
        P("whack: connect() for \"", DaemonAbsent),
        P("pluto: lock file \"", DaemonAbsent),
        P("pluto: FATAL: lock file \"", DaemonAbsent),
        P("Failed to add connection \"", ConfigurationError),
        P("Failed to load connection \"", ConfigurationError),
        P("failed to add IKEv1 connection", ConfigurationError),
        P("phase2alg string error", ConfigurationError),
        P(": not found (tried aliases)", ConfigurationError),
        P("cannot find conn '", ConfigurationError),
        P("duplicate key '", ConfigurationError, Detail.OfIpsec),
        P("too many also= used at section", ConfigurationError),
        P(", invalid value: ", ConfigurationError, Detail.OfIpsec),
        P("no IKE proposal policy specified in config", ConfigurationError),
        P("loading config file '", ConfigurationError, Detail.State),
        P("requires \"left\" or \"right\" prefix", ConfigurationError),
        P("exceeds max inclusion depth", ConfigurationError),
    ];
}
