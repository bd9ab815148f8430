using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>What the service changes and what may fail, with packets going.</summary>
[Trait("plane", "userspace")]
public sealed class CircleTests(ITestOutputHelper output)
{
    private const string Dns = "10.8.2.2";
    private const string Host = "customer-host";

    [Fact]
    public async Task Everything_wrong_with_a_request_is_said_at_once()
    {
        await using var service = await ServiceLab.UpAsync();
        var result = await service.Lab.TypeAsync("vpn", "create", "--contact", "nobody", "--gateway-address", "10.0.0.1", "--range", "10.1.0.1/24", "0.0.0.0/0");
        Assert.Equal(1, result.ExitCode);
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.StartsWith("error: ", line, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("10.0.0.1 is not a valid public IP address.", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("The route 10.1.0.1/24 must have a valid IP range, for example 10.10.1.0/24", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("0.0.0.0/0 is not a valid IP range for VPN routes.", StringComparison.Ordinal));
        Assert.Equal(2, (await service.Lab.RunAsync(Host, "env", "-u", "TUNNELWRIGHT_CLOUD", "tunnelwright", "vpn", "list")).ExitCode);
        Assert.Equal(3, (await service.Lab.TypeAsync("vpn", "list", "--cloud", "http://192.0.2.18:1")).ExitCode);
        Assert.Equal(1, (await service.Lab.TypeAsync("vpn", "show", "vpn-0")).ExitCode);
    }

    [Fact]
    public async Task Ranges_change_and_keys_rotate_with_traffic_going()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("static");
        await service.ConnectAsync(connection.Id);
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(20));
        await using (var ping = await Pinger.StartAsync(service.Lab, Host, Dns))
        {
            await service.VpnAsync("update", connection.Id, "--range", "10.1.0.0/24", "10.99.0.0/24", "--wait", "30");
            Assert.Equal(0, await ping.LostAsync());
        }

        await service.Lab.OutputAsync(Host, "ip", "address", "add", "10.99.0.10/32", "dev", "lo");
        await service.Lab.OutputAsync(TestLab.Gateway, "ip", "route", "add", "10.99.0.0/24", "via", "10.1.0.10");
        await Eventually.HoldsAsync("the new range is answered", TimeSpan.FromSeconds(10), async () => (await service.Lab.RunAsync(Host, "ping", "-c", "1", "-W", "1", "-I", "10.99.0.10", Dns)).Succeeded);

        await using var during = await Pinger.StartAsync(service.Lab, Host, Dns);
        await service.VpnAsync("rotate-keys", connection.Id);
        await service.ConnectAsync(connection.Id);
        await Eventually.HoldsAsync("both keys are rotated", TimeSpan.FromSeconds(60), async () => (await service.ShowAsync(connection.Id)) is { Operation: null } now && now.Tunnels.All(tunnel => tunnel.KeyGeneration == 2));
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(60));
        var lost = await during.LostAsync();
        output.WriteLine($"a rotation of both keys lost {lost} of 20 requests a second");
        Assert.True(lost < 100, $"{lost} requests lost while keys were rotated");
    }

    [Fact]
    public async Task Tunnels_go_on_without_the_control_plane_and_through_a_restart_of_the_nodes_agent()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("static");
        await service.ConnectAsync(connection.Id);
        var node = ServiceLab.NodeOf(connection, 1);
        await using var ping = await Pinger.StartAsync(service.Lab, Host, Dns);
        await service.KillControlAsync();
        await service.KillAgentAsync(node);
        await service.StartNodeAsync(node);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        // A daemon that dies while nobody can be asked comes back on what the node has on its disk.
        Assert.NotEqual("", await service.LeftOnAsync(node));
        Assert.Equal(0, await ping.LostAsync());
        await service.StartControlAsync();
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(30));
        Assert.Equal(0, await ping.LostAsync());
        Assert.Equal(connection.Tunnels.Select(tunnel => tunnel.NodeId), (await service.ShowAsync(connection.Id)).Tunnels.Select(tunnel => tunnel.NodeId));
    }

    [Fact]
    public async Task A_dead_nodes_endpoint_moves_with_its_address_and_the_gateway_comes_back()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("static");
        await service.ConnectAsync(connection.Id);
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(20));
        var (dead, living) = (ServiceLab.NodeOf(connection, 1), ServiceLab.NodeOf(connection, 2));
        await using var ping = await Pinger.StartAsync(service.Lab, Host, Dns);
        await service.KillNodeAsync(dead);
        var moved = await Eventually.HoldsAsync("the endpoint has moved", TimeSpan.FromSeconds(60), async () => (await service.ShowAsync(connection.Id)).Tunnels[0] is { NodeId: { } id, Programmed: true } && id != connection.Tunnels[0].NodeId);
        var back = await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(120));
        output.WriteLine($"moved after {moved.TotalSeconds:0.0} s, both tunnels up {back.TotalSeconds:0.0} s later, {await ping.LostAsync()} requests of 20 a second lost");
        var now = await service.ShowAsync(connection.Id);
        Assert.Equal(connection.Tunnels.Select(tunnel => tunnel.CloudAddress), now.Tunnels.Select(tunnel => tunnel.CloudAddress));
        Assert.DoesNotContain(now.Tunnels[0].FailureDomain, new[] { dead.FailureDomain, living.FailureDomain });

        // The dead node comes back, with its old desired state on its disk: it gives up what it has no more, and takes nothing away from the new one.
        await service.StartNodeAsync(dead);
        await Eventually.HoldsAsync("the old node has given everything up", TimeSpan.FromSeconds(30), async () => await service.LeftOnAsync(dead) == "");
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(10));
        await new Proofs(service.Lab).PingAsync();

        var down = await service.Lab.RunAsync(living.Host, "tunnelwright", "node", "down");
        Assert.True(down.ExitCode == 0, down.Error);
        Assert.Equal("", await service.LeftOnAsync(living));
        Assert.Equal(["sleep"], (await service.Lab.ProcessesAsync(living.Host)).Select(process => process.Name));
        Assert.Equal("", await service.Lab.OutputAsync(living.Host, "nft", "list", "ruleset"));
    }

    /// <summary>Four tunnels on three nodes: two share a node, and in userspace one of these has not the ports that its peer sends to.</summary>
    [Fact]
    public async Task A_second_connection_of_the_customer_shares_nodes_with_the_first()
    {
        await using var service = await ServiceLab.UpAsync();
        var first = await service.CreateAsync("static");
        var second = await service.CreateAsync("static", "203.0.113.3", "10.3.0.0/24");
        await service.Lab.OutputAsync(TestLab.Gateway, "ip", "address", "add", "203.0.113.3/24", "dev", "uplink");
        foreach (var tunnel in second.Tunnels) await service.Lab.OutputAsync(TestLab.Gateway, "ip", "route", "add", tunnel.CloudAddress, "via", "203.0.113.1", "src", "203.0.113.3");
        var all = first.Tunnels.Concat(second.Tunnels).ToList();
        Assert.Contains(all.GroupBy(tunnel => tunnel.NodeId), node => node.Count() > 1);
        Assert.Equal(4, all.Select(tunnel => tunnel.CloudAddress).Distinct().Count());
        await service.ConnectAsync(first.Id);
        await service.ConnectAsync(second.Id, "10.3.0.0/24");
        await service.SeesBothUpAsync(first.Id, TimeSpan.FromSeconds(30));
        await service.SeesBothUpAsync(second.Id, TimeSpan.FromSeconds(30));
    }

    /// <summary>What is not the customer's own: the nodes, the fabric, the service, another customer's endpoints.</summary>
    [Fact]
    public async Task From_a_tunnel_nothing_is_reached_but_the_customers_own_services()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("static");
        await service.ConnectAsync(connection.Id);
        await new Proofs(service.Lab).PassesAsync(TimeSpan.FromSeconds(30));
        var node = ServiceLab.NodeOf(connection, 1);
        string[] forbidden = ["169.254.0.1", $"{node.Uplink.Address}", $"{node.Fabric.Address}", $"{ServiceAddresses.RouterFabric.Address}", $"{ServiceAddresses.ControlFabric.Address}", .. connection.Tunnels.Select(tunnel => tunnel.CloudAddress)];
        var tunnelInterface = (await service.Lab.StatusAsync()).Connection.Tunnels[0].Interface!;
        await service.Lab.OutputAsync(TestLab.Gateway, "ip", "route", "add", "default", "dev", tunnelInterface, "table", "77");
        await service.Lab.OutputAsync(TestLab.Gateway, "ip", "rule", "add", "from", "10.1.0.10", "lookup", "77", "priority", "100");
        Assert.True((await service.Lab.RunAsync(Host, "ping", "-c", "1", "-W", "2", Dns)).Succeeded, "the rule of this test lets nothing through");
        foreach (var address in forbidden)
        {
            Assert.False((await service.Lab.RunAsync(Host, "ping", "-c", "1", "-W", "1", address)).Succeeded, $"{address} answers through the tunnel");
            Assert.False((await service.Lab.RunAsync(Host, "nc", "-z", "-w", "1", address, "8460")).Succeeded, $"{address} takes a connection through the tunnel");
        }
    }
}
