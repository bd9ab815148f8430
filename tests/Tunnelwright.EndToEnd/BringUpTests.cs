namespace Tunnelwright.EndToEnd;

/// <summary>From the provider's file to traffic through both tunnels, fail-over and back, for every kind of connection.</summary>
public sealed class BringUpTests(ITestOutputHelper output)
{
    private static readonly TimeSpan FailOverLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan HealLimit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("static", 1, false)]
    [InlineData("static", 1, true)]
    [InlineData("static", 2, false)]
    [InlineData("static", 2, true)]
    [InlineData("bgp", 1, false)]
    [InlineData("bgp", 1, true)]
    [InlineData("bgp", 2, false)]
    [InlineData("bgp", 2, true)]
    public async Task Both_tunnels_carry_traffic_and_stand_in_for_each_other(string routing, int version, bool nat)
    {
        await using var lab = await TestLab.UpAsync(["--routing", routing, "--ike", $"{version}", .. nat ? ["--nat"] : Array.Empty<string>()]);
        var took = await lab.BringUpAsync();
        output.WriteLine($"up: {took.Elapsed.TotalSeconds:0.00} s");
        var expected = new Expectation(routing, version, nat, "AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048", version == 1 ? "AES_GCM_16-256/MODP_2048" : "AES_GCM_16-256");
        await PreferredAsync(lab);
        expected.Check(await lab.StatusAsync());
        var proofs = new Proofs(lab);
        await proofs.EverythingAsync(expected.Mss(1406, 1398));
        await StandsInAsync(lab, proofs);
    }

    /// <summary>
    /// On a machine where nothing answers for a third of a second the preferred tunnel may be passed over for a while, and with BGP more be announced than
    /// the one range.
    /// </summary>
    private static Task<TimeSpan> PreferredAsync(TestLab lab) =>
        Eventually.HoldsAsync("tunnel 1 is active", TimeSpan.FromSeconds(60), async () =>
            await lab.StatusAsync() is { Connection: { Active: 1, State: "up" } connection } && connection.Tunnels.All(tunnel => tunnel.Bgp is null or { PrefixesOut: 1 }));

    [Theory]
    [InlineData(1, "aes128-sha1-modp1024", "aes128-sha1-modp1024", "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "AES_CBC-128/HMAC_SHA1_96/MODP_1024", 1398, 1382)]
    [InlineData(2, "aes256-sha384-ecp384", "aes256-sha384-ecp384", "AES_CBC-256/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/ECP_384", "AES_CBC-256/HMAC_SHA2_384_192", 1382, 1382)]
    [InlineData(2, "aes128gcm16-sha256-ecp256", "aes128gcm16-ecp256", "AES_GCM_16-128/PRF_HMAC_SHA2_256/ECP_256", "AES_GCM_16-128", 1406, 1398)]
    [InlineData(2, "aes256gcm16-sha384-modp3072", "aes256gcm16-modp3072", "AES_GCM_16-256/PRF_HMAC_SHA2_384/MODP_3072", "AES_GCM_16-256", 1406, 1398)]
    [InlineData(2, "aes128-sha512-modp4096", "aes128-sha512-modp4096", "AES_CBC-128/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/MODP_4096", "AES_CBC-128/HMAC_SHA2_512_256", 1382, 1366)]
    [InlineData(1, "aes256-sha256-ecp521", "aes256-sha256-modp1536", "AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_521", "AES_CBC-256/HMAC_SHA2_256_128/MODP_1536", 1398, 1382)]
    public async Task What_the_file_proposes_is_what_is_negotiated(int version, string ike, string esp, string negotiatedIke, string negotiatedEsp, int mss, int mssInUdp)
    {
        await using var lab = await TestLab.UpAsync("--ike", $"{version}", "--ike-proposal", ike, "--esp-proposal", esp);
        await lab.BringUpAsync();
        var expected = new Expectation("static", version, false, negotiatedIke, negotiatedEsp);
        await PreferredAsync(lab);
        expected.Check(await lab.StatusAsync());
        var proofs = new Proofs(lab);
        await proofs.PassesAsync(TimeSpan.FromSeconds(10));
        await Task.WhenAll(proofs.LargePacketsAsync(), proofs.WebAsync());
        await proofs.MssAsync(expected.Mss(mss, mssInUdp));
    }

    [Fact]
    public async Task A_tunnel_that_was_cut_until_its_peer_was_given_up_comes_back_by_itself()
    {
        await Task.WhenAll(RunAsync("--ike", "1", "--routing", "static"), RunAsync("--ike", "2", "--routing", "bgp"));

        async Task RunAsync(params string[] options)
        {
            await using var lab = await TestLab.UpAsync(options);
            await lab.BringUpAsync();
            var before = Assert.Single(await lab.SasAsync(), sa => sa.Name.EndsWith("-1", StringComparison.Ordinal));
            await lab.CutAsync(1);
            var givenUp = await Eventually.HoldsAsync("dead peer detection gives the peer up", TimeSpan.FromSeconds(120), async () =>
                !(await lab.SasAsync()).Any(sa => sa.InitiatorSpi == before.InitiatorSpi));
            await lab.MendAsync(1);
            var back = await Eventually.HoldsAsync("tunnel 1 is up again", HealLimit, async () => (await lab.StatusAsync()).Tunnel(1).State == "up");
            await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(5));
            output.WriteLine($"{string.Join(' ', options)}: given up after {givenUp.TotalSeconds:0.0} s, up {back.TotalSeconds:0.0} s after the path was mended");
        }
    }

    /// <summary>Tunnel 1 is cut: traffic takes tunnel 2 both ways. It is mended: tunnel 1 comes back and is preferred again.</summary>
    private async Task StandsInAsync(TestLab lab, Proofs proofs)
    {
        await lab.CutAsync(1);
        var noticed = await Eventually.HoldsAsync("the active tunnel is 2", FailOverLimit, async () => (await lab.StatusAsync()).Connection.Active == 2);
        var passes = noticed + await proofs.PassesAsync(FailOverLimit - noticed);
        await proofs.WebAsync();
        var cut = await lab.StatusAsync();
        Assert.Equal(1, cut.ExitCode);
        Assert.Equal("degraded", cut.Connection.State);
        Assert.NotEqual("up", cut.Tunnel(1).State);

        // What is seen at once, or what the agent found out in the seconds after.
        Assert.Contains(cut.Tunnel(1).LastDown?.Cause, new[] { "dpd-timeout", "ike-unreachable" });
        Assert.Equal("up", cut.Tunnel(2).State);

        await lab.MendAsync(1);
        var mended = await Eventually.HoldsAsync("tunnel 1 is up and active again", HealLimit, async () =>
            await lab.StatusAsync() is { ExitCode: 0 } status && status.Connection.Active == 1);
        await proofs.PassesAsync(TimeSpan.FromSeconds(5));
        output.WriteLine($"tunnel 1 cut: active 2 after {noticed.TotalSeconds:0.0} s, packets pass after {passes.TotalSeconds:0.0} s; mended: up and active after {mended.TotalSeconds:0.0} s");
    }

    /// <summary>What the status has to say of a connection on which all is well.</summary>
    private sealed record Expectation(string Routing, int Version, bool Nat, string Ike, string Child)
    {
        /// <summary>The userspace plane always carries ESP in UDP.</summary>
        public bool InUdp => Nat || TestMachine.DataPlane == "userspace";

        /// <summary>The table's segment size, in bytes; the userspace plane takes packets of 1,400 bytes at most.</summary>
        public int Mss(int plain, int inUdp) => TestMachine.DataPlane == "userspace" ? Math.Min(inUdp, 1360) : InUdp ? inUdp : plain;

        public void Check(Status status)
        {
            Assert.Equal(0, status.ExitCode);
            Assert.Equal(TestMachine.DataPlane, status.Document.DataPlane);
            Assert.Empty(status.Document.Problems);
            Assert.Equal("up", status.Connection.State);
            Assert.Equal(Routing, status.Connection.Routing);
            Assert.Equal(1, status.Connection.Active);
            Assert.Equal(["10.1.0.0/24"], status.Connection.LocalRanges);
            Assert.Equal(["10.8.2.0/24"], status.Connection.RemoteRanges);
            Assert.Equal([1, 2], status.Connection.Tunnels.Select(tunnel => tunnel.Number));
            foreach (var tunnel in status.Connection.Tunnels)
            {
                Assert.Equal("up", tunnel.State);
                Assert.Equal(tunnel.Number == 1 ? "198.51.100.2" : "192.0.2.2", tunnel.Remote);
                Assert.NotNull(tunnel.Ike);
                Assert.Equal("established", tunnel.Ike.State);
                Assert.Equal(Version, tunnel.Ike.Version);
                Assert.Equal(Ike, tunnel.Ike.Proposal);
                Assert.Equal(InUdp, tunnel.Ike.NatT);
                Assert.InRange(tunnel.Ike.RekeyInSeconds ?? 0, 27000, 28800);
                Assert.NotNull(tunnel.Child);
                Assert.Equal(Child, tunnel.Child.Proposal);
                Assert.InRange(tunnel.Child.RekeyInSeconds ?? 0, 2700, 3600);
                Assert.True(tunnel.Child is { PacketsIn: > 0, PacketsOut: > 0, BytesIn: > 0, BytesOut: > 0 }, "no packet has gone each way");
                Assert.NotNull(tunnel.Probe);
                if (Routing == "bgp") Assert.True(tunnel.Bgp is { State: "established", PrefixesIn: 1, PrefixesOut: 1 }, $"BGP: {tunnel.Bgp}");
                else Assert.Null(tunnel.Bgp);
            }

            Assert.NotEqual(status.Tunnel(1).Interface, status.Tunnel(2).Interface);
        }
    }
}
