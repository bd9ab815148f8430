using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>What the helpers around the pluto of FreeS/WAN, Openswan, strongSwan 4 and Libreswan 3 and 4 say of the host and its files: "ipsec auto", "ipsec verify", "ipsec setup", starter, addconn and
/// _updown (programs/auto, verify, _realsetup, _startklips, _startnetkey, _plutorun, _confread; src/starter).</summary>
internal static class OpenswanHostPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Files(), .. Daemons(), .. Host()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Pluto, detail);

    /// <summary>What cannot be read, and what does not go together.</summary>
    private static Phrase[] Files() =>
    [
        P("ipsec_auto: fatal error in ", ConfigurationError),
        P("/ipsec.conf, line ", ConfigurationError),
        P("ipsec.secrets\" line ", ConfigurationError, Detail.State),
        P("did not find conn section", ConfigurationError),
        P("...could not add conn ", ConfigurationError),
        P("while loading '", ConfigurationError, Detail.OfIpsec),
        P("rsakey malformed [", ConfigurationError),
        P("rsasigkey malformed [", ConfigurationError),
        P("can't reload config file", ConfigurationError),
        P("# unsupported keyword '", ConfigurationError),
        P("check ike algorithm string", ConfigurationError),
        P("no algorithms for ike selection", ConfigurationError),
        P("syntax error in ike string", ConfigurationError),
        P("syntax error in esp string", ConfigurationError),
        P("aggressive mode, at most one algorithm may be provided", ConfigurationError),
        P("aggressive mode without ike= to set algorithm", ConfigurationError),
        P("address family inconsistency in ", ConfigurationError),
        P("endpoints clash: one is IPv4", ConfigurationError),
        P("must specify --rsasig or --psk for a connection", ConfigurationError),
        P("must specify connection authentication, eg ", ConfigurationError),
        P("non-shunt connection must have --psk or --rsasig", ConfigurationError),
        P("cannot initiate an authby=never connection", ConfigurationError),
        P("AH or ESP cannot negotiate", ConfigurationError),
        P("without knowing our nexthop", ConfigurationError),
        P("seconds] must be less than ", ConfigurationError),
        P("must be greater than rekeymargin*(100+rekeyfuzz)", ConfigurationError),
        P("Pluto ipsec.conf syntax", ConfigurationError, Detail.CheckFailed),
        P("Pluto ipsec.secret syntax", ConfigurationError, Detail.CheckFailed),
    ];

    /// <summary>What does not start or does not stay, and what waits.</summary>
    private static Phrase[] Daemons() =>
    [
        P("Checking that pluto is running", DaemonAbsent, Detail.CheckFailed),
        P("pluto has died -- restart scheduled", DaemonDied),
        P("pluto has quit: ", DaemonAbsent),
        P("pluto too long to start", DaemonAbsent),
        P("charon has quit: ", DaemonAbsent),
        P("charon too long to start", DaemonAbsent),
        P("pluto killed by SIGKILL", DaemonDied),
        P("pluto died unexpectedly", DaemonDied),
        P("pluto appears to be running already", DaemonAbsent),
        P("ERROR: pluto is already running (", DaemonAbsent),
        P("unable to start Openswan ", ConfigurationError),
        P("unable to start strongSwan IPsec -- no ", ConfigurationError),
        P("NSS initialization failed (err ", DaemonAbsent),
        P("FATAL: NSS initialization failure", DaemonAbsent),
        P("Initialization of NSS with ", DaemonAbsent),
        P("FIPS integrity verification test failed", DaemonAbsent),
        P("need --listen before ", DaemonAbsent),
        P("cannot initiate connection with ID wildcards", WaitsForPeer),
        P("cannot initiate connection with narrowing=no", WaitsForPeer),
    ];

    /// <summary>The host's addresses, its kernel and its routes.</summary>
    private static Phrase[] Host() =>
    [
        P("no ipsecN interface for either end", NoSuchLocalAddress),
        P("unoriented; my_ip=", NoSuchLocalAddress),
        P("-hole-in\":     unoriented; my_ip=", NoSuchLocalAddress, Detail.Quiet),
        P("-hole-out\":     unoriented; my_ip=", NoSuchLocalAddress, Detail.Quiet),
        P("%defaultroute cannot cope", NoSuchLocalAddress),
        P("cannot cope with %defaultroute", NoSuchLocalAddress),
        P("Checking for IPsec support in kernel", KernelLacks, Detail.CheckFailed),
        P("No Kernel NETKEY interface detected", KernelLacks),
        P("kernel appears to lack NETKEY", KernelLacks),
        P("Using 'no_kernel' interface code", KernelLacks),
        P("NOT using any IPsec stack", KernelLacks),
        P("FAILURE in loading NETKEY/XFRM stack", KernelLacks),
        P("FAILURE to load KLIPS", KernelLacks),
        P("Perhaps kernel has no CONFIG_XFRM", KernelLacks),
        P("found, checking IP forwarding", ForwardingReportedOff, Detail.CheckFailed),
        P("Checking IP forwarding", ForwardingReportedOff, Detail.CheckFailed),
        P(": doroute ", RouteElsewhere, Detail.State),
        P("up-client command exited with status ", SaNotInstalled),
        P("up-host command exited with status ", SaNotInstalled),
        P("prepare-client command exited with status ", SaNotInstalled),
        P("prepare-host command exited with status ", SaNotInstalled),
        P(" route-client command exited with status ", SaNotInstalled),
        P(" route-host command exited with status ", SaNotInstalled),
        P("-client output: RTNETLINK answers: Network is unreachable", RouteElsewhere),
        P("-host output: RTNETLINK answers: Network is unreachable", RouteElsewhere),
        P("-client output: SIOCADDRT: Network is unreachable", RouteElsewhere),
        P("-client output: Error: Nexthop has invalid gateway", RouteElsewhere),
        P("-client output: Cannot find device ", RouteElsewhere),
    ];
}
