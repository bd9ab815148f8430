namespace Tunnelwright.Lab.Faults;

/// <summary>The far end of the cable goes down: the gateway loses the carrier and keeps its addresses and routes.</summary>
internal sealed class UplinkDown() : WholeFault("uplink-down", "ike-unreachable", "the customer gateway's uplink has no carrier")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) =>
        site.HasNat ? site.LinkDownAsync("customer-nat", "inside", cancellationToken) : site.LinkDownAsync(FaultSite.Internet, "customer", cancellationToken);
}

internal sealed class EndpointLinkDown() : Fault("endpoint-link-down", "ike-unreachable", "the wire between the internet and the cloud's endpoint is cut")
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => site.LinkDownAsync(FaultSite.Internet, $"endpoint-{tunnel}", cancellationToken);
}

/// <summary>A router on the way answers "host unreachable" (ICMP type 3 code 1).</summary>
internal sealed class EndpointUnroutable() : Fault("endpoint-unroutable", "ike-unreachable", "the internet has no route to the cloud's endpoint and says so (ICMP host unreachable)")
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => site.RunAsync(
        FaultSite.Internet,
        ["ip", "route", "del", "unreachable", $"{FaultSite.EndpointAddress(tunnel)}/32"],
        ["ip", "route", "add", "unreachable", $"{FaultSite.EndpointAddress(tunnel)}/32"],
        cancellationToken);
}

/// <summary>New ports for every mapping, and the NAT forgets the ones it has.</summary>
internal sealed class NatMappingChanged() : WholeFault("nat-mapping-changed", "nat-mapping-expired", "the customer's NAT forgets its mappings and gives the tunnels other ports")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        if (!site.HasNat) throw site.Refusal("the lab has no NAT; tunnelwright lab up --nat");
        string[] forget = ["conntrack", "--flush"];
        site.AtHealing("customer-nat", forget);
        await site.FilterAsync("customer-nat", "ip", 0, "chain ports {\ntype nat hook postrouting priority srcnat - 10;\noifname \"outside\" ip protocol udp counter masquerade to :20000-60000 random\n}", cancellationToken);
        await site.RunAsync("customer-nat", forget, cancellationToken);
    }
}

/// <summary>The customer's provider puts a second NAT in: the endpoints see an address that is not registered.</summary>
internal sealed class UplinkAddressChanged() : WholeFault("uplink-address-changed", "source-address-mismatch", "the customer's packets reach the cloud from another public address than the registered one")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        string[] forget = ["conntrack", "--flush"];
        site.AtHealing(FaultSite.Internet, forget);
        await site.FilterAsync(
            FaultSite.Internet,
            "ip",
            0,
            $"chain address {{\ntype nat hook postrouting priority srcnat;\nip saddr {LabAddresses.CustomerPublic} counter snat to {LabAddresses.CustomerPublic.Offset(75)}\n}}",
            cancellationToken);
        await site.RunAsync(FaultSite.Internet, forget, cancellationToken);
    }
}
