using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>What a customer announces and has not registered: dropped, counted, and told through the API.</summary>
[Trait("plane", "userspace")]
public sealed class RefusedPrefixesTests
{
    [Fact]
    public async Task Prefixes_in_no_registered_range_are_counted()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("bgp");
        await service.ConnectAsync(connection.Id, "10.1.0.0/24,10.77.0.0/24,10.78.0.0/24");
        await Eventually.HoldsAsync("the service sees what was refused", TimeSpan.FromSeconds(30), async () => (await service.ShowAsync(connection.Id)).Tunnels.All(tunnel =>
            tunnel.Observed is { State: TunnelState.Up, Bgp: { State: "established", PrefixesIn: 1, PrefixesRefused: 2 } }));
        Assert.Contains("1 in, 1 out, 2 refused", await service.VpnAsync("show", connection.Id), StringComparison.Ordinal);
        Assert.DoesNotContain("10.77.", await service.Lab.OutputAsync("cloud-router", "ip", "route"), StringComparison.Ordinal);
    }
}
