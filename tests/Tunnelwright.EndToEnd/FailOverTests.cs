namespace Tunnelwright.EndToEnd;

/// <summary>The ways in which the tunnel in use dies, silent and clean: the other one takes over within moments, both ways, and nothing is lost when the first is back.</summary>
public sealed class FailOverTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    private const string Customer = "customer-host";
    private const string CloudDns = "10.8.2.2";

    /// <summary>Requests without an answer, of twenty a second: a busy machine may be late, a death that only a hold time of 30 s ends is not missed.</summary>
    private const int MostLost = 100;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(TestMachine.IsGuest ? 60 : 20);

    [Theory]
    [InlineData("static", "black-hole-in")]
    [InlineData("static", "black-hole-out")]
    [InlineData("static", "endpoint-frozen")]
    [InlineData("static", "peer-deletes")]
    [InlineData("bgp", "black-hole-in")]
    [InlineData("bgp", "black-hole-out")]
    [InlineData("bgp", "endpoint-frozen")]
    [InlineData("bgp", "peer-deletes")]
    public async Task The_other_tunnel_takes_over(string routing, string fault)
    {
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        await lab.FaultAsync("heal");
        await lab.BringUpAsync();
        await new Proofs(lab).PassesAsync(Moment);
        var active = (await lab.StatusAsync()).Connection.Active!.Value;
        await using (var outward = await Pinger.StartAsync(lab, Customer, CloudDns))
        await using (var inward = await Pinger.StartAsync(lab, "cloud-dns-1", "10.1.0.10"))
        {
            await lab.FaultAsync("inject", fault, "--tunnel", $"{active}");
            var (lostOut, lostIn) = (await outward.LostAsync(), await inward.LostAsync());
            output.WriteLine($"{routing}, {fault}: lost {lostOut} out and {lostIn} in");
            Assert.InRange(Math.Max(lostOut, lostIn), 0, MostLost);

            // The endpoint, which is one of ours, asks through the tunnel, too: what it sends shows that only the way out is dead, unless it ends the SA before.
            if (fault == "black-hole-out") await Eventually.HoldsAsync("the dead direction is told", Moment, async () => (await lab.StatusAsync()).Tunnel(active) is { Child: null } or { Probe.Silent: "out" });
        }

        await using var after = await Pinger.StartAsync(lab, Customer, CloudDns);
        await lab.FaultAsync("heal");
        var whole = (await lab.StatusAsync()).Connection;
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (whole = (await lab.StatusAsync()).Connection).State == "up");
        // A tunnel that was silent is trusted again after its hold-down only.
        if (fault != "peer-deletes") Assert.Equal(3 - active, whole.Active);
        Assert.Equal(0, await after.LostAsync());
    }

    [Fact]
    public async Task Without_an_uplink_both_tunnels_are_gone_and_with_it_both_are_back()
    {
        var lab = await labs.StaticAsync();
        await lab.FaultAsync("heal");
        await lab.BringUpAsync();
        await lab.FaultAsync("inject", "uplink-down");
        await Eventually.HoldsAsync("the connection is down", Moment, async () => (await lab.StatusAsync()).Connection.State == "down");
        await lab.FaultAsync("heal");
        var took = await new Proofs(lab).PassesAsync(Moment);
        output.WriteLine($"traffic {took.TotalSeconds:0.0} s after the uplink is back");
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
    }
}
