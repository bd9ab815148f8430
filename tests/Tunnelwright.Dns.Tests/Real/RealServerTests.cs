using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Real;

/// <summary>Before and behind the programs that people run: dnsmasq and Unbound as servers, Unbound as the customer's resolver, dig as client.</summary>
public sealed class RealServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-dns-").FullName;

    private const string Database = "db.rds.example";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Dnsmasq_as_the_clouds_server()
    {
        var port = FreePort();
        await using var dnsmasq = await RealProgram.StartAsync("dnsmasq", port, ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1", $"--port={port}", "--pid-file=",
            $"--cname={Database},host.compute.example", "--host-record=host.compute.example,10.8.2.20", "--local=/compute.example/", "--local=/rds.example/", "--txt-record=big.rds.example," + string.Join(",", Enumerable.Range(0, 20).Select(_ => new string('x', 200)))]);
        await using var forwarder = Start("rds.example", port, flatten: false);

        var answer = await TestClient.AskAsync(forwarder, Database);
        Assert.Equal([$"{Database} CNAME host.compute.example", "host.compute.example A 10.8.2.20"], answer.Records);
        Assert.Equal(ResponseCode.NonExistentDomain, (await TestClient.AskAsync(forwarder, "nothing.rds.example")).Code);
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, Database, RecordType.Aaaa)).Code);
        Assert.True((await TestClient.AskAsync(forwarder, "big.rds.example", RecordType.Txt)).IsTruncated);
        Assert.InRange(Assert.Single(await TestClient.AskTcpAsync(forwarder.Listening[0], TestClient.Question("big.rds.example", RecordType.Txt))).Message.Length, 4000, 5000);
    }

    [Fact]
    public async Task Unbound_as_the_clouds_server_and_Unbound_as_the_customers_resolver_before_a_flattening_rule()
    {
        var (cloudPort, resolverPort) = (FreePort(), FreePort());
        await using var cloud = await RealProgram.StartAsync("unbound", cloudPort, ["-d", "-c", await UnboundAsync(cloudPort, """
              local-zone: "rds.example." static
              local-data: "db.rds.example. 30 IN CNAME host.compute.example."
              local-zone: "compute.example." static
              local-data: "host.compute.example. 30 IN A 10.8.2.20"
            """)]);
        await using var forwarder = Start("rds.example", cloudPort, flatten: true);
        await using var plain = Start("rds.example", cloudPort, flatten: false);

        Assert.Equal([$"{Database} A 10.8.2.20"], (await TestClient.AskAsync(forwarder, Database)).Records);
        Assert.Equal([$"{Database} CNAME host.compute.example", "host.compute.example A 10.8.2.20"], (await TestClient.AskAsync(plain, Database)).Records);
        Assert.Equal(ResponseCode.NonExistentDomain, (await TestClient.AskAsync(forwarder, "nothing.rds.example")).Code);

        // A resolver believes of a forwarder what is under the domain that it forwards, and looks for the rest of a chain by its own rules: here nowhere.
        await using var resolver = await RealProgram.StartAsync("unbound", resolverPort, ["-d", "-c", await UnboundAsync(resolverPort, $"""
              do-not-query-localhost: no
              module-config: "iterator"
              local-zone: "compute.example." refuse
            forward-zone:
              name: "rds.example."
              forward-addr: 127.0.0.1@{forwarder.Listening[0].Port}
            """)]);
        var seen = new Answer(await TestClient.SendAsync(new IPEndPoint(IPAddress.Loopback, resolverPort), TestClient.Question(Database)) ?? throw new TimeoutException());
        Assert.Equal([$"{Database} A 10.8.2.20"], seen.Records);
    }

    [Fact]
    public async Task BIND_that_requires_its_cookie_as_the_clouds_server()
    {
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(_folder, "rds.zone"), """
            $TTL 30
            @ SOA ns root 1 3600 600 86400 30
              NS ns
            ns A 127.0.0.1
            * A 10.8.2.20

            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "named.conf"), $$"""
            options { directory "{{_folder}}"; pid-file none; session-keyfile none; listen-on port {{port}} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; require-server-cookie yes; dnssec-validation no; };
            controls { };
            zone "rds.example" { type primary; file "rds.zone"; };
            """);
        await using var named = await RealProgram.StartAsync("named", port, ["-g", "-n", "1", "-c", Path.Combine(_folder, "named.conf")]);
        await using var forwarder = Start("rds.example", port, flatten: false);

        for (var i = 0; i < 5; i++) Assert.Equal([$"n{i}.rds.example A 10.8.2.20"], (await TestClient.AskAsync(forwarder, $"n{i}.rds.example")).Records);
        Assert.Equal(ResponseCode.NonExistentDomain, (await TestClient.AskAsync(forwarder, "nothing.ns.rds.example")).Code);
        Assert.Equal((0, 0, 0), (forwarder.Metrics().Failures, forwarder.Metrics().Forged, forwarder.Metrics().Faults));
    }

    [Fact]
    public async Task Dig_is_content()
    {
        await using var server = new FakeServer(query => query.Answer().Cname(Database, "host.compute.example").A("host.compute.example", "10.8.2.20").Build());
        await using var forwarder = TestForwarder.Start("rds.example", server);
        foreach (var options in new[] { "+notcp", "+tcp", "+noedns", "+dnssec", "+bufsize=4096", "+keepopen" })
        {
            var output = await RealProgram.OutputAsync("dig", ["@127.0.0.1", "-p", $"{forwarder.Listening[0].Port}", "+tries=1", "+time=5", options, Database, "A"]);
            Assert.Contains("status: NOERROR", output, StringComparison.Ordinal);
            Assert.Contains("10.8.2.20", output, StringComparison.Ordinal);
            Assert.DoesNotContain("WARNING", output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("(bad", output, StringComparison.Ordinal);
        }
    }

    private static DnsForwarder Start(string domain, int port, bool flatten) => TestForwarder.Start([new RuleOptions { Domain = Response.Name(domain), Servers = [new IPEndPoint(IPAddress.Loopback, port)], Flatten = flatten }], new CacheOptions { Megabytes = 4 });

    private async Task<string> UnboundAsync(int port, string rest)
    {
        var file = Path.Combine(_folder, $"unbound-{port}.conf");
        await File.WriteAllTextAsync(file, $"""
            remote-control:
              control-enable: no
            server:
              interface: 127.0.0.1@{port}
              access-control: 127.0.0.0/8 allow
              do-daemonize: no
              username: ""
              chroot: ""
              directory: "{_folder}"
              pidfile: ""
              use-syslog: no
              logfile: ""
            {rest}
            """);
        return file;
    }

    /// <summary>A port that is free for UDP and TCP, below those that the kernel gives to the sockets of other tests meanwhile (ip_local_port_range).</summary>
    private static int FreePort()
    {
        while (true)
        {
            var endPoint = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                udp.Bind(endPoint);
                tcp.Bind(endPoint);
                return endPoint.Port;
            }
            catch (SocketException)
            {
                // The next one.
            }
        }
    }

    /// <summary>A program that a test starts, and ends by its own id.</summary>
    private sealed class RealProgram : IAsyncDisposable
    {
        private readonly Process _process;

        private RealProgram(Process process) => _process = process;

        public static async Task<RealProgram> StartAsync(string program, int port, string[] arguments)
        {
            var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            var started = new RealProgram(process);
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    Assert.False(process.HasExited, $"{program} ended");
                    if (await TestClient.SendAsync(new IPEndPoint(IPAddress.Loopback, port), TestClient.Question("started.rds.example"), 100) is not null) return started;
                }

                throw new TimeoutException($"{program} does not answer");
            }
            catch
            {
                await started.DisposeAsync();
                throw;
            }
        }

        public static async Task<string> OutputAsync(string program, string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited) _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
