using System.Net;

namespace Tunnelwright.Linux;

/// <summary>How echo requests are sent.</summary>
public sealed record EchoOptions
{
    /// <summary>The source address (IPv4), or null to let the route decide.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The link to send and receive on (SO_BINDTODEVICE, socket(7)), or null for any.</summary>
    public string? Device { get; init; }

    /// <summary>Bytes of payload, 16–65507: 28 less than the packet. Default 56, as ping(8).</summary>
    public int PayloadBytes { get; init; } = 56;

    /// <summary>
    /// Whether routers may not fragment the request (the DF bit). The kernel then does not heed what it knows of the path
    /// (IP_PMTUDISC_PROBE, ip(7)): only a packet larger than the device's MTU is refused here, with EMSGSIZE.
    /// </summary>
    public bool DoNotFragment { get; init; }

    /// <summary>The TTL, 1–255. Default 64.</summary>
    public int TimeToLive { get; init; } = 64;
}
