using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>Customers with the same ranges, the same cloud network and the same nodes, on both data planes.</summary>
public sealed class IsolationTests(ITestOutputHelper output)
{
    /// <summary>Five; two where there is one processor for all of it.</summary>
    private static int Customers => TestMachine.IsGuest ? 2 : 5;

    /// <summary>
    /// What leaves a node in clear is counted. And the lab's internet, which knows the first customer's network, must not carry tales: it would tell that network of every
    /// answer that another customer's host sends through its own gateway to an address that there is not.
    /// </summary>
    private const string Internet =
        """
        table inet isolation {
          counter leaked { packets 0 bytes 0; }
          chain from_nodes { type filter hook prerouting priority -300; iifname "node-*" ip saddr { 10.0.0.0/8, 169.254.0.0/16 } counter name leaked; }
          chain tales { type filter hook output priority 0; ip daddr 10.0.0.0/8 icmp type destination-unreachable drop; }
        }
        """;

    [Fact]
    public async Task Every_customer_tries_every_other_from_both_ends_and_nothing_passes_but_its_own()
    {
        await using var service = await ServiceLab.UpAsync(Customers);
        var tenants = new List<Tenant>();
        foreach (var customer in service.Customers) tenants.Add(new Tenant(customer, await service.CreateAsync(customer, "static")));
        Assert.Equal(ServiceAddresses.Nodes.Count, tenants.SelectMany(tenant => tenant.Nodes).Distinct().Count());
        foreach (var tenant in tenants) await service.ConnectAsync(tenant.Customer, tenant.Connection.Id);
        foreach (var tenant in tenants) await service.SeesBothUpAsync(tenant.Customer, tenant.Connection.Id, TimeSpan.FromSeconds(60));
        foreach (var tenant in tenants) await AnswersAsync(service, tenant);
        var hardware = await HardwareAsync(service, tenants);
        foreach (var tenant in tenants)
        {
            // The attacker's own machines hold nothing back: its router sends what its servers send to the nodes.
            await service.Lab.OutputAsync(tenant.Customer.Router, "ip", "rule", "add", "iif", "cloud", "lookup", "77", "priority", "100");
            await service.Lab.OutputAsync(tenant.Customer.Gateway, "sh", "-c", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done");
        }

        var internet = new Nftables(new NetworkNamespace(service.Lab.Host("internet").Namespace));
        await internet.ApplyAsync(Internet, TestContext.Current.CancellationToken);
        var watches = new List<(Tenant Tenant, string Place, MarkWatch Watch)>();
        try
        {
            foreach (var tenant in tenants)
            {
                foreach (var host in new[] { tenant.Customer.Host, tenant.Customer.Server, tenant.Customer.Router })
                    watches.Add((tenant, host, await MarkWatch.StartAsync(service.Lab.Host(host))));
            }

            var (sent, pairs) = (0, 0);
            foreach (var from in tenants)
            {
                var trespass = new Trespass(service, from);
                var dropped = await trespass.DroppedAsync();
                foreach (var to in tenants.Where(other => other != from))
                {
                    sent += await trespass.ThroughTunnelsAsync(to) + await trespass.FromCloudAsync(to) + await trespass.OverInternetAsync(to, hardware[to.Customer.Number]);
                    pairs++;
                }

                // The tries did get to the nodes, and ended there.
                var ended = await trespass.DroppedAsync() - dropped;
                Assert.True(ended > 100, $"only {ended} packets of {from.Name} were dropped on its nodes");
                await service.Lab.OutputAsync(from.Customer.Router, "ip", "rule", "del", "iif", "cloud", "lookup", "77", "priority", "100");
                await trespass.OwnAsync();
            }

            await Eventually.HoldsAsync("everybody's own packets pass both ways", TimeSpan.FromSeconds(10), () => tenants.TrueForAll(tenant =>
                Seen(tenant, tenant.Customer.Server).Contains(Trespass.MarkOf(tenant, "own, to the cloud")) && Seen(tenant, tenant.Customer.Host).Contains(Trespass.MarkOf(tenant, "own, to the customer"))));
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            output.WriteLine($"{sent} packets in {pairs} ordered pairs");
            var strangers = watches.SelectMany(watch => watch.Watch.Seen.Where(mark => !mark.StartsWith($"{watch.Tenant.Name} ", StringComparison.Ordinal)).Select(mark => $"{watch.Place} of {watch.Tenant.Name}: {mark}, {watch.Watch.FirstOf(mark)}")).ToList();
            Assert.True(strangers.Count == 0, string.Join('\n', strangers));
            Assert.Equal(0, (await internet.ListTableAsync("inet", "isolation", TestContext.Current.CancellationToken))!.Counters.Single(counter => counter.Name == "leaked").Counter.Packets);
        }
        finally
        {
            foreach (var (_, _, watch) in watches) await watch.DisposeAsync();
        }

        // And nobody was disturbed by all that.
        foreach (var tenant in tenants) await AnswersAsync(service, tenant);
        await NothingInClearAsync(service, tenants[1]);

        IReadOnlyList<string> Seen(Tenant tenant, string place) => watches.Single(watch => watch.Tenant == tenant && watch.Place == place).Watch.Seen;
    }

    /// <summary>
    /// A tunnel that carries too little for a moment has no route on its node. What the customer's namespace itself answers must then not leave by the wire to the
    /// internet instead, where another customer's network could be the next that has the address.
    /// </summary>
    private static async Task NothingInClearAsync(ServiceLab service, Tenant tenant)
    {
        var trespass = new Trespass(service, tenant);
        await using var watch = await MarkWatch.StartAsync(service.Lab.Host("internet"));
        foreach (var node in tenant.Nodes)
        {
            // It may have none just now.
            await service.Lab.RunAsync(node.Host, "ip", "netns", "exec", $"twc.{tenant.Connection.CustomerId}", "ip", "route", "del", "10.1.0.0/24");
            await trespass.PingNodeAsync(node);
        }

        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Trespass.MarkOf(tenant, Trespass.InClear), watch.Seen);
    }

    /// <summary>The customer's own cloud answers: the address of a name says whose it is.</summary>
    private static Task<TimeSpan> AnswersAsync(ServiceLab service, Tenant tenant) => Eventually.HoldsAsync($"the cloud of {tenant.Name} answers its host", TimeSpan.FromSeconds(30), async () =>
    {
        var answer = await service.Lab.RunAsync(tenant.Customer.Host, "tunnelwright", "dns", "lookup", ServiceCustomer.WhoseName, "--via", "10.8.2.2");
        return answer.Output.Contains($" {tenant.Customer.Whose} ", StringComparison.Ordinal);
    });

    /// <summary>The Ethernet addresses of the customers' ends in their segments, by customer and node.</summary>
    private static async Task<Dictionary<int, Dictionary<int, string>>> HardwareAsync(ServiceLab service, IEnumerable<Tenant> tenants)
    {
        var found = new Dictionary<int, Dictionary<int, string>>();
        foreach (var tenant in tenants)
        {
            var here = found[tenant.Customer.Number] = [];
            foreach (var node in tenant.Nodes)
                here[node.Number] = (await service.Lab.OutputAsync(node.Host, "ip", "netns", "exec", $"twc.{tenant.Connection.CustomerId}", "ip", "-brief", "link", "show", "dev", "cloud")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
        }

        return found;
    }
}
