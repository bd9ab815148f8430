using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Ike;

/// <summary>A port to probe.</summary>
/// <param name="Number">The UDP port at the peer, 1 to 65535.</param>
/// <param name="HasMarker">Whether messages stand behind the non-ESP marker there (RFC 3948 section 2.2).</param>
public readonly record struct IkeProbePort(int Number, bool HasMarker)
{
    /// <summary>UDP 500 (RFC 7296 section 2).</summary>
    public static IkeProbePort Ike { get; } = new(500, false);

    /// <summary>UDP 4500, for NAT traversal (RFC 3948).</summary>
    public static IkeProbePort NatTraversal { get; } = new(4500, true);
}

/// <summary>How to probe. The defaults ask both ports in both versions and end after about 3 s when nothing answers.</summary>
public sealed record IkeProbeOptions
{
    /// <summary>The ports, all asked side by side; at most 8. Default 500 and 4500.</summary>
    public IReadOnlyList<IkeProbePort> Ports { get; init; } = [IkeProbePort.Ike, IkeProbePort.NatTraversal];

    /// <summary>The major versions to ask for. Default 2 and 1.</summary>
    public IReadOnlyList<int> Versions { get; init; } = [2, 1];

    /// <summary>The suites to offer, at most 16; empty means everything in <see cref="Space"/>. IKEv1 leaves out those with an AEAD, which it does not have.</summary>
    public IReadOnlyList<IkeSuite> Suites { get; init; } = [];

    /// <summary>The closed set that is offered when no suite is given, and that a walk goes through.</summary>
    public IkeSuiteSpace Space { get; init; } = IkeSuiteSpace.Default;

    /// <summary>
    /// Whether to find out which algorithms of <see cref="Space"/> the peer takes: one question for each. In IKEv2 the questions leave no half-open SA behind; in IKEv1
    /// every yes does, so it stops at <see cref="HalfOpenLimit"/>.
    /// </summary>
    public bool WalksSuites { get; init; }

    /// <summary>The local address to send from, or null to let the route decide.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>
    /// Whether to send from the port that is sent to (500 from 500, 4500 from 4500) when it is free, for peers and filters that insist. When it is not (an IKE daemon
    /// holds it), or without this, an ephemeral port is used: a responder answers all the same (RFC 7296 section 2.23), and the NAT hashes are made with the real
    /// port, so a NAT is still told from none; what a filter does to packets from source port 500 is then not seen.
    /// </summary>
    public bool PrefersIkeSourcePorts { get; init; }

    /// <summary>Addresses that the peer may see us come from, such as the public address registered with the provider. Each is compared with the peer's NAT hash.</summary>
    public IReadOnlyList<IPAddress> ExpectedSources { get; init; } = [];

    /// <summary>
    /// How long a silent port is waited for, 0.1 to 60 s: three messages, at 0, a sixth and a half of it. Once a port has answered, each further question is asked twice, and
    /// given up after half of it (or twelve round trips, if that is longer). Default 3 s.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The least time between two messages. Default 10 ms.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// How many half-open SAs may be left at the peer before a walk in IKEv1 stops. Default 2, the most that the other questions leave (one in each version): strongSwan wants
    /// cookies from an address that has 3, which IKEv1 cannot give, and ignores one that has 5 (charon.cookie_threshold_ip and block_threshold, strongswan.conf(5)), and
    /// the real tunnel needs one. They go by themselves, after 30 s with strongSwan.
    /// </summary>
    public int HalfOpenLimit { get; init; } = 2;

    /// <summary>The most messages that are sent in all. Default 200.</summary>
    public int DatagramLimit { get; init; } = 200;

    /// <summary>
    /// Whether only questions are asked that leave nothing behind at the peer: whether its ports answer and, in IKEv2, whether it takes an offer. NAT, vendor and IKEv1's
    /// suites are then not found out. For somebody who asks again and again beside a tunnel that needs the peer's goodwill.
    /// </summary>
    public bool LeavesNothing { get; init; }

    /// <summary>Bytes that questions are made larger by, in a vendor ID that nobody knows, 0 to 4000: above the path's MTU they travel as IP fragments. Only with <see cref="LeavesNothing"/>.</summary>
    public int PaddingBytes { get; init; }

    /// <summary>Makes an unbound UDP socket of the family; null means in this process's network namespace.</summary>
    public Func<AddressFamily, Task<Socket>>? OpenSocket { get; init; }
}
