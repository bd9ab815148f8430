namespace Tunnelwright.EndToEnd;

/// <summary>The agent names the root cause of a tunnel's end by itself, in the status and in the history, also where the end alone does not tell it.</summary>
public sealed class DownCauseTests(FaultLabs labs, ITestOutputHelper output) : IClassFixture<FaultLabs>
{
    private static readonly TimeSpan Named = TimeSpan.FromSeconds(TestMachine.IsGuest ? 120 : 60);

    [Theory]
    [InlineData("psk-mismatch", 1, "psk-mismatch")]
    [InlineData("ike-proposal-mismatch", 2, "ike-proposal-mismatch")]
    [InlineData("ike-version-mismatch", 1, "ike-version-mismatch")]
    [InlineData("endpoint-unroutable", 2, "ike-unreachable")]
    [InlineData("esp-blocked", 1, "esp-blocked")]
    public async Task The_agent_finds_out_why_a_tunnel_is_down(string fault, int tunnel, string cause)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        var guesses = new List<string>();
        var took = await Eventually.HoldsAsync($"the status says {cause}", Named, async () =>
        {
            var status = await lab.Lab.StatusAsync();
            if (status.Tunnel(tunnel).LastDown?.Cause is { } said && guesses.LastOrDefault() != said) guesses.Add(said);
            return status.Tunnel(tunnel) is { State: not "up", LastDown.Cause: var named } && named == cause;
        });
        output.WriteLine($"{fault}: {string.Join(", then ", guesses)}; {took.TotalSeconds:0.0} s after the fault");
        Assert.Contains((await lab.Lab.StatusAsync()).Document.Events, happened => happened.Tunnel == tunnel && happened.Cause == cause && happened.Kind is "down" or "cause-named");
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
    }
}
