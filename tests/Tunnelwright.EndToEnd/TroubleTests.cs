using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>What cannot be done is refused with one clear line, and the host is left as it was.</summary>
public sealed class TroubleTests(StandingLab labs) : IClassFixture<StandingLab>
{
    [Fact]
    public async Task Without_root_every_command_that_needs_it_says_so()
    {
        var lab = await labs.StaticAsync();
        string[] nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
        var reachable = await lab.RunAsync(TestLab.Gateway, [.. nobody, "sh", "-c", "command -v tunnelwright"]);
        Assert.SkipUnless(reachable.Succeeded, $"{TestMachine.Program} cannot be executed by others than root.");
        var before = await HostSnapshot.TakeAsync(lab);
        foreach (var arguments in new string[][] { ["up", lab.File], ["plan", lab.File], ["status"], ["status", "--json"], ["down"], ["gateway", "run"], ["lab", "up"], ["lab", "down"] })
            Complaint.Check(await lab.RunAsync(TestLab.Gateway, [.. nobody, "tunnelwright", .. arguments]), 3, "needs root", "sudo");
        Complaint.Check(await lab.RunAsync(TestLab.Gateway, [.. nobody, "tunnelwright", "check", lab.File]), 2, lab.File);
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
    }

    [Theory]
    [InlineData("charon-systemd", "charon-systemd", "static")]
    [InlineData("nft", "nftables", "static")]
    [InlineData("bird", "bird2", "bgp")]
    public async Task A_program_that_is_not_installed_is_named_with_its_package(string program, string package, string routing)
    {
        var lab = routing == "static" ? await labs.StaticAsync() : await labs.BgpAsync();
        var path = ProgramFinder.Find(program);
        await lab.OutputAsync(TestLab.Gateway, "sh", "-c", """: > /run/not-a-program; mount --bind /run/not-a-program "$(readlink -f "$1")" """, "sh", path);
        try
        {
            var before = await HostSnapshot.TakeAsync(lab);
            Complaint.Check(await lab.TypeAsync("up", lab.File), 3, program, $"apt-get install --no-install-recommends {package}");
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        }
        finally
        {
            await lab.OutputAsync(TestLab.Gateway, "sh", "-c", """umount "$(readlink -f "$1")"; rm /run/not-a-program""", "sh", path);
        }

        Assert.Empty(lab.Stored);
    }

    [Fact]
    [Trait("plane", "userspace")]
    public async Task The_kernel_plane_is_refused_where_the_kernel_has_no_ESP()
    {
        Assert.SkipUnless(TestMachine.DataPlane == "userspace", "This kernel has ESP.");
        var lab = await labs.StaticAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        foreach (var command in new[] { "up", "plan" })
            Complaint.Check(await lab.TypeAsync(command, lab.File, "--data-plane", "kernel"), 3, "kernel data plane", "--data-plane automatic");
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        Assert.Empty(lab.Stored);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(4500)]
    public async Task A_port_that_another_program_holds_is_named_with_the_program(int port)
    {
        var lab = await labs.StaticAsync();
        await using (var other = lab.Start(TestLab.Gateway, "nc.openbsd", "-lu", "0.0.0.0", $"{port}"))
        {
            await Eventually.HoldsAsync($"nc.openbsd holds UDP port {port}", TimeSpan.FromSeconds(10), async () => (await lab.OutputAsync(TestLab.Gateway, "ss", "-Hlun", $"sport = :{port}")).Length > 0);
            var before = await HostSnapshot.TakeAsync(lab);
            var program = Path.GetFileName(new FileInfo($"/proc/{other.Pid}/exe").LinkTarget);
            Complaint.Check(await lab.TypeAsync("up", lab.File), 3, $"UDP port {port} is taken by {program} (process {other.Pid})", "stop the other");
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
            Assert.Empty(lab.Stored);
        }

        await lab.BringUpAsync();
    }

    /// <summary>As on a host where Debian's package has started strongSwan: it holds both ports, for IPv4 and IPv6.</summary>
    [Fact]
    public async Task Another_IKE_daemon_is_named_once_for_each_port_with_its_unit_and_left_alone()
    {
        var lab = await labs.StaticAsync();
        var folder = $"{lab.Host(TestLab.Gateway).Root}/run/other-ike";
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync($"{folder}/strongswan.conf", "charon-systemd { load = nonce aes sha1 sha2 hmac random kernel-netlink socket-default vici\n  plugins { vici { socket = unix:///run/other-ike/vici } } }\n");
        await using (var other = lab.Start(TestLab.Gateway, "env", "STRONGSWAN_CONF=/run/other-ike/strongswan.conf", ProgramFinder.Find("charon-systemd")))
        {
            await Eventually.HoldsAsync("the other daemon holds both ports", TimeSpan.FromSeconds(10), async () => (await lab.OutputAsync(TestLab.Gateway, "ss", "-Hlun", "sport = :500 or sport = :4500")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length >= 4);
            var before = await HostSnapshot.TakeAsync(lab);
            Complaint.Check(await lab.TypeAsync("up", lab.File), 3, $"UDP port 500 is taken by charon-systemd (process {other.Pid})", "systemctl disable --now strongswan");
            var plan = await lab.TypeAsync("plan", lab.File);
            Assert.Equal(3, plan.ExitCode);
            Assert.Equal(
                [$"error: UDP port 500 is taken by charon-systemd (process {other.Pid})", $"error: UDP port 4500 is taken by charon-systemd (process {other.Pid})"],
                plan.Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)));
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
            Assert.Empty(lab.Stored);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_file_that_is_none_is_refused()
    {
        var lab = await labs.StaticAsync();
        var folder = $"{lab.Host(TestLab.Gateway).Root}/run/trouble";
        Directory.CreateDirectory(folder);
        var noise = new byte[20_000];
        new Random(84).NextBytes(noise);
        await File.WriteAllBytesAsync($"{folder}/noise", noise);
        await File.WriteAllTextAsync($"{folder}/empty", "");
        await File.WriteAllTextAsync($"{folder}/letter", "Dear customer,\n\nyour VPN will be ready tomorrow.\n");
        await File.WriteAllTextAsync($"{folder}/half", string.Join('\n', File.ReadLines(lab.File).Take(25)));
        var before = await HostSnapshot.TakeAsync(lab);
        foreach (var command in new[] { "up", "plan", "check" })
        {
            Complaint.Check(await lab.TypeAsync(command, "/run/trouble/absent"), 2, "/run/trouble/absent does not exist");
            Complaint.Check(await lab.TypeAsync(command, "/run/trouble/absent/deeper"), 2, "/run/trouble/absent/deeper does not exist");
            Complaint.Check(await lab.TypeAsync(command, "/run/trouble"), 2, "/run/trouble is a folder");
            foreach (var name in new[] { "noise", "empty", "letter" })
                Complaint.Check(await lab.TypeAsync(command, $"/run/trouble/{name}"), 2, $"/run/trouble/{name} is not a VPN configuration", "the file that the provider handed out");
            Complaint.Check(await lab.TypeAsync(command, "/dev/zero"), 2, "/dev/zero");
        }

        // A file that breaks off is told line by line, so there is more than one error.
        var half = await lab.TypeAsync("up", "/run/trouble/half");
        Assert.Equal(1, half.ExitCode);
        Assert.Contains("nothing was changed", half.Error, StringComparison.Ordinal);
        Complaint.AssertNoTrace(half);
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
        Assert.Empty(lab.Stored);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_lab_or_host_that_is_not_there_is_a_wrong_call()
    {
        var lab = await labs.StaticAsync();
        Complaint.Check(await TestLab.TunnelwrightAsync(["lab", "exec", "--name", lab.Name, "cloud-nowhere", "--", "true"]), 2, "has no host 'cloud-nowhere'; hosts: customer-host, ");
        Complaint.Check(await TestLab.TunnelwrightAsync(["lab", "exec", "--name", "t-absent", "cloud-lb", "--", "true"]), 2, "lab t-absent does not stand");
        foreach (var command in new[] { "up", "hosts", "file", "down" })
            Complaint.Check(await TestLab.TunnelwrightAsync(["lab", command, "--name", "../etc"]), 2, "'../etc' is not a lab's name");
    }

    [Fact]
    public async Task Without_a_way_to_the_cloud_nothing_is_begun()
    {
        var lab = await labs.StaticAsync();
        var route = await lab.OutputAsync(TestLab.Gateway, "ip", "route", "show", "default");
        await lab.OutputAsync(TestLab.Gateway, "ip", "route", "del", "default");
        try
        {
            var before = await HostSnapshot.TakeAsync(lab);
            Complaint.Check(await lab.TypeAsync("up", lab.File), 3, "no route to 198.51.100.2", "default route");
            (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
            Assert.Empty(lab.Stored);
        }
        finally
        {
            await lab.OutputAsync(TestLab.Gateway, ["ip", "route", "add", .. route.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        }
    }

    [Fact]
    public async Task A_silent_cloud_is_said_after_the_wait_and_down_takes_everything_away()
    {
        var lab = await labs.StaticAsync();
        var before = await HostSnapshot.TakeAsync(lab);
        await lab.CutAsync(1);
        await lab.CutAsync(2);
        var up = await lab.TypeAsync("up", lab.File, "--wait", "3");
        await lab.MendAsync(1);
        await lab.MendAsync(2);
        Assert.Equal(1, up.ExitCode);
        foreach (var peer in new[] { "198.51.100.2", "192.0.2.2" }) Assert.Contains($"{peer} has not finished the IKE exchange", up.Error, StringComparison.Ordinal);
        Assert.Contains("hint: ", up.Error, StringComparison.Ordinal);
        Complaint.AssertNoTrace(up);
        await lab.TakeDownAsync();
        (await HostSnapshot.TakeAsync(lab)).AssertSameAs(before);
    }

    [Fact]
    public async Task Another_key_for_one_tunnel_is_told_and_the_other_tunnel_goes_on()
    {
        var lab = await labs.StaticAsync();
        await lab.BringUpAsync();
        var wrong = $"{lab.Host(TestLab.Gateway).Root}/run/wrong-key";
        await File.WriteAllTextAsync(wrong, (await File.ReadAllTextAsync(lab.File)).Replace(lab.Keys[0], "AnotherKeyOfThirtyTwoCharacters_", StringComparison.Ordinal));
        var untouched = (await lab.SaIdentitiesAsync())[1];
        await using var pinger = await Pinger.StartAsync(lab, TestLab.Gateway, "169.254.20.1");

        var up = await lab.TypeAsync("up", "/run/wrong-key", "--wait", "5");
        Assert.Equal(1, up.ExitCode);
        Assert.Contains("tunnel 1: another pre-shared key", up.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("tunnel 2: ", up.Error, StringComparison.Ordinal);
        Complaint.AssertNoTrace(up);
        Assert.Contains(untouched, await lab.SaIdentitiesAsync());
        Assert.Equal(2, (await lab.StatusAsync()).Connection.Active);
        await new Proofs(lab).PassesAsync(TimeSpan.FromSeconds(5));

        await lab.BringUpAsync();
        Assert.Contains(untouched, await lab.SaIdentitiesAsync());
        Assert.Equal(0, await pinger.LostAsync());
        File.Delete(wrong);
    }
}
