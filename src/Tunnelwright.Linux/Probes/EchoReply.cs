using System.Net;

namespace Tunnelwright.Linux;

/// <summary>An answer to an ICMP echo request (RFC 792).</summary>
/// <param name="From">Who answered.</param>
/// <param name="Sequence">The sequence number of the request, 0–65535.</param>
/// <param name="RoundTrip">Time from before sending to after receiving.</param>
/// <param name="TimeToLive">The TTL that the answer came with.</param>
/// <param name="PayloadBytes">Bytes of payload that came back.</param>
public sealed record EchoReply(IPAddress From, int Sequence, TimeSpan RoundTrip, int TimeToLive, int PayloadBytes);

/// <summary>What became of an echo request. Exactly one of reply, ICMP error and kernel error is there, or none when nothing came in time.</summary>
/// <param name="Reply">The answer.</param>
/// <param name="Error">The ICMP error that a router or the destination sent about it.</param>
/// <param name="Refusal">Why the kernel did not send it (ENETUNREACH, EMSGSIZE, EPERM …).</param>
public sealed record EchoOutcome(EchoReply? Reply, IcmpError? Error, KernelException? Refusal)
{
    /// <summary>Whether nothing came back in time.</summary>
    public bool TimedOut => Reply is null && Error is null && Refusal is null;
}

/// <summary>An ICMP error about a packet of ours (RFC 792, RFC 1191).</summary>
/// <param name="From">Who sent it.</param>
/// <param name="Type">3 destination unreachable, 11 time exceeded, 12 parameter problem.</param>
/// <param name="Code">What exactly; 4 of type 3 is "fragmentation needed".</param>
/// <param name="NextHopMtu">With "fragmentation needed" the MTU in bytes of the link that was too small (0 when the router does not tell), else 0.</param>
public sealed record IcmpError(IPAddress From, int Type, int Code, int NextHopMtu);
