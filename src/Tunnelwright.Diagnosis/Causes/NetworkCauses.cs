using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class RouteMissing() : Cause("route-missing", Sure(RouteElsewhere, 0.94), Sure(NoInterfaceOfSa, 0.94), Sure(CloudHasNoRoute, 0.9), Sure(HostHasNoRoute, 0.8))
{
    public override IReadOnlyList<string> Hides => ["dns-unreachable", "dns-tcp-blocked", "range-not-registered", "security-group-closed", "source-dest-check"];

    public override (string Owner, string Remedy)? ActionFor(IReadOnlyList<Fact> facts) => true switch
    {
        _ when facts.All(fact => fact.Kind == CloudHasNoRoute) => ("provider", "Ask the provider to route the cloud's network to the tunnel's endpoint; nothing on this side can mend it."),
        _ when facts.All(fact => fact.Kind == NoInterfaceOfSa) => ("customer", "Give the XFRM interface the connection's if_id (if_id_in, if_id_out), or the connection the interface's."),
        _ => null,
    };
}

internal sealed class RouteBlackHole() : Cause("route-blackhole", Sure(RouteSwallows, 0.95))
{
    public override IReadOnlyList<string> Hides => ["route-missing", "dns-unreachable", "range-not-registered", "security-group-closed", "firewall-blocks-forward"];
}

internal sealed class OverlappingNetworks() : Cause("overlapping-networks", Sure(RangesOverlap, 0.95))
{
    public override IReadOnlyList<string> Hides => ["route-missing", "route-blackhole", "dns-unreachable", "range-not-registered", "security-group-closed"];
}

internal sealed class ForwardingDisabled() : Cause("forwarding-disabled", Sure(ForwardingOff, 0.97), Sure(ForwardingReportedOff, 0.6))
{
    public override IReadOnlyList<string> Hides => ["source-dest-check", "onsite-dns-unreachable", "route-missing", "daemon-not-running"];
}

internal sealed class ReversePathFilterCause() : Cause("reverse-path-filter", Sure(StrictReversePath, 0.93))
{
    public override IReadOnlyList<string> Hides => ["dns-unreachable", "range-not-registered", "asymmetric-routing", "security-group-closed"];
}

internal sealed class SourceDestinationCheck() : Cause("source-dest-check", Sure(HostsNotReached, 0.8));

internal sealed class RangeNotRegistered() : Cause("range-not-registered", Sure(SourceNotTaken, 0.75))
{
    public override IReadOnlyList<string> Hides => ["dns-unreachable", "dns-tcp-blocked", "security-group-closed"];

    public override string DecidedBy => "The provider's list of registered ranges.";
}

internal sealed class WholeRangeNotAllowed() : Cause("whole-range-not-allowed", Sure(SomeAddressesDropped, 0.94))
{
    public override IReadOnlyList<string> Hides => ["firewall-blocks-forward", "security-group-closed"];
}

internal sealed class SecurityGroupClosed() : Cause("security-group-closed", Sure(PortSilent, 0.82));

internal sealed class PortClosed() : Cause("port-closed", Sure(PortRefused, 0.95));

internal sealed class DnsUnreachable() : Cause("dns-unreachable", Sure(CloudDnsSilent, 0.9))
{
    public override IReadOnlyList<string> Hides => ["dns-tcp-blocked"];
}

internal sealed class DnsTcpBlocked() : Cause("dns-tcp-blocked", Sure(CloudDnsTcpSilent, 0.92));

internal sealed class OnsiteDnsUnreachable() : Cause("onsite-dns-unreachable", Sure(OnsiteDnsSilent, 0.85), Sure(OnsiteDnsDropped, 0.94));

internal sealed class DnsStaleAddress() : Cause("dns-stale-address", Sure(PinnedAddressDiffers, 0.9));

internal sealed class DnsNoForwarder() : Cause("dns-no-forwarder", Sure(NameIsPublic, 0.92))
{
    public override IReadOnlyList<string> Hides => ["dns-cname-escapes"];
}

internal sealed class DnsCnameEscapes() : Cause("dns-cname-escapes", Perhaps(AliasIsPublic, 0.85))
{
    public override IReadOnlyList<string> Twins => ["dns-no-forwarder"];

    public override string DecidedBy => "A name of the same domain that is no alias: doctor --lookup NAME. When that one is public, too, there is no forwarder.";
}
