using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>A node that lives and serves, and that the control plane does not hear any more.</summary>
[Trait("plane", "userspace")]
public sealed class SplitTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_node_cut_off_from_the_control_plane_serves_on_and_loses_its_endpoint_without_a_fight()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("bgp");
        await service.ConnectAsync(connection.Id);
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(30));
        using var provider = service.Administrator();
        var node = ServiceLab.NodeOf(connection, 1);
        await using var stream = await EchoStream.StartAsync(service.Lab.Host("customer-host"), "10.8.2.2");
        var cut = stream.Now;
        await service.CutOffAsync(node);

        // Within the service's patience (8 s) nothing happens at all.
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Empty(await stream.LostAsync());
        Assert.Equal(connection.Tunnels[0].NodeId, (await ShowAsync()).Tunnels[0].NodeId);

        await Eventually.HoldsAsync("the endpoint has moved", TimeSpan.FromSeconds(40), async () => (await ShowAsync()).Tunnels[0] is { Programmed: true, NodeId: { } id } && id != connection.Tunnels[0].NodeId);
        var moved = stream.Now;
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(90));
        var back = stream.Now;
        Assert.Single(await service.CustomersOnAsync(node));
        var lost = await stream.LostAsync();
        output.WriteLine($"moved {(moved - cut).TotalSeconds:0.0} s after the cut, both tunnels up {(back - moved).TotalSeconds:0.0} s later; {lost.Count} of {stream.Sent} packets lost, 10 ms apart, longest gap {stream.Gap(lost).TotalSeconds:0.0} s: {string.Join(' ', lost.GroupBy(at => (int)(at - cut).TotalSeconds).Select(second => $"{second.Count()} in second {second.Key}"))}");
        Assert.True(stream.Gap(lost) < TimeSpan.FromSeconds(8), $"no packet passed for {stream.Gap(lost).TotalSeconds:0.0} s");

        // The old node's side of the old tunnel is still there; packets of neither end may get stuck in it.
        var settled = lost.Count;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(settled, (await stream.LostAsync()).Count);

        await service.JoinAsync();
        await Eventually.HoldsAsync("the node that was cut off has given everything up", TimeSpan.FromSeconds(40), async () => await service.LeftOnAsync(node) == "");
        await Eventually.HoldsAsync("every node has the newest version", TimeSpan.FromSeconds(30), async () =>
            (await provider.GetAsync(Paths.Nodes, CloudJson.Default.PageNode))!.Items.All(one => one.State == NodeState.Ready && one.AppliedVersion == one.DesiredVersion));
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(10));

        // One home for each address: one namespace with it, one route to it.
        var after = await ShowAsync();
        Assert.Equal(connection.Tunnels.Select(tunnel => tunnel.CloudAddress), after.Tunnels.Select(tunnel => tunnel.CloudAddress));
        foreach (var one in ServiceAddresses.Nodes)
        {
            var here = after.Tunnels.Where(tunnel => tunnel.FailureDomain == one.FailureDomain).ToList();
            Assert.Equal(here.Count > 0 ? 1 : 0, (await service.CustomersOnAsync(one)).Count);
            foreach (var tunnel in here)
                Assert.Contains($"via {one.Uplink.Address} ", Assert.Single((await service.Lab.OutputAsync("internet", "ip", "route", "show", tunnel.CloudAddress)).Split('\n')), StringComparison.Ordinal);
        }

        Assert.Equal(settled, (await stream.LostAsync()).Count);

        async Task<Connection> ShowAsync() => (await provider.GetAsync(Paths.Connection(connection.CustomerId, connection.Id), CloudJson.Default.Connection))!;
    }
}
