using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Tunnelwright.EndToEnd;

/// <summary>The unit under a systemd of its own: it waits for the network, brings everything back, and starts an agent that was killed again.</summary>
[Trait("plane", "userspace")]
public sealed class BootTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    private const string Systemd = "systemd";
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(45);

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task The_machine_boots_and_its_agent_is_killed(string routing)
    {
        Assert.SkipUnless(File.Exists("/lib/systemd/systemd"), "There is no systemd here.");
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        await lab.BringUpAsync();
        foreach (var name in new[] { "tunnelwright", "charon-systemd", "bird" }) await lab.KillAsync(name);
        await lab.OutputAsync(TestLab.Gateway, "sh", "-c", "rm -rf /run/tunnelwright; nft flush ruleset; ip xfrm state flush; ip xfrm policy flush; sysctl -qw net.ipv4.ip_forward=0; ip link set uplink down; ip address flush dev uplink; true");
        await using var machine = lab.Start(TestLab.Gateway, "unshare", "--mount", "--propagation", "private", "--", Script(), TestMachine.Program, TestMachine.Unit);
        try
        {
            var clock = Stopwatch.StartNew();
            await new Proofs(lab).PassesAsync(Moment);
            output.WriteLine($"{routing}: traffic {clock.Elapsed.TotalSeconds:0.0} s after the boot began; the network came after 4 s");
            Assert.True(clock.Elapsed > TimeSpan.FromSeconds(3.5), "the network was there from the beginning");
            foreach (var inside in new[] { "169.254.10.1", "169.254.20.1" })
                await Eventually.HoldsAsync($"{inside} answers", Moment, async () => (await lab.RunAsync(TestLab.Gateway, "ping", "-n", "-c", "1", "-W", "0.5", inside)).Succeeded);

            var daemons = await DaemonsAsync();
            await using var stream = await Pinger.StartAsync(lab, "customer-host", "10.8.2.2");
            Assert.Equal(1, await lab.KillAsync("tunnelwright"));
            var again = await Eventually.HoldsAsync("systemd starts the agent again", Moment, async () => (await lab.ProcessesAsync()).Any(process => process.Name == "tunnelwright"));
            await Task.Delay(TimeSpan.FromSeconds(2));
            Assert.Equal(0, await stream.LostAsync());
            Assert.Equal(daemons, await DaemonsAsync());
            output.WriteLine($"{routing}: the agent runs again {again.TotalSeconds:0.0} s after it was killed, nothing lost");
        }
        finally
        {
            // Its process tree ends with it.
            await lab.KillAsync(Systemd);
            await machine.EndAsync();
            await lab.RunAsync(TestLab.Gateway, "sh", "-c", "ip link set uplink up; ip address replace 203.0.113.2/24 dev uplink; ip route replace default via 203.0.113.1");
        }

        async Task<IReadOnlyList<int>> DaemonsAsync() => [.. (await lab.ProcessesAsync()).Where(process => process.Name is "charon-systemd" or "bird").Select(process => process.Pid).Order()];
    }

    private static string Script([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source) ?? "/", "Support/boot");
}
