using System.Diagnostics;

namespace Tunnelwright.Linux.Tests;

/// <summary>
/// What the calls cost here, printed with the results. The limit, for the best of several, is far above what a quiet machine needs, so that
/// a busy one does not fail: it only catches what hangs or waits for a timer.
/// </summary>
[CollectionDefinition(nameof(CostTests), DisableParallelization = true)]
[Collection(nameof(CostTests))]
public sealed class CostTests(ITestOutputHelper output) : RootTest
{
    private const int Rounds = 12;
    private const int LimitMilliseconds = 400;

    [Fact]
    public async Task Calls_are_cheap()
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        var nft = new Nftables(left);
        var mark = TestHost.NewName();
        var routes = Enumerable.Range(0, 20).Select(number => IpArguments.ReplaceRoute(new Route($"10.{number + 1}.0.0/16") { Gateway = "10.0.0.2", Protocol = 186 })).ToList();
        var ruleset = "table inet twt { }\ndelete table inet twt\ntable inet twt {\n chain c { type filter hook forward priority 0; policy accept; }\n}\n"
            + string.Concat(Enumerable.Range(1, 20).Select(number => $"add rule inet twt c ip saddr 10.{number}.0.0/16 counter accept\n"));

        await MeasureAsync("thread in a namespace", () => left.RunInsideAsync(() => { }));
        await MeasureAsync("true, by this runner", () => Command.RunAsync("true", []));
        await MeasureAsync("true, by System.Diagnostics.Process", async () =>
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/true") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
            await Task.WhenAll(process!.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
        });
        await MeasureAsync("one ip call (a route)", () => ip.ReplaceRouteAsync(new Route("10.1.0.0/16") { Gateway = "10.0.0.2", Protocol = 186 }));
        await MeasureAsync("links with counters, read", () => ip.GetLinksAsync());
        await MeasureAsync("one batch of 20 routes", () => ip.BatchAsync(routes));
        await MeasureAsync("one nft apply of 20 rules", () => nft.ApplyAsync(ruleset));
        await MeasureAsync("nft table, read", () => nft.ListTableAsync("inet", "twt"));
        await MeasureAsync("sysctl, read", () => Task.FromResult(new Sysctl(left).Get("net.ipv4.ip_forward")));
        await MeasureAsync("ESP probe", () => KernelEsp.ProbeAsync());
        await MeasureAsync("atomic file, 1 KB", () => AtomicFile.WriteAsync(Path.Combine(Folder, "file"), new string('x', 1024)));

        var services = new List<ServiceProcess>();
        var spec = new ServiceProcessSpec { Program = "sleep", Arguments = ["60"], MarkValue = mark };
        try
        {
            await MeasureAsync("service start", async () => services.Add(await ServiceProcess.StartAsync(spec)));
            await MeasureAsync("service start, own namespace and /run", async () =>
                services.Add(await ServiceProcess.StartAsync(spec with { NetworkNamespace = left.Name, PrivateRunDirectory = Folder })));
            await MeasureAsync("services, found by mark", () => Task.FromResult(ServiceProcess.FindByMark(mark)));
            await using var probe = await EchoProbe.OpenAsync(left);
            await MeasureAsync("echo over a veth pair", () => probe.SendAsync(System.Net.IPAddress.Parse("10.0.0.2"), TimeSpan.FromSeconds(2)));
        }
        finally
        {
            await Task.WhenAll(services.Select(service => service.StopAsync(TimeSpan.FromSeconds(5))));
        }
    }

    private async Task MeasureAsync(string what, Func<Task> work)
    {
        await work();
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await work();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine($"{what}: best {times[0]:0.00} ms, median {times[Rounds / 2]:0.00} ms");
        Assert.True(times[0] < LimitMilliseconds, $"{what} took {times[0]} ms at best; the limit is {LimitMilliseconds} ms.");
    }
}
