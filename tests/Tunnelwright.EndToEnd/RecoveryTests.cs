namespace Tunnelwright.EndToEnd;

/// <summary>Whatever is killed on the gateway: tunnels that stand go on, and what is gone comes back by itself.</summary>
public sealed class RecoveryTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    private const string Agent = "tunnelwright";
    private const string Charon = "charon-systemd";
    private const string Bird = "bird";
    private static readonly TimeSpan HealLimit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task The_agent_is_killed_and_no_packet_is_lost_and_the_next_one_adopts_what_stands(string routing)
    {
        var lab = await UpAsync(routing);
        var sas = await lab.SaIdentitiesAsync();
        var daemons = await DaemonsAsync(lab);
        await using var pinger = await Pinger.StartAsync(lab, "customer-host", "10.8.2.2");

        Assert.Equal(1, await lab.KillAsync(Agent));
        var alone = await lab.StatusAsync();
        Assert.Equal("up", alone.Connection.State);
        Assert.Equal(1, alone.Connection.Active);
        var plan = await lab.TypeAsync("plan", lab.File);
        Assert.Equal("nothing to change", plan.Output.Trim());
        await lab.BringUpAsync();
        await AssertSameAsync();

        Assert.Equal(1, await lab.KillAsync(Agent));
        await using (var foreground = lab.Start(TestLab.Gateway, Agent, "gateway", "run"))
        {
            await Eventually.HoldsAsync("the new agent answers", TestMachine.Patience, async () => !(await lab.TypeAsync("status")).Error.Contains("agent is not running", StringComparison.Ordinal));
            await AssertSameAsync();
            foreground.Signal(Background.Interrupt);
            Assert.Equal(0, await foreground.EndAsync());
        }

        // An agent that ends leaves everything standing, too.
        Assert.Equal(sas, await lab.SaIdentitiesAsync());
        Assert.Equal(0, await pinger.LostAsync());
        await lab.BringUpAsync();
        await AssertSameAsync();
        Assert.Equal(0, await pinger.LostAsync());

        async Task AssertSameAsync()
        {
            Assert.Equal(sas, await lab.SaIdentitiesAsync());
            Assert.Equal(daemons, await DaemonsAsync(lab));
            Assert.Single(await lab.ProcessesAsync(), process => process.Name == Agent);
        }
    }

    [Theory]
    [InlineData("static", new[] { Charon })]
    [InlineData("bgp", new[] { Charon })]
    [InlineData("bgp", new[] { Bird })]
    [InlineData("bgp", new[] { Charon, Bird })]
    public async Task A_daemon_is_killed_and_comes_back_by_itself(string routing, string[] killed)
    {
        var lab = await UpAsync(routing);
        var before = await DaemonsAsync(lab);
        foreach (var name in killed) Assert.InRange(await lab.KillAsync(name), 1, 2);
        var took = await Eventually.HoldsAsync($"all is up again after {string.Join(" and ", killed)} was killed", HealLimit, async () =>
            await lab.StatusAsync() is { ExitCode: 0 } status
            && status.Connection.Active is not null
            && status.Connection.Tunnels.All(tunnel => tunnel.Bgp is null or { State: "established", PrefixesIn: 1, PrefixesOut: 1 })
            && (await DaemonsAsync(lab)).Count == before.Count);
        var passes = took + await new Proofs(lab).PassesAsync(HealLimit - took);
        output.WriteLine($"{routing}, {string.Join(" and ", killed)}: up after {took.TotalSeconds:0.0} s, packets pass after {passes.TotalSeconds:0.0} s");
        var after = await DaemonsAsync(lab);
        Assert.All(before, process => Assert.Equal(killed.Contains(process.Name), !after.Contains(process)));
        await lab.TakeDownAsync();
    }

    [Fact]
    public async Task Everything_is_killed_at_once_and_up_stands_it_up_again()
    {
        var lab = await UpAsync("bgp");
        foreach (var name in new[] { Agent, Charon, Bird }) Assert.InRange(await lab.KillAsync(name), 1, 2);
        var status = await lab.StatusAsync();
        Assert.Equal("down", status.Connection.State);
        Assert.Null(status.Connection.Active);
        await lab.BringUpAsync();
        await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(15));
    }

    private async Task<TestLab> UpAsync(string routing)
    {
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        await lab.BringUpAsync();
        await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(15));
        return lab;
    }

    private static async Task<IReadOnlyList<(int Pid, string Name)>> DaemonsAsync(TestLab lab) =>
        [.. (await lab.ProcessesAsync()).Where(process => process.Name is Charon or Bird).Select(process => (process.Pid, process.Name)).Order()];
}
