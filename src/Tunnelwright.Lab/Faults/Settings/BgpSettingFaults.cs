using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

/// <summary>The cloud's end expects another AS number of the customer, or the customer of the cloud: "Bad Peer AS" (RFC 4271 section 6.2).</summary>
internal sealed class BgpAsnMismatch(TunnelEnd end) : TunnelSettingFault(At("bgp-asn-mismatch", end), "bgp-asn-mismatch", $"{Words(end)} expects another AS number of its peer", end)
{
    protected override bool NeedsBgp => true;

    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { Bgp = now.Bgp! with { RemoteAsn = new Asn(before.Bgp!.RemoteAsn.Value + 7) } };
}

internal sealed class BgpOwnAsnWrong() : TunnelSettingFault("bgp-own-asn-customer", "bgp-asn-mismatch", "the customer's gateway shows another AS number than the registered one", TunnelEnd.Customer)
{
    protected override bool NeedsBgp => true;

    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { Bgp = now.Bgp! with { LocalAsn = new Asn(before.Bgp!.LocalAsn.Value + 7) } };
}

/// <summary>The BGP daemon at the endpoint hangs: the customer's hold timer runs out (RFC 4271 section 6.5).</summary>
internal sealed class BgpHoldTimer() : Fault("bgp-hold-timer", "bgp-hold-timer", "the endpoint's BGP daemon hangs: no keepalives, the hold timer runs out after 30 s")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        await site.RequireBgpAsync(FaultSite.Endpoint(tunnel), cancellationToken);
        if (await site.FreezeAsync(FaultSite.Endpoint(tunnel), [LabHostProcesses.Bird], cancellationToken) == 0) throw site.Refusal($"no BGP daemon runs on {FaultSite.Endpoint(tunnel)}");
    }
}

/// <summary>BGP's packets inside the tunnel, filtered at the endpoint.</summary>
internal sealed class BgpSessionDown() : Fault("bgp-session-down", "bgp-hold-timer", "TCP 179 inside the tunnel is dropped at the endpoint: the session ends when its hold timer runs out")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        await site.RequireBgpAsync(FaultSite.Endpoint(tunnel), cancellationToken);
        await site.FilterAsync(FaultSite.Endpoint(tunnel), "inet", tunnel, BgpPackets.Chains("counter drop", "counter drop"), cancellationToken);
    }
}

/// <summary>Closed with TCP resets: the session ends at once and does not come back.</summary>
internal sealed class BgpNotEstablished() : Fault("bgp-not-established", "bgp-not-established", "TCP 179 inside the tunnel is refused at the endpoint: the session ends at once and stays down")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        await site.RequireBgpAsync(FaultSite.Endpoint(tunnel), cancellationToken);
        await site.FilterAsync(FaultSite.Endpoint(tunnel), "inet", tunnel, BgpPackets.Chains("counter reject with tcp reset", "tcp flags & rst != rst counter drop"), cancellationToken);
    }
}

/// <summary>BGP's packets between inside addresses (RFC 4271 section 8: TCP 179), whichever end opened the session.</summary>
internal static class BgpPackets
{
    public static string Chains(string incoming, string outgoing) =>
        $$"""
        chain in {
          type filter hook input priority -10;
          ip saddr {{InsideNetwork.LinkLocal}} tcp dport 179 {{incoming}}
          ip saddr {{InsideNetwork.LinkLocal}} tcp sport 179 {{incoming}}
        }
        chain out {
          type filter hook output priority -10;
          ip daddr {{InsideNetwork.LinkLocal}} tcp dport 179 {{outgoing}}
          ip daddr {{InsideNetwork.LinkLocal}} tcp sport 179 {{outgoing}}
        }
        """;
}
