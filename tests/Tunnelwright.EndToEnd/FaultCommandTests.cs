using System.Text.Json;

namespace Tunnelwright.EndToEnd;

/// <summary>The command "lab fault": what it prints, what it refuses, and that healing restores everything exactly.</summary>
[Trait("plane", "userspace")]
public sealed class FaultCommandTests(StandingLab labs) : IClassFixture<StandingLab>
{
    /// <summary>Faults that end a process, which comes back with another number.</summary>
    private static readonly string[] Events = ["endpoint-rebooted", "peer-not-listening", "port-closed", "psk-missing", "dns-no-forwarder", "dns-cname-escapes"];

    [Fact]
    public async Task The_list_names_what_breaks_and_the_cause()
    {
        var text = await TestLab.TunnelwrightAsync(["lab", "fault", "list"]);
        var result = await TestLab.TunnelwrightAsync(["lab", "fault", "list", "--json"]);
        Assert.Equal(0, result.ExitCode);
        using var json = JsonDocument.Parse(result.Output);
        var faults = json.RootElement.GetProperty("faults").EnumerateArray().ToList();
        Assert.True(faults.Count >= 50);
        Assert.Equal(faults.Count + 1, text.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        foreach (var fault in faults)
        {
            Assert.Contains(fault.GetProperty("name").GetString()!, text.Output, StringComparison.Ordinal);
            Assert.NotEmpty(fault.GetProperty("breaks").GetString()!);
            Assert.NotEmpty(fault.GetProperty("cause").GetString()!);
            Assert.Equal(fault.GetProperty("takesTunnel").GetBoolean(), fault.GetProperty("defaultTunnels").GetArrayLength() > 0);
        }
    }

    [Fact]
    public async Task What_is_not_possible_is_refused_and_leaves_nothing()
    {
        var lab = new FaultLab(await labs.StaticAsync());
        await lab.HealAsync();
        Complaint.Check(await lab.TypeAsync("inject", "black-whole"), 2, "there is no fault 'black-whole'", "lab fault list");
        Complaint.Check(await lab.TypeAsync("inject", "black"), 2, "there is no fault 'black'", "black-hole, ");
        Complaint.Check(await lab.TypeAsync("inject", "black-hole", "--tunnel", "3"), 2, "there is no tunnel 3");
        Complaint.Check(await lab.TypeAsync("inject", "uplink-down", "--tunnel", "1"), 2, "takes no --tunnel");
        Complaint.Check(await lab.TypeAsync("inject", "nat-mapping-changed"), 2, "the lab has no NAT; tunnelwright lab up --nat");
        Complaint.Check(await lab.TypeAsync("inject", "bgp-asn-mismatch"), 2, "it needs a lab with BGP; tunnelwright lab up --routing bgp");
        Complaint.Check(await lab.TypeAsync("inject", "customer-charon-killed"), 2, "tunnelwright up first");
        Complaint.Check(await lab.TypeAsync("inject", "psk-mismatch-customer"), 2, "the customer's gateway is empty; tunnelwright up first");
        Complaint.Check(await TestLab.TunnelwrightAsync(["lab", "fault", "inject", "loss", "--name", "t-absent"]), 2, "lab t-absent does not stand");
        Complaint.Check(await TestLab.TunnelwrightAsync(["lab", "fault", "heal", "--name", "t-absent"]), 2, "lab t-absent does not stand");
        var healed = await lab.TypeAsync("heal");
        Assert.Equal(0, healed.ExitCode);
        Assert.Contains("has no fault", healed.Error, StringComparison.Ordinal);
    }

    /// <summary>Every fault that an empty gateway allows, all at once, each twice; one heal restores every host, and the desired states of the endpoints.</summary>
    [Fact]
    public async Task Many_faults_at_once_are_healed_exactly()
    {
        var lab = new FaultLab(await labs.StaticAsync());
        var hosts = new[] { TestLab.Gateway, FaultLab.Internet, "customer-host", "customer-dns", "cloud-endpoint-1", "cloud-endpoint-2", "cloud-dns-1", "cloud-lb" };
        var before = await TakeAsync();
        var names = Lab.Faults.LabFaults.All.Select(fault => fault.Name).Where(name => !Events.Contains(name)).Reverse().ToList();
        var injected = 0;
        foreach (var name in names)
        {
            var result = await lab.TypeAsync("inject", name);
            Assert.True(result.ExitCode is 0 or 2, $"{name}: {result.ExitCode}: {result.Error}");
            injected += result.ExitCode == 0 ? 1 : 0;
            if (result.ExitCode == 0 && (await lab.TypeAsync("inject", name)) is { ExitCode: not 0 and not 2 } second) Assert.Fail($"{name}, again: {second.ExitCode}: {second.Error}");
        }

        Assert.InRange(injected, 40, names.Count);
        Assert.False(await lab.ReachesAsync(TestLab.Gateway, FaultLab.Outside(1)));
        await lab.HealAsync();
        await lab.HealAsync();
        // Bridges count timers down in what ip prints of them: of the hosts that have one the filters and routes are looked at.
        foreach (var host in new[] { "customer-switch", "cloud-router" })
        {
            Assert.DoesNotContain("fault_", await lab.Lab.OutputAsync(host, "nft", "list", "tables"), StringComparison.Ordinal);
            Assert.DoesNotContain("10.1.0.128/25", await lab.Lab.OutputAsync(host, "ip", "route"), StringComparison.Ordinal);
        }

        foreach (var (host, snapshot) in before) (await HostSnapshot.TakeAsync(lab.Lab, host)).AssertSameAs(snapshot);
        Assert.True(await lab.ReachesAsync(TestLab.Gateway, FaultLab.Outside(1)));
        await lab.Lab.BringUpAsync();
        await lab.ReadyAsync();
        await new Proofs(lab.Lab).NamesAsync();
        await new Proofs(lab.Lab).WebAsync();

        async Task<Dictionary<string, HostSnapshot>> TakeAsync()
        {
            var taken = new Dictionary<string, HostSnapshot>(StringComparer.Ordinal);
            foreach (var host in hosts) taken[host] = await HostSnapshot.TakeAsync(lab.Lab, host);
            return taken;
        }
    }

    /// <summary>A call that is killed in the middle leaves a journal by which the next one heals.</summary>
    [Fact]
    public async Task A_call_that_is_killed_is_healed()
    {
        var lab = new FaultLab(await labs.StaticAsync());
        var before = await HostSnapshot.TakeAsync(lab.Lab, "cloud-endpoint-1");
        for (var milliseconds = 20; milliseconds <= 500; milliseconds += 40)
        {
            await using (var call = Background.Start(TestMachine.Program, ["lab", "fault", "inject", "endpoint-frozen", "--tunnel", "1", "--name", lab.Lab.Name]))
            {
                await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
            }

            await lab.HealAsync();
            (await HostSnapshot.TakeAsync(lab.Lab, "cloud-endpoint-1")).AssertSameAs(before);
            Assert.DoesNotContain(await lab.Lab.ProcessesAsync("cloud-endpoint-1"), process => process.State == 'T');
        }
    }
}
