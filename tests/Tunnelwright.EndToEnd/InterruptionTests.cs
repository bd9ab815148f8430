using System.Diagnostics;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>up may be ended at any moment: the next up goes on from what it finds, and down takes it away.</summary>
public sealed class InterruptionTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    /// <summary>How far up has come, by a file that it leaves and a word in that file.</summary>
    private static readonly (string File, string Word)[] Stages =
    [
        ("/proc/self/stat", ""),
        ("/etc/tunnelwright/connections", ""),
        ("/run/tunnelwright/default/agent.log", ""),
        ("/run/tunnelwright/default/desired.json", ""),
        ("/run/tunnelwright/default/host-before.json", ""),
        ("/run/tunnelwright/default/charon-0/strongswan.conf", ""),
        ("/run/tunnelwright/default/charon-0/vici", ""),
        ("/run/tunnelwright/default/bird/bird.conf", ""),
        ("/run/tunnelwright/default/bird/bird.ctl", ""),
        ("/run/tunnelwright/default/charon-0/charon.log", "initiating"),
        ("/run/tunnelwright/default/charon-0/charon.log", "CHILD_SA"),
    ];

    [Fact]
    public async Task After_a_kill_at_any_stage_up_succeeds_or_down_cleans()
    {
        var lab = await labs.BgpAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        foreach (var (number, stage) in Stages.Index())
        {
            await using (var up = lab.StartTyping("up", lab.File))
            {
                await up.ReachAsync(() => IsReached(lab, stage));
                up.Signal(Background.Kill);
                await up.EndAsync();
            }

            var agents = await lab.KillAsync("tunnelwright");
            var daemons = (await lab.ProcessesAsync()).Count(process => process.Name is "charon-systemd" or "bird");
            output.WriteLine($"killed at {stage}: {agents} agent, {daemons} daemons");
            if (number % 2 == 0)
            {
                await lab.BringUpAsync();
                await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(15));
            }

            await lab.EmptyAsync();
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_up_at_once_and_down_takes_away_what_it_began()
    {
        var lab = await labs.StaticAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        foreach (var stage in new[] { Stages[2], Stages[6], Stages[9] })
        {
            await using var up = lab.StartTyping("up", lab.File);
            await up.ReachAsync(() => IsReached(lab, stage));
            var clock = Stopwatch.StartNew();
            up.Signal(Background.Interrupt);
            var exitCode = await up.EndAsync();
            var result = new CommandResult(exitCode, up.Output, up.Error, clock.Elapsed);
            output.WriteLine($"interrupted at {stage}: {exitCode} after {result.Elapsed.TotalSeconds:0.0} s: {result.Error.TrimEnd().Split('\n')[^1]}");
            Assert.True(result.Elapsed < TestMachine.Patience / 8, $"it took {result.Elapsed.TotalSeconds:0.0} s to end");

            // 0: it was through already.
            if (exitCode != 0) Complaint.Check(result, 1, "interrupted");
            await lab.EmptyAsync();
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        }
    }

    private static bool IsReached(TestLab lab, (string File, string Word) stage)
    {
        var path = lab.Host(TestLab.Gateway).Root + stage.File;
        if (stage.Word.Length == 0) return Path.Exists(path);
        return File.Exists(path) && File.ReadAllText(path).Contains(stage.Word, StringComparison.Ordinal);
    }
}
