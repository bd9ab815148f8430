namespace Tunnelwright.EndToEnd;

/// <summary>Which tunnel carries: the better one, the one that the cloud announces as better, or both at once.</summary>
public sealed class PreferenceTests(StandingLab labs) : IClassFixture<StandingLab>
{
    private const string Customer = "customer-host";
    private const string CloudDns = "10.8.2.2";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(TestMachine.IsGuest ? 45 : 15);

    // A tunnel that died several times, as in the tests before, is trusted again later and later.
    private static readonly TimeSpan HoldDown = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task An_endpoint_that_is_replaced_is_left_before_it_goes_as_its_MED_says()
    {
        var lab = await UpAsync(await labs.BgpAsync());
        var leaving = (await lab.StatusAsync()).Connection.Active!.Value;
        await using (var outward = await Pinger.StartAsync(lab, Customer, CloudDns))
        await using (var inward = await Pinger.StartAsync(lab, "cloud-dns-1", "10.1.0.10"))
        {
            await AnnounceAsync(lab, leaving, 500);
            await Eventually.HoldsAsync("the other tunnel is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 3 - leaving);
            await Eventually.HoldsAsync("the cloud answers through the other tunnel, too", Moment, () => TakesMoreAsync(lab, 3 - leaving));
            await FarSide.SilenceAsync(lab, leaving);
            await Eventually.HoldsAsync("the old endpoint is gone", Moment, async () => (await lab.StatusAsync()).Connection.State == "degraded");
            Assert.Equal((0, 0), (await outward.LostAsync(), await inward.LostAsync()));
        }

        await FarSide.MendAsync(lab);
        await AnnounceAsync(lab, leaving, 100);
    }

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task A_tunnel_that_loses_many_packets_is_left_and_taken_again_when_it_is_good(string routing)
    {
        var lab = await UpAsync(routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync());
        await Eventually.HoldsAsync("tunnel 1 is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 1);
        await lab.FaultAsync("inject", "loss", "--tunnel", "1");
        await Eventually.HoldsAsync("tunnel 2 is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 2);
        // The far side judges by itself, from the same losses: a moment later the way back has moved, too.
        await Eventually.HoldsAsync("two seconds without a loss", Moment, async () =>
        {
            await using var clean = await Pinger.StartAsync(lab, Customer, CloudDns);
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            return await clean.LostAsync() == 0;
        });
        await lab.FaultAsync("heal");
        await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
        await Eventually.HoldsAsync("tunnel 1 is active again", HoldDown, async () => (await lab.StatusAsync()).Connection is { Active: 1, State: "up" });
        Assert.Equal(0, await pinger.LostAsync());
    }

    [Fact]
    public async Task Both_tunnels_carry_at_once_and_one_alone_when_the_other_is_dead()
    {
        var lab = await labs.StaticAsync();
        await lab.OutputAsync(TestLab.Gateway, "sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1");
        await UpAsync(lab, "--prefer", "both");
        await BothCarryAsync(lab);
        await FarSide.SilenceAsync(lab, 1);
        await Eventually.HoldsAsync("tunnel 2 alone sends", Moment, async () => (await lab.StatusAsync()).Connection.Sending is [2]);
        for (var call = 0; call < 8; call++) await new Proofs(lab).WebAsync();
        await FarSide.MendAsync(lab);
        await BothCarryAsync(lab);
        Assert.Contains("nothing to change", (await lab.TypeAsync("plan", lab.File, "--prefer", "both")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_BGP_both_tunnels_carry_where_the_cloud_announces_both_alike()
    {
        var lab = await labs.BgpAsync();
        for (var number = 1; number <= 2; number++) await AnnounceAsync(lab, number, 100);
        await UpAsync(lab, "--prefer", "both");
        await lab.OutputAsync(TestLab.Gateway, "sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1");
        await BothCarryAsync(lab);
        await AnnounceAsync(lab, 2, 200);
        await Eventually.HoldsAsync("tunnel 1 alone sends", Moment, async () => (await lab.StatusAsync()).Connection.Sending is [1]);
    }

    /// <summary>Connections, each from a port of its own, spread over both tunnels: of 24 each tunnel has some.</summary>
    private static async Task BothCarryAsync(TestLab lab)
    {
        await Eventually.HoldsAsync("both tunnels send", HoldDown, async () => (await lab.StatusAsync()).Connection.Sending is [1, 2]);
        const string Table = "table inet into_tunnels";
        var rules = (await lab.StatusAsync()).Connection.Tunnels.Select(tunnel => $"oifname {tunnel.Interface} tcp flags syn counter comment \"tunnel {tunnel.Number}\";");
        await lab.OutputAsync(TestLab.Gateway, "nft", $"{Table}; delete {Table}; {Table} {{ chain forward {{ type filter hook forward priority 10; {string.Join(' ', rules)} }}; }}");
        for (var call = 0; call < 24; call++) await new Proofs(lab).WebAsync();
        var counters = await lab.OutputAsync(TestLab.Gateway, "nft", "list", "table", "inet", "into_tunnels");
        foreach (var rule in counters.Split('\n').Where(line => line.Contains("comment", StringComparison.Ordinal))) Assert.DoesNotContain("packets 0 ", rule, StringComparison.Ordinal);
        Assert.Equal(2, counters.Split("comment").Length - 1);
    }

    /// <summary>Whether the answers to a burst of requests come in through a tunnel: both tunnels have the watch's own packets beside them.</summary>
    private static async Task<bool> TakesMoreAsync(TestLab lab, int number)
    {
        const int Requests = 60;
        var before = await lab.StatusAsync();
        await lab.RunAsync(Customer, "ping", "-n", "-q", "-c", $"{Requests}", "-i", "0.01", "-W", "1", CloudDns);
        var after = await lab.StatusAsync();
        return Grown(number) > Grown(3 - number) + (Requests / 2);

        long Grown(int which) => Packets(after, which) - Packets(before, which);

        long Packets(Status status, int which) => status.Connection.Tunnels[which - 1].Child?.PacketsIn ?? 0;
    }

    private static Task AnnounceAsync(TestLab lab, int number, int med) =>
        FarSide.ChangeEndpointAsync(lab, number, tunnel => tunnel with { Bgp = tunnel.Bgp! with { MultiExitDiscriminator = med } }, upstream => upstream with { MultiExitDiscriminator = med });

    private static async Task<TestLab> UpAsync(TestLab lab, params string[] options)
    {
        await FarSide.MendAsync(lab);
        await lab.BringUpAsync(options);
        await new Proofs(lab).PassesAsync(Moment);
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        return lab;
    }
}
