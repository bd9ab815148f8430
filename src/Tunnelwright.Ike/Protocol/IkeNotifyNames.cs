using System.Collections.Frozen;

namespace Tunnelwright.Ike;

/// <summary>Notify message types that code here compares with (IANA "IKEv2 Notify Message Error Types" and "… Status Types").</summary>
public static class IkeNotifyType
{
    /// <summary>RFC 7296 section 2.5; IKEv1 has the same number (RFC 2408 section 3.14.1).</summary>
    public const int InvalidMajorVersion = 5;

    /// <summary>RFC 7296 section 3.10.1.</summary>
    public const int InvalidSyntax = 7;

    /// <summary>RFC 7296 section 2.7; IKEv1 has the same number (RFC 2408 section 3.14.1).</summary>
    public const int NoProposalChosen = 14;

    /// <summary>RFC 7296 section 1.3. Its data is the group that the responder wants, two octets.</summary>
    public const int InvalidKeyExchange = 17;

    /// <summary>RFC 7296 section 2.23.</summary>
    public const int NatDetectionSourceIp = 16388;

    /// <summary>RFC 7296 section 2.23.</summary>
    public const int NatDetectionDestinationIp = 16389;

    /// <summary>RFC 7296 section 2.6.</summary>
    public const int Cookie = 16390;

    /// <summary>RFC 4739 section 3.1.</summary>
    public const int MultipleAuthSupported = 16404;

    /// <summary>RFC 5685 section 3.</summary>
    public const int RedirectSupported = 16406;

    /// <summary>RFC 5685 section 3. Its data names the other gateway.</summary>
    public const int Redirect = 16407;

    /// <summary>RFC 6023 section 3.</summary>
    public const int ChildlessSupported = 16418;

    /// <summary>RFC 7383 section 2.3.</summary>
    public const int FragmentationSupported = 16430;
}

/// <summary>Names of notify message types, as the registries and everybody's logs have them.</summary>
public static class IkeNotifyNames
{
    private static readonly FrozenDictionary<int, string> V2 = new Dictionary<int, string>
    {
        // IANA "IKEv2 Notify Message Error Types"
        [1] = "UNSUPPORTED_CRITICAL_PAYLOAD", [4] = "INVALID_IKE_SPI", [5] = "INVALID_MAJOR_VERSION", [7] = "INVALID_SYNTAX",
        [9] = "INVALID_MESSAGE_ID", [11] = "INVALID_SPI", [14] = "NO_PROPOSAL_CHOSEN", [17] = "INVALID_KE_PAYLOAD",
        [24] = "AUTHENTICATION_FAILED", [34] = "SINGLE_PAIR_REQUIRED", [35] = "NO_ADDITIONAL_SAS", [36] = "INTERNAL_ADDRESS_FAILURE",
        [37] = "FAILED_CP_REQUIRED", [38] = "TS_UNACCEPTABLE", [39] = "INVALID_SELECTORS", [40] = "UNACCEPTABLE_ADDRESSES",
        [41] = "UNEXPECTED_NAT_DETECTED", [42] = "USE_ASSIGNED_HOA", [43] = "TEMPORARY_FAILURE", [44] = "CHILD_SA_NOT_FOUND",
        [45] = "INVALID_GROUP_ID", [46] = "AUTHORIZATION_FAILED", [47] = "STATE_NOT_FOUND", [48] = "TS_MAX_QUEUE",
        // IANA "IKEv2 Notify Message Status Types"
        [16384] = "INITIAL_CONTACT", [16385] = "SET_WINDOW_SIZE", [16386] = "ADDITIONAL_TS_POSSIBLE", [16387] = "IPCOMP_SUPPORTED",
        [16388] = "NAT_DETECTION_SOURCE_IP", [16389] = "NAT_DETECTION_DESTINATION_IP", [16390] = "COOKIE", [16391] = "USE_TRANSPORT_MODE",
        [16392] = "HTTP_CERT_LOOKUP_SUPPORTED", [16393] = "REKEY_SA", [16394] = "ESP_TFC_PADDING_NOT_SUPPORTED",
        [16395] = "NON_FIRST_FRAGMENTS_ALSO", [16396] = "MOBIKE_SUPPORTED", [16397] = "ADDITIONAL_IP4_ADDRESS",
        [16398] = "ADDITIONAL_IP6_ADDRESS", [16399] = "NO_ADDITIONAL_ADDRESSES", [16400] = "UPDATE_SA_ADDRESSES", [16401] = "COOKIE2",
        [16402] = "NO_NATS_ALLOWED", [16403] = "AUTH_LIFETIME", [16404] = "MULTIPLE_AUTH_SUPPORTED", [16405] = "ANOTHER_AUTH_FOLLOWS",
        [16406] = "REDIRECT_SUPPORTED", [16407] = "REDIRECT", [16408] = "REDIRECTED_FROM", [16409] = "TICKET_LT_OPAQUE",
        [16410] = "TICKET_REQUEST", [16411] = "TICKET_ACK", [16412] = "TICKET_NACK", [16413] = "TICKET_OPAQUE", [16414] = "LINK_ID",
        [16415] = "USE_WESP_MODE", [16416] = "ROHC_SUPPORTED", [16417] = "EAP_ONLY_AUTHENTICATION", [16418] = "CHILDLESS_IKEV2_SUPPORTED",
        [16419] = "QUICK_CRASH_DETECTION", [16420] = "IKEV2_MESSAGE_ID_SYNC_SUPPORTED", [16421] = "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED",
        [16422] = "IKEV2_MESSAGE_ID_SYNC", [16423] = "IPSEC_REPLAY_COUNTER_SYNC", [16424] = "SECURE_PASSWORD_METHODS", [16425] = "PSK_PERSIST",
        [16426] = "PSK_CONFIRM", [16427] = "ERX_SUPPORTED", [16428] = "IFOM_CAPABILITY", [16429] = "GROUP_SENDER",
        [16430] = "IKEV2_FRAGMENTATION_SUPPORTED", [16431] = "SIGNATURE_HASH_ALGORITHMS", [16432] = "CLONE_IKE_SA_SUPPORTED",
        [16433] = "CLONE_IKE_SA", [16434] = "PUZZLE", [16435] = "USE_PPK", [16436] = "PPK_IDENTITY", [16437] = "NO_PPK_AUTH",
        [16438] = "INTERMEDIATE_EXCHANGE_SUPPORTED", [16439] = "IP4_ALLOWED", [16440] = "IP6_ALLOWED", [16441] = "ADDITIONAL_KEY_EXCHANGE",
        [16442] = "USE_AGGFRAG", [16443] = "SUPPORTED_AUTH_METHODS", [16444] = "SA_RESOURCE_INFO",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> V1 = new Dictionary<int, string>
    {
        // RFC 2408 section 3.14.1
        [1] = "INVALID_PAYLOAD_TYPE", [2] = "DOI_NOT_SUPPORTED", [3] = "SITUATION_NOT_SUPPORTED", [4] = "INVALID_COOKIE",
        [5] = "INVALID_MAJOR_VERSION", [6] = "INVALID_MINOR_VERSION", [7] = "INVALID_EXCHANGE_TYPE", [8] = "INVALID_FLAGS",
        [9] = "INVALID_MESSAGE_ID", [10] = "INVALID_PROTOCOL_ID", [11] = "INVALID_SPI", [12] = "INVALID_TRANSFORM_ID",
        [13] = "ATTRIBUTES_NOT_SUPPORTED", [14] = "NO_PROPOSAL_CHOSEN", [15] = "BAD_PROPOSAL_SYNTAX", [16] = "PAYLOAD_MALFORMED",
        [17] = "INVALID_KEY_INFORMATION", [18] = "INVALID_ID_INFORMATION", [19] = "INVALID_CERT_ENCODING", [20] = "INVALID_CERTIFICATE",
        [21] = "CERT_TYPE_UNSUPPORTED", [22] = "INVALID_CERT_AUTHORITY", [23] = "INVALID_HASH_INFORMATION", [24] = "AUTHENTICATION_FAILED",
        [25] = "INVALID_SIGNATURE", [26] = "ADDRESS_NOTIFICATION", [27] = "NOTIFY_SA_LIFETIME", [28] = "CERTIFICATE_UNAVAILABLE",
        [29] = "UNSUPPORTED_EXCHANGE_TYPE", [30] = "UNEQUAL_PAYLOAD_LENGTHS", [16384] = "CONNECTED",
        // RFC 2407 section 4.6.3
        [24576] = "RESPONDER_LIFETIME", [24577] = "REPLAY_STATUS", [24578] = "INITIAL_CONTACT",
        // RFC 3706 section 5.2
        [36136] = "R_U_THERE", [36137] = "R_U_THERE_ACK",
    }.ToFrozenDictionary();

    /// <summary>The name, or "notify N" for a number without one.</summary>
    /// <param name="majorVersion">1 or 2: the same number means different things.</param>
    /// <param name="type">The notify message type.</param>
    public static string Name(int majorVersion, int type) => (majorVersion == 1 ? V1 : V2).GetValueOrDefault(type) ?? $"notify {type}";

    /// <summary>Whether the type reports an error: 1 to 16383 in both versions (RFC 7296 section 3.10.1, RFC 2408 section 3.14.1).</summary>
    /// <param name="type">The notify message type.</param>
    public static bool IsError(int type) => type is > 0 and < 16384;
}
