using System.Diagnostics;

namespace Tunnelwright.EndToEnd;

/// <summary>Waits for what takes a moment.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(TestMachine.IsGuest ? 300 : 50);

    /// <summary>How much longer than the limit the last question may take: it starts programs on a busy machine.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(TestMachine.IsGuest ? 10 : 2);

    /// <summary>Asks until the answer is yes; fails with the question when it is not within the limit, also when a yes comes too late.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> HoldsAsync(string what, TimeSpan limit, Func<Task<bool>> question)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var holds = await question();
            if (holds && clock.Elapsed <= limit + Grace) return clock.Elapsed;
            if (clock.Elapsed > limit) Assert.Fail($"not within {limit.TotalSeconds:0} s: {what}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>The same with a question that is answered at once.</summary>
    public static Task<TimeSpan> HoldsAsync(string what, TimeSpan limit, Func<bool> question) => HoldsAsync(what, limit, () => Task.FromResult(question()));
}
