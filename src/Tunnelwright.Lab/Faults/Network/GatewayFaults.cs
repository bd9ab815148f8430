namespace Tunnelwright.Lab.Faults;

/// <summary>A running agent would set it back at its next look, so it is ended, too; healing starts it again.</summary>
internal sealed class ForwardingDisabled() : WholeFault("forwarding-disabled", "forwarding-disabled", "the customer's gateway does not forward (ip_forward = 0), and no agent is there to set it back")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        await site.KillServicesAsync(FaultSite.CustomerGateway, [LabHostProcesses.Agent], cancellationToken);

        // The kernel turns accept_redirects of all interfaces over whenever ip_forward changes (ip-sysctl, "ip_forward").
        site.KeepSysctl(FaultSite.CustomerGateway, "net.ipv4.conf.all.accept_redirects");
        site.SetSysctl(FaultSite.CustomerGateway, "net.ipv4.ip_forward", "0");
    }
}

internal sealed class ForwardingDisabledLan() : WholeFault("forwarding-disabled-lan", "forwarding-disabled", "the customer's gateway does not forward what comes from its network (conf.lan.forwarding = 0)")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        site.SetSysctl(FaultSite.CustomerGateway, "net.ipv4.conf.lan.forwarding", "0");
        return Task.CompletedTask;
    }
}

/// <summary>Strict source validation (RFC 3704) on the interfaces of the tunnels, and answers that come through the other tunnel than the requests take.</summary>
internal sealed class ReversePathFilter() : WholeFault("reverse-path-filter", "reverse-path-filter", "strict rp_filter on the customer gateway's tunnels drops answers that come through the other tunnel")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        var host = site.Host(FaultSite.CustomerGateway);
        using var agent = LabHostProcesses.AgentOf(host);
        var status = await agent.TryGetStatusAsync(cancellationToken);

        // fib_validate_source() in net/ipv4/fib_frontend.c: a packet with a security path is not filtered.
        if (status?.DataPlane == "kernel") throw site.Refusal("the kernel's reverse-path filter lets pass what its own ESP has decrypted; tunnelwright up --data-plane userspace first");
        var connections = status?.Connections ?? [];
        if (connections is not [{ Active: { } active } connection]) throw site.Refusal("no tunnel of the customer's gateway is in use; tunnelwright up first");

        // The way back: the cloud's router sends everything through the endpoint whose tunnel the customer does not use.
        var other = LabAddresses.EndpointToRouter(active == 1 ? 2 : 1).Address.ToString();
        foreach (var half in new[] { "10.1.0.0/25", "10.1.0.128/25" })
            await site.RunAsync(FaultSite.CloudRouter, ["ip", "route", "del", half, "via", other], ["ip", "route", "add", half, "via", other], cancellationToken);
        foreach (var device in connection.Tunnels.Select(tunnel => tunnel.Interface).OfType<string>())
            site.SetSysctl(FaultSite.CustomerGateway, $"net/ipv4/conf/{device}/rp_filter", "1");
    }
}

/// <summary>A rule of somebody's that looks before the main table: the agent's own routes stand and are not asked.</summary>
internal sealed class RouteMissing() : WholeFault("route-missing", "route-missing", "a policy rule sends the cloud's range to the default route: it leaves the customer's gateway in the clear")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        var router = site.HasNat ? "192.168.100.1" : "203.0.113.1";
        var cloud = LabAddresses.Cloud.ToString();
        await site.RunAsync(FaultSite.CustomerGateway, ["ip", "route", "del", "default", "table", "7900"], ["ip", "route", "add", "default", "via", router, "table", "7900"], cancellationToken);
        await site.RunAsync(FaultSite.CustomerGateway, ["ip", "rule", "del", "pref", "7900"], ["ip", "rule", "add", "pref", "7900", "to", cloud, "lookup", "7900"], cancellationToken);
    }
}

internal sealed class RouteMissingHost() : WholeFault("route-missing-host", "route-missing", "the customer's host has no route to its gateway")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.RunAsync(
        "customer-host", ["ip", "route", "replace", "default", "via", "10.1.0.1"], ["ip", "route", "del", "default"], cancellationToken);
}

internal sealed class RouteBlackHole() : WholeFault("route-blackhole", "route-blackhole", "more exact routes on the customer's gateway swallow the cloud's range")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        // Quarters: more exact than anything that the agent puts there.
        foreach (var quarter in new[] { "10.8.2.0/26", "10.8.2.64/26", "10.8.2.128/26", "10.8.2.192/26" })
            await site.RunAsync(FaultSite.CustomerGateway, ["ip", "route", "del", "blackhole", quarter], ["ip", "route", "add", "blackhole", quarter], cancellationToken);
    }
}

internal sealed class OverlappingNetworks() : WholeFault("overlapping-networks", "overlapping-networks", "the customer's network has an address range of the cloud's: what is for the cloud stays at home")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.RunAsync(
        FaultSite.CustomerGateway, ["ip", "address", "del", "10.8.2.126/25", "dev", "lan"], ["ip", "address", "add", "10.8.2.126/25", "dev", "lan"], cancellationToken);
}

internal sealed class FirewallBlocksForward() : WholeFault("firewall-blocks-forward", "firewall-blocks-forward", "the customer gateway's own firewall drops what is forwarded to the cloud")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.CustomerGateway, "inet", 0, $"chain forward {{\ntype filter hook forward priority 10;\nip daddr {LabAddresses.Cloud} counter drop\n}}", cancellationToken);
}

internal sealed class FirewallBlocksAnswers() : WholeFault("firewall-blocks-answers", "firewall-blocks-forward", "the customer gateway's own firewall drops what is forwarded from the cloud")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.CustomerGateway, "inet", 0, $"chain forward {{\ntype filter hook forward priority 10;\nip saddr {LabAddresses.Cloud} counter drop\n}}", cancellationToken);
}

internal sealed class FirewallBlocksInside() : WholeFault("firewall-blocks-ike", "ike-unreachable", "the customer gateway's own firewall drops IKE and ESP that come in")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.CustomerGateway,
        "inet",
        0,
        "chain input {\ntype filter hook input priority -10;\niifname \"uplink\" udp dport { 500, 1500, 4500, 14500 } counter drop\niifname \"uplink\" udp sport { 500, 4500 } counter drop\niifname \"uplink\" ip protocol esp counter drop\n}",
        cancellationToken);
}

internal sealed class WholeRangeNotAllowed() : WholeFault("whole-range-not-allowed", "whole-range-not-allowed", "the customer's firewall allows the cloud's DNS servers and nothing else of its range")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.CustomerGateway, "inet", 0, $"chain forward {{\ntype filter hook forward priority 10;\nip daddr {LabAddresses.Cloud} ip daddr != {{ 10.8.2.2, 10.8.2.3 }} counter drop\n}}", cancellationToken);
}

/// <summary>The customer's switch does what a cloud's does: it lets a machine neither get nor send packets that are not its own.</summary>
internal sealed class SourceDestinationCheck() : WholeFault("source-dest-check", "source-dest-check", "the customer's network lets its gateway handle its own packets only: hosts behind it do not reach the cloud")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        "customer-switch",
        "bridge",
        0,
        "chain check {\ntype filter hook forward priority 0;\noifname \"gateway\" ip daddr != 10.1.0.1 counter drop\niifname \"gateway\" ip saddr != 10.1.0.1 counter drop\n}",
        cancellationToken);
}
