using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Names;

/// <summary>What "dns export" writes on the gateway, at work in the DNS software of the customer's network: the database's name is private there, and other names are the internet's.</summary>
[Trait("plane", "userspace")]
public sealed class HandOverTests(NamesLab names) : IClassFixture<NamesLab>
{
    private const string Host = "customer-dns";
    private const string Port = "5300";

    [Fact]
    public Task BIND_gives_the_private_answer_whole() => WorksAsync(
        "bind",
        $$"""
        options { directory "/run"; pid-file none; session-keyfile "/run/session.key"; listen-on port {{Port}} { 10.1.0.53; }; listen-on-v6 { none; }; recursion yes; allow-query { any; }; dnssec-validation no; forward only; forwarders { {{LabAddresses.PublicDns}}; }; };
        controls { };
        include "/run/export.conf";
        """,
        "named", "-g", "-c", "/run/wrapper.conf");

    [Fact]
    public Task Unbound_gives_the_private_answer_whole() => WorksAsync(
        "unbound",
        $"""
        server:
          directory: "/run"
          chroot: ""
          username: ""
          pidfile: ""
          use-syslog: no
          interface: 10.1.0.53@{Port}
          access-control: 10.0.0.0/8 allow
          module-config: "iterator"
        remote-control:
          control-enable: no
        include: "/run/export.conf"
        forward-zone:
          name: "."
          forward-addr: {LabAddresses.PublicDns}
        """,
        "unbound", "-d", "-c", "/run/wrapper.conf");

    [Fact]
    public Task dnsmasq_gives_the_private_answer_whole() => WorksAsync(
        "dnsmasq",
        $"""
        no-hosts
        no-resolv
        bind-interfaces
        listen-address=10.1.0.53
        port={Port}
        user=root
        stop-dns-rebind
        rebind-domain-ok=/{LabNames.Elsewhere}/
        server={LabAddresses.PublicDns}
        conf-file=/run/export.conf
        """,
        "dnsmasq", "--keep-in-foreground", "--conf-file=/run/wrapper.conf");

    [Fact]
    public async Task systemd_resolved_gives_the_private_answer_whole()
    {
        var said = await WorksAsync(
            "systemd-resolved",
            $"""
            [Resolve]
            FallbackDNS=
            DNSStubListener=no
            DNSStubListenerExtra=10.1.0.53:{Port}
            LLMNR=no
            MulticastDNS=no
            DNSSEC=no
            """,
            "unshare", "--mount", "--propagation", "private", "sh", "-c", Resolved, ProgramOf("systemd-resolved", "lib/systemd/systemd-resolved"));

        // A line that it does not understand it tells, and goes on without it.
        Assert.DoesNotContain("ignoring", said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Failed to parse", said, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>It wants a user of its own, whom the package's installation would make, and reads its configuration from /run, too. Without D-Bus it waits for it, and answers.</summary>
    private const string Resolved = """
        set -e
        mkdir -p /run/systemd/resolved.conf.d
        cp /run/export.conf /run/systemd/resolved.conf.d/10-export.conf
        cp /run/wrapper.conf /run/systemd/resolved.conf.d/20-wrapper.conf
        { cat /etc/passwd; echo 'systemd-resolve:x:64991:64991::/:/usr/sbin/nologin'; } >/run/passwd
        { cat /etc/group; echo 'systemd-resolve:x:64991:'; } >/run/group
        mount --bind /run/passwd /etc/passwd
        mount --bind /run/group /etc/group
        SYSTEMD_LOG_TARGET=console exec "$0"
        """;

    /// <summary>A program of a package that is unpacked and not installed.</summary>
    private static string ProgramOf(string package, string path)
    {
        var cache = Environment.GetEnvironmentVariable("TUNNELWRIGHT_CACHE") ?? $"{Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? $"{Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)}/.cache"}/tunnelwright";
        var program = Directory.Exists(cache) ? Directory.EnumerateDirectories(cache, $"{package}-*").Select(folder => Path.Combine(folder, path)).FirstOrDefault(File.Exists) : null;
        Assert.SkipUnless(program is not null, $"{package} is not unpacked; scripts/unpack-package {package} does that.");
        return program!;
    }

    /// <returns>What the software said.</returns>
    private async Task<string> WorksAsync(string software, string wrapper, params string[] command)
    {
        await names.ReadyAsync();
        var lab = names.Lab;
        var exported = await lab.OutputAsync(TestLab.Gateway, "tunnelwright", "dns", "export", "--for", software);
        Assert.Contains(NamesLab.Forwarder, exported, StringComparison.Ordinal);
        Assert.Contains(LabNames.DatabaseDomain, exported, StringComparison.Ordinal);
        await File.WriteAllTextAsync($"{lab.Host(Host).Root}/run/export.conf", exported + "\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync($"{lab.Host(Host).Root}/run/wrapper.conf", wrapper + "\n", TestContext.Current.CancellationToken);
        await using var server = lab.Start(Host, command);
        await Eventually.HoldsAsync($"{software} answers: {server.Output}{server.Error}", TimeSpan.FromSeconds(20), async () => (await DigAsync("app.cloud.example")).Trim() == "10.8.2.10");

        Assert.Matches(@"^10\.8\.2\.3[01]$", await DigAsync(LabNames.Database));
        Assert.Matches(@"^10\.8\.2\.1[01]$", await DigAsync(LabNames.LoadBalancer));
        Assert.Equal("198.51.100.99", await DigAsync(LabNames.Elsewhere));

        // It follows a move within the record's own time.
        var before = await DigAsync(LabNames.Database);
        Assert.True((await TestLab.TunnelwrightAsync(["lab", "move", "database", "--name", lab.Name])).Succeeded);
        await Eventually.HoldsAsync("the new address is told", TimeSpan.FromSeconds((2 * LabNames.TtlSeconds) + 1), async () => await DigAsync(LabNames.Database) is var now && now.StartsWith("10.8.2.3", StringComparison.Ordinal) && now != before);
        return server.Output + server.Error;

        async Task<string> DigAsync(string name) => (await lab.RunAsync("customer-host", "dig", "+short", "+time=2", "+tries=2", "-p", Port, "@10.1.0.53", name)).Output.Trim();
    }
}
