namespace Tunnelwright.EndToEnd;

/// <summary>Every fault of a lab bites, and heal heals it.</summary>
public sealed class FaultTests(FaultLabs labs, ITestOutputHelper output) : IClassFixture<FaultLabs>
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
        var lab = await labs.StaticAsync();
        if (fault == "udp4500-blocked" && TestMachine.DataPlane == "kernel") Assert.Skip("The kernel's ESP does not use UDP 4500 without a NAT.");
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
        Assert.Equal(0, await lab.LossAsync(1, 50));
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
        await lab.ComesBackAsync(1);
        Assert.Single(await lab.Lab.ProcessesAsync(), process => process.Name == Agent);
        Assert.Equal(before.Count(process => process.Name == Charon), (await lab.Lab.ProcessesAsync()).Count(process => process.Name == Charon && process.State != 'T'));
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

    /// <summary>IKE fails with the words that the daemons have for this fault; healed, it succeeds.</summary>
    [Theory]
    [InlineData("psk-mismatch", 1, Gateway, "AUTHENTICATION_FAILED")]
    [InlineData("psk-mismatch-customer", 2, Gateway, "AUTHENTICATION_FAILED")]
    [InlineData("psk-missing", 1, "cloud-endpoint-1", "no shared key found")]
    [InlineData("psk-missing-customer", 2, Gateway, "no shared key found")]
    [InlineData("identity-mismatch", 1, "cloud-endpoint-1", "no matching peer config found")]
    [InlineData("identity-mismatch-customer", 2, "cloud-endpoint-2", "no matching peer config found")]
    [InlineData("identity-private-customer", 1, "cloud-endpoint-1", "no matching peer config found")]
    [InlineData("ike-version-mismatch", 2, "cloud-endpoint-2", "no IKE config found")]
    [InlineData("ike-version-mismatch-customer", 1, "cloud-endpoint-1", "no IKE config found")]
    [InlineData("ike-proposal-mismatch", 2, "cloud-endpoint-2", "received proposals unacceptable")]
    [InlineData("ike-proposal-mismatch-customer", 1, Gateway, "NO_PROPOSAL_CHOSEN")]
    [InlineData("ike-group-mismatch", 2, Gateway, "NO_PROPOSAL_CHOSEN")]
    [InlineData("ike-group-mismatch-customer", 1, Gateway, "NO_PROPOSAL_CHOSEN")]
    [InlineData("unknown-peer", 2, "cloud-endpoint-2", "no IKE config found")]
    [InlineData("esp-proposal-mismatch", 1, Gateway, "NO_PROPOSAL_CHOSEN notify, no CHILD_SA built")]
    [InlineData("esp-proposal-mismatch-customer", 2, Gateway, "NO_PROPOSAL_CHOSEN notify, no CHILD_SA built")]
    [InlineData("ts-mismatch", 1, Gateway, "TS_UNACCEPTABLE")]
    [InlineData("encapsulation-mode-mismatch", 2, Gateway, "mode|MODE")]
    [InlineData("auth-method-unsupported", 1, "cloud-endpoint-1", "no matching peer config found|constraint")]
    public async Task IKE_fails(string fault, int tunnel, string host, string words)
    {
        var lab = await labs.StaticAsync();
        var logs = lab.Logs(host);
        await lab.InjectAsync(fault, tunnel);
        await lab.StopsAsync(tunnel);
        await lab.LogsAsync(host, logs, words);
        await lab.InjectAsync(fault, tunnel);
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
    }

    /// <summary>With IKEv2 the first SA pair stands; the next one is refused.</summary>
    [Theory]
    [InlineData("pfs-mismatch", 1)]
    [InlineData("pfs-mismatch-customer", 2)]
    [InlineData("pfs-off-customer", 1)]
    public async Task PFS_fails_at_the_first_renewal(string fault, int tunnel)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        await lab.ComesBackAsync(tunnel);
        var logs = lab.Logs(Gateway);
        await RenewAsync(lab, tunnel);
        await lab.LogsAsync(Gateway, logs, "NO_PROPOSAL_CHOSEN|INVALID_KE|rekeying failed");
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
        logs = lab.Logs(Gateway);
        await RenewAsync(lab, tunnel);
        await lab.LogsAsync(Gateway, logs, "CHILD_SA .* established");
    }

    /// <summary>The customer's gateway works on the wrong setting and nothing passes; healed, it passes.</summary>
    [Theory]
    [InlineData("stale-peer-address", 1)]
    [InlineData("local-address-missing", 2)]
    [InlineData("both-tunnels-not-configured", 2)]
    [InlineData("not-initiating", null)]
    public async Task The_gateway_is_set_up_wrongly(string fault, int? tunnel)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        await lab.StopsAsync(tunnel ?? 1);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.False(await lab.PassesAsync(tunnel ?? 1));
        if (fault == "not-initiating") Assert.Empty(await lab.Lab.SasAsync());
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel ?? 1);
    }

    /// <summary>Lifetimes out of range do no harm yet: they show in what the daemon has loaded.</summary>
    [Theory]
    [InlineData("ike-lifetime-out-of-range", 1, 28_800, long.MaxValue)]
    [InlineData("phase2-lifetime-out-of-range", 2, 3_600, 28_800)]
    public async Task A_lifetime_is_out_of_range(string fault, int tunnel, long least, long most)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        Assert.InRange(await RekeyInAsync(), least, most);
        await lab.HealAsync();
        Assert.InRange(await RekeyInAsync(), 1, least);

        async Task<long> RekeyInAsync()
        {
            await lab.ComesBackAsync(tunnel);
            var status = (await lab.Lab.StatusAsync()).Tunnel(tunnel);
            return (fault.StartsWith("ike", StringComparison.Ordinal) ? status.Ike?.RekeyInSeconds : status.Child?.RekeyInSeconds) ?? -1;
        }
    }

    /// <summary>The customer's host cannot do it; healed, it can at once.</summary>
    [Theory]
    [InlineData("forwarding-disabled", "ping 10.8.2.2")]
    [InlineData("forwarding-disabled-lan", "ping 10.8.2.2")]
    [InlineData("reverse-path-filter", "ping 10.8.2.2")]
    [InlineData("route-missing", "ping 10.8.2.2")]
    [InlineData("route-missing-host", "ping 10.8.2.2")]
    [InlineData("route-missing-range", "ping 10.8.2.2")]
    [InlineData("route-blackhole", "ping 10.8.2.2")]
    [InlineData("overlapping-networks", "ping 10.8.2.2")]
    [InlineData("source-dest-check", "ping 10.8.2.2")]
    [InlineData("firewall-blocks-forward", "ping 10.8.2.2")]
    [InlineData("firewall-blocks-answers", "ping 10.8.2.2")]
    [InlineData("range-not-registered", "ping 10.8.2.2")]
    [InlineData("route-missing-cloud", "ping 10.8.2.2")]
    [InlineData("whole-range-not-allowed", "connect 10.8.2.10 443", "ping 10.8.2.2")]
    [InlineData("security-group-closed", "connect 10.8.2.30 5432", "connect 10.8.2.10 443")]
    [InlineData("security-group-closed-web", "connect 10.8.2.10 443", "connect 10.8.2.30 5432")]
    [InlineData("port-closed", "connect 10.8.2.10 443", "connect 10.8.2.30 5432")]
    [InlineData("dns-unreachable", "resolve app.cloud.example +notcp", "ping 10.8.2.2")]
    [InlineData("dns-frozen", "resolve app.cloud.example +notcp", "ping 10.8.2.2")]
    [InlineData("dns-tcp-blocked", "resolve app.cloud.example +tcp", "resolve app.cloud.example +notcp")]
    [InlineData("dns-stale-address", "hosts app.cloud.example", "resolve app.cloud.example +notcp")]
    [InlineData("onsite-dns-unreachable", "onsite", "ping 10.8.2.2")]
    [InlineData("onsite-dns-frozen", "onsite", "ping 10.8.2.2")]
    public async Task The_network_does_not_do_it(string fault, string lost, string? kept = null)
    {
        var lab = await labs.StaticAsync();
        Assert.True(await WorksAsync(lab, lost), $"without the fault: {lost}");
        await lab.InjectAsync(fault);
        if (!(await WorksAsync(lab, lost) is var works && !works) || fault == "route-missing-range")
            await Eventually.HoldsAsync($"{fault}: {lost} does not work", TimeSpan.FromSeconds(5), async () => !await WorksAsync(lab, lost));
        if (kept is not null) Assert.True(await WorksAsync(lab, kept), $"{fault} hits {kept}, too");
        await lab.InjectAsync(fault);
        await lab.HealAsync();
        await Eventually.HoldsAsync($"{lost} works again", TimeSpan.FromSeconds(20), () => WorksAsync(lab, lost));
    }

    /// <summary>BGP's session or its routes are not there; healed, both are.</summary>
    [Theory]
    [InlineData("bgp-not-established", 1, "State")]
    [InlineData("bgp-asn-mismatch", 2, "State")]
    [InlineData("bgp-asn-mismatch-customer", 1, "State")]
    [InlineData("bgp-own-asn-customer", 2, "State")]
    [InlineData("bgp-no-prefixes", 1, "PrefixesIn")]
    [InlineData("bgp-no-prefixes-customer", null, "PrefixesOut")]
    [InlineData("bgp-prefix-limit", null, "State")]
    public async Task BGP_fails(string fault, int? tunnel, string where)
    {
        var lab = await labs.BgpAsync();
        await SessionsAsync(lab);
        await lab.InjectAsync(fault, tunnel);
        await Eventually.HoldsAsync($"{fault} shows", TimeSpan.FromSeconds(25), async () =>
        {
            var session = (await lab.Lab.StatusAsync()).Tunnel(tunnel ?? 1).Bgp;
            return where switch
            {
                "State" => session?.State != "established",
                "PrefixesIn" => session is { State: "established", PrefixesIn: 0 },
                _ => session is { State: "established", PrefixesOut: 0 },
            };
        });
        if (tunnel is { } number) Assert.Equal("established", (await lab.Lab.StatusAsync()).Tunnel(3 - number).Bgp?.State);
        await lab.HealAsync();
        await SessionsAsync(lab);
    }

    /// <summary>Nothing is said: the session ends only when its hold time of 30 s is over.</summary>
    [Fact]
    public async Task BGP_runs_into_its_hold_timer()
    {
        var lab = await labs.BgpAsync();
        await SessionsAsync(lab);
        await lab.InjectAsync("bgp-hold-timer", 1);
        await lab.InjectAsync("bgp-session-down", 2);
        Assert.Equal('T', Assert.Single(await lab.Lab.ProcessesAsync("cloud-endpoint-1"), process => process.Name == "bird").State);
        await Eventually.HoldsAsync("both sessions have ended", TimeSpan.FromSeconds(45), async () => (await lab.Lab.StatusAsync()).Connection.Tunnels.All(item => item.Bgp?.State != "established"));
        Assert.True(await lab.DroppedAsync("cloud-endpoint-2", "bgp-session-down", 2) > 0);
        Assert.True(await lab.PassesAsync(1) && await lab.PassesAsync(2));
        await lab.HealAsync();
        await SessionsAsync(lab);
    }

    [Fact]
    public async Task The_gateways_BGP_daemon_is_killed_and_started_again()
    {
        var lab = await labs.BgpAsync();
        var before = Assert.Single(await lab.Lab.ProcessesAsync(), process => process.Name == "bird").Pid;
        await lab.InjectAsync("customer-bird-killed");
        await SessionsAsync(lab);
        Assert.NotEqual(before, Assert.Single(await lab.Lab.ProcessesAsync(), process => process.Name == "bird").Pid);
    }

    /// <summary>IKEv1 refuses at once what IKEv2 refuses at the first renewal.</summary>
    [Theory]
    [InlineData("pfs-mismatch", 1, "NO_PROPOSAL_CHOSEN")]
    [InlineData("ts-mismatch", 2, "INVALID_ID_INFORMATION|NO_PROPOSAL_CHOSEN")]
    public async Task Quick_mode_fails(string fault, int tunnel, string words)
    {
        var lab = await labs.BgpAsync();
        var logs = lab.Logs(Gateway);
        await lab.InjectAsync(fault, tunnel);
        await lab.LogsAsync(Gateway, logs, words);
        await lab.StopsAsync(tunnel);
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
    }

    [Fact]
    public async Task The_NAT_forgets()
    {
        var lab = await labs.BgpAsync();
        await lab.InjectAsync("nat-mapping-changed");
        await lab.SendAsync(FaultLab.Outside(1), 4500, 60, 1);
        var mappings = await lab.Lab.OutputAsync("customer-nat", "conntrack", "-L", "-p", "udp");
        Assert.DoesNotContain("dst=203.0.113.2 sport=4500 dport=4500", mappings, StringComparison.Ordinal);
        Assert.Contains("dst=203.0.113.2 sport=4500", mappings, StringComparison.Ordinal);
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

    /// <summary>Renews a tunnel's SA pair now.</summary>
    private static async Task RenewAsync(FaultLab lab, int tunnel)
    {
        foreach (var folder in Directory.GetDirectories($"{lab.Lab.Host(Gateway).Root}/run/tunnelwright/default", "charon-*"))
        {
            await using var client = new Vici.ViciClient($"{folder}/vici");
            foreach (var sa in (await client.ListSasAsync()).Where(sa => sa.Name.EndsWith($"-{tunnel}", StringComparison.Ordinal)))
                await client.RekeyAsync(new Vici.SaSelector { Child = sa.Name });
        }
    }

    private static Task<TimeSpan> SessionsAsync(FaultLab lab) => Eventually.HoldsAsync("both BGP sessions stand and have their routes", TimeSpan.FromSeconds(60), async () =>
        (await lab.Lab.StatusAsync()).Connection.Tunnels.All(tunnel => tunnel is { State: "up", Bgp: { State: "established", PrefixesIn: 1, PrefixesOut: 1 } }));

    /// <summary>What a person would try from the customer's host.</summary>
    private static async Task<bool> WorksAsync(FaultLab lab, string what) => what.Split(' ') switch
    {
        ["ping", var address] => await lab.ReachesAsync(Host, address),
        ["connect", var address, var port] => (await lab.Lab.RunAsync(Host, "nc", "-z", "-w", "1", address, port)).Succeeded,
        ["resolve", var name, var option] => (await lab.Lab.RunAsync(Host, "dig", "+short", "+time=1", "+tries=1", option, "@10.8.2.2", name)) is { Succeeded: true, Output: "10.8.2.10\n" },
        ["hosts", var name] => !(await lab.Lab.OutputAsync(Host, "sh", "-c", $"getent hosts {name} || true")).Contains("10.8.2.99", StringComparison.Ordinal),
        _ => (await lab.Lab.RunAsync("cloud-dns-1", "dig", "+short", "+time=1", "+tries=1", "@10.1.0.53", "customer-host.company.local")) is { Succeeded: true, Output: "10.1.0.10\n" },
    };
}
