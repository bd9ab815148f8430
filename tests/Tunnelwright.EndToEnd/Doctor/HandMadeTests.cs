using Tunnelwright.Model;

namespace Tunnelwright.EndToEnd;

/// <summary>A gateway that a person set up with strongSwan's own files: the doctor sees it as it is, names the same causes, and points to the line that is wrong.</summary>
[Trait("part", "doctor")]
public sealed class HandMadeTests(HandMadeLab standing, ITestOutputHelper output) : IClassFixture<HandMadeLab>
{
    private const string Gateway = TestLab.Gateway;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_healthy_one_is_called_healthy_with_and_without_the_providers_file()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab);
        foreach (var options in new[] { Array.Empty<string>(), ["--file", lab.File] })
        {
            var report = await AskAsync(lab, options);
            Assert.True(report.Verdict == "healthy", report.Describe());
            Assert.Empty(report.Findings);
            Assert.Contains(report.Checks, check => check is { Name: "IKE daemon", Result: "pass" } && check.Detail == (TestMachine.DataPlane == "kernel" ? "runs and answers" : "2 run and answer"));
            foreach (var number in new[] { 1, 2 }) Assert.Contains(report.Checks, check => check.Name == $"tunnel {number} ('{HandMadeGateway.NameOf(number)}')" && check.Result == "pass" && check.Detail.Contains("of 50 answered", StringComparison.Ordinal));
            Assert.DoesNotContain(lab.Keys, key => report.Checks.Any(check => check.Detail.Contains(key, StringComparison.Ordinal)));
        }
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task One_daemon_with_both_tunnels_is_looked_at_tunnel_by_tunnel()
    {
        var lab = await standing.LabAsync();
        await using (await HandMadeGateway.SetUpAsync(lab, new HandMadeGatewaySettings { OneDaemon = true }))
        {
            var report = await AskAsync(lab, []);
            Assert.True(report is { Verdict: "healthy", Findings.Count: 0 }, report.Describe());
            Assert.Equal(2, report.Checks.Count(check => check.Name.StartsWith("tunnel ", StringComparison.Ordinal) && check.Result == "pass" && check.Detail.Contains("of 50 answered", StringComparison.Ordinal)));
        }

        await using (await SetUpWrongAsync(lab, new HandMadeGatewaySettings { OneDaemon = true, Key = number => number == 2 ? "another.key.than_the_file_has" : lab.Keys[0], ComesUp = false }))
        {
            var finding = Finding(await AskAsync(lab, ["--file", lab.File]), "psk-mismatch", tunnel: 2);
            Assert.Contains(finding.Places, place => place.StartsWith("/run/charon-1.log:", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(BgpDaemon.Bird)]
    [InlineData(BgpDaemon.Frr)]
    public async Task A_BGP_daemon_of_a_persons_own_is_asked_for_its_sessions(BgpDaemon daemon)
    {
        var lab = await standing.BgpLabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab, new HandMadeGatewaySettings { Bgp = daemon });
        foreach (var options in new[] { Array.Empty<string>(), ["--file", lab.File] })
        {
            var report = await AskAsync(lab, options);
            Assert.True(report is { Verdict: "healthy", Findings.Count: 0 }, report.Describe());
            foreach (var number in new[] { 1, 2 }) Assert.Contains(report.Checks, check => check.Name == $"BGP {number}" && check.Result == "pass" && check.Detail.StartsWith("established, ", StringComparison.Ordinal));
        }

        await gateway.KillBgpAsync();
        Finding(await AskAsync(lab, ["--file", lab.File]), "bgp-not-established", tunnel: null);
    }

    [Theory]
    [InlineData(BgpDaemon.Bird)]
    [InlineData(BgpDaemon.Frr)]
    public async Task A_wrong_AS_of_the_cloud_is_told_in_the_daemons_words(BgpDaemon daemon)
    {
        var lab = await standing.BgpLabAsync();
        await using var gateway = await SetUpWrongAsync(lab, new HandMadeGatewaySettings { Bgp = daemon, PeerAs = new Asn(64999) });
        var finding = Finding(await AskAsync(lab, []), "bgp-asn-mismatch", tunnel: null);
        Assert.Contains(finding.Evidence, text => text.Contains("peer AS", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Data_that_is_dropped_on_the_way_is_told()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab);
        await lab.FaultAsync("inject", "esp-blocked", "--tunnel", "1");
        try
        {
            await Task.Delay(Settling, TestContext.Current.CancellationToken);
            Finding(await AskAsync(lab, []), "esp-blocked", tunnel: 1);
        }
        finally
        {
            await lab.FaultAsync("heal");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wrong_key_is_told(bool withFile)
    {
        var lab = await standing.LabAsync();
        await using var gateway = await SetUpWrongAsync(lab, new HandMadeGatewaySettings { Key = number => number == 1 ? "another.key.than_the_file_has" : lab.Keys[1], ComesUp = false });
        var report = await AskAsync(lab, withFile ? ["--file", lab.File] : []);
        var finding = Finding(report, "psk-mismatch", tunnel: 1);
        if (withFile) Assert.Contains(gateway.PlaceOf(1, "secret ="), finding.Places);
        Assert.DoesNotContain(finding.Evidence, text => text.Contains("another.key", StringComparison.Ordinal) || text.Contains(lab.Keys[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_phase_1_proposal_that_is_refused_is_told_with_its_line()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await SetUpWrongAsync(lab, new HandMadeGatewaySettings { IkeProposal = "aes128-sha1-modp3072", ComesUp = false });
        Assert.Contains(gateway.PlaceOf(1, "proposals"), Finding(await AskAsync(lab, []), "ike-proposal-mismatch", tunnel: null).Places);
        Assert.Contains(gateway.PlaceOf(1, "proposals"), Finding(await AskAsync(lab, ["--file", lab.File]), "ike-proposal-mismatch", tunnel: null).Places);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task An_old_address_of_the_peer_is_told_against_the_providers_file()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await SetUpWrongAsync(lab, new HandMadeGatewaySettings { Peer = number => number == 1 ? "198.51.100.99" : "192.0.2.2", ComesUp = false });
        var finding = Finding(await AskAsync(lab, ["--file", lab.File]), "stale-peer-address", tunnel: 1);
        Assert.Contains(gateway.PlaceOf(1, "remote_addrs"), finding.Places);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task A_daemon_that_does_not_run_is_told()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab);
        await gateway.KillAsync();
        var finding = Finding(await AskAsync(lab, []), "daemon-not-running", tunnel: null);
        Assert.Contains(gateway.PlaceOf(1, HandMadeGateway.NameOf(1)), finding.Places);
    }

    [Fact]
    [Trait("plane", "kernel")]
    public async Task An_interface_with_another_number_than_the_SAs_is_told_with_its_line()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await SetUpWrongAsync(lab, new HandMadeGatewaySettings { InterfaceId = number => number + 5 });
        foreach (var options in new[] { Array.Empty<string>(), ["--file", lab.File] })
        {
            var finding = Finding(await AskAsync(lab, options), "route-missing", tunnel: null);
            Assert.Contains(gateway.PlaceOf(1, "if_id_out"), finding.Places);
            Assert.Contains(finding.Evidence, text => text.Contains("ipsec0: 6", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("trap")]
    [Trait("plane", "userspace")]
    public async Task A_connection_that_nobody_starts_is_told_with_its_line(string startAction)
    {
        var lab = await standing.LabAsync();
        await using var gateway = await SetUpWrongAsync(lab, new HandMadeGatewaySettings { StartAction = startAction, ComesUp = false });
        var finding = Finding(await AskAsync(lab, []), "not-initiating", tunnel: null);
        Assert.Contains(gateway.PlaceOf(1, "start_action"), finding.Places);
        Assert.Contains(gateway.PlaceOf(2, "start_action"), finding.Places);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task A_second_tunnel_that_is_missing_is_told_against_the_providers_file()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab, new HandMadeGatewaySettings { Tunnels = [1] });
        var alone = await AskAsync(lab, []);
        Assert.True(alone is { Verdict: "healthy", Findings.Count: 0 }, alone.Describe());
        Finding(await AskAsync(lab, ["--file", lab.File]), "both-tunnels-not-configured", tunnel: 2);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task A_life_that_is_too_long_is_told_with_its_line()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab, new HandMadeGatewaySettings { LifeTime = "8h" });
        var finding = Finding(await AskAsync(lab, []), "phase2-lifetime-out-of-range", tunnel: null);
        Assert.Contains(gateway.PlaceOf(1, "life_time"), finding.Places);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task A_line_that_cannot_be_read_is_told()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab);
        await lab.OutputAsync(Gateway, "sh", "-c", $"printf 'connections {{\\n  broken {{\\n    remote_adrs = 192.0.2.77\\n  }}\\n}}\\n' >{HandMadeGateway.Configuration}/third.conf");
        Assert.Contains($"{HandMadeGateway.Configuration}/third.conf:3", Finding(await AskAsync(lab, []), "config-syntax", tunnel: null).Places);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task An_ipsec_conf_is_read_and_what_cannot_be_seen_is_said()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab, new HandMadeGatewaySettings { Vici = false, ComesUp = false });
        var root = lab.Host(Gateway).Root;
        foreach (var file in Directory.GetFiles($"{root}{HandMadeGateway.Configuration}")) File.Delete(file);
        File.WriteAllText($"{root}/etc/ipsec.conf", IpsecConf);
        var report = await AskAsync(lab, []);
        Assert.True(report is { Verdict: "unknown", Findings.Count: 0 }, report.Describe());
        Assert.Contains(report.Checks, check => check is { Name: "IKE daemon", Result: "skip" } && check.Detail.Contains("cannot be seen", StringComparison.Ordinal));
        foreach (var number in new[] { 1, 2 }) Assert.Contains(report.Checks, check => check.Name == $"endpoint {number}" && check.Result == "pass");

        File.WriteAllText($"{root}/etc/ipsec.conf", IpsecConf.Replace("ike=aes256-sha256-modp2048!", "ike=aes128-sha1-modp3072!", StringComparison.Ordinal));
        Assert.Contains("/etc/ipsec.conf:5", Finding(await AskAsync(lab, []), "ike-proposal-mismatch", tunnel: null).Places);
        await gateway.KillAsync();
        File.WriteAllText($"{root}/etc/ipsec.conf", IpsecConf);
        Assert.Contains("/etc/ipsec.conf:9", Finding(await AskAsync(lab, []), "daemon-not-running", tunnel: null).Places);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task Who_is_not_root_is_told_what_could_not_be_seen_and_what_the_wire_shows()
    {
        var lab = await standing.LabAsync();
        await using var gateway = await HandMadeGateway.SetUpAsync(lab);
        await lab.OutputAsync(Gateway, "chmod", "-R", "a+rX", "/etc/swanctl");
        await lab.OutputAsync(Gateway, "chmod", "600", HandMadeGateway.FileOf(2));
        var report = await AskAsNobodyAsync(lab);
        Assert.True(report is { Verdict: "unknown", Findings.Count: 0 }, report.Describe());
        Assert.Contains(report.Checks, check => check is { Name: "daemons", Result: "skip" });
        Assert.Contains(report.Checks, check => check.Result == "skip" && check.Detail == $"{HandMadeGateway.FileOf(2)}: only root may read it");
        Assert.Contains(report.Checks, check => check is { Name: "endpoint 1", Result: "pass" });
        Assert.Contains(report.Checks, check => check is { Name: "forwarding", Result: "pass" });

        await lab.CutAsync(1);
        try
        {
            Finding(await AskAsNobodyAsync(lab), "ike-unreachable", tunnel: 1);
        }
        finally
        {
            await lab.MendAsync(1);
        }
    }

    private static string IpsecConf => """
        config setup

        conn %default
          keyexchange=ikev2
          ike=aes256-sha256-modp2048!
          esp=aes256gcm16-modp2048!
          left=203.0.113.2
          auto=start
        conn office-1
          right=198.51.100.2
          rightsubnet=10.8.2.0/24
          leftsubnet=10.1.0.0/24
        conn office-2
          right=192.0.2.2
          also=office-1

        """;

    private static async Task<HandMadeGateway> SetUpWrongAsync(TestLab lab, HandMadeGatewaySettings settings)
    {
        var gateway = await HandMadeGateway.SetUpAsync(lab, settings);
        await gateway.SettleAsync(Settling);
        return gateway;
    }

    private async Task<DoctorReport> AskAsync(TestLab lab, string[] options)
    {
        var report = await DoctorReport.AskAsync(lab, Gateway, options);
        output.WriteLine($"{report.Took.TotalSeconds:0.0} s: {report.Describe()}");
        return report;
    }

    private async Task<DoctorReport> AskAsNobodyAsync(TestLab lab)
    {
        var report = await DoctorReport.AskAsNobodyAsync(lab);
        output.WriteLine($"{report.Took.TotalSeconds:0.0} s: {report.Describe()}");
        return report;
    }

    /// <summary>The cause, and no other finding.</summary>
    private static DoctorFinding Finding(DoctorReport report, string cause, int? tunnel)
    {
        Assert.True(report.Findings.Count == 1 && report.Findings[0].Cause == cause, $"wanted {cause}: {report.Describe()}");
        Assert.True(report.Findings[0].Tunnel == tunnel, $"wanted tunnel {tunnel}: {report.Describe()}");
        return report.Findings[0];
    }
}
