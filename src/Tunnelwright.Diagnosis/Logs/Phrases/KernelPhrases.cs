using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// What the kernel says of SAs and policies: the texts that go with an errno of XFRM (NL_SET_ERR_MSG in net/xfrm, net/ipv4/esp4.c, ah4.c and their IPv6 twins of Linux 6),
/// of "ip xfrm" and "ip link", modules that are not there, PF_KEY, BSD's counters, and the kernel's own log.
/// </summary>
internal static class KernelPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Answers(), .. Modules(), .. Charon(), .. Log()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Kernel, detail);

    /// <summary>A type or mode that is not found is a module that lacks; an algorithm that is not found is none of ESP's; all else is what was asked for.</summary>
    private static Phrase[] Answers() =>
    [
        P("netlink error: Requested mode not found", KernelLacks),
        P("ext_ack: Requested mode not found", KernelLacks),
        P("Requested mode not found", KernelLacks, Detail.NearXfrm),
        P("Requested AEAD algorithm not found", KernelLacksAlgorithm),
        P("Requested AUTH algorithm not found", KernelLacksAlgorithm),
        P("Requested AUTH_TRUNC algorithm not found", KernelLacksAlgorithm),
        P("Requested CRYPT algorithm not found", KernelLacksAlgorithm),
        P("Requested COMP algorithm not found", KernelLacksAlgorithm),
        P("Kernel was unable to initialize cryptographic operations", KernelLacksAlgorithm),
        P("Device doesn't support offload with ESN", SaNotInstalled),
        P("Device failed to offload this state", SaNotInstalled),
        P("Type doesn't support offload", SaNotInstalled),
        P("Encapsulation and TFC padding can't be offloaded", SaNotInstalled),
        P("Unrecognized flags in offload request", SaNotInstalled),
        P("Missing required attribute for ESP", SaNotInstalled),
        P("Invalid attribute combination for ESP", SaNotInstalled),
        P("ESP: AEAD or CRYPT must be provided", SaNotInstalled),
        P("ESN not compatible with legacy replay_window", SaNotInstalled),
        P("ESN replay window ", SaNotInstalled),
        P("Unsupported encapsulation type for ESP", SaNotInstalled),
        P("AH is not compatible with encapsulation", SaNotInstalled),
        P("AH requires a state with an AUTH algorithm", SaNotInstalled),
        P("TFC padding can only be used in tunnel mode", SaNotInstalled),
        P("Only tunnel modes can accommodate a change of family", SaNotInstalled),
        P("Mode in template doesn't support a family change", PolicyNotInstalled),
        P("Mode in optional template not allowed in outbound policy", PolicyNotInstalled),
        P("Invalid XFRM protocol in template", PolicyNotInstalled),
        P("Invalid address family in selector", PolicyNotInstalled),
        P("Invalid prefix length in selector", PolicyNotInstalled),
        P("Policy index doesn't match direction", PolicyNotInstalled),
        P("RTNETLINK answers: File exists", PolicyNotInstalled, Detail.NearXfrm),
        P("RTNETLINK answers: Invalid argument", SaNotInstalled, Detail.NearXfrm),
        P("RTNETLINK answers: Operation not permitted", SaNotInstalled, Detail.NearXfrm),
        P("RTNETLINK answers: Function not implemented", KernelLacksAlgorithm, Detail.NearXfrm),
        P("RTNETLINK answers: Protocol not supported", KernelLacks, Detail.NearXfrm),
        P("RTNETLINK answers: Operation not supported", KernelLacks, Detail.NearXfrm),
        P("RTNETLINK answers: Not supported", KernelLacks, Detail.NearXfrm),
        P("Error: Unknown device type", KernelLacks, Detail.NearXfrm),
        P("Cannot open netlink socket: Protocol not supported", KernelLacks),
    ];

    /// <summary>What modprobe, kmod and the programs that need a module say.</summary>
    private static Phrase[] Modules() =>
    [
        P("Module esp4 not found", KernelLacks),
        P("Module xfrm_user not found", KernelLacks),
        P("Module xfrm_interface not found", KernelLacks),
        P("Module ip_vti not found", KernelLacks),
        P("module esp4 not found in", KernelLacks),
        P("module xfrm_user not found in", KernelLacks),
        P("could not insert 'esp4'", KernelLacks),
        P("could not insert 'xfrm_user'", KernelLacks),
        P("could not insert 'xfrm_interface'", KernelLacks),
        P("could not insert 'ip_vti'", KernelLacks),
        P("can't load module esp4", KernelLacks),
        P("can't load module xfrm_", KernelLacks),
        P("can't load module ip_vti", KernelLacks),
        P("esp4: Unknown symbol", KernelLacks),
        P("esp4: disagrees about version of symbol", KernelLacks),
        P("xfrm_user: Unknown symbol", KernelLacks),
        P("xfrm_user: disagrees about version of symbol", KernelLacks),
        P("libipsec failed pfkey open", KernelLacks),
        P("pfkey_open: Address family not supported", KernelLacks),
        P("pfkey_open: Protocol not supported", KernelLacks),
        P("pfkey_open: Protocol family not supported", KernelLacks),
        P("failed to open PF_KEY socket", KernelLacks),
        P("pfkey_init: failed to set up ESP acquires", KernelLacks),
        P("pfkey GETSPI failed: ", SaNotInstalled, Detail.Errno),
        P("pfkey_write: writev failed", SaNotInstalled, Detail.Errno),
        P("pf_key_v2_get_spi: GETSPI: ", SaNotInstalled, Detail.Errno),
        P("pf_key_v2_set_spi: ADD: ", SaNotInstalled, Detail.Errno),
        P("pf_key_v2_set_spi: UPDATE: ", SaNotInstalled, Detail.Errno),
        P("pf_key_v2_flow: ADDFLOW: ", PolicyNotInstalled, Detail.Errno),
        P("pf_key_v2_open: socket", KernelLacks, Detail.Failed),
    ];

    /// <summary>charon's plugins for the kernel: Linux, BSD, macOS, Windows.</summary>
    private static Phrase[] Charon()
    {
        static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);
        return
        [
            P("kernel-netlink plugin might require CAP_NET_ADMIN", SaNotInstalled),
            P("kernel-pfkey plugin requires CAP_NET_ADMIN", SaNotInstalled),
            P("kernel-libipsec plugin requires CAP_NET_ADMIN", SaNotInstalled),
            P("unable to create netlink event socket", KernelLacks),
            P("unable to set IPSEC_POLICY on socket: Protocol not available", KernelLacks),
            P("unable to set IPSEC_POLICY on socket: Operation not supported", KernelLacks),
            P("unable to set IPSEC_POLICY on socket: Protocol not supported", KernelLacks),
            P("unable to set IPSEC_POLICY on socket", SaNotInstalled),
            P("installing IKE bypass policy failed", SaNotInstalled),
            P("enabling UDP decapsulation for IPv4", KernelLacks, Detail.Failed),
            P("failed to create XFRM interface '", KernelLacks),
            P("failed to configure HW offload", SaNotInstalled),
            P("error creating TUN device", KernelLacks),
            P("failed to build TUN device", KernelLacks),
            P("adding inbound WFP SA failed: ", SaNotInstalled),
            P("adding outbound WFP SA failed: ", SaNotInstalled),
            P("ALE WFP filter failed: ", SaNotInstalled),
            P("unable to bind netlink event socket", KernelLacks),
            P("unable to register PF_KEY", KernelLacks),
            P("creating WFP SA context failed", SaNotInstalled),
            P("setting WFP SA SPI failed", SaNotInstalled),
            P("installing WFP trap filter failed", SaNotInstalled),
            P("installing IPv4 IKE bypass policy failed", SaNotInstalled),
            P(" not supported by WFP", KernelLacksAlgorithm),
            P("initialization of libipsec failed", KernelLacks),
            P("failed to configure TUN device", KernelLacks),
            P("failed to open /dev/tun", KernelLacks),
            P("failed to open tundevice", KernelLacks),
            P("TUN devices are not supported", KernelLacks),
            P("failed to create ESP context: unsupported", KernelLacksAlgorithm),
            P("failed to install SAD entry: already installed", SaNotInstalled),
            P("failed to create SAD entry", SaNotInstalled),
            P(", conflicts with IKE traffic", PolicyNotInstalled),
            P("shunt PASS policy installation failed", PolicyNotInstalled),
            P("shunt DROP policy installation failed", PolicyNotInstalled),
            P("inbound ESP packet does not belong to an installed SA", UnknownSpi),
            P("ESP sequence number verification failed", OutsideReplayWindow),
            P("ESP decryption or ICV verification failed", ChildAlgorithmsDiffer),
            P("discarding inbound IP packet ", SelectorsRefused),
        ];
    }

    /// <summary>The kernel's own log and what other programs print of its state.</summary>
    private static Phrase[] Log() =>
    [
        P("martian source ", StrictReversePath, Detail.NearXfrm),
        P("no key association found for ", UnknownSpi),
        P("authentication hash mismatch for packet in SA", ChildAlgorithmsDiffer),
        P("packet replay failure: ", OutsideReplayWindow),
        P("net.ipv4.ip_forward = 0", SuspectedForwarding),
        P("net.ipv4.ip_forward=0", SuspectedForwarding),
        P("net.ipv4.ip_forward: 0", SuspectedForwarding),
        P("net.inet.ip.forwarding=0", SuspectedForwarding),
        P("net.inet.ip.forwarding: 0", SuspectedForwarding),
        P(" PROTO=ESP ", SuspectedEspFilter, Detail.Filtered),
        P(" PROTO=50 ", SuspectedEspFilter, Detail.Filtered),
        P(" DPT=500 ", SuspectedFilter, Detail.Filtered),
        P(" DPT=4500 ", SuspectedFilter, Detail.Filtered),
    ];
}
