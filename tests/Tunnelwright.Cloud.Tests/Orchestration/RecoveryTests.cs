using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Nodes that die, replicas side by side, and answers that never come.</summary>
public sealed class RecoveryTests(ClusterFixture cluster)
{
    [Fact]
    public async Task The_endpoints_of_a_silent_node_move_with_their_addresses_to_a_free_failure_domain()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var before = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Bgp()));

        // The only free node shares the living end's failure domain, so it is not taken; the one that comes later is.
        var (dead, alive) = (nodes.Single(node => node.Id == before.Tunnels[0].NodeId), nodes.Single(node => node.Id == before.Tunnels[1].NodeId));
        await service.AddNodesAsync(new CustomerGateways(), alive.Registered.FailureDomain);
        dead.CutOff = true;
        await Eventually.GetAsync(async () => (await service.Administrator.GetAsync($"{Paths.Nodes}/{dead.Id}", CloudJson.Default.Node)).State, state => state == NodeState.Silent, "a silent node");
        await Task.Delay(1500);
        Assert.Equal(dead.Id, (await service.Administrator.ConnectionAsync(before)).Tunnels[0].NodeId);
        var saviour = (await service.AddNodesAsync(new CustomerGateways(), "zone-c")).Single();
        var after = await Eventually.GetAsync(() => service.Administrator.ConnectionAsync(before), now => now.Tunnels[0] is { Programmed: true } tunnel && tunnel.NodeId == saviour.Id, "the endpoint on the other node");
        Assert.Equal((before.Tunnels[0].CloudAddress, before.Tunnels[0].InsideNetwork, 1), (after.Tunnels[0].CloudAddress, after.Tunnels[0].InsideNetwork, after.Tunnels[0].KeyGeneration));
        Assert.Equal(before.Tunnels[1].NodeId, after.Tunnels[1].NodeId);

        // The node that was cut off goes on serving; it learns what it lost when it is back.
        Assert.Single(dead.Tunnels);
        dead.CutOff = false;
        await Eventually.GetAsync(() => Task.FromResult(dead.Tunnels.Count), count => count == 0, "a node without tunnels");
        Assert.Contains((await service.Administrator.GetAsync(Paths.Timeline(customer.Id, before.Id), CloudJson.Default.PageChangeEvent)).Items, item => item is { Kind: "endpoint.moved", Tunnel: 1 });
    }

    [Fact]
    public async Task An_address_that_a_silent_node_may_still_hold_is_given_to_nobody_until_the_node_knows()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);

        // Two addresses, and no more.
        await service.Administrator.PostAsync(Paths.AddressPools, new NewAddressPool("52.40.0.0/30"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var (one, two) = (await service.AddCustomerAsync("one"), await service.AddCustomerAsync("two"));
        var client = service.Administrator;
        var first = await client.SettledAsync(await client.CreateAsync(one.Id, Requests.Static()));
        var cutOff = nodes.Single(node => node.Id == first.Tunnels[0].NodeId);
        cutOff.CutOff = true;
        await Eventually.GetAsync(async () => (await client.GetAsync($"{Paths.Nodes}/{cutOff.Id}", CloudJson.Default.Node)).State, state => state == NodeState.Silent, "a silent node");
        await client.DeleteAsync(Paths.Connection(one.Id, first.Id));
        await Eventually.GetAsync(async () => (await client.GetAsync(Paths.Connections(one.Id), CloudJson.Default.PageConnection)).Items.Count, count => count == 0, "no connection");
        Assert.NotEmpty(cutOff.Tunnels);

        await service.AddNodesAsync(new CustomerGateways(), "zone-c");
        var second = await client.CreateAsync(two.Id, Requests.Static());
        Assert.Equal("waiting for free outside addresses", second.Operation!.Step);
        await Task.Delay(1000);
        Assert.Equal(ConnectionState.Allocating, (await client.ConnectionAsync(second)).State);
        cutOff.CutOff = false;
        Assert.Equal(first.Tunnels.Select(tunnel => tunnel.CloudAddress).Order(), (await client.SettledAsync(second)).Tunnels.Select(tunnel => tunnel.CloudAddress).Order());
    }

    [Fact]
    public async Task A_change_goes_on_when_the_node_that_it_waits_for_dies()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b", "zone-c");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        var dying = nodes.Single(node => node.Id == connection.Tunnels[1].NodeId);
        dying.CutOff = true;
        await service.Administrator.ChangeAsync(connection, new ConnectionChange(Ranges: ["10.99.0.0/16"]));
        var after = await service.Administrator.SettledAsync(connection);
        Assert.NotEqual(dying.Id, after.Tunnels[1].NodeId);
        Assert.All(nodes.Where(node => node != dying).SelectMany(node => node.Tunnels), tunnel => Assert.Equal(["10.99.0.0/16"], tunnel.Ranges));
    }

    [Fact]
    public async Task An_endpoint_that_was_given_up_goes_back_when_no_other_node_is_left_to_take_it()
    {
        await using var service = await TestService.StartAsync(cluster, options => (options.SilentAfterSeconds, options.DrainSeconds) = (4, 2));
        var gateways = new CustomerGateways();
        var nodes = await service.AddNodesAsync(gateways, "zone-a", "zone-b", "zone-c");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        gateways.Configure(await service.Administrator.FileAsync(connection));
        await Eventually.GetAsync(() => service.Administrator.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up");
        var old = nodes.Single(node => node.Id == connection.Tunnels[0].NodeId);
        var dying = nodes.Single(node => connection.Tunnels.All(tunnel => tunnel.NodeId != node.Id));
        await service.Administrator.ActAsync(Paths.ReplaceEndpoint(customer.Id, connection.Id, 1));
        await Eventually.GetAsync(() => Task.FromResult(old.Tunnels.Single().MultiExitDiscriminator), med => med == 1100, "the raised MED");
        old.Idle = true;
        await Eventually.GetAsync(() => service.Administrator.ConnectionAsync(connection), now => now.Tunnels[0].NodeId is null, "an endpoint that is being given up");
        dying.CutOff = true;
        await Eventually.GetAsync(async () => (await service.Administrator.GetAsync($"{Paths.Nodes}/{dying.Id}", CloudJson.Default.Node)).State, state => state == NodeState.Silent, "a silent node");
        old.Idle = false;
        Assert.Equal(old.Id, (await service.Administrator.SettledAsync(connection)).Tunnels[0].NodeId);
        Assert.Equal(100, Assert.Single(old.Tunnels).MultiExitDiscriminator);
    }

    [Fact]
    public async Task Two_replicas_and_many_clients_give_nothing_out_twice_and_lose_nothing()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.RequestsPerSecond = options.RequestBurst = 100_000);
        await using var replica = await service.StartReplicaAsync();
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b", "zone-c");
        using var elsewhere = replica.ClientOf(service.Administrator.Http.DefaultRequestHeaders.Authorization!.Parameter);
        var customers = new List<Customer>();
        for (var i = 0; i < 10; i++) customers.Add(await service.AddCustomerAsync($"customer {i}"));

        // Each customer's client makes three connections, deletes one and changes one, through whichever replica; refusals are tried again.
        await Parallel.ForEachAsync(customers, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (customer, _) =>
        {
            var random = new Random(customer.Name[^1]);
            TestClient Client() => random.Next(2) == 0 ? service.Administrator : elsewhere;
            var made = new List<Connection>();
            for (var i = 1; i <= 3; i++) made.Add(await PatientlyAsync(() => Client().CreateAsync(customer.Id, Requests.Bgp(i))));
            await PatientlyAsync(async () =>
            {
                await Client().DeleteAsync(Paths.Connection(customer.Id, made[1].Id));
                return true;
            });
            await PatientlyAsync(() => Client().ChangeAsync(made[0], new ConnectionChange(Ranges: ["10.200.0.0/16"])));
        });
        foreach (var customer in customers)
        {
            var settled = await Eventually.GetAsync(
                async () => (await elsewhere.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items,
                items => items.Count == 2 && items.All(item => item is { State: ConnectionState.Available, Operation: null }),
                "two available connections");
            Assert.Equal(["10.200.0.0/16"], settled[0].Ranges);
        }

        // What is wanted is what the nodes have, each endpoint once.
        await Eventually.GetAsync(() => Task.FromResult(nodes.Sum(node => node.Tunnels.Count)), count => count == 40, "40 tunnels on the nodes");
        var tunnels = nodes.SelectMany(node => node.Tunnels).ToArray();
        Assert.Equal(40, tunnels.Select(tunnel => tunnel.CloudAddress).Distinct().Count());
        Assert.Equal(40, tunnels.Select(tunnel => tunnel.PreSharedKey).Distinct().Count());
        var (wanted, addresses, running) = await service.Database.ReadAsync(
            store => store.QuerySingleAsync<(long, long, long)>("select (select count(*) from tunnels), (select count(*) from outside_addresses where connection_id is not null), (select count(*) from operations where finished_at is null)"),
            CancellationToken.None);
        Assert.Equal((40, 40, 0), (wanted, addresses, running));
        Assert.All(nodes, node => Assert.Equal(node.Tunnels.Count, node.Tunnels.Select(tunnel => tunnel.ConnectionId).Distinct().Count()));
    }

    [Fact]
    public async Task A_node_that_asks_for_changes_gets_what_a_node_that_asks_for_everything_gets()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var (one, two) = (await service.AddCustomerAsync("one"), await service.AddCustomerAsync("two"));
        var first = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(one.Id, Requests.Static()));
        var start = (await nodes[0].DesiredAsync(null))!;
        Assert.Equal((true, one.Id), (start.Complete, Assert.Single(start.Customers).Id));
        await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(two.Id, Requests.Static()));
        var delta = (await nodes[0].DesiredAsync(start.Version))!;
        Assert.Equal((false, two.Id), (delta.Complete, Assert.Single(delta.Customers).Id));
        await service.Administrator.DeleteAsync(Paths.Connection(one.Id, first.Id));
        var removal = (await nodes[0].DesiredAsync(delta.Version, 5))!;
        Assert.Equal([one.Id], removal.Removed);
        Assert.Equal(two.Id, Assert.Single((await nodes[0].DesiredAsync(null))!.Customers).Id);
        Assert.Null(await nodes[0].DesiredAsync((await nodes[0].DesiredAsync(null))!.Version));
        Assert.True((await nodes[0].DesiredAsync(removal.Version + 1000))!.Complete);
    }

    [Fact]
    public async Task Services_and_names_of_a_customer_reach_its_nodes()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        using var changed = await service.Administrator.SendAsync(
            HttpMethod.Patch,
            Paths.Customer(customer.Id),
            """
            {"edition":{"httpsOnly":true},"services":{"dnsServers":["10.8.2.2","10.8.2.3"],"loadBalancer":"10.8.2.10","databases":[{"address":"10.8.2.30","port":5432,"kind":"postgresql","readOnly":true}]},
             "dns":{"records":[{"name":"app.example.com","type":"A","value":"10.8.2.10","ttlSeconds":60}],"forwards":[{"domain":"company.local","servers":[{"address":"10.1.0.53"}]}]}}
            """);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        foreach (var node in nodes)
        {
            var seen = await Eventually.GetAsync(() => Task.FromResult(node.Customers.Single()), there => there.HttpsOnly, "the new edition on the node");
            Assert.Equal((5432, "company.local", 53), (seen.Services.Databases.Single().Port, seen.Dns.Forwards.Single().Domain, seen.Dns.Forwards.Single().Servers.Single().Port));
        }
    }

    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> work)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (AnswerException refused) when ((int)refused.Status == 409)
            {
                await Task.Delay(30);
            }
        }
    }
}
