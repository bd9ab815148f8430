using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>The daemons of the BSDs: iked and ikectl of OpenBSD and its portable edition (sa_state, sa_free with its reasons, parse.y), isakmpd (transport.c, message.c, ike_quick_mode.c, pf_key_v2.c), racoon's start.</summary>
internal static class BsdPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Iked(), .. Isakmpd(), .. RacoonStart()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Racoon, detail);

    private static Phrase[] Iked() =>
    [
        P("ikev2_msg_send: IKE_SA_INIT request", Initiating),
        P("ikev2_recv: IKE_SA_INIT request from initiator", Responding),
        P("ikev2_recv: IKE_SA_INIT response from responder", FirstAnswer),
        P("ikev2_msg_send: IKE_AUTH request", AuthSent),
        P("ikev2_recv: IKE_AUTH request from initiator", AuthSent),
        P("VALID -> ESTABLISHED", IkeUp),
        P("AUTH_SUCCESS -> ESTABLISHED", IkeUp),
        P("SA_INIT -> ESTABLISHED", IkeUp),
        P(": loaded SPIs: 0x", ChildUp),
        P(": loaded flows: ESP-", ChildUp),
        P("sa_free: no proposal chosen", NoProposal, Detail.PhaseOfConnection),
        P("sa_free: IKE_AUTH failed", AuthenticationFailed),
        P("sa_free: rekey timeout", RekeyFailed),
        P("sa_free: failed to get local id", ConfigurationError),
        P("retransmit limit reached for req", GaveUp),
        P("ikev2_init_ike_sa_timeout: ", FirstMessageUnanswered),
        P("no valid local certificate found", CertificateRefused),
        P("peer certificate is invalid", CertificateRefused, Detail.OfIpsec),
        P("ca_validate_cert: unable to get", CertificateRefused),
        P("could not open public key pubkeys/", CertificateRefused),
        P("no compatible policy found", NoConnectionForPeer, Detail.OfIpsec),
        P("failed to get a policy", NoConnectionForPeer, Detail.OfIpsec),
        P(": localid mismatch", IdentityDiffers),
        P("unable to select DH group", IkeProposalRefused, Detail.OfIpsec),
        P("failed to load CHILD SA spi", SaNotInstalled),
        P(": failed to load flow", PolicyNotInstalled, Detail.OfIpsec),
        P("found cert with matching ID but without matching key", CertificateRefused),
        P("did not find subjectAltName in certificate", CertificateRefused),
        P("udp_bind: failed to bind UDP socket", PortTaken, Detail.Errno),
        P("connect: /var/run/iked.sock", DaemonNotReached),
        P("no valid configuration rules found", ConfigurationError, Detail.OfDaemon),
        P("group writable or world read/writable", ConfigurationError, Detail.OfDaemon),
        P("owner not root or current user", ConfigurationError, Detail.OfDaemon),
        P("active mode requires local/peer address", ConfigurationError),
        P("active mode requires peer specification", ConfigurationError),
        P(" not a valid transform", ConfigurationError),
        P("not a valid authentication mode", ConfigurationError, Detail.OfIpsec),
        P("cannot mix encryption transforms with", ConfigurationError),
        P("could not get local/peer specification", ConfigurationError),
        P("could not parse host specification", ConfigurationError, Detail.OfIpsec),
        P(": syntax error", ConfigurationError, Detail.OfDaemon),
    ];

    private static Phrase[] Isakmpd() =>
    [
        P("isakmpd: starting", DaemonStarted),
        P("phase 1 done: initiator id", IkeUp),
        P("phase 1 done (as ", IkeUp),
        P("quick mode done: src", ChildUp),
        P("quick mode done (as ", ChildUp),
        P("transport_send_messages: giving up", GaveUp),
        P("dpd_check_event: peer not responding", PeerStoppedAnswering),
        P("due to notification type PAYLOAD_MALFORMED", Undecryptable),
        P("due to notification type INVALID_PAYLOAD_TYPE", Undecryptable),
        P("due to notification type INVALID_COOKIE", UnknownSpi),
        P("message_recv: invalid cookie(s)", UnknownSpi),
        P("no keystate in ISAKMP SA", UnknownSpi),
        P("message_parse_payloads: reserved field non-zero", Undecryptable),
        P("message_parse_payloads: invalid next payload type", Undecryptable),
        P("message_negotiate_sa: no compatible proposal found", NoProposal, Detail.PhaseOfConnection),
        P("attribute_unacceptable: ENCAPSULATION_MODE", EncapsulationDiffers),
        P("attribute_unacceptable: AUTHENTICATION_METHOD", MethodRefused),
        P("attribute_unacceptable: ", OfferRefused),
        P("peer proposed invalid phase 2 IDs", SelectorsRefused),
        P("received remote ID other than expected", IdentityDiffers),
        P("ike_auth_get_key: no key found", KeyMissing),
        P("rsa_sig_decode_hash: no public key found", CertificateRefused),
        P("rsa_sig_decode_hash: no CERT subject match", CertificateRefused),
        P("KEY_EXCH payload without a group desc", GroupDiffers),
        P("conf_parse_line: ", ConfigurationError),
        P("too open permissions", ConfigurationError, Detail.OfIpsec),
        P("conf_reinit: ", ConfigurationError, Detail.Failed),
    ];

    private static Phrase[] RacoonStart() =>
    [
        P("no address could be bound", NoSuchLocalAddress, Detail.OfIpsec),
        P("failed to parse configuration file", ConfigurationError, Detail.OfIpsec),
        P("failed to open pre_share_key file", KeyMissing),
        P("has weak file permission", KeyMissing, Detail.OfIpsec),
        P("racoon: fatal error: ", DaemonAbsent),
        P("failed to read configuration file", ConfigurationError, Detail.OfIpsec),
        P("\" syntax error", ConfigurationError, Detail.OfDaemon),
    ];
}
