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

    private static async Task UnregisteredRangeAsync(ServiceLab service)
    {
        await service.Lab.OutputAsync(Host, "ip", "address", "add", "10.99.0.10/24", "dev", "eth0");
        Assert.False((await service.Lab.RunAsync(Host, "ping", "-c", "1", "-W", "1", "-I", "10.99.0.10", Dns)).Succeeded, "a range that is not registered is answered");
        await service.Lab.OutputAsync(Host, "ip", "address", "del", "10.99.0.10/24", "dev", "eth0");
    }
}
