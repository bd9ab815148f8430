namespace Tunnelwright.Lab.Faults;

/// <summary>Packets that the cloud's router drops without a word.</summary>
internal abstract class SecurityGroupFault(string name, string cause, string breaks, string match) : WholeFault(name, cause, breaks)
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.CloudRouter, "inet", 0, $"chain forward {{\ntype filter hook forward priority -10;\n{match} counter drop\n}}", cancellationToken);
}

internal sealed class SecurityGroupClosed() : SecurityGroupFault("security-group-closed", "security-group-closed", "the cloud's security group lacks the database's port", "ip daddr 10.8.2.30 tcp dport 5432");

internal sealed class SecurityGroupClosedWeb() : SecurityGroupFault("security-group-closed-web", "security-group-closed", "the cloud's security group lacks the load balancer's ports", "ip daddr 10.8.2.10 tcp dport { 80, 443 }");

internal sealed class DnsUnreachable() : SecurityGroupFault("dns-unreachable", "dns-unreachable", "port 53 of the cloud's DNS servers does not answer; ping does", "ip daddr { 10.8.2.2, 10.8.2.3 } meta l4proto { tcp, udp } th dport 53");

internal sealed class DnsTcpBlocked() : SecurityGroupFault("dns-tcp-blocked", "dns-tcp-blocked", "TCP 53 of the cloud's DNS servers is dropped; UDP 53 answers", "ip daddr { 10.8.2.2, 10.8.2.3 } tcp dport 53");

internal sealed class OnsiteDnsUnreachable() : WholeFault("onsite-dns-unreachable", "onsite-dns-unreachable", "the customer's firewall drops the cloud's questions to the customer's DNS server")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.CustomerGateway, "inet", 0, $"chain forward {{\ntype filter hook forward priority 10;\nip saddr {LabAddresses.Cloud} meta l4proto {{ tcp, udp }} th dport 53 counter drop\n}}", cancellationToken);
}

internal sealed class OnsiteDnsFrozen() : WholeFault("onsite-dns-frozen", "onsite-dns-unreachable", "the customer's DNS server hangs")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.FreezeAsync("customer-dns", ["dnsmasq"], cancellationToken);
}

internal sealed class DnsFrozen() : WholeFault("dns-frozen", "dns-unreachable", "the cloud's DNS servers hang; ping to them passes")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        foreach (var host in new[] { "cloud-dns-1", "cloud-dns-2" }) await site.FreezeAsync(host, ["dnsmasq"], cancellationToken);
    }
}

/// <summary>The address of yesterday, pinned in the hosts file.</summary>
internal sealed class DnsStaleAddress() : WholeFault("dns-stale-address", "dns-stale-address", "the customer's host has an old address of the application in its hosts file")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        site.AtHealing("customer-host", ["rm", "-f", "/run/stale-hosts"]);
        await File.WriteAllTextAsync($"{site.Host("customer-host").Root}/run/stale-hosts", "127.0.0.1 localhost\n10.8.2.99 app.cloud.example\n", cancellationToken);
        await site.RunAsync("customer-host", ["umount", "/etc/hosts"], ["mount", "--bind", "/run/stale-hosts", "/etc/hosts"], cancellationToken);
    }
}

/// <summary>The program is gone, its host is there: connections are refused.</summary>
internal sealed class PortClosed() : WholeFault("port-closed", "port-closed", "the load balancer's program is gone: its ports refuse connections")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => site.KillServicesAsync("cloud-lb", ["haproxy"], cancellationToken);
}

/// <summary>A router that has no route says so (RFC 1812 section 5.2.7.1): the endpoint's default route leads to the internet and must not take the cloud's packets.</summary>
internal sealed class CloudRouteMissing() : Fault("route-missing-cloud", "route-missing", "the cloud's endpoint has lost its route to the cloud's network")
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        var router = LabAddresses.RouterToEndpoint(tunnel).Address.ToString();
        return site.RunAsync(
            FaultSite.Endpoint(tunnel), ["ip", "route", "replace", $"{LabAddresses.Cloud}", "via", router], ["ip", "route", "replace", "unreachable", $"{LabAddresses.Cloud}"], cancellationToken);
    }
}
