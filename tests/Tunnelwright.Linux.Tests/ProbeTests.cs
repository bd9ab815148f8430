using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Linux.Tests;

public sealed class ProbeTests : RootTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly IPAddress Right = IPAddress.Parse("10.0.0.2");

    [Fact]
    public async Task An_echo_comes_back_from_the_right_source_and_device()
    {
        var (left, right) = await NewPairAsync();
        await new IpTool(left).EnsureAddressAsync("lo", "10.9.9.9/32");
        await new IpTool(right).ReplaceRouteAsync(new Route("10.9.9.9") { Gateway = "10.0.0.1" });
        await new Nftables(right).ApplyAsync(
            "table ip t { chain c { type filter hook input priority 0; ip saddr 10.9.9.9 icmp type echo-request ip length 1228 counter comment \"seen\"; }; }");
        await using var probe = await EchoProbe.OpenAsync(left, new EchoOptions { Source = IPAddress.Parse("10.9.9.9"), Device = "left", PayloadBytes = 1200 });
        for (var sequence = 0; sequence < 3; sequence++)
        {
            var reply = await probe.SendAsync(Right, Patience);
            Assert.NotNull(reply);
            Assert.Equal((Right, sequence, 64, 1200), (reply.From, reply.Sequence, reply.TimeToLive, reply.PayloadBytes));
            Assert.InRange(reply.RoundTrip, TimeSpan.FromTicks(1), Patience);
        }

        Assert.Equal(3, (await new Nftables(right).ListTableAsync("ip", "t"))?.Rule("seen")?.Counter?.Packets);
    }

    [Fact]
    public async Task Many_at_once_each_get_their_own()
    {
        var (left, _) = await NewPairAsync();
        new Sysctl(left).Set("net.ipv4.icmp_ratelimit", "0");
        await using var one = await EchoProbe.OpenAsync(left);
        await using var two = await EchoProbe.OpenAsync(left);
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => (number % 2 == 0 ? one : two).SendAsync(Right, Patience)));
        Assert.All(replies, Assert.NotNull);
        Assert.Equal(50, replies.Where((_, index) => index % 2 == 0).Select(reply => reply!.Sequence).Distinct().Count());
    }

    [Fact]
    public async Task Silence_ends_with_the_time_limit_and_the_cancellation()
    {
        var (left, right) = await NewPairAsync();
        await new Nftables(right).ApplyAsync("table ip t { chain c { type filter hook input priority 0; icmp type echo-request drop; }; }");
        await using var probe = await EchoProbe.OpenAsync(left);
        var watch = Stopwatch.StartNew();
        var outcome = await probe.ProbeAsync(Right, TimeSpan.FromMilliseconds(150));
        Assert.True(outcome.TimedOut);
        Assert.InRange(watch.ElapsedMilliseconds, 140, 2000);
        using var soon = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.SendAsync(Right, Patience, soon.Token));
        var waiting = probe.SendAsync(Right, Patience);
        await probe.DisposeAsync();
        Assert.Null(await waiting.WaitAsync(TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => probe.SendAsync(Right, Patience));
    }

    [Fact]
    public async Task Answers_to_others_are_not_taken()
    {
        var (left, _) = await NewPairAsync();
        await using var probe = await EchoProbe.OpenAsync(left);
        // An address nobody has: while we wait for it, other pings get their answers on the same host.
        var lonely = probe.ProbeAsync(IPAddress.Parse("10.0.0.77"), TimeSpan.FromMilliseconds(300));
        await left.RunCommandAsync("ping", ["-c", "3", "-i", "0.01", "-W", "2", "10.0.0.2"]);
        Assert.Null((await lonely).Reply);
    }

    [Fact]
    public async Task What_routers_say_is_told()
    {
        var (left, right) = await NewPairAsync();
        await new IpTool(left).ReplaceRouteAsync(new Route("default") { Gateway = "10.0.0.2" });
        new Sysctl(right).Set("net.ipv4.ip_forward", "1");
        await new IpTool(right).EnsureLinkAsync(new VethLinkSpec("narrow", "end") { Mtu = 1000 });
        await new IpTool(right).BatchAsync([IpArguments.SetLink("end", new LinkChange { Up = true }), IpArguments.ReplaceAddress("narrow", "10.7.0.1/24")]);

        await using var plain = await EchoProbe.OpenAsync(left);
        var unreachable = await plain.ProbeAsync(IPAddress.Parse("10.8.0.1"), Patience);
        Assert.Equal(new IcmpError(Right, 3, 0, 0), unreachable.Error);
        await using var large = await EchoProbe.OpenAsync(left, new EchoOptions { DoNotFragment = true, PayloadBytes = 1400 });
        for (var time = 0; time < 2; time++)
            Assert.Equal(new IcmpError(Right, 3, 4, 1000), (await large.ProbeAsync(IPAddress.Parse("10.7.0.9"), Patience)).Error);
        await using var once = await EchoProbe.OpenAsync(left, new EchoOptions { TimeToLive = 1 });
        Assert.Equal(new IcmpError(Right, 11, 0, 0), (await once.ProbeAsync(IPAddress.Parse("10.7.0.9"), Patience)).Error);
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_told()
    {
        var (left, _) = await NewPairAsync();
        await using var plain = await EchoProbe.OpenAsync(left);
        Assert.Equal("ENETUNREACH", (await plain.ProbeAsync(IPAddress.Parse("192.0.2.1"), Patience)).Refusal?.ErrorName);
        await using var large = await EchoProbe.OpenAsync(left, new EchoOptions { DoNotFragment = true, PayloadBytes = 1473 });
        Assert.Equal("EMSGSIZE", (await large.ProbeAsync(Right, Patience)).Refusal?.ErrorName);
        await using var fitting = await EchoProbe.OpenAsync(left, new EchoOptions { DoNotFragment = true, PayloadBytes = 1472 });
        Assert.NotNull(await fitting.SendAsync(Right, Patience));
        await using var fragments = await EchoProbe.OpenAsync(left, new EchoOptions { PayloadBytes = 20_000 });
        Assert.Equal(20_000, (await fragments.SendAsync(Right, Patience))?.PayloadBytes);

        Assert.Equal("ENODEV", (await Assert.ThrowsAsync<KernelException>(() => EchoProbe.OpenAsync(left, new EchoOptions { Device = "nope" }))).ErrorName);
        var foreign = new EchoOptions { Source = IPAddress.Parse("192.0.2.7") };
        Assert.Equal("EADDRNOTAVAIL", (await Assert.ThrowsAsync<KernelException>(() => EchoProbe.OpenAsync(left, foreign))).ErrorName);
        Assert.Equal("ENOENT", (await Assert.ThrowsAsync<KernelException>(() => EchoProbe.OpenAsync(new NetworkNamespace("twt-absent")))).ErrorName);
    }

    [Fact]
    public async Task A_port_is_open_refused_filtered_or_unreachable()
    {
        var (left, right) = await NewPairAsync();
        await new Nftables(right).ApplyAsync("""
            table ip t {
              chain c {
                type filter hook input priority 0
                tcp dport 81 drop
                tcp dport 82 reject with icmp type admin-prohibited
              }
            }
            """);
        using var listener = await right.RunInsideAsync(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 80));
            socket.Listen();
            return socket;
        });
        var options = new TcpCheckOptions { Namespace = left, Source = IPAddress.Parse("10.0.0.1"), Device = "left", Timeout = TimeSpan.FromMilliseconds(400) };
        Assert.Equal(TcpOutcome.Open, (await TcpCheck.ConnectAsync(new IPEndPoint(Right, 80), options)).Outcome);
        using (var accepted = await listener.AcceptAsync())
            Assert.Equal(IPAddress.Parse("10.0.0.1"), (accepted.RemoteEndPoint as IPEndPoint)?.Address);
        Assert.Equal((TcpOutcome.Refused, "ECONNREFUSED"), Brief(await TcpCheck.ConnectAsync(new IPEndPoint(Right, 83), options)));
        var filtered = await TcpCheck.ConnectAsync(new IPEndPoint(Right, 81), options);
        Assert.Equal((TcpOutcome.Filtered, ""), Brief(filtered));
        Assert.InRange(filtered.Elapsed, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5));
        Assert.Equal((TcpOutcome.Unreachable, "EHOSTUNREACH"), Brief(await TcpCheck.ConnectAsync(new IPEndPoint(Right, 82), options)));
        Assert.Equal(
            (TcpOutcome.Unreachable, "ENETUNREACH"),
            Brief(await TcpCheck.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 80), new TcpCheckOptions { Namespace = left })));
        Assert.Equal(
            (TcpOutcome.NotTried, "EADDRNOTAVAIL"),
            Brief(await TcpCheck.ConnectAsync(new IPEndPoint(Right, 80), options with { Source = IPAddress.Parse("192.0.2.7") })));
        Assert.Equal((TcpOutcome.NotTried, "ENODEV"), Brief(await TcpCheck.ConnectAsync(new IPEndPoint(Right, 80), options with { Device = "nope" })));
        using var soon = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TcpCheck.ConnectAsync(new IPEndPoint(Right, 81), options, cancellationToken: soon.Token));
    }

    [Fact]
    public async Task Who_holds_a_udp_port_is_found_in_its_namespace_only()
    {
        var (left, right) = await NewPairAsync();
        using var four = await left.RunInsideAsync(() => new UdpClient(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 500)));
        using var six = await left.RunInsideAsync(() => new UdpClient(new IPEndPoint(IPAddress.IPv6Loopback, 500)));
        var holders = await LocalPorts.HoldersAsync(PortKind.Udp, 500, left);
        Assert.Equal(["10.0.0.1", "::1"], holders.Select(holder => holder.Address.ToString()));
        Assert.All(holders, holder => Assert.Equal((500, Environment.ProcessId, Roles.Program), (holder.Port, holder.Pid, holder.Program)));
        Assert.Empty(await LocalPorts.HoldersAsync(PortKind.Udp, 500, right));
        Assert.Empty(await LocalPorts.HoldersAsync(PortKind.TcpListening, 500, left));
        Assert.Empty(await LocalPorts.HoldersAsync(PortKind.Udp, 501, left));
    }

    [Fact]
    public async Task The_tun_devices_of_a_process_are_found()
    {
        var inside = await NewNamespaceAsync();
        Assert.DoesNotContain("twt-tun0", TunDevices.HeldBy(Environment.ProcessId));
        using (await inside.RunInsideAsync(() => OpenTun("twt-tun0")))
        {
            Assert.Contains("twt-tun0", TunDevices.HeldBy(Environment.ProcessId));
            Assert.Equal("tun", (await new IpTool(inside).GetLinkAsync("twt-tun0"))?.Kind);
        }

        Assert.DoesNotContain("twt-tun0", TunDevices.HeldBy(Environment.ProcessId));
        Assert.Empty(TunDevices.HeldBy(int.MaxValue));
    }

    [Fact]
    public async Task What_the_kernel_can_do_for_esp_is_found_without_touching_the_host()
    {
        async Task<string> Host() => (await Command.RunAsync("sh", ["-c", "ip -o link; ip xfrm state; ls /run/netns | grep -v ^twt-"], new CommandOptions { ThrowOnFailure = false })).Output;
        var before = await Host();
        await KernelEsp.ProbeAsync();
        var watch = Stopwatch.StartNew();
        var support = await KernelEsp.ProbeAsync();
        Assert.InRange(watch.ElapsedMilliseconds, 0, 500);
        Assert.Equal(before, await Host());
        Assert.Equal(support, await KernelEsp.ProbeAsync());
        Assert.Equal(new[] { support.AesCbcSha1, support.XfrmInterfaces }.Count(has => !has), support.Words.Count);
        Assert.All(support.Words, words => Assert.Matches("^(ESP with AES-CBC and SHA1|XFRM interface): .{5,}$", words));
        // The probe's own view, checked against what ip says when a person tries the same.
        var inside = await NewNamespaceAsync();
        var tried = await inside.RunCommandAsync("ip", ["link", "add", "name", "x", "type", "xfrm", "if_id", "1"], new CommandOptions { ThrowOnFailure = false });
        Assert.Equal(tried.Succeeded, support.XfrmInterfaces);
    }

    private static (TcpOutcome Outcome, string ErrorName) Brief(TcpCheckResult result) => (result.Outcome, result.ErrorName);

    private static unsafe FileStream OpenTun(string name)
    {
        const nuint SetInterface = 0x400454ca; // TUNSETIFF
        const byte Tun = 1; // IFF_TUN
        var file = new FileStream("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        System.Text.Encoding.UTF8.GetBytes(name, new Span<byte>(request, 15));
        request[16] = Tun;
        Assert.Equal(0, TestNative.Control((int)file.SafeFileHandle.DangerousGetHandle(), SetInterface, request));
        return file;
    }
}
