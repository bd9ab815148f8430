using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What counts when no product's own words are found in a line: names of notifications (RFC 7296 section 3.10.1, RFC 2408 section 3.14.1) and texts of the operating system.</summary>
internal static class GenericPhrases
{
    public static IEnumerable<Phrase> All { get; } = Make();

    private static Phrase[] Make()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Any, detail);
        return
        [
            // Our agent's own verdict, in its log and history, is no evidence.
            P("cause-named", BgpUp, Detail.Quiet),
            P("NO_PROPOSAL_CHOSEN", NoProposal, Detail.PhaseNamed),
            P("NO-PROPOSAL-CHOSEN", NoProposal, Detail.PhaseNamed),
            P("PROPOSAL_NOT_CHOSEN", NoProposal, Detail.PhaseNamed),
            P("N(NO_PROP)", NoProposal, Detail.Payloads),
            P("N(AUTH_FAILED)", AuthenticationFailed),
            P("N(TS_UNACCEPT)", SelectorsRefused),
            P("N(FAIL_CP_REQ)", SelectorsRefused),
            P("N(INVAL_ID)", IdRefused, Detail.PhaseOfConnection),
            P("N(PLD_MAL)", MalformedForPeer),
            P("N(INVAL_HASH)", KeyDiffers),
            P("N(INVAL_MAJOR)", VersionRefused),
            P("N(TEMP_FAIL)", RekeyCollision),
            P("N(SINGLE_PAIR)", OnePairOnly),
            P("N(NO_ADD_SAS)", OnePairOnly),
            P("N(INVAL_KE)", GroupDiffers, Detail.Quiet),
            P("AUTHENTICATION_FAILED", AuthenticationFailed),
            P("AUTHENTICATION-FAILED", AuthenticationFailed),
            P("TS_UNACCEPTABLE", SelectorsRefused),
            P("INVALID_ID_INFORMATION", IdRefused, Detail.PhaseOfConnection),
            P("INVALID-ID-INFORMATION", IdRefused, Detail.PhaseOfConnection),
            P("INVALID_MAJOR_VERSION", VersionRefused),
            P("PAYLOAD_MALFORMED", MalformedForPeer),
            P("PAYLOAD-MALFORMED", MalformedForPeer),
            P("N(INVAL_SYN)", MalformedForPeer),
            P("INVALID_SPI", UnknownSpi),
            P("Address already in use", PortTaken, Detail.State),
            P("Cannot assign requested address", NoSuchLocalAddress, Detail.State),
            P("Protocol not supported (93)", KernelLacks, Detail.State),
            P("Requested type not found", KernelLacks, Detail.State),

            // The types of ESP and AH, as the kernel asks for their modules (XFRM_PROTO_ESP, net/xfrm/xfrm_state.c).
            P("Module xfrm_type_2_50 not found", KernelLacks),
            P("Module xfrm-type-2-50 not found", KernelLacks),
            P("Connection refused", PortUnreachable, Detail.Quiet),
            P("CHILD_SA established", ChildUp),
            P("]: segfault at ", DaemonDied, Detail.State),
            P("main process exited, code=killed", DaemonDied, Detail.State),
            P("main process exited, code=dumped", DaemonDied, Detail.State),
            P("] general protection", DaemonDied, Detail.State),
        ];
    }
}
