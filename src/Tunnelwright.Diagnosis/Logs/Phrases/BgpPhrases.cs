using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>BGP sessions in the logs of BIRD, FRR, OpenBGPD and Cisco, and in AWS' BGP logs.</summary>
internal static class BgpPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Make(), .. OpenBgpd()];

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Bird, detail);
        return
        [
            P("hold timer expired", BgpHoldExpired),
            P("hold time expired", BgpHoldExpired),
            P("HoldTimer expired", BgpHoldExpired),
            P("BFD session down", BgpHoldExpired),
            P("BFD down received", BgpHoldExpired),
            P("BFD adjacency down", BgpHoldExpired),
            P("peer AS mismatch", BgpWrongAs),
            P("remote AS mismatch", BgpWrongAs),
            P("AS number mismatch", BgpWrongAs),
            P("bad peer AS", BgpWrongAs),
            P("peer in wrong AS", BgpWrongAs),
            P(" 2/2 (peer in wrong ", BgpWrongAs),
            P("bad OPEN, remote AS is", BgpWrongAs),
            P("OPEN Message Error/Bad Peer AS", BgpWrongAs),
            P("remote AS mismatch", BgpWrongAs),
            P("ASN mismatch", BgpWrongAs),
            P("Maximum Number of Prefixes Reached", BgpTooManyPrefixes),
            P("maximum number of prefixes", BgpTooManyPrefixes),
            P("maximum-prefix limit", BgpTooManyPrefixes),
            P("prefix limit exceeded", BgpTooManyPrefixes),
            P("prefix limit reached", BgpTooManyPrefixes),
            P("Route limit exceeded", BgpTooManyPrefixes),
            P("%MAXPFXEXCEED", BgpTooManyPrefixes),
            P("exceeded the maximum number of", BgpTooManyPrefixes),
            P("receives routes limit ", BgpTooManyPrefixes, Detail.Quiet),
            P("Socket: Connection refused", BgpRefused),
            P("Socket: No route to host", BgpRefused),
            P("Socket: Network is unreachable", BgpRefused),
            P("Socket: Connection timed out", BgpRefused),
            P("[Event] Connect failed", BgpRefused),
            P("bgp_connect: Connection refused", BgpRefused),
            P("bgp connect error", BgpRefused),
            P("Unexpected connect from unknown address", BgpRefused),
            P("active open failed", BgpRefused),
            P("Cease/Administrative Shutdown", BgpRefused),
            P("Cease/Administratively Shutdown", BgpRefused),
            P("Cease/Peer Unconfigured", BgpRefused),
            P("Cease/Connection Rejected", BgpRefused),
            P("no path to peer", BgpRefused),
            P("BGP identifier wrong", BgpRefused),
            P("Bad BGP Identifier", BgpRefused),
            P("Unacceptable hold time", BgpRefused),
            P("%TCP-6-BADAUTH", BgpRefused),
            P("bgp authentication failure", BgpRefused),
            P("tcp connection to neighbor", BgpRefused, Detail.Quiet),
            P("State changed to up", BgpUp),
            P("Protocol state changed to up", BgpUp),
            P("BGP session established", BgpUp),
            P("BGP session is established", BgpUp),
            P("connected to table master", BgpUp, Detail.Quiet),
            P("BGP state is ESTABLISHED", BgpUp),
        ];
    }

    /// <summary>OpenBGPD's changes of state and notifications (usr.sbin/bgpd: logmsg.c, session.c, session_bgp.c).</summary>
    private static Phrase[] OpenBgpd()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Bird, detail);
        return
        [
            P("-> Established, reason: ", BgpUp),
            P("reason: Connection open failed", BgpRefused),
            P("reason: Connection closed", BgpRefused),
            P("reason: Fatal error", BgpRefused),
            P("socket error: Connection refused", BgpRefused),
            P("socket error: No route to host", BgpRefused),
            P("socket error: Host is down", BgpRefused),
            P("socket error: Network is unreachable", BgpRefused),
            P("socket error: Operation timed out", BgpRefused),
            P("socket error: Connection timed out", BgpRefused),
            P("peer sent wrong AS ", BgpWrongAs),
            P("peer requests unacceptable AS ", BgpWrongAs),
            P("error in OPEN message, AS unacceptable", BgpWrongAs),
            P("error in OPEN message, BGPID invalid", BgpRefused),
            P("error in OPEN message, authentication error", BgpRefused),
            P("error in OPEN message, unacceptable holdtime", BgpRefused),
            P("error in OPEN message, version mismatch", BgpRefused),
            P("notification: Cease, administratively down", BgpRefused),
            P("notification: Cease, peer unconfigured", BgpRefused),
            P("notification: Cease, connection rejected", BgpRefused),
            P("notification: Cease, received max-prefix exceeded", BgpTooManyPrefixes),
            P("notification: Cease, sent max-prefix exceeded", BgpTooManyPrefixes),
        ];
    }
}
