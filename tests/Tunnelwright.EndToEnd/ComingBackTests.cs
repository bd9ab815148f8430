using System.Diagnostics;
using Tunnelwright.Model;

namespace Tunnelwright.EndToEnd;

/// <summary>What was gone comes back by itself: the path, the NAT's mapping, our own address, the whole machine. Traffic is back moments after the way is.</summary>
public sealed class ComingBackTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    private const string Customer = "customer-host";
    private const string CloudDns = "10.8.2.2";

    /// <summary>2 s is what is wanted, and what an idle machine shows; a busy one needs some more.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(TestMachine.IsGuest ? 30 : 5);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(TestMachine.IsGuest ? 60 : 30);

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task A_path_that_was_dead_for_a_minute_carries_again_soon_after_it_is_healed(string routing)
    {
        var lab = await UpAsync(routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync());
        await lab.FaultAsync("inject", "black-hole");
        await Eventually.HoldsAsync("the connection is down", Moment, async () => (await lab.StatusAsync()).Connection.State == "down");

        // Longer than charon repeats a request, and than any dead peer detection waits.
        await Task.Delay(TimeSpan.FromSeconds(50));
        await HealedAsync(lab, $"{routing}: after a minute", () => lab.FaultAsync("heal"));
    }

    [Fact]
    public async Task A_NAT_that_forgets_its_mappings_costs_a_moment()
    {
        await using var lab = await TestLab.UpAsync("--nat", "--routing", "static");
        await UpAsync(lab);
        await GapAsync(lab, "the NAT gives other ports", () => lab.FaultAsync("inject", "nat-mapping-changed"));
        await GapAsync(lab, "the NAT gives the old ports", () => lab.FaultAsync("heal"));
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");

        // Behind the same NAT the gateway gets another address, as by DHCP.
        await GapAsync(lab, "another private address", () => lab.OutputAsync(
            TestLab.Gateway, "sh", "-c", "ip address flush dev uplink && ip address add 192.168.100.77/24 dev uplink && ip route replace default via 192.168.100.1"));
        await Eventually.HoldsAsync("both tunnels are up from the new address", Moment, async () =>
            (await lab.StatusAsync()).Connection.State == "up" && (await lab.SasAsync()).All(sa => sa.LocalHost == "192.168.100.77"));
    }

    [Fact]
    public async Task Another_public_address_that_the_far_side_knows_is_started_from_at_once()
    {
        var lab = await UpAsync(await labs.StaticAsync());
        try
        {
            await MoveAsync("203.0.113.2", "203.0.113.9");
        }
        finally
        {
            await MoveAsync("203.0.113.9", "203.0.113.2");
        }

        async Task MoveAsync(string from, string to)
        {
            for (var number = 1; number <= 2; number++) await FarSide.ChangeEndpointAsync(lab, number, tunnel => tunnel with { RemoteOutside = Ipv4Address.Parse(to) });
            await HealedAsync(lab, $"from {from} to {to}", () => lab.OutputAsync(
                TestLab.Gateway, "sh", "-c", $"ip address flush dev uplink && ip address add {to}/24 dev uplink && ip route replace default via 203.0.113.1"));
            Assert.All(await lab.SasAsync(), sa => Assert.Equal(to, sa.LocalHost));
        }
    }

    /// <summary>
    /// As near to a reboot as a network namespace comes: no process, nothing in /run, no filter, no address; the uplink arrives seconds after the unit's
    /// program has started.
    /// </summary>
    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task A_machine_that_boots_before_its_network_is_there_brings_everything_back(string routing)
    {
        var unit = await File.ReadAllLinesAsync(TestMachine.Unit, TestContext.Current.CancellationToken);
        var command = Assert.Single(unit, line => line.StartsWith("ExecStart=", StringComparison.Ordinal)).Split('=', 2)[1].Split(' ');
        Assert.Equal("/usr/bin/tunnelwright", command[0]);
        var lab = await UpAsync(routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync());
        foreach (var name in new[] { "tunnelwright", "charon-systemd", "bird" }) await lab.KillAsync(name);
        await lab.OutputAsync(TestLab.Gateway, "sh", "-c", "rm -rf /run/tunnelwright; nft flush ruleset; ip xfrm state flush; ip xfrm policy flush; sysctl -qw net.ipv4.ip_forward=0; ip link set uplink down; ip address flush dev uplink; ip route flush table main; ip -brief link show type xfrm | sed 's/[@ ].*//' | xargs -r -n 1 ip link delete; true");
        await using var agent = lab.Start(TestLab.Gateway, [TestMachine.Program, .. command[1..]]);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.False(agent.HasEnded, agent.Error);
        Assert.NotEqual("up", (await lab.StatusAsync()).Connection.State);
        await lab.OutputAsync(TestLab.Gateway, "sh", "-c", "ip link set uplink up && ip address add 203.0.113.2/24 dev uplink && ip route add 10.1.0.0/24 dev lan src 10.1.0.1");
        await Task.Delay(TimeSpan.FromSeconds(1));
        await HealedAsync(lab, $"{routing}: after the network has come", () => lab.OutputAsync(TestLab.Gateway, "ip", "route", "add", "default", "via", "203.0.113.1"), TimeSpan.FromSeconds(10));
        Assert.Equal("1", await lab.OutputAsync(TestLab.Gateway, "sysctl", "-n", "net.ipv4.ip_forward"));
        agent.Signal(Background.Interrupt);
        Assert.Equal(0, await agent.EndAsync());
    }

    /// <summary>From the moment in which a way is there again: the first packet that passes, and both tunnels.</summary>
    private async Task HealedAsync(TestLab lab, string what, Func<Task> heal, TimeSpan? limit = null)
    {
        await heal();
        var clock = Stopwatch.StartNew();
        await Eventually.HoldsAsync("traffic passes", Moment, async () => (await lab.RunAsync(Customer, "ping", "-n", "-c", "1", "-W", "0.2", CloudDns)).Succeeded);
        var traffic = clock.Elapsed;
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        output.WriteLine($"{what}: traffic after {traffic.TotalSeconds:0.0} s, both tunnels up after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(traffic, TimeSpan.Zero, limit ?? Soon);
    }

    /// <summary>How long a stream is interrupted by something that goes on at once.</summary>
    private async Task GapAsync(TestLab lab, string what, Func<Task> happen)
    {
        await using var stream = await Pinger.StartAsync(lab, Customer, CloudDns);
        await happen();
        await Task.Delay(TimeSpan.FromSeconds(5));
        var lost = await stream.LostAsync();
        output.WriteLine($"{what}: {lost} of twenty a second lost");
        Assert.InRange(lost, 0, 20 * Soon.TotalSeconds);
    }

    private static async Task<TestLab> UpAsync(TestLab lab)
    {
        await lab.FaultAsync("heal");
        await lab.BringUpAsync();
        await new Proofs(lab).PassesAsync(Moment);
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        return lab;
    }
}
