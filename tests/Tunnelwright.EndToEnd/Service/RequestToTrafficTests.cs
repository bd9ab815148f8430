using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>The whole circle, on both data planes: a request, a file, two tunnels, traffic, and nothing left after its end.</summary>
public sealed class RequestToTrafficTests
{
    private const string Dns = "10.8.2.2";
    private const string Host = "customer-host";

    [Fact]
    public Task A_request_becomes_a_file_and_the_file_two_tunnels_with_traffic() => CircleAsync("static");

    /// <summary>The routing is the same on both planes.</summary>
    [Fact]
    [Trait("plane", "userspace")]
    public Task The_same_with_BGP() => CircleAsync("bgp");

    private static async Task CircleAsync(string routing)
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync(routing);
        Assert.Equal(ConnectionState.Available, connection.State);
        Assert.NotEqual(connection.Tunnels[0].FailureDomain, connection.Tunnels[1].FailureDomain);
        await service.ConnectAsync(connection.Id);
        var proofs = new Proofs(service.Lab);
        await proofs.PassesAsync(TimeSpan.FromSeconds(30));
        await Task.WhenAll(proofs.PingAsync(), proofs.LargePacketsAsync(), proofs.NamesAsync(), proofs.WebAsync(), proofs.DatabaseAsync(), proofs.FrontEndHidesAsync(), proofs.OtherDirectionAsync());
        await ThroughEachAsync(service, connection);
        await UnregisteredRangeAsync(service);
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(20));
        await Eventually.HoldsAsync("the service sees bytes both ways", TimeSpan.FromSeconds(20), async () =>
            (await service.ShowAsync(connection.Id)).Tunnels.Any(tunnel => tunnel.Observed!.Child is { BytesIn: > 0, BytesOut: > 0 }));
        if (routing == "bgp")
            await Eventually.HoldsAsync("the service sees both BGP sessions with their routes", TimeSpan.FromSeconds(20), async () =>
                (await service.ShowAsync(connection.Id)).Tunnels.All(tunnel => tunnel.Observed!.Bgp is { State: "established", PrefixesIn: 1, PrefixesOut: 1 }));

        await service.VpnAsync("delete", connection.Id, "--wait", "30");
        foreach (var node in ServiceAddresses.Nodes) Assert.Equal("", await service.LeftOnAsync(node));
        Assert.DoesNotContain("198.51.100.", await service.Lab.OutputAsync("internet", "ip", "route"), StringComparison.Ordinal);
    }

    /// <summary>Through each tunnel for itself, whichever is preferred, and on the kernel plane through the kernel's ESP at both ends.</summary>
    private static async Task ThroughEachAsync(ServiceLab service, Connection connection)
    {
        const string other = "10.8.2.3";
        Assert.Equal(TestMachine.DataPlane, (await service.Lab.StatusAsync()).Document.DataPlane);
        foreach (var number in new[] { 1, 2 })
        {
            var before = (await service.Lab.StatusAsync()).Tunnel(number);
            await service.Lab.OutputAsync(TestLab.Gateway, "ip", "route", "add", other, "dev", before.Interface!);
            await service.Lab.OutputAsync(Host, "ping", "-c", "3", "-i", "0.2", "-s", "1000", "-W", "2", other);
            var sent = (await service.Lab.StatusAsync()).Tunnel(number).Child!.BytesOut - before.Child!.BytesOut;
            Assert.True(sent >= 3000, $"{sent} bytes went through tunnel {number}");
            await service.Lab.OutputAsync(TestLab.Gateway, "ip", "route", "del", other, "dev", before.Interface!);
            if (TestMachine.DataPlane != "kernel") continue;
            var states = await service.Lab.OutputAsync(ServiceLab.NodeOf(connection, number).Host, "ip", "netns", "exec", $"twc.{connection.CustomerId}", "ip", "xfrm", "state");
            Assert.Contains($"src {connection.Tunnels[number - 1].CloudAddress} dst {connection.GatewayAddress}", states, StringComparison.Ordinal);
        }
    }

    private static async Task UnregisteredRangeAsync(ServiceLab service)
    {
        await service.Lab.OutputAsync(Host, "ip", "address", "add", "10.99.0.10/24", "dev", "eth0");
        Assert.False((await service.Lab.RunAsync(Host, "ping", "-c", "1", "-W", "1", "-I", "10.99.0.10", Dns)).Succeeded, "a range that is not registered is answered");
        await service.Lab.OutputAsync(Host, "ip", "address", "del", "10.99.0.10/24", "dev", "eth0");
    }
}
