using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>With BGP a tunnel that is up has no route before its session stands: until then the other one has all of the traffic, and no step takes it away.</summary>
public sealed class OnlyWayTests(ClusterFixture cluster)
{
    private const string Draining = "traffic is leaving the endpoint";

    private readonly CustomerGateways _gateways = new();

    [Fact]
    public async Task An_endpoint_is_not_replaced_while_the_other_tunnel_is_up_without_its_session()
    {
        await using var service = await TestService.StartAsync(cluster);
        var (connection, nodes) = await UpAsync(service, withoutSession: 2);
        var client = service.Administrator;
        var refused = await TestClient.ProblemAsync(409, client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1)));
        Assert.Equal(("other-tunnel-down", "The BGP session of tunnel 2 is not established: traffic would have no other way."), (refused.Problems.Single().Code, refused.Problems.Single().Message));
        Assert.DoesNotContain(nodes.SelectMany(node => node.History), tunnel => tunnel.MultiExitDiscriminator > ReplaceSteps.RaisedMed);

        // The one without a session has no traffic to lose.
        await client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 2));
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[1] is { Programmed: true } tunnel && tunnel.NodeId != connection.Tunnels[1].NodeId, "the other endpoint on another node");
        Sessions(nodes);
        await client.SettledAsync(connection);
        await EstablishedAsync(client, connection);
        await client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1));
        Assert.NotEqual(connection.Tunnels[0].NodeId, (await client.SettledAsync(connection)).Tunnels[0].NodeId);
    }

    [Fact]
    public async Task A_replacement_waits_for_the_others_session_that_goes_meanwhile_and_goes_on_when_it_is_back()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.DrainSeconds = 1);
        var (connection, nodes) = await UpAsync(service);
        var client = service.Administrator;
        await LosesSessionWhileTrafficLeavesAsync(client, connection, nodes);
        Sessions(nodes);
        var after = await client.SettledAsync(connection);
        Assert.NotEqual(connection.Tunnels[0].NodeId, after.Tunnels[0].NodeId);
        Assert.Contains(await EventsAsync(client, connection), item => item.Kind == "endpoint.replaced");
    }

    [Fact]
    public async Task A_replacement_ends_with_everything_as_before_when_the_others_session_stays_away()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.DrainSeconds = 1);
        var (connection, nodes) = await UpAsync(service);
        var client = service.Administrator;
        var old = nodes.Single(node => node.Id == connection.Tunnels[0].NodeId);
        await LosesSessionWhileTrafficLeavesAsync(client, connection, nodes);
        await service.Database.ReadAsync(store => store.ExecuteAsync("update operations set step_at = step_at - interval '30 s' where finished_at is null"), CancellationToken.None);
        var after = await client.SettledAsync(connection);
        Assert.Equal(old.Id, after.Tunnels[0].NodeId);
        await Eventually.GetAsync(() => Task.FromResult(old.Tunnels.Single().MultiExitDiscriminator), med => med == 100, "the MED as before");
        Assert.DoesNotContain(nodes.Where(node => node != old).SelectMany(node => node.History), tunnel => tunnel.Number == 1);
        var told = Assert.Single(await EventsAsync(client, connection), item => item.Kind == "endpoint.not-replaced");
        Assert.Equal("The endpoint of tunnel 1 was not replaced. The BGP session of tunnel 2 is not established: traffic would have no other way. It stays where it was.", told.Text);
    }

    [Fact]
    public async Task The_second_key_is_switched_only_when_the_first_tunnel_has_its_session_again()
    {
        await using var service = await TestService.StartAsync(cluster);
        var (connection, nodes) = await UpAsync(service);
        var client = service.Administrator;
        foreach (var node in nodes) node.WithoutSession = [1];
        await client.ActAsync(Paths.RotateKeys(connection.CustomerId, connection.Id));
        _gateways.Configure(await client.FileAsync(connection));
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[0].Observed is { State: TunnelState.Up, Ike.KeyGeneration: 2 }, "tunnel 1 up with its new key");
        await Task.Delay(1500);
        Assert.Equal([2, 1], (await client.ConnectionAsync(connection)).Tunnels.Select(tunnel => tunnel.KeyGeneration));
        Sessions(nodes);
        Assert.Equal([2, 2], (await client.SettledAsync(connection)).Tunnels.Select(tunnel => tunnel.KeyGeneration));
    }

    [Fact]
    public async Task A_rotation_begins_with_the_tunnel_without_a_session()
    {
        await using var service = await TestService.StartAsync(cluster);
        var (connection, nodes) = await UpAsync(service, withoutSession: 2);
        await service.Administrator.ActAsync(Paths.RotateKeys(connection.CustomerId, connection.Id));
        Assert.Equal([1, 2], (await service.Administrator.ConnectionAsync(connection)).Tunnels.Select(tunnel => tunnel.KeyGeneration));
        Assert.Equal(3, nodes.Length);
    }

    /// <summary>A replacement of tunnel 1 that has come to the moment when the old node would give the endpoint up.</summary>
    private static async Task LosesSessionWhileTrafficLeavesAsync(TestClient client, Connection connection, TestNode[] nodes)
    {
        await client.ActAsync(Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1));
        foreach (var node in nodes) node.WithoutSession = [2];
        await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels[1].Observed?.Bgp?.State == "active", "a session that is gone");
        await Task.Delay(2500);
        var now = await client.ConnectionAsync(connection);
        Assert.Equal((Draining, connection.Tunnels[0].NodeId), (now.Operation?.Step, now.Tunnels[0].NodeId));
    }

    /// <summary>A connection with BGP whose tunnels are both up.</summary>
    private async Task<(Connection Connection, TestNode[] Nodes)> UpAsync(TestService service, int? withoutSession = null)
    {
        var nodes = await service.AddNodesAsync(_gateways, "zone-a", "zone-b", "zone-c");
        if (withoutSession is { } number)
        {
            foreach (var node in nodes) node.WithoutSession = [number];
        }

        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Bgp()));
        _gateways.Configure(await client.FileAsync(connection));
        return (await Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up"), nodes);
    }

    private static void Sessions(TestNode[] nodes)
    {
        foreach (var node in nodes) node.WithoutSession = [];
    }

    private static Task<Connection> EstablishedAsync(TestClient client, Connection connection) =>
        Eventually.GetAsync(() => client.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.Bgp?.State == "established"), "both sessions");

    private static async Task<IReadOnlyList<ChangeEvent>> EventsAsync(TestClient client, Connection connection) =>
        (await client.GetAsync(Paths.Timeline(connection.CustomerId, connection.Id), CloudJson.Default.PageChangeEvent)).Items;
}
