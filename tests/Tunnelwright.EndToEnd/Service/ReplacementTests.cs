using System.Diagnostics;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>An endpoint that is replaced for maintenance, with packets going: where they go at each step, and what is lost.</summary>
[Trait("plane", "userspace")]
public sealed class ReplacementTests(ITestOutputHelper output)
{
    private const string Draining = "traffic is leaving the endpoint";

    [Theory]
    [InlineData("bgp")]
    [InlineData("static")]
    public async Task The_endpoint_of_tunnel_1_is_replaced_while_a_stream_runs(string routing)
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync(routing);
        await service.ConnectAsync(connection.Id);
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(30));
        using var provider = service.Administrator();
        var other = ServiceLab.NodeOf(connection, 2);
        var second = (await service.Lab.StatusAsync()).Tunnel(2).Interface!;
        await using var stream = await EchoStream.StartAsync(service.Lab.Host("customer-host"), "10.8.2.2");
        await Eventually.HoldsAsync("traffic goes over tunnel 1 both ways", TimeSpan.FromSeconds(15), async () => await LookAsync() is { Out: false, Back: false });

        var began = stream.Now;
        await provider.SendAsync(HttpMethod.Post, Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1), CloudJson.Default.Connection);
        var looks = new List<(TimeSpan At, string? Step, bool Out, bool Back)>();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60);)
        {
            // The step is asked for last: what was seen before it held while the step still lasted.
            var (outward, back) = await LookAsync();
            var now = (await provider.GetAsync(Paths.Connection(connection.CustomerId, connection.Id), CloudJson.Default.Connection))!;
            looks.Add((stream.Now - began, now.Operation?.Step, outward, back));
            if (now.Operation is null) break;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        var lost = await stream.LostAsync();
        foreach (var step in looks.GroupBy(look => (look.Step, look.Out, look.Back)))
            output.WriteLine($"{step.First().At.TotalSeconds:0.0} to {step.Last().At.TotalSeconds:0.0} s: {step.Key.Step ?? "done"}; out over tunnel {(step.Key.Out ? 2 : 1)}, back over tunnel {(step.Key.Back ? 2 : 1)}");
        output.WriteLine($"{routing}: {lost.Count} of {stream.Sent} packets lost, 10 ms apart, longest gap {stream.Gap(lost).TotalMilliseconds:0} ms: {string.Join(' ', lost.Select(at => $"{(at - began).TotalSeconds:0.00}"))}");
        Assert.Null(looks[^1].Step);

        // Before the old node gives it up nothing goes over it any more: the cloud's own router follows the MED, and with BGP the customer's gateway does.
        var last = looks.Last(look => look.Step == Draining);
        Assert.True(last.Back, "the cloud's network sends over the endpoint until it goes");
        if (routing == "bgp") Assert.True(last.Out, "the customer's gateway sends over the endpoint until it goes");
        Assert.True(lost.Count <= (routing == "bgp" ? 0 : 20), $"{lost.Count} packets lost");

        var after = await service.ShowAsync(connection.Id);
        Assert.Equal(connection.Tunnels.Select(tunnel => (tunnel.CloudAddress, tunnel.InsideNetwork, tunnel.KeyGeneration)), after.Tunnels.Select(tunnel => (tunnel.CloudAddress, tunnel.InsideNetwork, tunnel.KeyGeneration)));
        Assert.DoesNotContain(after.Tunnels[0].NodeId, connection.Tunnels.Select(tunnel => tunnel.NodeId));
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync("traffic is back on tunnel 1 both ways", TimeSpan.FromSeconds(15), async () => await LookAsync() is { Out: false, Back: false });
        Assert.Equal(lost.Count, (await stream.LostAsync()).Count);

        // Whether tunnel 2 is taken, out from the customer's gateway and back from the cloud's router.
        async Task<(bool Out, bool Back)> LookAsync()
        {
            var gateway = service.Lab.OutputAsync(TestLab.Gateway, "ip", "route", "get", "10.8.2.2", "from", "10.1.0.10", "iif", "lan");
            var router = service.Lab.OutputAsync("cloud-router", "ip", "route", "get", "10.1.0.10");
            return ((await gateway).Contains($"dev {second} ", StringComparison.Ordinal), (await router).Contains($"via {other.Fabric.Address} ", StringComparison.Ordinal));
        }
    }

    /// <summary>Tunnel 2 is up, packets would pass through it, and its BGP session does not come up: tunnel 1 has the only route.</summary>
    [Fact]
    public async Task An_endpoint_with_the_only_route_stays_until_the_other_tunnels_session_stands()
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync("bgp");
        using var provider = service.Administrator();
        var gateway = new Nftables(new NetworkNamespace(service.Lab.Host(TestLab.Gateway).Namespace));
        var inside = connection.Tunnels[1].InsideNetwork;
        await gateway.ApplyAsync(
            $$"""
            table inet mute {
              chain in { type filter hook input priority -10; ip saddr {{inside}} tcp dport 179 drop; ip saddr {{inside}} tcp sport 179 drop; }
              chain out { type filter hook output priority -10; ip daddr {{inside}} tcp dport 179 drop; ip daddr {{inside}} tcp sport 179 drop; }
            }
            """,
            TestContext.Current.CancellationToken);
        await service.BeginAsync(connection.Id);
        await Eventually.HoldsAsync("both tunnels are up, the second without its session", TimeSpan.FromSeconds(60), async () =>
            (await ShowAsync()).Tunnels is [{ Observed: { State: TunnelState.Up, Bgp.State: "established" } }, { Observed: { State: TunnelState.Up, Bgp.State: not "established" } }]);
        await new Proofs(service.Lab).PassesAsync(TimeSpan.FromSeconds(15));
        await using var stream = await EchoStream.StartAsync(service.Lab.Host("customer-host"), "10.8.2.2");
        var refused = await Assert.ThrowsAsync<ServiceException>(ReplaceAsync);
        Assert.Equal((409, "The BGP session of tunnel 2 is not established: traffic would have no other way."), (refused.Status, refused.Message));

        // Longer than traffic gets to leave.
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Empty(await stream.LostAsync());
        await gateway.DeleteTableAsync("inet", "mute", TestContext.Current.CancellationToken);
        var asked = 0;
        await Eventually.HoldsAsync("the replacement is accepted", TimeSpan.FromSeconds(60), async () =>
        {
            asked++;
            try
            {
                await ReplaceAsync();
                return true;
            }
            catch (ServiceException notYet) when (notYet.Status == 409)
            {
                return false;
            }
        });
        await Eventually.HoldsAsync("the endpoint is replaced", TimeSpan.FromSeconds(60), async () => (await ShowAsync()) is { Operation: null } now && now.Tunnels[0].NodeId != connection.Tunnels[0].NodeId);
        var lost = await stream.LostAsync();
        output.WriteLine($"asked for {asked} times until the session stood; {lost.Count} of {stream.Sent} packets lost, 10 ms apart, longest gap {stream.Gap(lost).TotalMilliseconds:0} ms");
        Assert.Empty(lost);

        Task<Connection> ReplaceAsync() => provider.SendAsync(HttpMethod.Post, Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, 1), CloudJson.Default.Connection);

        async Task<Connection> ShowAsync() => (await provider.GetAsync(Paths.Connection(connection.CustomerId, connection.Id), CloudJson.Default.Connection))!;
    }
}
