using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Which nodes answer for the domains of a customer with several connections.</summary>
public sealed class ForwardedNamesTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Domains_behind_different_connections_are_answered_by_the_nodes_of_one_which_know_all_servers()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b", "zone-c", "zone-d");
        var client = service.Administrator;
        var customer = await service.AddCustomerAsync(change: asked => asked with
        {
            Dns = new DnsForwarding([], [new DnsForward("company.local", [new DnsServer("10.1.0.53"), new DnsServer("10.9.0.53")]), new DnsForward("plant.local", [new DnsServer("10.2.0.53", 5353, "tcp")]), new DnsForward("lost.local", [new DnsServer("10.9.0.53")])]),
        });
        var office = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        await SeesAsync(nodes, office, ["company.local"], office);
        var plant = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static(2)));
        Assert.Empty(office.Tunnels.Select(tunnel => tunnel.NodeId).Intersect(plant.Tunnels.Select(tunnel => tunnel.NodeId)));

        // Every node knows all servers that a connection leads to; the forwarder's addresses are at the older connection's nodes alone.
        await SeesAsync(nodes, office, ["company.local", "plant.local"], office);
        await SeesAsync(nodes, plant, ["company.local", "plant.local"], office);
        Assert.Equal(["10.1.0.53"], nodes.SelectMany(node => node.Customers).First().Dns.Forwards[0].Servers.Select(server => server.Address));

        // The nodes of the other one take over when the older goes.
        await client.DeleteAsync(Paths.Connection(customer.Id, office.Id));
        await SeesAsync(nodes, plant, ["plant.local"], plant);
        await Eventually.GetAsync(async () => (await client.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items.Count, count => count == 1, "one connection");
        await client.SettledAsync(await client.ChangeAsync(await client.ConnectionAsync(plant), new ConnectionChange(Ranges: ["10.3.0.0/16"])));
        await SeesAsync(nodes, plant, [], plant);
    }

    private static async Task SeesAsync(TestNode[] nodes, Connection connection, string[] domains, Connection holder)
    {
        foreach (var tunnel in connection.Tunnels)
        {
            await Eventually.GetAsync(
                () => Task.FromResult(nodes.Single(node => node.Id == tunnel.NodeId).Customers.SingleOrDefault()),
                there => there is not null && there.Dns.Forwards.Select(forward => forward.Domain).SequenceEqual(domains) && there.Tunnels.All(one => one.AnswersNames == (one.ConnectionId == holder.Id)),
                $"{string.Join(", ", domains)} on the node of tunnel {tunnel.Number}");
        }
    }
}
