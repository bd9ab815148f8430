using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Nodes that are forgotten and customers that are removed: what they had is free again, and nothing of it is left.</summary>
public sealed class ForgottenTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_node_is_forgotten_when_no_endpoint_is_on_it_and_nothing_of_it_is_left()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b", "zone-c");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        var node = nodes.Single(one => one.Id == connection.Tunnels[0].NodeId);
        Assert.Equal("has-tunnels", (await TestClient.ProblemAsync(409, client.DeleteAsync($"{Paths.Nodes}/{node.Id}"))).Problems.Single().Code);

        await client.ActAsync(Paths.ReplaceEndpoint(customer.Id, connection.Id, 1));
        Assert.NotEqual(node.Id, (await client.SettledAsync(connection)).Tunnels[0].NodeId);
        node.Idle = true;
        await service.Database.ReadAsync(store => store.ExecuteAsync("update nodes set desired_version = desired_version + 1 where id = @Id", new { node.Id }), CancellationToken.None);
        Assert.Equal("not-idle", (await TestClient.ProblemAsync(409, client.DeleteAsync($"{Paths.Nodes}/{node.Id}"))).Problems.Single().Code);
        node.Idle = false;
        await Eventually.GetAsync(async () => await client.GetAsync($"{Paths.Nodes}/{node.Id}", CloudJson.Default.Node), now => now.AppliedVersion == now.DesiredVersion, "a node that has done everything");
        await client.DeleteAsync($"{Paths.Nodes}/{node.Id}");

        // History: the audit log, and for thirty days what the operations went through.
        Assert.Equal(["audit", "operations"], await HoldersAsync(service, node.Id));
        Assert.Equal(2, await service.Database.ReadAsync(store => store.ExecuteScalarAsync<int>("select count(*) from node_registrations"), CancellationToken.None));
        using var ghost = service.ClientOf(node.Registered.Credential);
        await TestClient.ProblemAsync(401, ghost.GetAsync(Paths.NodeDesired, CloudJson.Default.NodeDesiredState));
        Assert.Contains((await client.GetAsync(Paths.ProviderAudit, CloudJson.Default.PageAuditEntry)).Items, entry => entry.Action == "node.remove" && entry.Target == node.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_addresses_that_a_forgotten_node_may_hold_are_free_when_it_has_given_them_up_or_is_forgotten_by_force(bool comesBack)
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var client = service.Administrator;
        var pool = await client.PostAsync(Paths.AddressPools, new NewAddressPool("52.40.0.0/30"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var (one, two) = (await service.AddCustomerAsync("one"), await service.AddCustomerAsync("two"));
        var first = await client.SettledAsync(await client.CreateAsync(one.Id, Requests.Static()));
        var cutOff = await SilencedAsync(service, nodes.Single(node => node.Id == first.Tunnels[0].NodeId));
        await GoneAsync(client, first);

        await service.AddNodesAsync(new CustomerGateways(), "zone-c");
        var second = await client.CreateAsync(two.Id, Requests.Static());
        Assert.Equal("waiting for free outside addresses", second.Operation!.Step);
        Assert.Equal("held", (await TestClient.ProblemAsync(409, client.DeleteAsync($"{Paths.AddressPools}/{pool.Id}"))).Problems.Single().Code);

        // Forgotten, it keeps what it may still announce; it takes nothing new, and is told to give everything up.
        var path = $"{Paths.Nodes}/{cutOff.Id}";
        for (var times = 0; times < 2; times++)
        {
            using var forgotten = await client.SendAsync(HttpMethod.Delete, path);
            Assert.Equal((202, NodeState.Forgotten), ((int)forgotten.StatusCode, (await client.GetAsync(path, CloudJson.Default.Node)).State));
        }

        await new Sweeper(service.Database).SweepAsync(CancellationToken.None);
        await Task.Delay(1000);
        Assert.Equal(ConnectionState.Allocating, (await client.ConnectionAsync(second)).State);
        Assert.NotEmpty(cutOff.Tunnels);
        if (comesBack)
        {
            cutOff.CutOff = false;
        }
        else
        {
            using var forced = await client.SendAsync(HttpMethod.Delete, path + "?force=true");
            Assert.Equal(204, (int)forced.StatusCode);
        }

        Assert.Equal(first.Tunnels.Select(tunnel => tunnel.CloudAddress).Order(), (await client.SettledAsync(second)).Tunnels.Select(tunnel => tunnel.CloudAddress).Order());
        if (comesBack)
        {
            Assert.Empty(cutOff.Tunnels);
            await new Sweeper(service.Database).SweepAsync(CancellationToken.None);
        }

        await TestClient.ProblemAsync(404, client.GetAsync(path, CloudJson.Default.Node));
        Assert.Equal(["audit", "operations"], await HoldersAsync(service, cutOff.Id));
    }

    [Fact]
    public async Task An_address_that_moved_twice_is_kept_back_until_both_of_its_earlier_nodes_have_given_it_up()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var client = service.Administrator;
        await client.PostAsync(Paths.AddressPools, new NewAddressPool("52.40.0.0/30"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var nodes = (await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b")).ToList();
        var (one, two) = (await service.AddCustomerAsync("one"), await service.AddCustomerAsync("two"));
        var first = await client.SettledAsync(await client.CreateAsync(one.Id, Requests.Static()));
        var dead = new List<TestNode>();
        for (var times = 0; times < 2; times++)
        {
            var holder = (await client.ConnectionAsync(first)).Tunnels[0].NodeId;
            dead.Add(nodes.Single(node => node.Id == holder));
            nodes.AddRange(await service.AddNodesAsync(new CustomerGateways(), $"zone-{times}"));
            dead[^1].CutOff = true;
            await Eventually.GetAsync(() => client.ConnectionAsync(first), now => now.Tunnels[0] is { Programmed: true } tunnel && tunnel.NodeId != holder, "an endpoint that has moved");
        }

        await GoneAsync(client, first);
        var second = await client.CreateAsync(two.Id, Requests.Static());
        dead[1].CutOff = false;
        await Eventually.GetAsync(async () => (await client.GetAsync($"{Paths.Nodes}/{dead[1].Id}", CloudJson.Default.Node)), now => now.State == NodeState.Ready && now.AppliedVersion == now.DesiredVersion, "the second of the nodes back");
        await Task.Delay(1000);
        Assert.Equal("waiting for free outside addresses", (await client.ConnectionAsync(second)).Operation!.Step);
        Assert.Single(dead[0].Tunnels);
        dead[0].CutOff = false;
        await client.SettledAsync(second);
        Assert.DoesNotContain(dead.SelectMany(node => node.Tunnels), tunnel => tunnel.ConnectionId == first.Id);
    }

    [Fact]
    public async Task A_customer_that_is_removed_while_its_nodes_are_cut_off_leaves_no_address_network_or_key()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var client = service.Administrator;
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync(change: asked => asked with { Dns = new DnsForwarding([], [new DnsForward("company.local", [new DnsServer("10.1.0.53")])]) });
        await client.PostAsync(Paths.Users(customer.Id), new NewUser("anna@acme.example", "correct horse battery", Role.Operator), CloudJson.Default.NewUser, CloudJson.Default.User);
        using var own = await service.ClientOfAsync(customer, Role.Operator);
        using (var secret = await client.SendAsync(HttpMethod.Post, Paths.WebhookSecret(customer.Id))) Assert.Equal(201, (int)secret.StatusCode);
        var connection = await own.SettledAsync(await own.CreateAsync(customer.Id, Requests.Static(), "one"));
        foreach (var node in nodes) await SilencedAsync(service, node);
        await GoneAsync(client, connection);
        await client.DeleteAsync(Paths.Customer(customer.Id));
        await TestClient.ProblemAsync(401, own.GetAsync(Paths.Session, CloudJson.Default.Session));

        // What the nodes still have to be told is all that knows the customer, beside the audit log.
        Assert.Equal(["audit", "node_customers"], await HoldersAsync(service, customer.Id));
        Assert.Equal(["audit"], await HoldersAsync(service, connection.Id));
        Assert.All(connection.Tunnels, tunnel => Assert.NotEqual("", tunnel.InsideNetwork));
        Assert.Equal((0, 0), await service.Database.ReadAsync(store => store.QuerySingleAsync<(int, int)>("select (select count(*) from tunnels)::int, (select count(*) from outside_addresses where connection_id is not null)::int"), CancellationToken.None));
        Assert.All(nodes, node => Assert.NotEmpty(node.Tunnels));
        nodes[1].Restarted = true;
        foreach (var node in nodes) node.CutOff = false;
        await Eventually.GetAsync(() => Task.FromResult(nodes.Sum(node => node.Tunnels.Count)), count => count == 0, "nodes without tunnels");
        foreach (var node in nodes) await Eventually.GetAsync(async () => await client.GetAsync($"{Paths.Nodes}/{node.Id}", CloudJson.Default.Node), now => now.AppliedVersion == now.DesiredVersion, "a node that has done everything");
        await new Sweeper(service.Database).SweepAsync(CancellationToken.None);
        Assert.Equal(["audit"], await HoldersAsync(service, customer.Id));
        var pool = Assert.Single((await client.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items);
        Assert.Equal(pool.Total, pool.Free);
        await client.DeleteAsync($"{Paths.AddressPools}/{pool.Id}");
    }

    [Fact]
    public async Task A_request_that_meets_a_node_just_being_forgotten_goes_on_without_it()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        Task<Connection> asked;
        await using (var store = await service.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (var transaction = await store.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await store.ExecuteAsync("delete from nodes where id = @Id", new { nodes[1].Id }, transaction);
            asked = service.Administrator.CreateAsync(customer.Id, Requests.Static());
            await Eventually.GetAsync(
                () => service.Database.ReadAsync(look => look.ExecuteScalarAsync<bool>("select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%into tunnels%')"), CancellationToken.None),
                waits => waits,
                "a request that waits for the node");
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal("waiting for two nodes of different failure domains", (await asked).Operation!.Step);
    }

    [Fact]
    public async Task A_dead_nodes_endpoint_is_not_replaced_but_moves_as_soon_as_a_node_is_there()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Bgp()));
        await SilencedAsync(service, nodes.Single(node => node.Id == connection.Tunnels[0].NodeId));

        // Nobody could take it: said at once, and nothing of the customer is held up.
        var refused = await TestClient.ProblemAsync(409, client.ActAsync(Paths.ReplaceEndpoint(customer.Id, connection.Id, 1)));
        Assert.Equal(("no-node", ReplaceSteps.NoNode(2)), (refused.Problems.Single().Code, refused.Problems.Single().Message));
        Assert.Null((await client.ConnectionAsync(connection)).Operation);
        var saviour = (await service.AddNodesAsync(new CustomerGateways(), "zone-c")).Single();
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[0] is { Programmed: true } tunnel && tunnel.NodeId == saviour.Id, "the endpoint on the new node");
        Assert.Equal(100, Assert.Single(saviour.Tunnels).MultiExitDiscriminator);
    }

    private static async Task<TestNode> SilencedAsync(TestService service, TestNode node)
    {
        node.CutOff = true;
        await Eventually.GetAsync(async () => (await service.Administrator.GetAsync($"{Paths.Nodes}/{node.Id}", CloudJson.Default.Node)).State, state => state == NodeState.Silent, "a silent node");
        return node;
    }

    private static async Task GoneAsync(TestClient client, Connection connection)
    {
        await client.DeleteAsync(Paths.Connection(connection.CustomerId, connection.Id));
        await Eventually.GetAsync(async () => (await client.GetAsync(Paths.Connections(connection.CustomerId), CloudJson.Default.PageConnection)).Items.Count, count => count == 0, "no connection");
    }

    /// <summary>The tables that hold an id anywhere.</summary>
    private static Task<string[]> HoldersAsync(TestService service, string id) => service.Database.ReadAsync(
        async store =>
        {
            var holders = new List<string>();
            foreach (var table in await store.QueryAsync<string>("select tablename from pg_tables where schemaname = 'public' order by tablename"))
            {
                if (await store.ExecuteScalarAsync<bool>($"select exists (select 1 from {table} t where t::text like '%' || @id || '%')", new { id })) holders.Add(table);
            }

            return holders.ToArray();
        },
        CancellationToken.None);
}
