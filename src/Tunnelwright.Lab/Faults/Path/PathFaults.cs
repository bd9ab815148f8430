namespace Tunnelwright.Lab.Faults;

internal sealed class BlackHole() : PathFilterFault("black-hole", "ike-unreachable", "nothing of the tunnel passes the internet, in either direction, silently")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "");
}

internal sealed class BlackHoleOut() : PathFilterFault("black-hole-out", "ike-unreachable", "nothing of the tunnel passes from the customer to the cloud; the other direction works")
{
    protected override IEnumerable<string> Rules(string endpoint) => [$"ip daddr {endpoint} counter drop"];
}

internal sealed class BlackHoleIn() : PathFilterFault("black-hole-in", "ike-unreachable", "nothing of the tunnel passes from the cloud to the customer; the other direction works")
{
    protected override IEnumerable<string> Rules(string endpoint) => [$"ip saddr {endpoint} counter drop"];
}

internal sealed class Loss() : PathFilterFault("loss", "dpd-timeout", "three of ten packets of the tunnel are lost on the internet, by chance")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "numgen random mod 100 < 30");
}

internal sealed class HeavyLoss() : PathFilterFault("loss-heavy", "dpd-timeout", "eight of ten packets of the tunnel are lost on the internet, by chance")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "numgen random mod 100 < 80");
}

internal sealed class Udp500Blocked() : PathFilterFault("udp500-blocked", "udp500-blocked", "UDP 500 does not pass; UDP 4500 and ESP do")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "udp {0} 500");
}

internal sealed class Udp4500Blocked() : PathFilterFault("udp4500-blocked", "udp4500-blocked", "UDP 4500 does not pass; UDP 500 does")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "udp {0} 4500");
}

/// <summary>ESP in UDP lacks the four zero bytes that mark IKE on port 4500 (RFC 3948 section 2.2).</summary>
internal sealed class EspBlocked() : PathFilterFault("esp-blocked", "esp-blocked", "the tunnel's data (ESP, also in UDP 4500) does not pass; IKE and its liveness checks do")
{
    protected override IEnumerable<string> Rules(string endpoint) => [.. BothWays(endpoint, "ip protocol esp"), .. BothWays(endpoint, "udp {0} 4500 @th,64,32 != 0")];
}

internal sealed class EspBlockedIn() : PathFilterFault("esp-blocked-in", "esp-blocked", "the tunnel's data from the cloud does not pass; the other direction and IKE do")
{
    protected override IEnumerable<string> Rules(string endpoint) => [$"ip saddr {endpoint} ip protocol esp counter drop", $"ip saddr {endpoint} udp sport 4500 @th,64,32 != 0 counter drop"];
}

internal sealed class DpdRateLimited() : PathFilterFault("dpd-rate-limited", "dpd-rate-limited", "IKE messages on UDP 4500 are limited to one in ten; data flows")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "udp {0} 4500 @th,64,32 0 numgen random mod 10 > 0");
}

internal sealed class IkeFragmentsDropped() : PathFilterFault("ike-fragments-dropped", "ike-fragments-dropped", "IP fragments of UDP do not pass: IKE messages above the path's MTU are lost")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "ip protocol udp ip frag-off & 0x3fff != 0");
}

internal sealed class MtuBlackHole() : PathFilterFault("mtu-blackhole", "mtu-blackhole", "packets above 1,000 bytes vanish on the internet, without an ICMP message")
{
    protected override IEnumerable<string> Rules(string endpoint) => BothWays(endpoint, "ip length > 1000");
}
