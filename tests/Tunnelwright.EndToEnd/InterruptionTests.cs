using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>up may be ended at any moment: the next up goes on from what it finds, and down takes it away.</summary>
public sealed class InterruptionTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    /// <summary>Moments of an interruption as shares of the time that the whole takes.</summary>
    private static readonly double[] Moments = [0.1, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.95];

    [Fact]
    public async Task After_a_kill_at_any_moment_up_succeeds_or_down_cleans()
    {
        var lab = await labs.BgpAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        var whole = await TimeOfUpAsync(lab);
        foreach (var (number, moment) in Moments.Index())
        {
            await using (var up = lab.StartTyping("up", lab.File))
            {
                await Task.Delay(whole * moment);
                up.Signal(Background.Kill);
                await up.EndAsync();
            }

            var agents = await lab.KillAsync("tunnelwright");
            var daemons = (await lab.ProcessesAsync()).Count(process => process.Name is "charon-systemd" or "bird");
            output.WriteLine($"killed after {moment:0 %} of {whole.TotalSeconds:0.0} s: {agents} agent, {daemons} daemons");
            if (number % 2 == 0)
            {
                await lab.BringUpAsync();
                await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(15));
            }

            await lab.TakeDownAsync();
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_up_at_once_and_down_takes_away_what_it_began()
    {
        var lab = await labs.StaticAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        var whole = await TimeOfUpAsync(lab);
        foreach (var moment in new[] { 0.3, 0.6, 0.8 })
        {
            await using var up = lab.StartTyping("up", lab.File);
            await Task.Delay(whole * moment);
            var interrupted = DateTimeOffset.UtcNow;
            up.Signal(Background.Interrupt);
            var exitCode = await up.EndAsync();
            var result = new CommandResult(exitCode, up.Output, up.Error, DateTimeOffset.UtcNow - interrupted);
            output.WriteLine($"after {moment:0 %}: {result.ExitCode} within {result.Elapsed.TotalSeconds:0.0} s: {result.Error.TrimEnd().Split('\n')[^1]}");
            Complaint.AssertNoTrace(result);
            Assert.True(result.Elapsed < TestMachine.Patience / 8, $"it took {result.Elapsed.TotalSeconds:0.0} s to end");

            // 130: so early that the program had not yet begun; 0: it was through already.
            if (result.ExitCode is not (130 or 0)) Complaint.Check(result, 1, "interrupted", "down");
            await lab.TakeDownAsync();
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        }
    }

    private static async Task<TimeSpan> TimeOfUpAsync(TestLab lab)
    {
        var up = await lab.BringUpAsync();
        await lab.TakeDownAsync();
        return up.Elapsed;
    }
}
