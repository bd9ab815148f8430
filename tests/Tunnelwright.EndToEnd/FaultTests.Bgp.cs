namespace Tunnelwright.EndToEnd;

public sealed partial class FaultTests
{
    /// <summary>BGP's session or its routes are not there; healed, both are.</summary>
    [Theory]
    [InlineData("bgp-not-established", 1, "State")]
    [InlineData("bgp-asn-mismatch", 2, "State")]
    [InlineData("bgp-asn-mismatch-customer", 1, "State")]
    [InlineData("bgp-own-asn-customer", 2, "State")]
    [InlineData("bgp-no-prefixes", 1, "PrefixesIn")]
    [InlineData("bgp-no-prefixes-customer", null, "PrefixesOut")]
    [InlineData("bgp-prefix-limit", null, "State")]
    [Trait("plane", "userspace")]
    public async Task BGP_fails(string fault, int? tunnel, string where)
    {
        var lab = await labs.BgpAsync();
        await SessionsAsync(lab);
        await lab.InjectAsync(fault, tunnel);
        await Eventually.HoldsAsync($"{fault} shows", TimeSpan.FromSeconds(25), async () =>
        {
            var session = (await lab.Lab.StatusAsync()).Tunnel(tunnel ?? 1).Bgp;
            return where switch
            {
                "State" => session?.State != "established",
                "PrefixesIn" => session is { State: "established", PrefixesIn: 0 },
                _ => session is { State: "established", PrefixesOut: 0 },
            };
        });
        // The other session is none of the fault's business, but on a busy machine it may just be coming back from an earlier one.
        if (tunnel is { } number)
            await Eventually.HoldsAsync("the other tunnel's session stands", TimeSpan.FromSeconds(10), async () => (await lab.Lab.StatusAsync()).Tunnel(3 - number).Bgp?.State == "established");
        await lab.HealAsync();
        await SessionsAsync(lab);
    }

    /// <summary>Nothing is said: the session ends only when its hold time of 30 s is over.</summary>
    [Fact]
    [Trait("plane", "userspace")]
    public async Task BGP_runs_into_its_hold_timer()
    {
        var lab = await labs.BgpAsync();
        await SessionsAsync(lab);
        await lab.InjectAsync("bgp-hold-timer", 1);
        await lab.InjectAsync("bgp-session-down", 2);
        Assert.Equal('T', Assert.Single(await lab.Lab.ProcessesAsync("cloud-endpoint-1"), process => process.Name == "bird").State);
        await Eventually.HoldsAsync("both sessions have ended", TimeSpan.FromSeconds(45), async () => (await lab.Lab.StatusAsync()).Connection.Tunnels.All(item => item.Bgp?.State != "established"));
        Assert.True(await lab.DroppedAsync("cloud-endpoint-2", "bgp-session-down", 2) > 0);
        Assert.True(await lab.PassesAsync(1) && await lab.PassesAsync(2));
        await lab.HealAsync();
        await SessionsAsync(lab);
    }

    [Fact]
    public async Task The_gateways_BGP_daemon_is_killed_and_started_again()
    {
        var lab = await labs.BgpAsync();
        var before = Assert.Single(await lab.Lab.ProcessesAsync(), process => process.Name == "bird").Pid;
        await lab.InjectAsync("customer-bird-killed");
        await SessionsAsync(lab);
        Assert.NotEqual(before, Assert.Single(await lab.Lab.ProcessesAsync(), process => process.Name == "bird").Pid);
    }

    private static Task<TimeSpan> SessionsAsync(FaultLab lab) => Eventually.HoldsAsync("both BGP sessions stand and have their routes", TimeSpan.FromSeconds(60), async () =>
        (await lab.Lab.StatusAsync()).Connection.Tunnels.All(tunnel => tunnel is { State: "up", Bgp: { State: "established", PrefixesIn: 1, PrefixesOut: 1 } }));
}
