using Dapper;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Formats;

namespace Tunnelwright.Cloud.Tests;

/// <summary>A connection from the request to the last trace of it.</summary>
public sealed class LifeTests(ClusterFixture cluster)
{
    private readonly CustomerGateways _gateways = new();

    [Fact]
    public async Task A_request_becomes_two_programmed_endpoints_in_two_failure_domains_and_a_file_with_their_keys()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(_gateways, "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        using var client = await service.ClientOfAsync(customer, Role.Operator);
        var asked = await client.CreateAsync(customer.Id, Requests.Bgp());
        Assert.Equal((ConnectionState.Programming, false, 2), (asked.State, asked.FileReady, asked.Tunnels.Count));
        var ready = await client.SettledAsync(asked);
        Assert.Equal(2, ready.Tunnels.Select(tunnel => tunnel.FailureDomain).Distinct().Count());
        Assert.All(ready.Tunnels, tunnel => Assert.True(tunnel.Programmed));

        var read = ProviderFile.Read(await client.FileAsync(ready));
        Assert.DoesNotContain(read.Problems, problem => problem.Severity == Model.Severity.Error);
        foreach (var tunnel in read.Connection!.Tunnels)
        {
            var programmed = nodes.SelectMany(node => node.Tunnels).Single(there => there.Number == tunnel.Number);
            Assert.Equal(
                (programmed.PreSharedKey, programmed.CloudAddress, programmed.CustomerAddress, $"{programmed.Bgp!.CustomerAsn}"),
                (tunnel.Ike.PreSharedKey!.Reveal(), tunnel.CloudOutside.ToString(), tunnel.CustomerOutside.ToString(), tunnel.Bgp!.CustomerAsn.ToString()));
            Assert.Equal(Model.Cidr.Parse(programmed.InsideNetwork), tunnel.CloudInside.Network);
            Assert.Equal(["10.1.0.0/16"], programmed.Ranges);
        }

        _gateways.Configure(await client.FileAsync(ready));
        await Eventually.GetAsync(() => client.ConnectionAsync(ready), now => now.Tunnels.All(tunnel => tunnel.Observed is { State: TunnelState.Up, Child.BytesIn: > 0 }), "both tunnels up");
    }

    [Fact]
    public async Task Without_two_failure_domains_it_waits_and_goes_on_when_they_come()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(_gateways, "zone-a", "zone-a");
        var customer = await service.AddCustomerAsync();
        var asked = await service.Administrator.CreateAsync(customer.Id, Requests.Static());
        Assert.Equal((ConnectionState.Allocating, "waiting for two nodes of different failure domains"), (asked.State, asked.Operation!.Step));
        await service.AddNodesAsync(_gateways, "zone-b");
        Assert.Equal(2, (await service.Administrator.SettledAsync(asked)).Tunnels.Select(tunnel => tunnel.FailureDomain).Distinct().Count());
    }

    [Theory]
    [InlineData(RoutingKind.Static)]
    [InlineData(RoutingKind.Bgp)]
    public async Task Changed_ranges_reach_both_nodes_with_keys_and_addresses_as_they_were(RoutingKind routing)
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(_gateways, "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var before = await client.SettledAsync(await client.CreateAsync(customer.Id, routing == RoutingKind.Bgp ? Requests.Bgp() : Requests.Static()));
        var settings = nodes.SelectMany(node => node.Tunnels).OrderBy(tunnel => tunnel.Number).ToArray();
        var changed = await client.ChangeAsync(before, new ConnectionChange(Ranges: ["10.1.0.0/16", "10.77.0.0/24"]));
        Assert.Equal((ConnectionState.Changing, OperationKind.ChangeRanges), (changed.State, changed.Operation!.Kind));
        await client.SettledAsync(changed);
        var after = nodes.SelectMany(node => node.Tunnels).OrderBy(tunnel => tunnel.Number).ToArray();
        Assert.All(after, tunnel => Assert.Equal(["10.1.0.0/16", "10.77.0.0/24"], tunnel.Ranges));
        Assert.Equal(settings.Select(Fixed), after.Select(Fixed));

        static (string, string, string, int, int) Fixed(NodeTunnel tunnel) => (tunnel.PreSharedKey, tunnel.CloudAddress, tunnel.InsideNetwork, tunnel.KeyGeneration, tunnel.MultiExitDiscriminator);
    }

    [Fact]
    public async Task Keys_rotate_one_tunnel_at_a_time_the_second_when_the_first_is_up_with_its_new_key()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(_gateways, "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        _gateways.Configure(await client.FileAsync(connection));
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up");

        await client.ActAsync(Paths.RotateKeys(customer.Id, connection.Id));
        var waiting = await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Operation?.Step == "waiting for tunnel 1 to come up with its new key", "the wait for tunnel 1");
        Assert.Equal([TunnelState.Down, TunnelState.Up], waiting.Tunnels.Select(tunnel => tunnel.Observed!.State));
        Assert.Equal([2, 1], waiting.Tunnels.Select(tunnel => tunnel.KeyGeneration));

        _gateways.Configure(await client.FileAsync(connection));
        var done = await client.SettledAsync(connection);
        Assert.Equal([2, 2], done.Tunnels.Select(tunnel => tunnel.KeyGeneration));
        Assert.All(nodes.SelectMany(node => node.Tunnels), tunnel => Assert.True(_gateways.Fits(tunnel)));
        Assert.Equal(4, nodes.SelectMany(node => node.History).Select(tunnel => tunnel.PreSharedKey).Distinct().Count());
    }

    [Fact]
    public async Task An_operator_may_confirm_the_new_key_of_a_gateway_that_nobody_sees()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(_gateways, "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        await client.ActAsync(Paths.RotateKeys(customer.Id, connection.Id));
        foreach (var tunnel in new[] { 1, 2 })
        {
            await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Operation?.Step == $"waiting for tunnel {tunnel} to come up with its new key", $"the wait for tunnel {tunnel}");
            Assert.Equal("other-tunnel", (await TestClient.ProblemAsync(409, client.ActAsync(Paths.ConfirmKeys(customer.Id, connection.Id, 3 - tunnel)))).Problems.Single().Code);
            await client.ActAsync(Paths.ConfirmKeys(customer.Id, connection.Id, tunnel == 1 ? 1 : null));
        }

        await client.SettledAsync(connection);
        Assert.Equal("not-rotating", (await TestClient.ProblemAsync(409, client.ActAsync(Paths.ConfirmKeys(customer.Id, connection.Id)))).Problems.Single().Code);
    }

    [Fact]
    public async Task A_replaced_endpoint_is_drained_by_its_MED_and_keeps_address_key_and_network_on_another_node()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(_gateways, "zone-a", "zone-b", "zone-c");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var before = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Bgp()));
        Assert.Equal([100, 200], nodes.SelectMany(node => node.Tunnels).Select(tunnel => tunnel.MultiExitDiscriminator).Order());
        _gateways.Configure(await client.FileAsync(before));
        await Eventually.GetAsync(() => client.ConnectionAsync(before), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up");

        await client.ActAsync(Paths.ReplaceEndpoint(customer.Id, before.Id, 1));
        var after = await client.SettledAsync(before);
        Assert.NotEqual(before.Tunnels[0].NodeId, after.Tunnels[0].NodeId);
        Assert.Equal(before.Tunnels[1].NodeId, after.Tunnels[1].NodeId);
        Assert.Equal((before.Tunnels[0].CloudAddress, before.Tunnels[0].InsideNetwork), (after.Tunnels[0].CloudAddress, after.Tunnels[0].InsideNetwork));
        var old = nodes.Single(node => node.Id == before.Tunnels[0].NodeId);
        Assert.Empty(old.Tunnels);
        Assert.Equal([100, 1100], old.History.Select(tunnel => tunnel.MultiExitDiscriminator).Distinct());
        Assert.Equal([1100, 100], nodes.Single(node => node.Id == after.Tunnels[0].NodeId).History.Where(tunnel => tunnel.Number == 1).Select(tunnel => tunnel.MultiExitDiscriminator).Distinct());
        Assert.Equal([200], nodes.Single(node => node.Id == after.Tunnels[1].NodeId).History.Where(tunnel => tunnel.Number == 2).Select(tunnel => tunnel.MultiExitDiscriminator).Distinct());
    }

    [Fact]
    public async Task An_endpoint_is_not_replaced_while_the_other_tunnel_is_down()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(_gateways, "zone-a", "zone-b", "zone-c");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        var file = await client.FileAsync(connection);
        var second = ProviderFile.Read(file).Connection!.Tunnels[1].Ike.PreSharedKey!.Reveal();
        _gateways.Configure(file.Replace(second, "AnotherKeyThanTheRightOne"));
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[0].Observed?.State == TunnelState.Up, "tunnel 1 up");
        Assert.Equal("other-tunnel-down", (await TestClient.ProblemAsync(409, client.ActAsync(Paths.ReplaceEndpoint(customer.Id, connection.Id, 1)))).Problems.Single().Code);
    }

    [Fact]
    public async Task A_deleted_connection_leaves_nothing_behind_but_its_history()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(_gateways, "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        foreach (var node in nodes) node.Idle = true;
        await client.DeleteAsync(Paths.Connection(customer.Id, connection.Id));

        // Not yet: the nodes still have it, so its addresses are nobody else's.
        Assert.Equal(ConnectionState.Deleting, (await client.ConnectionAsync(connection)).State);
        Assert.Equal(2, (await client.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items.Sum(pool => pool.Total - pool.Free));
        foreach (var node in nodes) node.Idle = false;
        await Eventually.GetAsync(async () => (await client.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items.Count, count => count == 0, "no connection");
        Assert.Equal(404, (int)(await Assert.ThrowsAsync<AnswerException>(() => client.ConnectionAsync(connection))).Status);
        Assert.All(nodes, node => Assert.Empty(node.Tunnels));
        var left = await service.Database.ReadAsync(
            store => store.QuerySingleAsync<(long, long, long, long)>("select (select count(*) from tunnels), (select count(*) from connections), (select count(*) from outside_addresses where connection_id is not null), (select count(*) from operations where finished_at is null)"),
            CancellationToken.None);
        Assert.Equal((0, 0, 0, 0), left);
        Assert.Contains((await client.GetAsync(Paths.Audit(customer.Id), CloudJson.Default.PageAuditEntry)).Items, entry => entry.Action == "connection.delete" && entry.Target == connection.Id);
        await client.DeleteAsync(Paths.Customer(customer.Id));
    }

    [Fact]
    public async Task A_connection_that_waits_for_nodes_can_be_deleted()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.CreateAsync(customer.Id, Requests.Static());
        await service.Administrator.DeleteAsync(Paths.Connection(customer.Id, connection.Id));
        await Eventually.GetAsync(async () => (await service.Administrator.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items.Count, count => count == 0, "no connection");
    }
}
