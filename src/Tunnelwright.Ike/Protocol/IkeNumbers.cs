namespace Tunnelwright.Ike;

/// <summary>Exchange types: IANA "Internet Key Exchange Version 2 (IKEv2) Parameters" (34 and up) and "Internet Key Exchange (IKE) Attributes" (below).</summary>
public enum IkeExchangeType : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IKEv1 Base (RFC 2408 section 4.4).</summary>
    BaseV1 = 1,

    /// <summary>IKEv1 main mode (RFC 2409 section 5).</summary>
    MainModeV1 = 2,

    /// <summary>IKEv1 Authentication Only (RFC 2408 section 4.6).</summary>
    AuthenticationOnlyV1 = 3,

    /// <summary>IKEv1 aggressive mode (RFC 2409 section 5).</summary>
    AggressiveModeV1 = 4,

    /// <summary>IKEv1 Informational (RFC 2408 section 4.8).</summary>
    InformationalV1 = 5,

    /// <summary>IKEv1 configuration method and XAUTH (draft-dukes-ike-mode-cfg-02).</summary>
    TransactionV1 = 6,

    /// <summary>IKEv1 quick mode (RFC 2409 section 5.5).</summary>
    QuickModeV1 = 32,

    /// <summary>IKEv1 new group mode (RFC 2409 section 5.6).</summary>
    NewGroupModeV1 = 33,

    /// <summary>IKE_SA_INIT (RFC 7296 section 1.2).</summary>
    SaInit = 34,

    /// <summary>IKE_AUTH (RFC 7296 section 1.2).</summary>
    Auth = 35,

    /// <summary>CREATE_CHILD_SA (RFC 7296 section 1.3).</summary>
    CreateChildSa = 36,

    /// <summary>INFORMATIONAL (RFC 7296 section 1.4).</summary>
    Informational = 37,

    /// <summary>IKE_SESSION_RESUME (RFC 5723).</summary>
    SessionResume = 38,

    /// <summary>IKE_INTERMEDIATE (RFC 9242).</summary>
    Intermediate = 43,

    /// <summary>IKE_FOLLOWUP_KE (RFC 9370).</summary>
    FollowUpKeyExchange = 44,
}

/// <summary>Flags of the header: RFC 7296 section 3.1 and, for IKEv1, RFC 2408 section 3.1.</summary>
[Flags]
public enum IkeHeaderBits : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IKEv1: the payloads are encrypted.</summary>
    EncryptedV1 = 0x01,

    /// <summary>IKEv1: wait for the commit.</summary>
    CommitV1 = 0x02,

    /// <summary>IKEv1: authenticated only.</summary>
    AuthenticationOnlyV1 = 0x04,

    /// <summary>IKEv2: sent by the original initiator of the IKE SA.</summary>
    Initiator = 0x08,

    /// <summary>IKEv2: the sender could speak a higher version.</summary>
    Version = 0x10,

    /// <summary>IKEv2: an answer.</summary>
    Response = 0x20,
}

/// <summary>Payload types: IANA registries as for <see cref="IkeExchangeType"/>. The numbers of the two versions do not overlap.</summary>
public enum IkePayloadType : byte
{
    /// <summary>No next payload.</summary>
    None = 0,

    /// <summary>IKEv1 security association (RFC 2408 section 3.4).</summary>
    SaV1 = 1,

    /// <summary>IKEv1 proposal, inside an SA payload (RFC 2408 section 3.5).</summary>
    ProposalV1 = 2,

    /// <summary>IKEv1 transform, inside a proposal (RFC 2408 section 3.6).</summary>
    TransformV1 = 3,

    /// <summary>IKEv1 key exchange (RFC 2408 section 3.7).</summary>
    KeyExchangeV1 = 4,

    /// <summary>IKEv1 identification (RFC 2407 section 4.6.2).</summary>
    IdentificationV1 = 5,

    /// <summary>IKEv1 certificate (RFC 2408 section 3.9).</summary>
    CertificateV1 = 6,

    /// <summary>IKEv1 certificate request (RFC 2408 section 3.10).</summary>
    CertificateRequestV1 = 7,

    /// <summary>IKEv1 hash (RFC 2408 section 3.11).</summary>
    HashV1 = 8,

    /// <summary>IKEv1 signature (RFC 2408 section 3.12).</summary>
    SignatureV1 = 9,

    /// <summary>IKEv1 nonce (RFC 2408 section 3.13).</summary>
    NonceV1 = 10,

    /// <summary>IKEv1 notification (RFC 2408 section 3.14).</summary>
    NotificationV1 = 11,

    /// <summary>IKEv1 delete (RFC 2408 section 3.15).</summary>
    DeleteV1 = 12,

    /// <summary>IKEv1 vendor ID (RFC 2408 section 3.16).</summary>
    VendorIdV1 = 13,

    /// <summary>IKEv1 attributes of the configuration method (draft-dukes-ike-mode-cfg-02 section 3.2).</summary>
    AttributesV1 = 14,

    /// <summary>IKEv1 NAT discovery (RFC 3947 section 3.2).</summary>
    NatDiscoveryV1 = 20,

    /// <summary>IKEv1 NAT original address (RFC 3947 section 5.2).</summary>
    NatOriginalAddressV1 = 21,

    /// <summary>Security association (RFC 7296 section 3.3).</summary>
    Sa = 33,

    /// <summary>Key exchange (RFC 7296 section 3.4).</summary>
    KeyExchange = 34,

    /// <summary>Identification of the initiator (RFC 7296 section 3.5).</summary>
    IdentificationInitiator = 35,

    /// <summary>Identification of the responder (RFC 7296 section 3.5).</summary>
    IdentificationResponder = 36,

    /// <summary>Certificate (RFC 7296 section 3.6).</summary>
    Certificate = 37,

    /// <summary>Certificate request (RFC 7296 section 3.7).</summary>
    CertificateRequest = 38,

    /// <summary>Authentication (RFC 7296 section 3.8).</summary>
    Authentication = 39,

    /// <summary>Nonce (RFC 7296 section 3.9).</summary>
    Nonce = 40,

    /// <summary>Notify (RFC 7296 section 3.10).</summary>
    Notify = 41,

    /// <summary>Delete (RFC 7296 section 3.11).</summary>
    Delete = 42,

    /// <summary>Vendor ID (RFC 7296 section 3.12).</summary>
    VendorId = 43,

    /// <summary>Traffic selectors of the initiator (RFC 7296 section 3.13).</summary>
    TrafficSelectorInitiator = 44,

    /// <summary>Traffic selectors of the responder (RFC 7296 section 3.13).</summary>
    TrafficSelectorResponder = 45,

    /// <summary>Encrypted and authenticated (RFC 7296 section 3.14). The last payload; its next-payload field belongs to what is inside.</summary>
    Encrypted = 46,

    /// <summary>Configuration (RFC 7296 section 3.15).</summary>
    Configuration = 47,

    /// <summary>Extensible Authentication Protocol (RFC 7296 section 3.16).</summary>
    Eap = 48,

    /// <summary>An encrypted fragment (RFC 7383 section 2.5). The last payload.</summary>
    EncryptedFragment = 53,

    /// <summary>IKEv1 NAT discovery of the drafts (draft-ietf-ipsec-nat-t-ike-02 section 3.2).</summary>
    NatDiscoveryDraftV1 = 130,

    /// <summary>IKEv1 NAT original address of the drafts (draft-ietf-ipsec-nat-t-ike-02 section 4.2).</summary>
    NatOriginalAddressDraftV1 = 131,

    /// <summary>IKEv1 fragment, Cisco's and Microsoft's way ([MS-IKEE] section 2.2.3.1).</summary>
    FragmentV1 = 132,
}

/// <summary>Security protocols: IANA "IKEv2 Security Protocol Identifiers", RFC 2407 section 4.4.1.</summary>
public enum IkeProtocol : byte
{
    /// <summary>None, or all.</summary>
    None = 0,

    /// <summary>IKE (IKEv1: ISAKMP).</summary>
    Ike = 1,

    /// <summary>AH.</summary>
    Ah = 2,

    /// <summary>ESP.</summary>
    Esp = 3,

    /// <summary>IPComp (IKEv1 only).</summary>
    IpCompV1 = 4,
}
