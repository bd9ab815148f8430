namespace Tunnelwright.EndToEnd;

/// <summary>plan tells and does nothing; up does what differs and nothing else.</summary>
public sealed class PlanTests(StandingLab labs) : IClassFixture<StandingLab>
{
    [Fact]
    public async Task Plan_changes_nothing_and_names_every_part_without_the_keys()
    {
        var lab = await labs.StaticAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        var plan = await lab.TypeAsync("plan", lab.File);
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        Assert.Empty(lab.Stored);

        Assert.Equal(0, plan.ExitCode);
        Assert.Equal(2, plan.Output.Split("key •••• (32 characters)").Length - 1);
        foreach (var key in lab.Keys) Assert.DoesNotContain(key, plan.Output + plan.Error, StringComparison.Ordinal);
        foreach (var part in new[] { "net.ipv4.ip_forward", "IKE daemon", "IKEv2 to 198.51.100.2", "IKEv2 to 192.0.2.2", "169.254.10.2 to 169.254.10.1", "169.254.20.2 to 169.254.20.1", "nftables table", "10.8.2.0/24" })
            Assert.Contains(part, plan.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_up_nothing_is_to_change_and_up_again_touches_nothing()
    {
        var lab = await labs.StaticAsync();
        await lab.BringUpAsync();
        var sas = await lab.SaIdentitiesAsync();
        var processes = await DaemonsAsync(lab);
        var plan = await lab.TypeAsync("plan", lab.File);
        Assert.Equal("nothing to change", plan.Output.Trim());
        Assert.Equal(0, plan.ExitCode);
        await lab.BringUpAsync();
        Assert.Equal(sas, await lab.SaIdentitiesAsync());
        Assert.Equal(processes, await DaemonsAsync(lab));
    }

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task The_preferred_tunnel_can_be_changed_without_touching_a_tunnel_or_losing_a_packet(string routing)
    {
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        await lab.BringUpAsync("--prefer", "2");
        await UsesAsync(lab, 2);
        var sas = await lab.SaIdentitiesAsync();
        await using var pinger = await Pinger.StartAsync(lab, "customer-host", "10.8.2.2");

        var up = await lab.BringUpAsync("--prefer", "1");
        Assert.Contains("preferred tunnel: 2 → 1", up.Error, StringComparison.Ordinal);
        await UsesAsync(lab, 1);
        await lab.BringUpAsync("--prefer", "2");
        await UsesAsync(lab, 2);
        Assert.Equal(0, await pinger.LostAsync());
        Assert.Equal(sas, await lab.SaIdentitiesAsync());
    }

    [Fact]
    public async Task The_ranges_that_a_person_gives_are_the_ones_that_are_routed()
    {
        var lab = await labs.StaticAsync();
        await lab.BringUpAsync("--cloud-range", "10.8.2.0/29", "--local-range", "10.1.0.0/25");
        var status = await lab.StatusAsync();
        Assert.Equal(["10.8.2.0/29"], status.Connection.RemoteRanges);
        Assert.Equal(["10.1.0.0/25"], status.Connection.LocalRanges);
        var proofs = new Proofs(lab);
        await proofs.PassesAsync(TimeSpan.FromSeconds(5));
        Assert.False(await proofs.AnswersAsync("customer-host", "-W", "1", "10.8.2.10"));
        Assert.DoesNotContain("10.8.2.0/24", await lab.OutputAsync(TestLab.Gateway, "ip", "route"), StringComparison.Ordinal);

        await lab.BringUpAsync();
        await Eventually.HoldsAsync("the file's own range is routed again", TimeSpan.FromSeconds(10), async () => (await lab.StatusAsync()).Connection.RemoteRanges.SequenceEqual(["10.8.2.0/24"]));
        Assert.DoesNotContain("10.8.2.0/29", await lab.OutputAsync(TestLab.Gateway, "ip", "route"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_local_range_that_a_person_gives_is_the_one_that_is_announced()
    {
        var lab = await labs.BgpAsync();
        await lab.BringUpAsync("--local-range", "10.1.0.0/25");
        await Eventually.HoldsAsync("the cloud's router has learnt 10.1.0.0/25", TimeSpan.FromSeconds(15), async () => (await CloudRoutesAsync()).Contains("10.1.0.0/25"));
        Assert.DoesNotContain("10.1.0.0/24", await CloudRoutesAsync());
        var sas = await lab.SaIdentitiesAsync();

        await lab.BringUpAsync("--local-range", "10.1.0.0/24");
        await Eventually.HoldsAsync("the cloud's router has learnt 10.1.0.0/24 instead", TimeSpan.FromSeconds(15), async () => await CloudRoutesAsync() is var routes && routes.Contains("10.1.0.0/24") && !routes.Contains("10.1.0.0/25"));
        Assert.Equal(sas, await lab.SaIdentitiesAsync());
        await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(5));

        async Task<IReadOnlyList<string>> CloudRoutesAsync() => [.. (await lab.OutputAsync("cloud-router", "ip", "route")).Split('\n').Select(line => line.Split(' ')[0])];
    }

    private static Task<TimeSpan> UsesAsync(TestLab lab, int tunnel) =>
        Eventually.HoldsAsync($"the active tunnel is {tunnel}", TimeSpan.FromSeconds(15), async () => (await lab.StatusAsync()).Connection.Active == tunnel);

    private static async Task<IReadOnlyList<string>> DaemonsAsync(TestLab lab) =>
        [.. (await lab.ProcessesAsync()).Where(process => process.Name is "charon-systemd" or "bird" or "tunnelwright").Select(process => $"{process.Pid} {process.Name}")];
}
