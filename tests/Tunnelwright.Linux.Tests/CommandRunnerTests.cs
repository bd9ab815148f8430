using System.Diagnostics;

namespace Tunnelwright.Linux.Tests;

public sealed class CommandRunnerTests
{
    [Fact]
    public async Task Output_error_and_status_come_back()
    {
        var result = await Command.RunAsync("sh", ["-c", "echo out; echo err >&2; exit 3"], new CommandOptions { ThrowOnFailure = false });
        Assert.Equal((3, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
        Assert.True(result.Elapsed > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_failure_throws_one_line_without_the_arguments()
    {
        var exception = await Assert.ThrowsAsync<CommandFailedException>(
            () => Command.RunAsync("sh", ["-c", "echo first >&2; echo second >&2; exit 3", "hunter2"]));
        Assert.Equal("sh ended with status 3: first; second", exception.Message);
        Assert.Equal(("sh", 3, "first\nsecond"), (exception.Program, exception.ExitCode, exception.StandardError));
    }

    [Fact]
    public async Task A_death_by_signal_is_told_as_a_shell_does()
    {
        // The runtime ignores SIGPIPE; a child must not.
        var result = await Command.RunAsync("sh", ["-c", "kill -PIPE $$; echo still there"], new CommandOptions { ThrowOnFailure = false });
        Assert.Equal((128 + 13, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Large_input_and_output_do_not_block_each_other()
    {
        var text = string.Concat(Enumerable.Repeat("0123456789abcdef", 200_000));
        var result = await Command.RunAsync("cat", [], new CommandOptions { StandardInput = text });
        Assert.Equal(text, result.Output);
    }

    [Fact]
    public async Task Input_stays_out_of_the_command_line_and_of_texts()
    {
        var options = new CommandOptions { StandardInput = "hunter2" };
        var result = await Command.RunAsync("sh", ["-c", "tr '\\0' ' ' < /proc/$$/cmdline; tr '\\0' ' ' < /proc/$$/environ"], options);
        Assert.DoesNotContain("hunter2", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", options.ToString(), StringComparison.Ordinal);
        var failed = await Assert.ThrowsAsync<CommandFailedException>(() => Command.RunAsync("sh", ["-c", "cat > /dev/null; exit 1"], options));
        Assert.DoesNotContain("hunter2", failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_other_descriptor_is_inherited()
    {
        // A duplicate made like this lacks the close-on-exec flag that the runtime gives to all its own.
        using var open = new FileStream("/proc/self/comm", FileMode.Open, FileAccess.Read);
        using var leaky = new Microsoft.Win32.SafeHandles.SafeFileHandle(TestNative.Duplicate((int)open.SafeFileHandle.DangerousGetHandle()), ownsHandle: true);
        Assert.False(leaky.IsInvalid);
        var result = await Command.RunAsync("sh", ["-c", "ls /proc/$$/fd; exit 0"]);
        Assert.Equal("0\n1\n2\n", result.Output);
    }

    [Fact]
    public async Task Time_limit_kills_the_command_and_its_children()
    {
        var watch = Stopwatch.StartNew();
        var marker = $"3{Environment.ProcessId}.5";
        var exception = await Assert.ThrowsAsync<CommandFailedException>(
            () => Command.RunAsync("sh", ["-c", $"sleep {marker} & sleep {marker}"], new CommandOptions { Timeout = TimeSpan.FromMilliseconds(200) }));
        Assert.InRange(watch.ElapsedMilliseconds, 190, 5000);
        Assert.Equal("sh did not end within 0.2 s", exception.Message);
        await Eventually(() => !ProcFiles.ProcessIds().Any(pid => ProcessStatistics.TryRead(pid)?.CommandLine.Contains(marker) is true));
    }

    [Fact]
    public async Task Cancellation_kills_the_command()
    {
        using var stop = new CancellationTokenSource(100);
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Command.RunAsync("sleep", ["30"], cancellationToken: stop.Token));
        Assert.InRange(watch.ElapsedMilliseconds, 50, 5000);
    }

    [Fact]
    public async Task Cancelled_before_the_start_nothing_runs()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Command.RunAsync("touch", [path], cancellationToken: new CancellationToken(canceled: true)));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_grandchild_that_holds_the_output_open_does_not_hold_us()
    {
        var watch = Stopwatch.StartNew();
        var result = await Command.RunAsync("sh", ["-c", "sleep 3 & echo done"]);
        Assert.Equal("done\n", result.Output);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
    }

    [Fact]
    public async Task Too_much_output_ends_the_command()
    {
        var exception = await Assert.ThrowsAsync<CommandFailedException>(() => Command.RunAsync("yes", [], new CommandOptions { OutputLimit = 100_000 }));
        Assert.Equal("yes wrote more than 100000 bytes", exception.Message);
    }

    [Fact]
    public async Task A_missing_program_names_its_package()
    {
        var unknown = await Assert.ThrowsAsync<ProgramMissingException>(() => Command.RunAsync("no-such-program", []));
        Assert.Null(unknown.DebianPackage);
        var known = await Assert.ThrowsAsync<ProgramMissingException>(() => Command.RunAsync("/nowhere/charon", []));
        Assert.Equal("charon is not installed; it comes with the Debian package strongswan-charon.", known.Message);
        Assert.Equal("bird2", new ProgramMissingException("birdc").DebianPackage);
    }

    [Fact]
    public void Daemons_are_found_outside_of_the_path()
        => Assert.Equal("/usr/lib/ipsec/charon", ProgramFinder.Find("charon"));

    [Fact]
    public async Task What_is_not_a_program_is_an_error_of_the_kernel()
    {
        var folder = TestHost.NewFolder();
        try
        {
            var path = Path.Combine(folder, "broken");
            AtomicFile.Write(path, "\u007fELF nothing", UnixFileMode.UserExecute | UnixFileMode.UserRead);
            var exception = await Assert.ThrowsAsync<KernelException>(() => Command.RunAsync(path, []));
            Assert.Equal("ENOEXEC", exception.ErrorName);
            var missing = new CommandOptions { WorkingDirectory = folder + "/absent" };
            Assert.Equal("ENOENT", (await Assert.ThrowsAsync<KernelException>(() => Command.RunAsync("true", [], missing))).ErrorName);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Environment_and_folder_are_as_asked()
    {
        var options = new CommandOptions
        {
            WorkingDirectory = "/usr",
            Environment = new Dictionary<string, string?> { ["TWT_X"] = "y z", ["HOME"] = null },
        };
        var result = await Command.RunAsync("sh", ["-c", "echo \"$TWT_X|$HOME|$LC_ALL|$PWD|$TUNNELWRIGHT_MARK\""], options);
        Assert.Equal("y z||C|/usr|\n", result.Output);
    }

    [Fact]
    public async Task An_absent_namespace_is_an_error_of_the_kernel()
    {
        var exception = await Assert.ThrowsAsync<KernelException>(
            () => Command.RunAsync("true", [], new CommandOptions { NetworkNamespace = "twt-absent" }));
        Assert.Equal("ENOENT", exception.ErrorName);
        Assert.Equal("enter network namespace twt-absent: No such file or directory", exception.Message);
    }

    [Fact]
    public async Task Hundred_at_once_all_come_back_and_leave_nothing()
    {
        var descriptors = Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Command.RunAsync("sh", ["-c", $"echo {number}; exit 0"])));
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}\n"), results.Select(result => result.Output));
        await Eventually(() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() <= descriptors + 40);
        Assert.DoesNotContain(ProcFiles.ProcessIds(), pid => ProcessStatistics.TryRead(pid) is { State: 'Z' } dead && dead.Parent == Environment.ProcessId && dead.Name == "sh");
    }

    internal static async Task Eventually(Func<bool> condition)
    {
        for (var tries = 0; tries < 250; tries++)
        {
            if (condition())
                return;
            await Task.Delay(20);
        }

        Assert.Fail("It did not come true within 5 s.");
    }
}
