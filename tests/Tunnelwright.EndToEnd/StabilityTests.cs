using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.EndToEnd;

/// <summary>Paths that die without a word, and changes while traffic flows: what may cost a moment costs no more, and what may cost nothing costs nothing.</summary>
public sealed class StabilityTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    private const string Customer = "customer-host";
    private const string CloudDns = "10.8.2.2";
    private const string InsideTunnel2 = "169.254.20.1";

    /// <summary>
    /// With static routing the cloud's end learns only from the end of an SA that the way back has to move: answers that are on their way then are lost, half a
    /// second of them on a busy machine, two in the guest.
    /// </summary>
    private const int MostLostOnTheWayBack = 10;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(TestMachine.IsGuest ? 30 : 10);

    [Theory]
    [InlineData("static", true)]
    [InlineData("bgp", true)]
    [InlineData("bgp", false)]
    public async Task A_path_that_dies_silently_is_left_both_ways_and_taken_again_without_a_loss(string routing, bool farSideJudges)
    {
        var lab = await UpAsync(routing);
        if (!farSideJudges) await LeaveFarSideAloneAsync(lab);
        var active = (await lab.StatusAsync()).Connection.Active!.Value;
        await using (var outward = await Pinger.StartAsync(lab, Customer, CloudDns))
        await using (var inward = await Pinger.StartAsync(lab, "cloud-dns-1", "10.1.0.10"))
        {
            await FarSide.SilenceAsync(lab, active);
            var left = await Eventually.HoldsAsync("the other tunnel is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 3 - active);
            var (lostOut, lostIn) = (await outward.LostAsync(), await inward.LostAsync());
            output.WriteLine($"{routing}: the other tunnel is active after {left.TotalSeconds:0.0} s, lost {lostOut} out and {lostIn} in");
            Assert.InRange(Math.Max(lostOut, lostIn), 0, TestMachine.IsGuest ? 40 : 60);
        }

        await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
        await using var fromCloud = await Pinger.StartAsync(lab, "cloud-dns-1", "10.1.0.10");
        await FarSide.MendAsync(lab);
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        if (routing == "static") await Eventually.HoldsAsync("the preferred tunnel is active again", TimeSpan.FromSeconds(60), async () => (await lab.StatusAsync()).Connection.Active == 1);
        else await Eventually.HoldsAsync("both sessions are established, and the halves are gone", TimeSpan.FromSeconds(90), async () => await AnnouncedAsync(lab) == 1);
        Assert.Equal((0, 0), (await pinger.LostAsync(), await fromCloud.LostAsync()));
        if (!farSideJudges) await FarSide.RestartAgentsAsync(lab);
    }

    /// <summary>
    /// A tunnel that dies while it announces more-specific routes for the other one, which is in its hold-down, cannot take them back, and the peer believes in them
    /// for its hold time: 600 requests.
    /// </summary>
    [Fact]
    public async Task The_way_back_moves_at_each_of_several_deaths_in_a_row_although_nothing_of_ours_is_at_the_far_side()
    {
        var lab = await UpAsync("bgp");
        await LeaveFarSideAloneAsync(lab);
        var lost = new List<(int Out, int In)>();
        for (var death = 0; death < 4; death++)
        {
            var active = (await lab.StatusAsync()).Connection.Active!.Value;
            await using var outward = await Pinger.StartAsync(lab, Customer, CloudDns);
            await using var inward = await Pinger.StartAsync(lab, "cloud-dns-1", "10.1.0.10");
            await FarSide.SilenceAsync(lab, active);
            await Eventually.HoldsAsync("the other tunnel is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 3 - active);
            lost.Add((await outward.LostAsync(), await inward.LostAsync()));
            output.WriteLine($"death {death + 1}, of tunnel {active}: lost {lost[^1].Out} out and {lost[^1].In} in");
            await FarSide.MendAsync(lab);
            await Eventually.HoldsAsync("both sessions are established, the quarters gone", TimeSpan.FromSeconds(60), async () =>
                (await lab.StatusAsync()).Connection is { State: "up" } connection && connection.Tunnels.All(tunnel => tunnel.Bgp is { State: "established", PrefixesOut: <= 3 }));
        }

        await FarSide.RestartAgentsAsync(lab);
        Assert.All(lost, each => Assert.InRange(Math.Max(each.Out, each.In), 0, 60));
    }

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task A_peer_that_lost_its_state_is_initiated_to_again_within_seconds(string routing)
    {
        var lab = await UpAsync(routing);
        var before = (await lab.SasAsync())[0].InitiatorSpi;
        await Task.WhenAll(Enumerable.Range(1, 2).Select(number => lab.KillAsync("charon-systemd", $"cloud-endpoint-{number}")));

        // The kernel's ESP goes on without charon: a peer that lost its state has lost that, too.
        if (TestMachine.DataPlane == "kernel")
            await Task.WhenAll(Enumerable.Range(1, 2).Select(number => lab.OutputAsync($"cloud-endpoint-{number}", "sh", "-c", "ip xfrm state flush && ip xfrm policy flush")));
        var took = await Eventually.HoldsAsync("both tunnels are up with new SAs", Moment + TimeSpan.FromSeconds(10), async () =>
            (await lab.StatusAsync()).Connection.State == "up" && (await lab.SasAsync()).All(sa => sa.InitiatorSpi != before));
        output.WriteLine($"{routing}: {took.TotalSeconds:0.0} s");
        await new Proofs(lab).PassesAsync(Moment);
    }

    [Fact]
    public async Task Another_key_touches_its_own_tunnel_only()
    {
        var lab = await UpAsync("static");
        var key = new PreSharedKey("another.key_of_tunnel_1.0123456789");
        await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
        await using var inside = await Pinger.StartAsync(lab, TestLab.Gateway, InsideTunnel2);
        var second = (await lab.SaIdentitiesAsync())[1];

        // Our side first: its tunnel is emptied before, and keeps trying until the cloud's end has the key, too.
        var file = $"{lab.Host(TestLab.Gateway).Root}/tmp/other-key.txt";
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(lab.File)).Replace(lab.Keys[0], key.Reveal(), StringComparison.Ordinal));
        var up = await lab.TypeAsync("up", "/tmp/other-key.txt", "--wait", "0");
        Assert.True(up.ExitCode == 0, up.Error);
        await Eventually.HoldsAsync("tunnel 2 is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 2);
        await FarSide.ChangeEndpointAsync(lab, 1, tunnel => tunnel with { Ike = tunnel.Ike with { PreSharedKey = key } });
        await Eventually.HoldsAsync("tunnel 1 is up with the new key", TimeSpan.FromSeconds(60), async () => (await lab.StatusAsync()).Connection.State == "up");
        Assert.Contains(second, await lab.SaIdentitiesAsync());
        Assert.Equal(0, await inside.LostAsync());
        await Eventually.HoldsAsync("tunnel 1 is active again", TimeSpan.FromSeconds(60), async () => (await lab.StatusAsync()).Connection.Active == 1);
        await FarSide.ChangeEndpointAsync(lab, 1, tunnel => tunnel with { Ike = tunnel.Ike with { PreSharedKey = new PreSharedKey(lab.Keys[0]) } });
        Assert.InRange(await pinger.LostAsync(), 0, MostLostOnTheWayBack);
    }

    [Fact]
    public async Task Ranges_come_and_go_without_touching_a_tunnel()
    {
        var lab = await UpAsync("static");
        var sas = await lab.SaIdentitiesAsync();
        await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
        foreach (var ranges in new[] { "10.8.2.0/24,10.9.0.0/16", "10.8.2.0/24,10.9.0.0/16,10.10.0.0/16", "10.8.2.0/24" })
        {
            await lab.BringUpAsync("--cloud-range", ranges);
            var routes = await lab.OutputAsync(TestLab.Gateway, "ip", "route", "show", "proto", "84");
            foreach (var range in new[] { "10.8.2.0/24", "10.9.0.0/16", "10.10.0.0/16" })
                Assert.Equal(ranges.Contains(range, StringComparison.Ordinal), routes.Contains(range, StringComparison.Ordinal));
        }

        Assert.Equal(sas, await lab.SaIdentitiesAsync());
        Assert.Equal(0, await pinger.LostAsync());
    }

    [Fact]
    public async Task New_values_reach_both_tunnels_one_after_the_other()
    {
        var lab = await UpAsync("static");
        await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
        var file = $"{lab.Host(TestLab.Gateway).Root}/tmp/other-lifetime.txt";
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(lab.File)).Replace("28800 seconds", "14400 seconds", StringComparison.Ordinal));
        Assert.NotEqual(await File.ReadAllTextAsync(lab.File), await File.ReadAllTextAsync(file));
        var before = (await lab.SasAsync()).Select(sa => sa.InitiatorSpi).ToList();
        var up = await lab.TypeAsync("up", "/tmp/other-lifetime.txt", "--wait", "60");
        Assert.True(up.ExitCode == 0, up.Error);
        await Eventually.HoldsAsync("both tunnels have new SAs", Moment, async () => (await lab.SasAsync()) is { Count: 2 } now && now.All(sa => !before.Contains(sa.InitiatorSpi)));
        await Eventually.HoldsAsync("tunnel 1 is active again", TimeSpan.FromSeconds(60), async () => (await lab.StatusAsync()).Connection is { Active: 1, State: "up" });
        Assert.InRange(await pinger.LostAsync(), 0, 2 * MostLostOnTheWayBack);
    }

    /// <summary>The provider announces another encryption and changes its ends one after the other: whichever tunnel is being changed, the other one carries.</summary>
    [Fact]
    public async Task New_proposals_reach_the_tunnels_one_after_the_other_as_the_cloud_takes_them()
    {
        var lab = await UpAsync("static");
        try
        {
            await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
            var before = await lab.SaIdentitiesAsync();
            await FarSide.ChangeAsync(lab, TestLab.Gateway, Other);
            await Eventually.HoldsAsync("tunnel 2 is active", Moment, async () => (await lab.StatusAsync()).Connection.Active == 2);
            Assert.Equal(before[1], (await lab.SaIdentitiesAsync()).Single(sa => sa.StartsWith(before[1].Split(' ')[0], StringComparison.Ordinal)));
            await FarSide.ChangeEndpointAsync(lab, 1, Other);
            await Eventually.HoldsAsync("tunnel 1 carries with the new proposal, and alone", TimeSpan.FromSeconds(60), async () => (await lab.StatusAsync()).Connection is { Active: 1, State: "degraded" });
            await FarSide.ChangeEndpointAsync(lab, 2, Other);
            await Eventually.HoldsAsync("both tunnels are up with the new proposal", TimeSpan.FromSeconds(60), async () =>
                (await lab.StatusAsync()).Connection.State == "up" && (await lab.SasAsync()).All(sa => sa.Children is [{ Encryption: "AES_GCM_16", EncryptionKeySize: 128 }]));
            var lost = await pinger.LostAsync();
            output.WriteLine($"lost {lost}");
            Assert.InRange(lost, 0, 2 * MostLostOnTheWayBack);
        }
        finally
        {
            // The lab is also the next test's.
            for (var number = 1; number <= 2; number++) await FarSide.ChangeEndpointAsync(lab, number, Original);
        }

        static Gateway.DesiredTunnel Other(Gateway.DesiredTunnel tunnel) => tunnel with { Ipsec = tunnel.Ipsec with { Proposal = tunnel.Ipsec.Proposal with { Encryption = EncryptionAlgorithm.Aes128Gcm16 } } };

        static Gateway.DesiredTunnel Original(Gateway.DesiredTunnel tunnel) => tunnel with { Ipsec = tunnel.Ipsec with { Proposal = tunnel.Ipsec.Proposal with { Encryption = EncryptionAlgorithm.Aes256Gcm16 } } };
    }

    [Theory]
    [InlineData("static", 0)]
    [InlineData("bgp", 10)]
    public async Task Keys_are_renewed_with_no_loss_and_one_packet_each_time_with_IKEv1(string routing, int mostLost)
    {
        // The lab with BGP speaks IKEv1, where the initiator sends with the new SA while its last message is still on the way (RFC 2409 section 5.5):
        // a packet that overtakes it is lost.
        var lab = await UpAsync(routing);
        await using var pinger = await Pinger.StartAsync(lab, Customer, CloudDns);
        for (var round = 0; round < 10; round++)
        {
            foreach (var folder in Directory.GetDirectories($"{lab.Host(TestLab.Gateway).Root}/run/tunnelwright/default", "charon-*"))
            {
                await using var client = new ViciClient($"{folder}/vici");
                foreach (var sa in (await client.ListSasAsync()).Where(sa => sa.Children.Count > 0))
                    await client.RekeyAsync(round % 5 == 4 ? new SaSelector { IkeId = sa.UniqueId } : new SaSelector { ChildId = sa.Children.MaxBy(child => child.UniqueId)!.UniqueId });
            }

            await Task.Delay(TimeSpan.FromMilliseconds(TestMachine.IsGuest ? 1500 : 400));
        }

        Assert.Equal("up", (await lab.StatusAsync()).Connection.State);
        Assert.InRange(await pinger.LostAsync(), 0, mostLost);
    }

    private async Task<TestLab> UpAsync(string routing)
    {
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        await FarSide.MendAsync(lab);
        await lab.BringUpAsync();
        await new Proofs(lab).PassesAsync(Moment);
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        return lab;
    }

    /// <summary>charon and BIRD go on at the far side, with nothing of ours: the hold time is 30 s, and there is no BFD.</summary>
    private static async Task LeaveFarSideAloneAsync(TestLab lab)
    {
        foreach (var endpoint in new[] { "cloud-endpoint-1", "cloud-endpoint-2" })
        {
            Assert.Equal(1, await lab.KillAsync("tunnelwright", endpoint));
            await FarSide.WithoutBfdAsync(lab, endpoint);
        }

        await Eventually.HoldsAsync("no BFD session is up", Moment, async () => !(await lab.OutputAsync(TestLab.Gateway, "birdc", "-s", "/run/tunnelwright/default/bird/bird.ctl", "show", "bfd", "sessions")).Contains(" Up ", StringComparison.Ordinal));
        await Eventually.HoldsAsync("both sessions are established", Moment, async () => await AnnouncedAsync(lab) == 1);
    }

    /// <summary>How many prefixes each established session announces, when both are established and announce the same number; otherwise 0.</summary>
    private static async Task<int> AnnouncedAsync(TestLab lab)
    {
        var sessions = (await lab.StatusAsync()).Connection.Tunnels.Select(tunnel => tunnel.Bgp!).ToList();
        return sessions.All(session => session.State == "established" && session.PrefixesOut == sessions[0].PrefixesOut) ? sessions[0].PrefixesOut : 0;
    }
}
