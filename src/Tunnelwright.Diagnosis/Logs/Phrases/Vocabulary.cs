namespace Tunnelwright.Diagnosis;

/// <summary>Every phrase of every product, ready to be looked for.</summary>
internal static class Vocabulary
{
    /// <summary>What daemons write all day while nothing is wrong: phrases are told by the bytes that do not occur in it.</summary>
    private const string Chatter =
        """
        2026-01-02T03:04:05.678 11[NET] <aws-1|12> received packet: from 198.51.100.2[4500] to 203.0.113.2[4500] (76 bytes)
        Jan  2 03:04:05 gw charon-systemd[123]: 11[ENC] <con2|1> parsed INFORMATIONAL request 4711 [ ]
        Jan 12 13:14:15 gw charon: 06[ENC] generating INFORMATIONAL response 4711 [ ]
        06[NET] sending packet: from 203.0.113.2[500] to 198.51.100.2[500] (76 bytes)
        09[IKE] sending DPD request
        generating INFORMATIONAL request 0 [ ]
        parsed INFORMATIONAL_V1 request 12345678 [ HASH N(DPD_ACK) ]
        activating new tasks nothing to initiate
        [KNL] querying SAD entry with SPI c0ffee00 getting bytes packets policy use times
        [CFG] selected proposal: ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ proposing traffic selectors for us other: 10.0.0.0/24
        [JOB] next event in 9s 999ms, waiting
        [KNL] creating rekey job for CHILD_SA ESP/0xc0ffee00/203.0.113.2 outbound CHILD_SA aws-1{12}
        parsed CREATE_CHILD_SA response 5 [ SA No KE TSi TSr ] closing CHILD_SA with SPIs scheduling rekeying in 3060s maximum IKE_SA lifetime
        "conn" #1: STATE_QUICK_I2: sent QI2, DPD: R_U_THERE, received keep-alive
        %ASA-6-302013: Built inbound TCP connection for outside %ASA-4-106023: Deny tcp src outside
        {"event_timestamp":1638401112,"details":"AWS tunnel is sending response (id=12)","dpd_enabled":true,"nat_t_detected":false,"ike_phase1_state":"
        date=2024-01-02 time=03:04:05 devname="gw" devid="FG100" logid="0101037127" type="event" subtype="vpn" level="notice" vd="root" logdesc="Progress IPsec phase 1" msg="progress IPsec phase 1" action="negotiate" remip=198.51.100.2 locip= user="N/A" cookies= status="success" init="local" mode="main"
        2024-01-02 03:04:05.678 -0800 [INFO]: { 1: }: received IKE request 198.51.100.2[500]
        bird: tunnel1: Sending KEEPALIVE bgpd[12]: rcvd UPDATE w/ attr: nexthop origin localpref metric path
        """;

    /// <summary>Every phrase.</summary>
    public static IReadOnlyList<Phrase> All { get; } =
    [
        .. CharonPhrases.All, .. CharonRefusals.All, .. PlutoPhrases.All, .. PlutoRefusals.All, .. PlutoOldPhrases.All, .. OpenswanPhrases.All, .. OpenswanHostPhrases.All, .. CloudPhrases.All, .. CiscoPhrases.All, .. FortinetPhrases.All,
        .. RacoonPhrases.All, .. RacoonRefusals.All, .. JuniperPhrases.All, .. DevicePhrases.All, .. HuaweiPhrases.All, .. ComwarePhrases.All, .. WatchGuardPhrases.All, .. ProviderPhrases.All, .. BgpPhrases.All, .. BgpDaemonPhrases.All, .. BgpRouterPhrases.All, .. GenericPhrases.All,
        .. HostPhrases.All, .. LoaderPhrases.All, .. PlutoStartPhrases.All, .. KernelPhrases.All, .. BsdPhrases.All, .. StatusPhrases.All, .. PlainPhrases.All, .. TroublePhrases.All,
    ];

    public static PhraseMatcher Matcher { get; } = new(All, Chatter);

    /// <summary>Whether daemons write a word while they work, or in one of the phrases.</summary>
    public static bool Contains(string word) => Chatter.Contains(word, StringComparison.OrdinalIgnoreCase) || All.Any(phrase => phrase.Words.Contains(word, StringComparison.OrdinalIgnoreCase));
}
