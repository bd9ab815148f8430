namespace Tunnelwright.EndToEnd.Names;

/// <summary>How the forwarder comes and goes with the connection.</summary>
[Trait("plane", "userspace")]
public sealed class LifeTests(StandingLab labs) : IClassFixture<StandingLab>
{
    [Fact]
    public async Task Up_brings_it_down_takes_it_away_and_plan_tells_it_before()
    {
        var lab = await labs.StaticAsync();
        var plan = await lab.TypeAsync(["plan", lab.File, .. NamesLab.Options]);
        Assert.Contains("DNS forwarder", plan.Output, StringComparison.Ordinal);
        Assert.Empty(await ForwardersAsync(lab));

        await lab.BringUpAsync(NamesLab.Options);
        Assert.Single(await ForwardersAsync(lab));
        await lab.BringUpAsync();
        await Eventually.HoldsAsync("up without --dns-listen takes the forwarder away", TimeSpan.FromSeconds(20), async () => (await ForwardersAsync(lab)).Count == 0);
        await lab.BringUpAsync(NamesLab.Options);
        await Eventually.HoldsAsync("it is there again", TimeSpan.FromSeconds(20), async () => (await ForwardersAsync(lab)).Count == 1);

        await lab.TakeDownAsync();
        Assert.Empty(await ForwardersAsync(lab));
        Assert.Equal("", await lab.OutputAsync(TestLab.Gateway, "ss", "-Hlntu", "sport", "=", ":53"));
    }

    [Fact]
    public async Task With_BGP_the_names_come_through_the_tunnels_too()
    {
        var lab = await labs.BgpAsync();
        await lab.BringUpAsync(NamesLab.Options);
        await Eventually.HoldsAsync("the cloud's name is private", TimeSpan.FromSeconds(30), async () =>
            (await lab.RunAsync("customer-host", "dig", "+short", "+time=2", "+tries=1", "@10.1.0.1", "app.cloud.example")).Output.Trim() == "10.8.2.10");
        Assert.Equal("10.1.0.10", await lab.OutputAsync("cloud-lb", "dig", "+short", "+time=3", "@10.8.2.2", "customer-host.company.local"));
    }

    [Theory]
    [InlineData("none is asked for", "--dns-domain", "cloud.example")]
    [InlineData("--dns-listen: '10.1.0.1:0'", "--dns-listen", "10.1.0.1:0")]
    [InlineData("are not known; give them with --dns-server or --cloud-dns", "--dns-listen", "10.1.0.1")]
    [InlineData("--dns-domain: 'no domain'", "--dns-listen", "10.1.0.1", "--dns-domain", "no domain")]
    public async Task A_wrong_call_is_told_and_changes_nothing(string words, params string[] options)
    {
        var lab = await labs.StaticAsync();
        var result = await lab.TypeAsync(["up", lab.File, .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
        Complaint.AssertNoTrace(result);
        Assert.Empty(lab.Stored);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_told_and_does_not_hold_up_the_tunnels()
    {
        var lab = await labs.StaticAsync();
        await using (var other = lab.Start(TestLab.Gateway, "dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--bind-interfaces", "--interface=lan", "--except-interface=lo", "--conf-file=/dev/null"))
        {
            await Eventually.HoldsAsync("another server holds the port", TimeSpan.FromSeconds(10), async () => (await lab.OutputAsync(TestLab.Gateway, "ss", "-Hlnu", "sport", "=", ":53")).Contains("10.1.0.1:53", StringComparison.Ordinal));
            await lab.BringUpAsync(NamesLab.Options);
            Assert.Equal("up", (await lab.StatusAsync()).Connection.State);
            await Eventually.HoldsAsync("the status tells it", TimeSpan.FromSeconds(10), async () =>
                (await lab.OutputAsync(TestLab.Gateway, "tunnelwright", "status", "--json")).Contains("cannot listen on 10.1.0.1:53", StringComparison.Ordinal));
        }

        await Eventually.HoldsAsync("it answers when the address is free", TimeSpan.FromSeconds(20), async () =>
            (await lab.RunAsync("customer-host", "dig", "+short", "+time=1", "+tries=1", "@10.1.0.1", "app.cloud.example")).Output.Trim() == "10.8.2.10");
    }

    private static async Task<IReadOnlyList<int>> ForwardersAsync(TestLab lab) => [.. (await lab.ProcessesAsync()).Where(process => process.Name == "tunnelwrightdns").Select(process => process.Pid)];
}
