using System.Globalization;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Names;

/// <summary>What dies or changes while clients ask: no question is lost.</summary>
[Trait("plane", "userspace")]
public sealed class LossTests(NamesLab names, ITestOutputHelper output) : IClassFixture<NamesLab>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Two times the longest wait for a server whose time is known, and what a busy machine adds.</summary>
    private static readonly TimeSpan OneRetry = TimeSpan.FromSeconds(1);

    private TestLab Lab => names.Lab;

    [Fact]
    public async Task One_of_the_clouds_servers_dies_and_no_question_is_lost()
    {
        await names.ReadyAsync();
        using var ending = new CancellationTokenSource();
        var asking = names.Client.AskOnAsync(i => $"n{i}-{Environment.ProcessId}.app.cloud.example", Pause, ending.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        foreach (var server in new[] { "cloud-dns-1", "cloud-dns-2" })
        {
            var frozen = (await Lab.ProcessesAsync(server)).Where(process => process.Name == "dnsmasq").Select(process => process.Pid.ToString(CultureInfo.InvariantCulture)).ToArray();
            Assert.NotEmpty(frozen);
            await Lab.OutputAsync(server, ["kill", "-STOP", .. frozen]);
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            await Lab.OutputAsync(server, ["kill", "-CONT", .. frozen]);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }

        await ending.CancelAsync();
        var asked = await asking;
        Tell("one server dies", asked);
        Assert.All(asked, one => Assert.True(one.IsAnswered && one.Took < OneRetry, $"{one}"));
    }

    [Fact]
    public async Task The_agent_is_killed_and_no_question_is_lost()
    {
        await names.ReadyAsync();
        var process = Assert.Single(await names.ProcessesAsync());
        using var ending = new CancellationTokenSource();
        var asking = names.Client.AskOnAsync(i => $"k{i}-{Environment.ProcessId}.app.cloud.example", Pause, ending.Token);
        Assert.Equal(1, await Lab.KillAsync("tunnelwright"));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await using (var agent = Lab.StartTyping("gateway", "run"))
        {
            await names.ReadyAsync();
            await ending.CancelAsync();
            var asked = await asking;
            Tell("the agent is killed", asked);
            Assert.All(asked, one => Assert.True(one.IsAnswered && one.Took < OneRetry, $"{one}"));
            Assert.Equal(process, Assert.Single(await names.ProcessesAsync()));
        }

        await Lab.BringUpAsync(NamesLab.Options);
    }

    [Fact]
    public async Task The_names_are_changed_and_no_question_is_lost()
    {
        await names.ReadyAsync();
        var process = Assert.Single(await names.ProcessesAsync());
        using var ending = new CancellationTokenSource();
        var asking = names.Client.AskOnAsync(i => $"c{i}-{Environment.ProcessId}.app.cloud.example", Pause, ending.Token);
        for (var i = 0; i < 3; i++)
        {
            await Lab.BringUpAsync([.. NamesLab.Options, "--dns-domain", $"other{i}.example", "--dns-listen", "10.1.0.1:5353"]);
            await Eventually.HoldsAsync("the new rule is there", TimeSpan.FromSeconds(20), async () => (await names.StatusAsync())["rules"]!.AsArray().Any(rule => rule!["domain"]!.GetValue<string>() == $"other{i}.example"));
            Assert.Equal("10.8.2.10", await Lab.OutputAsync("customer-host", "dig", "+short", "+time=3", "-p", "5353", $"@{NamesLab.Forwarder}", "app.cloud.example"));
            await Lab.BringUpAsync(NamesLab.Options);
        }

        await ending.CancelAsync();
        var asked = await asking;
        Tell("the names are changed", asked);
        Assert.All(asked, one => Assert.True(one.IsAnswered && one.Took < OneRetry, $"{one}"));
        Assert.Equal(process, Assert.Single(await names.ProcessesAsync()));
        Assert.False((await Lab.RunAsync("customer-host", "dig", "+time=1", "+tries=1", "-p", "5353", $"@{NamesLab.Forwarder}", "app.cloud.example")).Succeeded);
    }

    [Fact]
    public async Task Both_tunnels_die_and_answers_go_on_beyond_their_time_and_are_fresh_within_a_second_after()
    {
        await names.ReadyAsync();
        Assert.True((await names.Client.AskAsync(LabNames.LoadBalancer)).IsAnswered);
        await Lab.CutAsync(1);
        await Lab.CutAsync(2);
        using var ending = new CancellationTokenSource();
        var asking = names.Client.AskOnAsync(_ => LabNames.LoadBalancer, TimeSpan.FromMilliseconds(50), ending.Token);
        await Task.Delay(TimeSpan.FromSeconds(LabNames.TtlSeconds + 3), TestContext.Current.CancellationToken);
        await Lab.MendAsync(1);
        await Lab.MendAsync(2);
        await Eventually.HoldsAsync("the gateway reaches the cloud's DNS server again", TimeSpan.FromSeconds(60), async () => (await Lab.RunAsync(TestLab.Gateway, "ping", "-n", "-c", "1", "-W", "1", "-I", "10.1.0.1", "10.8.2.2")).Succeeded);
        var back = Asker.Now;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        await ending.CancelAsync();
        var asked = await asking;

        Tell("both tunnels die", asked);
        Assert.All(asked, one => Assert.True(one.IsAnswered, $"{one}"));
        Assert.Contains(asked, one => one.IsStale);
        var lastStale = asked.Last(one => one.IsStale).Sent;
        output.WriteLine($"the last answer beyond its time {(lastStale - back).TotalSeconds:0.00} s after the first echo through a tunnel");
        Assert.True(lastStale - back < TimeSpan.FromSeconds(1), $"the answers are fresh {(lastStale - back).TotalSeconds:0.00} s after the tunnels");
        Assert.False(asked[^1].IsStale);
    }

    [Fact]
    public async Task The_forwarder_is_killed_and_is_back_in_a_moment()
    {
        await names.ReadyAsync();
        var killed = await names.ProcessesAsync();
        Assert.Equal(1, await Lab.KillAsync("tunnelwrightdns"));
        var took = await Eventually.HoldsAsync("the forwarder answers again", TimeSpan.FromSeconds(10), async () => (await names.Client.AskAsync("app.cloud.example")).IsAnswered);
        output.WriteLine($"back after {took.TotalSeconds:0.00} s");
        Assert.NotEqual(killed, await names.ProcessesAsync());
        await Eventually.HoldsAsync("the history tells it", TimeSpan.FromSeconds(10), async () => (await Lab.OutputAsync(TestLab.Gateway, "tunnelwright", "status", "--json")).Contains("DNS forwarder started anew", StringComparison.Ordinal));
    }

    private void Tell(string what, IReadOnlyList<Asked> asked) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {asked.Count} questions, {asked.Count(one => !one.IsAnswered)} lost, slowest {asked.Max(one => one.Took ?? TimeSpan.MaxValue).TotalMilliseconds:0} ms, {asked.Count(one => one.IsStale)} beyond their time"));
}
