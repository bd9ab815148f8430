using System.Globalization;

namespace Tunnelwright.EndToEnd;

/// <summary>Every fault of a lab bites, and heal heals it.</summary>
public sealed partial class FaultTests(FaultLabs labs, ITestOutputHelper output) : IClassFixture<FaultLabs>
{
    private const string Gateway = TestLab.Gateway;
    private const string Host = FaultLab.CustomerHost;
    private const string Agent = "tunnelwright";
    private const string Charon = "charon-systemd";

    /// <summary>Nothing passes through the tunnel; the other one goes on; healed, it passes again.</summary>
    [Theory]
    [InlineData("black-hole", 1)]
    [InlineData("black-hole-out", 2)]
    [InlineData("black-hole-in", 1)]
    [InlineData("endpoint-frozen", 2)]
    [InlineData("endpoint-link-down", 1)]
    [InlineData("endpoint-unroutable", 2)]
    [InlineData("udp4500-blocked", 1)]
    [InlineData("esp-blocked", 2)]
    [InlineData("esp-blocked-in", 1)]
    public async Task A_path_is_cut(string fault, int tunnel)
    {
        // The kernel's ESP uses UDP 4500 only behind a NAT.
        var lab = fault == "udp4500-blocked" && TestMachine.DataPlane == "kernel" ? await labs.BgpAsync() : await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        Assert.False(await lab.PassesAsync(tunnel));
        Assert.True(await lab.PassesAsync(3 - tunnel));
        await lab.InjectAsync(fault, tunnel);
        await lab.HealAsync();
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
    }

    [Theory]
    [InlineData("loss", 0.15, 0.9)]
    [InlineData("loss-heavy", 0.8, 1)]
    public async Task Packets_are_lost(string fault, double least, double most)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, 1);
        var share = await lab.LossAsync(1, 100);
        output.WriteLine($"{fault}: {share:P0} of the echo requests are not answered");
        Assert.InRange(share, least, most);
        await lab.HealAsync();
        // So many losses in a row may have ended the tunnel: then it takes a moment until it stands again.
        await lab.PassesAllAsync(1, 50);
    }

    /// <summary>What the fault names does not reach the endpoint, counted where it is dropped; what it does not name passes.</summary>
    [Theory]
    [InlineData("udp500-blocked", 500, 60, 1)]
    [InlineData("ike-fragments-dropped", 500, 3000, 1)]
    [InlineData("dpd-rate-limited", 4500, 60, 0.5)]
    public async Task Some_datagrams_do_not_pass(string fault, int port, int bytes, double share)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, 2);
        var before = await lab.DroppedAsync(FaultLab.Internet, fault, 2);
        await lab.SendAsync(FaultLab.Outside(2), port, bytes, 20);
        Assert.True(await lab.DroppedAsync(FaultLab.Internet, fault, 2) >= before + (20 * share));
        Assert.True(await lab.PassesAsync(2));
        await lab.HealAsync();
        Assert.False((await lab.Lab.RunAsync(FaultLab.Internet, "nft", "list", "table", "inet", $"fault_{fault.Replace('-', '_')}_2")).Succeeded);
    }

    [Fact]
    public async Task Large_packets_vanish()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("mtu-blackhole", 1);
        Assert.True(await lab.PassesAsync(1));
        Assert.False(await lab.ReachesAsync(Gateway, "-s", "1200", FaultLab.Inside(1)));
        Assert.True(await lab.ReachesAsync(Gateway, "-s", "1200", FaultLab.Inside(2)));
        await lab.HealAsync();
        Assert.True(await lab.ReachesAsync(Gateway, "-s", "1200", FaultLab.Inside(1)));
    }

    [Fact]
    public async Task The_uplink_loses_its_carrier()
    {
        var lab = await labs.StaticAsync();
        var routes = await lab.Lab.OutputAsync(Gateway, "ip", "route");
        await lab.InjectAsync("uplink-down");
        Assert.Equal("0", await lab.Lab.OutputAsync(Gateway, "cat", "/sys/class/net/uplink/carrier"));
        Assert.False(await lab.PassesAsync(1));
        Assert.False(await lab.PassesAsync(2));
        await lab.HealAsync();
        Assert.Equal("1", await lab.Lab.OutputAsync(Gateway, "cat", "/sys/class/net/uplink/carrier"));
        await lab.ComesBackAsync(1);
        Assert.Contains("default via 203.0.113.1", routes, StringComparison.Ordinal);
        Assert.Contains("default via 203.0.113.1", await lab.Lab.OutputAsync(Gateway, "ip", "route"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_firewall_drops_IKE()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("firewall-blocks-ike");
        Assert.False(await lab.PassesAsync(1));
        Assert.True(await lab.DroppedAsync(Gateway, "firewall-blocks-ike", 0) > 0);
    }

    [Fact]
    public async Task The_daemons_of_an_endpoint_hang()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("endpoint-silent", 1);
        var daemons = (await lab.Lab.ProcessesAsync("cloud-endpoint-1")).Where(process => process.Name is Agent or Charon or "bird").ToList();
        Assert.Equal(3, daemons.Count);
        Assert.All(daemons, process => Assert.Equal('T', process.State));
        if (TestMachine.DataPlane == "userspace") Assert.False(await lab.PassesAsync(1));
        await lab.HealAsync();
        Assert.DoesNotContain(await lab.Lab.ProcessesAsync("cloud-endpoint-1"), process => process.State == 'T');
        await lab.ComesBackAsync(1);
    }

    [Fact]
    public async Task An_endpoint_loses_its_SAs()
    {
        var lab = await labs.StaticAsync();
        var before = await lab.Lab.SaIdentitiesAsync();
        await lab.InjectAsync("endpoint-rebooted", 1);
        Assert.False(await lab.PassesAsync(1));
        await Eventually.HoldsAsync("the endpoint's IKE daemon runs again", TimeSpan.FromSeconds(15), async () => (await lab.Lab.ProcessesAsync("cloud-endpoint-1")).Any(process => process.Name == Charon));
        Assert.Contains(before[0], await lab.Lab.SaIdentitiesAsync());
        await lab.HealAsync();
        await lab.Lab.KillAsync(Charon);
        await lab.ComesBackAsync(1);
    }

    [Fact]
    public async Task An_endpoint_deletes_its_SAs()
    {
        var lab = await labs.StaticAsync();
        var before = await lab.Lab.SaIdentitiesAsync();
        var logs = lab.Logs(Gateway);
        await lab.InjectAsync("peer-deletes", 1);
        await lab.LogsAsync(Gateway, logs, "received DELETE for IKE_SA");
        await lab.ComesBackAsync(1);
        Assert.DoesNotContain(before[0], await lab.Lab.SaIdentitiesAsync());
        Assert.Contains(before[1], await lab.Lab.SaIdentitiesAsync());
    }

    [Fact]
    public async Task Nothing_listens_at_an_endpoint()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("peer-not-listening", 2);
        Assert.False(await lab.PassesAsync(2) && TestMachine.DataPlane == "userspace");

        // The kernel sends at most one such message a second to one host (icmp(7), icmp_ratelimit), and other packets of the tunnel have theirs.
        var probe = await lab.Lab.RunAsync(Gateway, "bash", "-c", $"exec 3<>/dev/udp/{FaultLab.Outside(2)}/500; for i in $(seq 40); do printf x >&3 || exit; sleep 0.25; done");
        Assert.Contains("Connection refused", probe.Error, StringComparison.Ordinal);
        await lab.HealAsync();
        await Eventually.HoldsAsync("the endpoint's IKE daemon runs again", TimeSpan.FromSeconds(15), async () => (await lab.Lab.ProcessesAsync("cloud-endpoint-2")).Any(process => process.Name == Charon));
        await lab.Lab.KillAsync(Charon);
        await lab.ComesBackAsync(2);
    }

    [Theory]
    [InlineData("customer-charon-killed")]
    [InlineData("daemon-not-running")]
    [InlineData("customer-charon-frozen")]
    [InlineData("customer-agent-killed")]
    public async Task Daemons_of_the_gateway_are_hit(string fault)
    {
        var lab = await labs.StaticAsync();
        var before = (await lab.Lab.ProcessesAsync()).Where(process => process.Name is Agent or Charon).ToList();
        await lab.InjectAsync(fault);
        var after = (await lab.Lab.ProcessesAsync()).Where(process => process.Name is Agent or Charon).ToList();
        var same = before.Where(process => after.Any(now => now.Pid == process.Pid)).ToList();
        switch (fault)
        {
            case "customer-charon-killed":
                Assert.Equal([Agent], same.Select(process => process.Name));
                break;
            case "daemon-not-running":
                Assert.Empty(after);
                break;
            case "customer-charon-frozen":
                Assert.All(after, process => Assert.Equal(process.Name == Charon, process.State == 'T'));
                break;
            default:
                Assert.DoesNotContain(after, process => process.Name == Agent);
                Assert.True(await lab.PassesAsync(1));
                break;
        }

        await lab.InjectAsync("loss", 1);
        await lab.HealAsync();
        // The kernel's ESP goes on without a daemon: passing packets do not tell that it is back.
        await Eventually.HoldsAsync("the daemons are back", TestMachine.Patience, async () =>
        {
            var now = await lab.Lab.ProcessesAsync();
            return now.Count(process => process.Name == Agent) == 1 && now.Count(process => process.Name == Charon && process.State != 'T') == before.Count(process => process.Name == Charon);
        });
        await lab.ComesBackAsync(1);
        Assert.DoesNotContain("agent is not running", (await lab.Lab.TypeAsync("status")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_has_the_port()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("port-in-use");
        Assert.Contains("nc", await lab.Lab.OutputAsync(Gateway, "ss", "-Hlunp", "sport = :500"), StringComparison.Ordinal);
        await Eventually.HoldsAsync("the status names the port", TimeSpan.FromSeconds(20), async () => (await lab.Lab.TypeAsync("status", "--json")).Output.Contains("port-in-use", StringComparison.Ordinal));
        await lab.HealAsync();
        Assert.DoesNotContain("nc", await lab.Lab.OutputAsync(Gateway, "ss", "-Hlunp", "sport = :500"), StringComparison.Ordinal);
        await lab.ComesBackAsync(1);
    }

    [Fact]
    public async Task The_NAT_forgets()
    {
        var lab = await labs.BgpAsync();
        await lab.InjectAsync("nat-mapping-changed");
        await lab.SendAsync(FaultLab.Outside(1), 4500, 60, 1);
        var ports = (await lab.Lab.OutputAsync("customer-nat", "conntrack", "-L", "-p", "udp", "-s", "192.168.100.2")).Split('\n')
            .Where(line => line.Contains(" dport=4500 ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split("dport=")[2].Split(' ')[0], CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(ports);
        Assert.All(ports, port => Assert.InRange(port, 20_000, 60_000));
        await lab.HealAsync();
        await lab.Lab.KillAsync(Charon);
        await lab.ComesBackAsync(1);
        await lab.ComesBackAsync(2);
    }

    [Fact]
    public async Task The_public_address_is_another()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("uplink-address-changed");
        var logs = lab.Logs("cloud-endpoint-1");
        await lab.Lab.KillAsync(Charon);
        await lab.LogsAsync("cloud-endpoint-1", logs, @"no IKE config found for 198\.51\.100\.2\.\.\.203\.0\.113\.77");
        await lab.HealAsync();
        await lab.ComesBackAsync(1);
    }
}
