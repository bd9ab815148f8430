using System.Diagnostics;

namespace Tunnelwright.Linux.Tests;

public sealed class ServiceProcessTests : RootTest
{
    private readonly string _mark = TestHost.NewName();

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in ServiceProcess.FindByMark(_mark))
            await process.StopAsync(TimeSpan.Zero);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_service_is_detached_and_found_by_its_mark()
    {
        var log = Path.Combine(Folder, "log");
        var service = await ServiceProcess.StartAsync(Spec("umask; pwd; echo err >&2; ls -l /proc/$$/fd; env; exec sleep 60") with
        {
            LogFile = log,
            Environment = new Dictionary<string, string> { ["TWT_X"] = "y" },
        });
        Assert.True(service.IsAlive);
        Assert.Equal(service, Assert.Single(ServiceProcess.FindByMark(_mark)));
        Assert.Equal(_mark + "-a", service.Mark);
        await CommandRunnerTests.Eventually(() => service.ReadStatistics()?.Name == "sleep");
        var statistics = service.ReadStatistics();
        Assert.NotNull(statistics);
        Assert.Equal(service.Pid, statistics.Session);
        Assert.Equal(["sleep", "60"], statistics.CommandLine);
        Assert.EndsWith("/sleep", statistics.Program, StringComparison.Ordinal);
        Assert.InRange(statistics.ResidentBytes, 100_000, 100_000_000);
        Assert.InRange(statistics.ProcessorTime, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(log));
        var text = await File.ReadAllTextAsync(log);
        Assert.StartsWith("0077\n/\nerr\n", text, StringComparison.Ordinal);
        Assert.Contains("0 -> /dev/null", text, StringComparison.Ordinal);
        Assert.Contains($"1 -> {log}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" 3 -> ", text, StringComparison.Ordinal);
        Assert.Contains("TWT_X=y\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", text, StringComparison.Ordinal);

        Assert.True(await service.StopAsync(TimeSpan.FromSeconds(5)));
        Assert.False(service.IsAlive);
        Assert.Null(service.ReadStatistics());
        Assert.True(await service.StopAsync(TimeSpan.FromSeconds(5)));
        Assert.False(service.SendSignal(15));
        Assert.Empty(ServiceProcess.FindByMark(_mark));
        await CommandRunnerTests.Eventually(() => !Directory.Exists($"/proc/{service.Pid}"));
    }

    [Fact]
    public async Task The_log_is_appended_to()
    {
        var log = Path.Combine(Folder, "log");
        for (var time = 0; time < 2; time++)
            await (await ServiceProcess.StartAsync(Spec("echo line") with { LogFile = log })).WaitForExitAsync();
        Assert.Equal("line\nline\n", await File.ReadAllTextAsync(log));
    }

    [Fact]
    public async Task Our_own_umask_folder_and_mounts_stay()
    {
        // Namespaces come and go meanwhile; all other mounts stand still.
        static IEnumerable<string> Mounts() => File.ReadAllLines("/proc/self/mountinfo").Where(line => !line.Contains(" /run/netns/", StringComparison.Ordinal));
        var before = Mounts().ToList();
        var service = await ServiceProcess.StartAsync(Spec("exec sleep 60") with { PrivateRunDirectory = Folder });
        Assert.Equal(before, Mounts());
        Assert.DoesNotContain("0077", (await Command.RunAsync("sh", ["-c", "umask"])).Output, StringComparison.Ordinal);
        await service.StopAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task It_runs_in_its_namespace_with_a_run_folder_of_its_own()
    {
        var inside = await NewNamespaceAsync();
        var service = await ServiceProcess.StartAsync(Spec("echo mine > /run/twt.pid; exec sleep 60") with
        {
            NetworkNamespace = inside.Name,
            PrivateRunDirectory = Folder,
        });
        var file = Path.Combine(Folder, "twt.pid");
        await CommandRunnerTests.Eventually(() => File.Exists(file) && File.ReadAllText(file) == "mine\n");
        Assert.False(File.Exists("/run/twt.pid"));
        Assert.Equal(AtomicFile.OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(
            await inside.RunInsideAsync(() => ProcFiles.LinkTarget("/proc/thread-self/ns/net")), ProcFiles.LinkTarget($"/proc/{service.Pid}/ns/net"));
        Assert.True(await service.StopAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Its_copy_of_our_mounts_keeps_no_namespace_alive()
    {
        var (left, right) = await NewPairAsync();
        var service = await ServiceProcess.StartAsync(Spec("exec sleep 60") with { PrivateRunDirectory = Folder });
        await NetworkNamespace.DeleteAsync(right.Name!);
        // With its namespace goes one end of the pair, and with that the other.
        for (var tries = 0; await new IpTool(left).GetLinkAsync("left") is not null; tries++)
        {
            Assert.True(tries < 100, "The deleted namespace lives on.");
            await Task.Delay(50);
        }

        Assert.True(service.IsAlive);
        Assert.True(await service.StopAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task One_that_does_not_listen_is_killed()
    {
        var service = await ServiceProcess.StartAsync(Spec("trap '' TERM; while :; do sleep 0.05; done"));
        await Task.Delay(100);
        var watch = Stopwatch.StartNew();
        Assert.False(await service.StopAsync(TimeSpan.FromMilliseconds(300)));
        Assert.InRange(watch.ElapsedMilliseconds, 290, 5000);
        Assert.False(service.IsAlive);
    }

    [Fact]
    public async Task Its_children_carry_the_mark_but_are_not_services()
    {
        var service = await ServiceProcess.StartAsync(Spec("sleep 60 & wait"));
        await CommandRunnerTests.Eventually(() => ProcFiles.ProcessIds().Any(pid => ProcessStatistics.TryRead(pid)?.Parent == service.Pid));
        var child = ProcFiles.ProcessIds().First(pid => ProcessStatistics.TryRead(pid)?.Parent == service.Pid);
        Assert.Equal(service.Mark, ProcFiles.EnvironmentVariable(child, ServiceProcess.MarkVariable));
        Assert.Equal(service, Assert.Single(ServiceProcess.FindByMark(_mark)));
        await service.StopAsync(TimeSpan.Zero);
        new ServiceProcess(child, ProcessStatistics.TryRead(child)!.StartTime).SendSignal(9);
    }

    [Fact]
    public async Task Another_process_with_the_same_number_is_left_alone()
    {
        var service = await ServiceProcess.StartAsync(Spec("exec sleep 60"));
        var earlier = new ServiceProcess(service.Pid, service.StartTime - 1, service.Mark);
        Assert.False(earlier.IsAlive);
        Assert.NotEqual(service, earlier);
        Assert.True(await earlier.StopAsync(TimeSpan.Zero));
        Assert.False(earlier.SendSignal(9));
        Assert.Null(earlier.ReadStatistics());
        await earlier.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(1));
        Assert.True(service.IsAlive);
        await service.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Waiting_ends_with_the_process_or_the_cancellation()
    {
        var service = await ServiceProcess.StartAsync(Spec("sleep 0.3"));
        using var soon = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.WaitForExitAsync(soon.Token));
        Assert.True(service.IsAlive);
        await service.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.False(service.IsAlive);
        await service.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task It_outlives_a_killed_starter_and_is_adopted()
    {
        var start = new ProcessStartInfo(Roles.Program) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in Roles.StarterOf(_mark))
            start.Environment[name] = value;
        int pid;
        using (var starter = Process.Start(start))
        {
            Assert.NotNull(starter);
            try
            {
                pid = int.Parse((await starter.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)))!);
            }
            finally
            {
                starter.Kill(); // SIGKILL
            }

            await starter.WaitForExitAsync();
        }

        var adopted = Assert.Single(ServiceProcess.FindByMark(_mark));
        Assert.Equal(pid, adopted.Pid);
        Assert.True(adopted.IsAlive);
        Assert.NotEqual(Environment.ProcessId, adopted.ReadStatistics()!.Parent);
        Assert.True(await adopted.StopAsync(TimeSpan.FromSeconds(5)));
        Assert.Empty(ServiceProcess.FindByMark(_mark));
    }

    [Fact]
    public async Task What_cannot_be_started_leaves_nothing()
    {
        await Assert.ThrowsAsync<ProgramMissingException>(() => ServiceProcess.StartAsync(Spec("") with { Program = "no-such-program" }));
        var noRun = await Assert.ThrowsAsync<KernelException>(() => ServiceProcess.StartAsync(Spec("sleep 60") with { PrivateRunDirectory = Folder + "/absent" }));
        Assert.Equal("ENOENT", noRun.ErrorName);
        var noLog = await Assert.ThrowsAsync<KernelException>(() => ServiceProcess.StartAsync(Spec("sleep 60") with { LogFile = Folder + "/absent/log" }));
        Assert.Equal("ENOENT", noLog.ErrorName);
        var noNamespace = await Assert.ThrowsAsync<KernelException>(() => ServiceProcess.StartAsync(Spec("sleep 60") with { NetworkNamespace = "twt-absent" }));
        Assert.Equal("ENOENT", noNamespace.ErrorName);
        await Assert.ThrowsAsync<ArgumentException>(() => ServiceProcess.StartAsync(Spec("sleep 60") with { MarkValue = "" }));
        Assert.Empty(ServiceProcess.FindByMark(_mark));
    }

    [Fact]
    public async Task Twenty_services_start_and_stop_together()
    {
        var services = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ServiceProcess.StartAsync(Spec("exec sleep 60"))));
        Assert.Equal(20, ServiceProcess.FindByMark(_mark).Count);
        Assert.All(await Task.WhenAll(services.Select(service => service.StopAsync(TimeSpan.FromSeconds(5)))), Assert.True);
        Assert.Empty(ServiceProcess.FindByMark(_mark));
        await CommandRunnerTests.Eventually(() => services.All(service => !Directory.Exists($"/proc/{service.Pid}")));
    }

    private ServiceProcessSpec Spec(string script) => new() { Program = "sh", Arguments = ["-c", script], MarkValue = _mark + "-a" };
}
