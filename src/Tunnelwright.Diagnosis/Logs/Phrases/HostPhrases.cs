using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// What goes wrong on the host before any peer is asked: strongSwan's starter, plugins and clients (src/starter, src/stroke, src/swanctl, src/libcharon,
/// src/charon-nm of strongSwan 4.3 to 6.0), the units and containers that run a daemon and VyOS' commit.
/// </summary>
internal static class HostPhrases
{
    public static IEnumerable<Phrase> All { get; } = [.. Starter(), .. Clients(), .. Sockets(), .. NetworkManager(), .. Services()];

    private static Phrase P(string words, FactKind kind, Detail detail = Detail.None) => new(words, kind, Product.Charon, detail);

    /// <summary>"ipsec start" and what the starter says of its daemon.</summary>
    private static Phrase[] Starter() =>
    [
        P(" IPsec [starter]...", DaemonStarted),
        P("charon refused to be started", DaemonAbsent),
        P("charon has quit: initialization failed", DaemonAbsent),
        P("charon has quit: integrity test of", DaemonAbsent),
        P("too long to start... - kill kill", DaemonAbsent),
        P("IKE daemon 'charon' not found", DaemonAbsent),
        P("permission denied (must be superuser)", DaemonNotReached),
        P("has been killed by sig 11", DaemonDied),
        P("has been killed by sig 6", DaemonDied),
        P("has been killed by sig 4", DaemonDied),
        P("failed: starter is not running", DaemonNotReached),
        P("pluto refused to be started", DaemonAbsent),
        P("pluto has quit: i", DaemonAbsent),
        P("-- skipping pluto start", PortTaken),
        P("-- skipping daemon start", PortTaken),
        P("change to unprivileged user", DaemonAbsent, Detail.Failed),
        P("change to unprivileged group", DaemonAbsent, Detail.Failed),
        P("dropping capabilities failed", DaemonAbsent),
        P("starter is already running (", PortTaken),
        P("critical plugin feature", DaemonAbsent, Detail.Failed),
        P("loading critical plugin '", DaemonAbsent, Detail.Failed),
        P("abort initialization due to invalid configuration", ConfigurationError),
        P("capability dropping failed - aborting charon", DaemonAbsent),
        P("integrity check of libstrongswan failed", DaemonAbsent),
        P("integrity check of charon failed", DaemonAbsent),
    ];

    /// <summary>Whoever talks to charon over its sockets, in any language.</summary>
    private static Phrase[] Clients() =>
    [
        P("failed to connect to stroke socket", DaemonNotReached),
        P("connecting to 'unix://", DaemonNotReached, Detail.Failed),
        P("connecting to 'default' URI failed", DaemonNotReached),
        P("connecting to 'default' failed", DaemonNotReached),
        P("dial unix /var/run/charon", DaemonNotReached),
        P("dial unix /run/charon", DaemonNotReached),
        P("charon.vici: connect: ", DaemonNotReached),
        P("charon.vici: no such file", DaemonNotReached),
        P("charon.vici: connection refused", DaemonNotReached),
        P("connect(2) for /var/run/charon", DaemonNotReached),
        P("connect(2) for /run/charon", DaemonNotReached),
        P("charon.vici does not exist", DaemonNotReached),
        P("failed to connect to charon", DaemonNotReached),
        P("failed to connect to vici", DaemonNotReached),
        P("failed to connect to the vici", DaemonNotReached),
        P("could not connect to vici", DaemonNotReached),
        P("cannot connect to vici", DaemonNotReached),
        P("unable to connect to vici", DaemonNotReached),
        P("can't connect to vici", DaemonNotReached),
        P("error connecting to vici", DaemonNotReached),
        P("creating vici socket failed", DaemonNotReached),
        P("creating stroke socket failed", DaemonNotReached),
        P("binding to socket 'unix://", DaemonNotReached, Detail.Failed),
        P("sending stroke message failed", DaemonNotReached),
        P("reading stroke response failed", DaemonNotReached),
        P("connect(charon_ctl) failed", DaemonNotReached),
        P("Connect to socket failed: ", DaemonNotReached, Detail.NearXfrm),
        P("ipsec: command not found", DaemonNotReached),
        P("swanctl: command not found", DaemonNotReached),
        P("strongswan: command not found", DaemonNotReached),
        P("ipsec: not found", DaemonNotReached),
        P("swanctl: not found", DaemonNotReached),
        P("ipsec: unrecognized service", DaemonNotReached),
        P("strongswan: unrecognized service", DaemonNotReached),
        P("exec: \"ipsec\": executable file not found", DaemonNotReached),
        P("exec: \"swanctl\": executable file not found", DaemonNotReached),
        P("IPsec process not running", DaemonNotReached),
        P("IPSec Process NOT Running", DaemonNotReached),
    ];

    /// <summary>Addresses, ports and rights on the sockets, and what "ipsec up" and "swanctl --initiate" end with.</summary>
    private static Phrase[] Sockets() =>
    [
        P("unable to bind socket: Permission denied", DaemonAbsent),
        P("socket-default plugin requires CAP_NET_BIND_SERVICE", DaemonAbsent),
        P("no socket implementation registered", DaemonAbsent),
        P("no socket found to send IPv4 packet", PortTaken),
        P("no socket found to send IPv6 packet", HostUnreachable),
        P("error writing to socket: Network is down", HostUnreachable),
        P("error writing to socket: Host is down", HostUnreachable),
        P("error writing to socket: No such device", HostUnreachable),
        P("error writing to socket: Message too long", LargePacketsVanish),
        P("error writing to socket: Permission denied", NoFirewallPolicy),
        P("unable to bind to any of the configured addresses", NoSuchLocalAddress),
        P("' established successfully", ChildUp, Detail.PhaseOfConnection),
        P("initiate completed successfully", ChildUp, Detail.PhaseOfConnection),
        P("installing trap failed, remote address unknown", ConfigurationError),
    ];

    /// <summary>charon-nm and NetworkManager's words about it and about the plugin for L2TP.</summary>
    private static Phrase[] NetworkManager() =>
    [
        P("DBUS binding failed", DaemonAbsent),
        P("was not provided by any .service files", DaemonNotReached, Detail.OfDaemon),
        P("Loading gateway certificate failed", CertificateRefused, Detail.OfIpsec),
        P("Loading peer certificate failed", CertificateRefused, Detail.OfIpsec),
        P("Loading private key failed", CertificateRefused, Detail.OfIpsec),
        P("No usable smartcard certificate found", CertificateRefused),
        P("Gateway address missing.", ConfigurationError),
        P("Pre-shared key is too short.", ConfigurationError),
        P("Invalid ESP proposal.", ConfigurationError),
        P("Invalid IKE proposal.", ConfigurationError),
        P("Configuration parameters missing.", ConfigurationError, Detail.NearXfrm),
        P("Could not restart the ipsec service", DaemonNotReached),
        P("Could not find the ipsec binary", DaemonNotReached),
        P("Could not find ipsec for L2TP/IPsec session", DaemonNotReached),
        P("Could not find l2tpd for L2TP", DaemonNotReached),
    ];

    /// <summary>systemd, init scripts, containers, and the commit of VyOS, Vyatta and EdgeOS.</summary>
    private static Phrase[] Services() =>
    [
        P("Failed with result '", DaemonNotReached, Detail.OfDaemon),
        P("Failed to start strongSwan", DaemonNotReached),
        P("Failed to start Libreswan", DaemonNotReached),
        P("Failed to start Openswan", DaemonNotReached),
        P("Failed to start Internet Key Exchange", DaemonNotReached),
        P("Failed to start LSB: Strongswan", DaemonNotReached),
        P("Failed to start LSB: Start Openswan", DaemonNotReached),
        P("Failed to start LSB: IKE keying daemon", DaemonNotReached),
        P("Failed at step EXEC spawning", DaemonNotReached, Detail.OfDaemon),
        P("Start request repeated too quickly", DaemonNotReached, Detail.OfDaemon),
        P("entered failed state", DaemonNotReached, Detail.OfDaemon),
        P("because the control process exited with error code", DaemonNotReached, Detail.OfDaemon),
        P("Control process exited, code=exited", DaemonNotReached, Detail.OfDaemon),
        P("Active: failed (Result: ", DaemonNotReached, Detail.OfUnitAbove),
        P("Active: inactive (dead)", DaemonNotReached, Detail.OfUnitAbove),
        P("Unit strongswan.service not found", DaemonNotReached),
        P("Unit strongswan.service could not be found", DaemonNotReached),
        P("Unit strongswan-starter.service not found", DaemonNotReached),
        P("Unit strongswan-starter.service could not be found", DaemonNotReached),
        P("Unit ipsec.service not found", DaemonNotReached),
        P("Unit ipsec.service could not be found", DaemonNotReached),
        P("Unit ipsec.service is masked", DaemonNotReached),
        P("Unit strongswan.service is masked", DaemonNotReached),
        P("Scheduled restart job, restart counter is at", DaemonNotReached, Detail.OfDaemon),
        P("failed to start container", DaemonNotReached, Detail.OfDaemon),
        P("in a crash loop ", DaemonNotReached, Detail.OfDaemon),
        P("CrashLoopBackOff", DaemonNotReached, Detail.OfDaemon),
        P("Back-off restarting failed container", DaemonNotReached, Detail.OfDaemon),
        P("VPN configuration error", ConfigurationError),
        P("VPN commit error", ConfigurationError),
        P("[[vpn ipsec", ConfigurationError, Detail.Failed),
        P("[[vpn]] failed", ConfigurationError),
        P("Commit failed", ConfigurationError, Detail.NearXfrm),
        P("OpenVZ VPS is not supported", KernelLacks),
    ];
}
