using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What "ipsec statusall", "swanctl --list-sas" (strongSwan 4.3 to 6.0) and "ipsec trafficstatus" (Libreswan) print of SAs, as people put it beside their logs.</summary>
internal static class StatusPhrases
{
    public static IEnumerable<Phrase> All { get; } = Make();

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);
        return
        [
            P("]: ESTABLISHED ", IkeUp, Detail.OfStatus),
            P(", ESTABLISHED, IKEv", IkeUp),
            P("INSTALLED, TUNNEL", ChildUp),
            P("INSTALLED, TRANSPORT", ChildUp),
            P("]: CONNECTING, ", SuspectedSilence),
            P(", CONNECTING, IKEv", SuspectedSilence),
            P(" 0000000000000000_r", SuspectedSilence),
            P("(0 up, 1 connecting)", SuspectedSilence),

            // Bytes go out and none come in.
            P(", 0 bytes_i, ", SuspectedEspFilter, Detail.Counted),
            P("inBytes=0, outBytes=", SuspectedEspFilter, Detail.Counted),
        ];
    }
}
