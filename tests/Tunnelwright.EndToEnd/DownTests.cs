using System.Globalization;
using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>What is taken down is gone, and what was there before is as it was.</summary>
public sealed class DownTests(StandingLab labs) : IClassFixture<StandingLab>
{
    /// <summary>How far lab up has come, by what it has left so far.</summary>
    private static readonly (string Name, Func<string, bool> Reached)[] Stages =
    [
        ("it has begun", _ => true),
        ("its folder is there", lab => LabInstance.Names().Contains(lab)),
        ("the first host runs", lab => ServiceProcess.FindByMark($"tunnelwright-lab/{lab}/").Count > 0),
        ("the first namespace has a name", lab => Spaces(lab).Count > 0),
        ("every namespace has a name", lab => Spaces(lab).Count >= 14),
        ("the provider's file is written", lab => File.Exists($"{Folder(lab)}/provider.txt")),
        ("the cloud's database is being made", lab => File.Exists($"{Folder(lab)}/log/cloud-db.postgres.log")),
        ("an endpoint's charon runs", lab => File.Exists($"{Folder(lab)}/hosts.json") && File.Exists($"{LabInstance.Open(lab).Host("cloud-endpoint-2").Root}/run/tunnelwright/default/charon-0/vici")),
    ];

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task After_down_the_gateway_is_as_it_was_before_up(string routing)
    {
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        await lab.OutputAsync(TestLab.Gateway, "sh", "-c", """
            sysctl -qw net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.uplink.accept_redirects=0 net.ipv4.conf.lan.send_redirects=0
            nft 'table ip admin { chain c { type filter hook forward priority 0; accept; }; }'
            ip route replace 10.77.0.0/16 via 10.1.0.99 proto 99
            ip rule list | grep -q 10.66.0.0 || ip rule add from 10.66.0.0/16 lookup 77 pref 5000
            ip route replace unreachable 10.66.0.0/16 table 77
            """);
        var before = await HostSnapshot.TakeAsync(lab);
        await lab.BringUpAsync();
        await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(10));
        await lab.TakeDownAsync();
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        var status = await lab.StatusAsync();
        Assert.Empty(status.Document.Connections);

        // Down is down: nothing comes back, and the provider's file is kept for the next time.
        Assert.Contains(lab.Stored, file => file.EndsWith(".down", StringComparison.Ordinal));
        var again = await lab.TypeAsync("down");
        Assert.Equal(0, again.ExitCode);
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
    }

    [Fact]
    public async Task Down_by_id_takes_the_connection_away_and_refuses_an_unknown_one()
    {
        var lab = await labs.StaticAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        await lab.BringUpAsync();
        var sas = await lab.SaIdentitiesAsync();
        var id = (await lab.StatusAsync()).Connection.Id;

        var unknown = await lab.TypeAsync("down", "vpn-0123456789abcdef0");
        Complaint.Check(unknown, 2, "vpn-0123456789abcdef0 is not in service here");
        Assert.Equal(sas, await lab.SaIdentitiesAsync());

        Assert.Equal(0, (await lab.TypeAsync("down", id)).ExitCode);
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
    }

    [Fact]
    public async Task Lab_down_leaves_nothing_after_a_kill_at_any_stage_of_lab_up()
    {
        foreach (var (stage, reached) in Stages)
        {
            var name = TestMachine.NewLabName();
            await using (var up = Background.Start(TestMachine.Program, ["lab", "up", "--name", name, "--routing", "bgp", "--nat"]))
            {
                await up.ReachAsync(() => reached(name));
                Assert.False(up.HasEnded, $"lab up ended before it was killed when {stage}: {up.Error}");
                up.Signal(Background.Kill);
                await up.EndAsync();
            }

            await AssertLabGoesAsync(name);
        }
    }

    /// <summary>An ARP request that a bridge dropped is repeated after a second.</summary>
    [Fact]
    public async Task A_lab_that_stands_passes_packets_at_once()
    {
        await using var lab = await TestLab.UpAsync("--no-endpoints");
        foreach (var (from, to) in new[] { ("customer-host", "10.1.0.1"), ("customer-dns", "10.1.0.1"), ("cloud-lb", "10.8.2.2"), ("cloud-db", "10.8.2.3") })
        {
            var answer = await lab.OutputAsync(from, "ping", "-c", "1", "-W", "5", to);
            var milliseconds = double.Parse(answer[(answer.IndexOf("time=", StringComparison.Ordinal) + 5)..].Split(' ')[0], CultureInfo.InvariantCulture);
            Assert.True(milliseconds < 700, $"{from}: the first answer of {to} took {milliseconds} ms");
        }
    }

    [Fact]
    public async Task Lab_down_leaves_nothing_after_everything_in_a_host_was_killed_and_the_name_can_be_used_again()
    {
        var lab = await TestLab.UpAsync();
        await lab.BringUpAsync();
        foreach (var host in new[] { "customer-gateway", "cloud-endpoint-1", "cloud-db" })
        {
            var processes = await lab.ProcessesAsync(host);
            Assert.NotEmpty(processes);
            await Task.WhenAll(processes.Select(process => new ServiceProcess(process.Pid, process.StartTime).StopAsync(TimeSpan.Zero)));
        }

        await AssertLabGoesAsync(lab.Name);
        Assert.Equal(0, (await TestLab.TunnelwrightAsync(["lab", "up", "--name", lab.Name, "--no-endpoints"])).ExitCode);
        await AssertLabGoesAsync(lab.Name);
    }

    /// <summary>Takes the lab down and looks for its namespaces, processes, mounts and folder.</summary>
    private static async Task AssertLabGoesAsync(string name)
    {
        var inside = new HashSet<string>(StringComparer.Ordinal);
        foreach (var space in Spaces(name))
        {
            var pids = await CommandRunner.Shared.RunAsync("ip", ["netns", "pids", space], new CommandOptions { ThrowOnFailure = false });
            inside.UnionWith(pids.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(pid => NamespaceOf($"/proc/{pid}")).OfType<string>());
        }

        var down = await TestLab.TunnelwrightAsync(["lab", "down", "--name", name]);
        Assert.True(down.Succeeded, down.Error);
        Assert.Empty(Spaces(name));
        Assert.DoesNotContain(name, LabInstance.Names());
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains($"tw.{name}.", StringComparison.Ordinal));
        Assert.Empty(ServiceProcess.FindByMark($"tunnelwright-lab/{name}/"));
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(process => NamespaceOf(process) is { } space && inside.Contains(space)).ToList())
        {
            // The kernel gives a namespace's number to the next one, which may be another lab's.
            var owner = await CommandRunner.Shared.RunAsync("ip", ["netns", "identify", Path.GetFileName(process)], new CommandOptions { ThrowOnFailure = false });
            Assert.False(owner.Succeeded && owner.Output.Trim().Length == 0, $"{process} is left of {name}");
        }
    }

    private static IReadOnlyList<string> Spaces(string lab) =>
        Directory.Exists("/run/netns") ? [.. Directory.EnumerateFiles("/run/netns", $"tw.{lab}.*").Select(path => Path.GetFileName(path))] : [];

    private static string Folder(string lab) => $"/var/lib/tunnelwright-lab/{lab}";

    /// <summary>The name that the kernel gives to a process's network namespace, such as net:[4026532001]; null when the process is gone or is none.</summary>
    private static string? NamespaceOf(string process)
    {
        try
        {
            return new FileInfo($"{process}/ns/net").LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
