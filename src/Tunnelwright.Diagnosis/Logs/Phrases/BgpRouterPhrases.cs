using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>BGP in the words of routers, firewalls and clouds: Cisco's four systems, Arista, Juniper's rpd, PAN-OS, FortiGate, RouterOS, AWS, Azure and Google.</summary>
internal static class BgpRouterPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Cisco(), .. Juniper(), .. Others(), .. Clouds()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Bird, detail);

    /// <summary>IOS, IOS-XE, ASA, NX-OS and IOS-XR; Arista and FortiGate's routing daemon write most of it in the same way.</summary>
    private static Phrase[] Cisco() =>
    [
        P("BGP-3-NOTIFICATION", BgpNotification),
        P("BGP-5-NOTIFICATION", BgpNotification),
        P("BGP-5-ADJCHANGE", BgpAdjacency),
        P("%BGP-5-NBR_RESET: ", BgpAdjacency),
        P("BGP-4-MAXPFX: ", BgpNearPrefixLimit),
        P("BGP-5-MAXPFX : ", BgpNearPrefixLimit),
        P("MAXPFXEXCEED", BgpTooManyPrefixes),
        P("has not accepted a message from us for ", BgpHoldExpired),
        P("open failed: Connection refused by remote host", BgpRefused),
        P("open failed: Connection timed out; remote host not", BgpRefused),
        P("open failed: Destination unreachable; gateway", BgpRefused),
        P("open active delayed ", BgpRefused),
        P("OPEN has my AS", BgpWrongAs),
        P("connection attempt from unconfigured peer", BgpRefused),
        P("not directly connected, closing", BgpRefused),
        P("External BGP neighbor not directly connected", BgpRefused),
        P("old state Established event ", BgpAdjacency),
        P("BGP: ses global ", BgpAdjacency),
        P("Bad Remote-AS", BgpWrongAs),
        P("new state Established", BgpUp),
        P("Sock Status: 11", BgpRefused),
        P("- No such Peer configured", BgpRefused),
    ];

    /// <summary>rpd: the system log reference, and what traceoptions write.</summary>
    private static Phrase[] Juniper() =>
    [
        P("RPD_BGP_NEIGHBOR_STATE_CHANGED", BgpAdjacency),
        P("NOTIFICATION sent to ", BgpNotification, Detail.State),
        P("NOTIFICATION received from ", BgpNotification, Detail.State),
        P("BGP_PREFIX_LIMIT_EXCEEDED", BgpTooManyPrefixes),
        P("Configured maximum prefix-limit(", BgpTooManyPrefixes),
        P("Configured maximum accepted-prefix-limit(", BgpTooManyPrefixes),
        P("Connection attempt from unconfigured neighbor", BgpRefused),
        P("error connecting to ", BgpRefused, Detail.State),
        P("bgp_connect_timeout", BgpRefused),
        P("bgp_connect_start: connect ", BgpRefused),
        P("bgp_recv: read from peer ", BgpRefused),
        P("+179: Connection refused", BgpRefused),
        P("+179: No route to host", BgpRefused),
        P("+179: Operation timed out", BgpRefused),
        P("holdtime expired for ", BgpHoldExpired),
        P("subcode 2 (bad peer AS number)", BgpWrongAs),
    ];

    /// <summary>PAN-OS' system log, RouterOS 6 and 7, and TCP's own complaint about a signature (RFC 2385) from the kernel of any Linux router.</summary>
    private static Phrase[] Others() =>
    [
        P("BGP peer session entered established state", BgpUp),
        P("BGP peer session left established state", BgpRefused),
        P("Failed to open TCP connection: ", BgpRefused, Detail.State),
        P("TCP: MD5 Hash ", BgpRefused, Detail.State),
        P("TCP: Unexpected MD5 Hash found", BgpRefused, Detail.State),
        P("MD5 digest from ", BgpRefused, Detail.State),
    ];

    /// <summary>AWS' status of a tunnel (VgwTelemetry), Azure's route diagnostics and list of peers, Google's Cloud Router.</summary>
    private static Phrase[] Clouds() =>
    [
        P("\"IPSEC IS UP\"", BgpRefused),
        P("\"0 BGP ROUTES\"", BgpRouteDenied),
        P("BgpConnectedEvent", BgpUp),
        P("BgpDisconnectedEvent", BgpRefused),
        P("BGP peering with ", BgpAdjacency),
        P("ConnectedDuration", BgpTable),
        P("MD5_AUTH_INTERNAL_PROBLEM", BgpRefused),
    ];
}
