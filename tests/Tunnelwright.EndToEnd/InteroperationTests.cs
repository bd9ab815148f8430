using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tunnelwright.EndToEnd;

/// <summary>Our gateway against strongSwan that a person set up by hand: what is proven between two ends of our own could be a mistake that both make.</summary>
public sealed partial class InteroperationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan ComesBackLimit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1, "aes128-sha1-modp1024", "aes128-sha1-modp1024", false, "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "AES_CBC-128/HMAC_SHA1_96", "/MODP_1024")]
    [InlineData(2, "aes256gcm16-prfsha256-modp2048", "aes256gcm16-modp2048", false, "AES_GCM_16-256/PRF_HMAC_SHA2_256/MODP_2048", "AES_GCM_16-256", "/MODP_2048")]
    [InlineData(1, "aes128-sha1-modp1024", "aes128-sha1-modp1024", true, "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "AES_CBC-128/HMAC_SHA1_96", "/MODP_1024")]
    [InlineData(2, "aes256gcm16-prfsha256-modp2048", "aes256gcm16-modp2048", true, "AES_GCM_16-256/PRF_HMAC_SHA2_256/MODP_2048", "AES_GCM_16-256", "/MODP_2048")]
    public async Task A_responder_configured_by_hand_is_spoken_with(int version, string ike, string esp, bool nat, string negotiatedIke, string negotiatedEsp, string perfectForwardSecrecy)
    {
        string[] options = ["--no-endpoints", "--ike", $"{version}", "--ike-proposal", ike, "--esp-proposal", esp, .. nat ? ["--nat"] : Array.Empty<string>()];
        await using var lab = await TestLab.UpAsync(options);
        var configuration = new HandConfiguration(version, ike, esp);
        await using var first = await HandConfiguredEndpoint.StartAsync(lab, 1, configuration);
        await using var second = await HandConfiguredEndpoint.StartAsync(lab, 2, configuration);
        await HandConfiguredNetwork.RouteThroughAsync(lab, 1);

        var took = await lab.TypeAsync("up", lab.File, "--wait", $"{TestMachine.Patience.TotalSeconds - 20}");
        Assert.True(took.ExitCode == 0, $"up: {took.ExitCode}: {took.Error}{took.Output}\nendpoint 1:\n{first.Log}\nendpoint 2:\n{second.Log}");

        output.WriteLine(took.Error);

        // With IKEv2 the first CHILD SA has its key from the IKE SA; the PFS group comes with the first rekey (RFC 7296 section 1.3.1).
        var expected = new Expectation(version, nat, negotiatedIke, version == 1 ? negotiatedEsp + perfectForwardSecrecy : negotiatedEsp);
        expected.Check(await lab.StatusAsync());
        foreach (var endpoint in new[] { first, second }) await expected.CheckAsync(endpoint);
        await TrafficAsync(lab);
        var lost = await RekeyAsync(lab, first, negotiatedEsp + perfectForwardSecrecy);
        var afterChild = await ComesBackAsync(lab, first.DeleteChildAsync, expectNewIke: false);
        var afterIke = await ComesBackAsync(lab, first.DeleteIkeAsync, expectNewIke: true);
        await TrafficAsync(lab);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"up {took.Elapsed.TotalSeconds:0.00} s, rekey lost {lost} of 50, up again {afterChild.TotalSeconds:0.00} s after DELETE of the CHILD SA, {afterIke.TotalSeconds:0.00} s after DELETE of the IKE SA"));
    }

    /// <summary>Both inside addresses answer, and the networks reach each other both ways.</summary>
    private static async Task TrafficAsync(TestLab lab)
    {
        var proofs = new Proofs(lab);
        foreach (var number in new[] { 1, 2 })
        {
            var far = HandConfiguredNetwork.Inside(number).Cloud;
            Assert.True(await proofs.AnswersAsync(TestLab.Gateway, far), $"no answer from {far}, the far end of tunnel {number}");
        }

        await proofs.PassesAsync(TimeSpan.FromSeconds(10));
        Assert.True(await proofs.AnswersAsync("cloud-dns-1", "10.1.0.10"), "the cloud does not reach the customer's host");
        await proofs.WebAsync();
    }

    /// <summary>The responder renews the CHILD SA while fifty echo requests go through the tunnel; at most one may be lost.</summary>
    /// <returns>How many were.</returns>
    private static async Task<int> RekeyAsync(TestLab lab, HandConfiguredEndpoint endpoint, string expectedEsp)
    {
        var before = await TunnelOneAsync(lab);
        await using var ping = lab.Start("customer-host", "ping", "-n", "-c", "50", "-i", "0.1", "-W", "2", "10.8.2.2");
        await Eventually.HoldsAsync("the tenth answer", TestMachine.Patience, () => ping.Output.Contains("icmp_seq=10 ", StringComparison.Ordinal));
        await endpoint.RekeyChildAsync();
        await ping.EndAsync();
        var counts = Counts().Match(ping.Output);
        Assert.True(counts.Success, ping.Output + ping.Error);
        Assert.Equal("50", counts.Groups["sent"].Value);
        var lost = 50 - int.Parse(counts.Groups["received"].Value, CultureInfo.InvariantCulture);
        Assert.True(lost <= 1, $"the rekey lost {lost} of 50 echo requests: {ping.Output}");
        await Eventually.HoldsAsync("another CHILD SA with the PFS group", TimeSpan.FromSeconds(15), async () =>
        {
            var status = (await lab.StatusAsync()).Tunnel(1);
            return status is { State: "up", Child: { } child } && child.Proposal == expectedEsp && (await TunnelOneAsync(lab)).Child is { } now && now != before.Child;
        });
        Assert.Equal(before.Ike, (await TunnelOneAsync(lab)).Ike);
        return lost;
    }

    /// <summary>
    /// The responder sends a DELETE; nobody does anything; the tunnel is up again. When the new SA came charon tells: a slow machine may have us look long after.
    /// </summary>
    /// <returns>How long that took, at most a second too much.</returns>
    private static async Task<TimeSpan> ComesBackAsync(TestLab lab, Func<Task> delete, bool expectNewIke)
    {
        var before = await TunnelOneAsync(lab);
        var took = TimeSpan.MaxValue;
        var clock = Stopwatch.StartNew();
        await delete();
        await Eventually.HoldsAsync("tunnel 1 has another SA", TestMachine.Patience, async () =>
        {
            var now = await TunnelOneAsync(lab);
            if (now.Child is null || now.Child == before.Child) return false;
            took = clock.Elapsed - now.Age;
            return true;
        });
        Assert.True(took <= ComesBackLimit, $"tunnel 1 came back after {took.TotalSeconds:0.0} s");
        if (expectNewIke) Assert.NotEqual(before.Ike, (await TunnelOneAsync(lab)).Ike);
        await Eventually.HoldsAsync("tunnel 1 is up again", TestMachine.Patience, async () => (await lab.StatusAsync()).Tunnel(1).State == "up");
        var far = HandConfiguredNetwork.Inside(1).Cloud;
        Assert.True(await new Proofs(lab).AnswersAsync(TestLab.Gateway, far), $"tunnel 1 is up again, but {far} does not answer");
        return took;
    }

    /// <summary>The SPIs of tunnel 1: of its IKE SA and of the CHILD SA that is installed and is no leftover of a rekey; null where there is none. And how long ago that was installed.</summary>
    private static async Task<(string? Ike, string? Child, TimeSpan Age)> TunnelOneAsync(TestLab lab)
    {
        var sas = (await lab.SasAsync()).Where(sa => sa.Name.EndsWith("-1", StringComparison.Ordinal) && sa.IsEstablished).OrderBy(sa => sa.UniqueId).ToList();
        var child = sas.SelectMany(sa => sa.Children).Where(child => child.IsInstalled).OrderBy(child => child.UniqueId).LastOrDefault();
        return (
            sas.LastOrDefault() is { } ike ? $"{ike.InitiatorSpi} {ike.ResponderSpi}" : null,
            child is null ? null : $"{child.SpiIn} {child.SpiOut}",
            child?.Installed ?? TimeSpan.Zero);
    }

    [GeneratedRegex(@"(?<sent>\d+) packets transmitted, (?<received>\d+) received", RegexOptions.None, 1000)]
    private static partial Regex Counts();

    private sealed record Expectation(int Version, bool Nat, string Ike, string Child)
    {
        /// <summary>What our side says.</summary>
        public void Check(Status status)
        {
            Assert.Equal(0, status.ExitCode);
            Assert.Equal(TestMachine.DataPlane, status.Document.DataPlane);
            Assert.Equal("up", status.Connection.State);
            Assert.Equal([1, 2], status.Connection.Tunnels.Select(tunnel => tunnel.Number));
            foreach (var tunnel in status.Connection.Tunnels)
            {
                Assert.Equal("up", tunnel.State);
                Assert.Equal(Version, tunnel.Ike?.Version);
                Assert.Equal(Ike, tunnel.Ike?.Proposal);
                Assert.Equal(Nat || TestMachine.DataPlane == "userspace", tunnel.Ike?.NatT);
                Assert.Equal(Child, tunnel.Child?.Proposal);
            }
        }

        /// <summary>What the responder says, in swanctl's words.</summary>
        public async Task CheckAsync(HandConfiguredEndpoint endpoint)
        {
            var sas = await endpoint.ListSasAsync();
            Assert.Contains($"ESTABLISHED, IKEv{Version}", sas, StringComparison.Ordinal);
            Assert.Contains(Ike, sas, StringComparison.Ordinal);
            Assert.Contains("INSTALLED", sas, StringComparison.Ordinal);
            Assert.Contains($"ESP:{Child}", sas, StringComparison.Ordinal);
        }
    }
}
