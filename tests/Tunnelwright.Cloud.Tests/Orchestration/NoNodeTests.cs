using System.Text.Json;
using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Endpoints that no node can take: nothing waits for one, and nothing is lost when one comes.</summary>
public sealed class NoNodeTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_replacement_that_nobody_could_carry_out_is_refused_at_once()
    {
        await using var service = await TestService.StartAsync(cluster);
        var (connection, _, _) = await UpAsync(service, "zone-a", "zone-b");
        var client = service.Administrator;
        var refused = await TestClient.ProblemAsync(409, client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 2)));
        Assert.Equal(("no-node", "No node can take the endpoint: none that reports, is not draining and is in another failure domain than tunnel 1's."), (refused.Problems.Single().Code, refused.Problems.Single().Message));
        var after = await client.ConnectionAsync(connection);
        Assert.Equal((ConnectionState.Available, null, connection.Version), (after.State, after.Operation, after.Version));
        await client.ChangeAsync(connection, new ConnectionChange(Ranges: ["10.77.0.0/16"]));
        await client.SettledAsync(connection);
    }

    [Fact]
    public async Task A_replacement_whose_node_goes_while_traffic_leaves_ends_with_everything_as_before()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.DrainSeconds = 2);
        var (connection, nodes, _) = await UpAsync(service, "zone-a", "zone-b", "zone-c");
        var client = service.Administrator;
        var (old, free) = (nodes.Single(node => node.Id == connection.Tunnels[0].NodeId), nodes.Single(node => connection.Tunnels.All(tunnel => tunnel.NodeId != node.Id)));
        await client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1));
        await Eventually.GetAsync(() => Task.FromResult(old.Tunnels.Single().MultiExitDiscriminator), med => med == 1100, "the raised MED");
        await DrainAsync(client, free);
        var after = await client.SettledAsync(connection);
        Assert.Equal(connection.Tunnels.Select(tunnel => (tunnel.NodeId, tunnel.CloudAddress, tunnel.KeyGeneration)), after.Tunnels.Select(tunnel => (tunnel.NodeId, tunnel.CloudAddress, tunnel.KeyGeneration)));
        await Eventually.GetAsync(() => Task.FromResult(old.Tunnels.Single().MultiExitDiscriminator), med => med == 100, "the MED as before");
        Assert.DoesNotContain(old.History, tunnel => tunnel.Number != 1);
        Assert.Empty(free.History);
        var told = Assert.Single(await EventsAsync(client, connection), item => item.Kind == "endpoint.not-replaced");
        Assert.Equal((1, "The endpoint of tunnel 1 was not replaced. No node can take the endpoint: none that reports, is not draining and is in another failure domain than tunnel 2's. It stays where it was."), (told.Tunnel, told.Text));
        Assert.Contains((await client.GetAsync(Paths.Audit(connection.CustomerId), CloudJson.Default.PageAuditEntry)).Items, entry => entry.Action == "connection.replacement-failed" && entry.Target == connection.Id);
    }

    [Fact]
    public async Task An_endpoint_that_was_given_up_goes_back_to_its_draining_node_when_no_other_is_left()
    {
        await using var service = await TestService.StartAsync(cluster);
        var (connection, nodes, _) = await UpAsync(service, "zone-a", "zone-b", "zone-c");
        var client = service.Administrator;
        var (old, free) = (nodes.Single(node => node.Id == connection.Tunnels[0].NodeId), nodes.Single(node => connection.Tunnels.All(tunnel => tunnel.NodeId != node.Id)));
        await DrainAsync(client, old);
        await ReleasedAsync(client, connection, old);
        await DrainAsync(client, free);
        old.Idle = false;
        Assert.Equal(old.Id, (await client.SettledAsync(connection)).Tunnels[0].NodeId);
        await Eventually.GetAsync(() => Task.FromResult(old.Tunnels.SingleOrDefault()?.MultiExitDiscriminator), med => med == 100, "the tunnel as before");
    }

    [Fact]
    public async Task An_endpoint_that_nobody_can_take_any_more_holds_up_nothing_and_goes_to_the_first_node_that_can()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var (connection, nodes, gateways) = await UpAsync(service, "zone-a", "zone-b", "zone-c");
        var client = service.Administrator;
        var (old, free) = (nodes.Single(node => node.Id == connection.Tunnels[0].NodeId), nodes.Single(node => connection.Tunnels.All(tunnel => tunnel.NodeId != node.Id)));
        await ReleasedAsync(client, connection, old);
        (old.CutOff, free.CutOff) = (true, true);
        var stranded = await client.SettledAsync(connection);
        Assert.Null(stranded.Tunnels[0].NodeId);
        Assert.Contains(await EventsAsync(client, connection), item => item.Kind == "endpoint.not-replaced" && item.Text.EndsWith("The first one that can will have it.", StringComparison.Ordinal));

        // The customer goes on meanwhile.
        await client.ChangeAsync(stranded, new ConnectionChange(Ranges: ["10.78.0.0/16"]));
        await client.SettledAsync(connection);
        Assert.Contains(await EventsAsync(client, connection), item => item.Kind == "connection.changed" && item.Text.EndsWith("The endpoint of tunnel 1 is on no living node, and takes it over with its next one.", StringComparison.Ordinal));
        var saviour = (await service.AddNodesAsync(gateways, "zone-d")).Single();
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[0] is { Programmed: true } tunnel && tunnel.NodeId == saviour.Id, "the endpoint on the new node");
        var taken = Assert.Single(saviour.Tunnels);
        Assert.Equal((connection.Tunnels[0].CloudAddress, "10.78.0.0/16", 100), (taken.CloudAddress, taken.Ranges.Single(), taken.MultiExitDiscriminator));
    }

    [Fact]
    public async Task A_dead_node_without_a_successor_holds_up_neither_new_ranges_nor_new_keys()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 4);
        var (connection, nodes, gateways) = await UpAsync(service, "zone-a", "zone-b");
        var client = service.Administrator;
        var (dead, living) = (nodes.Single(node => node.Id == connection.Tunnels[0].NodeId), nodes.Single(node => node.Id == connection.Tunnels[1].NodeId));
        dead.CutOff = true;
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[0].Observed?.State == TunnelState.Unknown, "a dead node");
        await client.ChangeAsync(connection, new ConnectionChange(Ranges: ["10.79.0.0/16"]));
        var changed = await client.SettledAsync(connection);
        Assert.Equal((dead.Id, false, true), (changed.Tunnels[0].NodeId, changed.Tunnels[0].Programmed, changed.Tunnels[1].Programmed));
        Assert.Equal(["10.79.0.0/16"], living.Tunnels.Single().Ranges);

        // The tunnel that carries everything gets its new key when the operator says that the gateway has it, and not before.
        await client.ActAsync(Paths.RotateKeys(connection.CustomerId, connection.Id));
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Operation?.Step == "no living node has the endpoint of tunnel 1: confirm when the gateway has both new keys", "a rotation that asks");
        Assert.Equal(1, living.Tunnels.Single().KeyGeneration);
        gateways.Configure(await client.FileAsync(connection));
        await client.ActAsync(Paths.ConfirmKeys(connection.CustomerId, connection.Id));
        var rotated = await client.SettledAsync(connection);
        Assert.Equal([2, 2], rotated.Tunnels.Select(tunnel => tunnel.KeyGeneration));
        Assert.Equal(2, living.Tunnels.Single().KeyGeneration);

        // Whoever has the endpoint next begins with all of it, and the gateway fits.
        var saviour = (await service.AddNodesAsync(gateways, "zone-c")).Single();
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up");
        Assert.Equal((2, "10.79.0.0/16"), (saviour.Tunnels.Single().KeyGeneration, saviour.Tunnels.Single().Ranges.Single()));
    }

    [Fact]
    public async Task A_service_that_has_just_started_waits_for_nodes_that_could_not_report()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.SilentAfterSeconds = 6);
        var (connection, nodes, _) = await UpAsync(service, "zone-a", "zone-b");
        foreach (var node in nodes) node.CutOff = true;
        await service.Database.ReadAsync(store => store.ExecuteAsync("update nodes set last_seen_at = now() - interval '1 hour'"), CancellationToken.None);
        await using var fresh = await service.StartReplicaAsync();
        await service.App.StopAsync(TestContext.Current.CancellationToken);
        using var client = fresh.ClientOf(service.Administrator.Http.DefaultRequestHeaders.Authorization!.Parameter);
        await client.ChangeAsync(connection, new ConnectionChange(Ranges: ["10.80.0.0/16"]));
        await Task.Delay(2000);
        Assert.NotNull((await client.ConnectionAsync(connection)).Operation);
        await client.SettledAsync(connection);
    }

    /// <summary>A connection whose tunnels are both up.</summary>
    private static async Task<(Connection Connection, TestNode[] Nodes, CustomerGateways Gateways)> UpAsync(TestService service, params string[] domains)
    {
        var gateways = new CustomerGateways();
        var nodes = await service.AddNodesAsync(gateways, domains);
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Static()));
        gateways.Configure(await client.FileAsync(connection));
        return (await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up"), nodes, gateways);
    }

    /// <summary>Begins a replacement of tunnel 1 that has come so far that the old node, which does nothing for now, is giving the endpoint up.</summary>
    private static async Task ReleasedAsync(TestClient client, Connection connection, TestNode old)
    {
        await client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1));
        await Eventually.GetAsync(() => Task.FromResult(old.Tunnels.Single().MultiExitDiscriminator), med => med == 1100, "the raised MED");
        old.Idle = true;
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[0].NodeId is null, "an endpoint that is being given up");
    }

    private static async Task DrainAsync(TestClient client, TestNode node)
    {
        using var answer = await client.SendAsync(HttpMethod.Patch, $"{Paths.Nodes}/{node.Id}", JsonSerializer.Serialize(new NodeChange(true), CloudJson.Default.NodeChange));
        Assert.Equal(200, (int)answer.StatusCode);
    }

    private static async Task<IReadOnlyList<ChangeEvent>> EventsAsync(TestClient client, Connection connection) =>
        (await client.GetAsync(Paths.Timeline(connection.CustomerId, connection.Id), CloudJson.Default.PageChangeEvent)).Items;
}
