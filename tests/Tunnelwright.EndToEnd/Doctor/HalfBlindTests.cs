namespace Tunnelwright.EndToEnd;

/// <summary>The doctor on a gateway of our own of which it cannot see everything: without root, without an agent, without daemons, without nft.</summary>
[Trait("plane", "userspace")]
[Trait("part", "doctor")]
public sealed class HalfBlindTests(HalfBlindLab standing, ITestOutputHelper output) : IClassFixture<HalfBlindLab>
{
    private const string Gateway = TestLab.Gateway;

    [Fact]
    public async Task Without_root_it_says_what_it_could_not_see_and_asks_the_endpoints_of_a_file()
    {
        var lab = await standing.UpAsync();
        var blind = await AskAsNobodyAsync(lab);
        Assert.True(blind is { Verdict: "unknown", Findings.Count: 0 }, blind.Describe());
        Assert.Contains(blind.Checks, check => check is { Name: "configuration", Result: "skip" } && check.Detail.Contains("sudo", StringComparison.Ordinal));

        await lab.OutputAsync(Gateway, "install", "-m", "644", lab.File, "/run/given.txt");
        var report = await AskAsNobodyAsync(lab, "--file", "/run/given.txt");
        Assert.True(report is { Verdict: "unknown", Findings.Count: 0 }, report.Describe());
        foreach (var number in new[] { 1, 2 }) Assert.Contains(report.Checks, check => check.Name == $"endpoint {number}" && check.Result == "pass");

        await FarSide.SilenceAsync(lab, 2);
        var silent = await AskAsNobodyAsync(lab, "--file", "/run/given.txt");
        await FarSide.MendAsync(lab);
        Assert.True(silent is { Findings: [{ Cause: "ike-unreachable", Tunnel: 2 }] }, silent.Describe());
    }

    [Fact]
    public async Task A_dead_agent_that_left_its_socket_is_told_and_hides_nothing_else()
    {
        var lab = await standing.UpAsync();
        await KillAgentAsync(lab);
        Assert.True(File.Exists($"{lab.Host(Gateway).Root}/run/tunnelwright/default/agent.sock"), "the socket is gone with the agent");
        var report = await AskAsync(lab);
        Assert.True(report is { Findings: [{ Cause: "daemon-not-running" }] }, report.Describe());
        foreach (var name in new[] { "tunnel 1", "tunnel 2", "endpoint 1", "BGP 1", "routes", "cloud DNS" }) Assert.Contains(report.Checks, check => check.Name == name && check.Result == "pass");
    }

    [Fact]
    public async Task A_dead_charon_without_an_agent_is_told_of_its_tunnel()
    {
        var lab = await standing.UpAsync();
        await KillAgentAsync(lab);
        Assert.Equal(2, await lab.KillAsync("charon-systemd"));
        var report = await AskAsync(lab);
        Assert.True(report is { Findings: [{ Cause: "daemon-not-running" }] }, report.Describe());
        foreach (var number in new[] { 1, 2 }) Assert.Contains(report.Findings[0].Evidence, text => text.StartsWith($"tunnel {number}: no IKE daemon", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dead_bird_without_an_agent_is_told_beside_it()
    {
        var lab = await standing.UpAsync();
        await KillAgentAsync(lab);
        Assert.Equal(1, await lab.KillAsync("bird"));
        var report = await AskAsync(lab);
        Assert.Equal(["bgp-not-established", "daemon-not-running"], report.Findings.Select(finding => finding.Cause).Order(StringComparer.Ordinal));
        Assert.All(new[] { 1, 2 }, number => Assert.Contains(report.Checks, check => check.Name == $"tunnel {number}" && check.Result == "pass"));
    }

    [Fact]
    public async Task Without_nft_everything_else_is_looked_at()
    {
        var lab = await standing.UpAsync();
        await lab.OutputAsync(Gateway, "sh", "-c", "readlink -f \"$(command -v nft)\" >/run/nft-path && touch /run/nothing && mount --bind /run/nothing \"$(cat /run/nft-path)\"");
        try
        {
            var report = await AskAsync(lab);
            Assert.True(report is { Findings.Count: 0 }, report.Describe());
            Assert.Contains(report.Checks, check => check is { Name: "filter", Result: "skip" } && check.Detail.Contains("nft", StringComparison.Ordinal));
            foreach (var name in new[] { "tunnel 1", "tunnel 2", "endpoint 1", "endpoint 2", "routes", "forwarding", "cloud DNS" }) Assert.Contains(report.Checks, check => check.Name == name && check.Result == "pass");
        }
        finally
        {
            await lab.OutputAsync(Gateway, "sh", "-c", "umount \"$(cat /run/nft-path)\"");
        }
    }

    private static async Task KillAgentAsync(TestLab lab)
    {
        Assert.Equal(1, await lab.KillAsync("tunnelwright"));
    }

    private async Task<DoctorReport> AskAsync(TestLab lab)
    {
        var report = await DoctorReport.AskAsync(lab);
        output.WriteLine($"{report.Took.TotalSeconds:0.0} s: {report.Describe()}");
        return report;
    }

    private async Task<DoctorReport> AskAsNobodyAsync(TestLab lab, params string[] options)
    {
        var report = await DoctorReport.AskAsNobodyAsync(lab, options);
        output.WriteLine($"{report.Took.TotalSeconds:0.0} s: {report.Describe()}");
        return report;
    }
}

/// <summary>A lab with BGP whose customer's gateway is brought up anew before each test.</summary>
public sealed class HalfBlindLab : IAsyncLifetime
{
    private TestLab? _lab;

    /// <summary>The lab, both tunnels up and an agent that watches them.</summary>
    public async Task<TestLab> UpAsync()
    {
        _lab ??= await TestLab.UpAsync("--routing", "bgp", "--ike", "2");
        await _lab.EmptyAsync();
        await _lab.BringUpAsync();
        var socket = $"{_lab.Host(TestLab.Gateway).Root}/run/tunnelwright/default/agent.sock";
        await Eventually.HoldsAsync("the agent listens", TestMachine.Patience, () => File.Exists(socket));
        return _lab;
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lab is not null) await _lab.DisposeAsync();
    }
}
