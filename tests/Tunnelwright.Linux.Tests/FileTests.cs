using System.Diagnostics;

namespace Tunnelwright.Linux.Tests;

public sealed class FileTests : IDisposable
{
    private readonly string _folder = TestHost.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0600")]
    [InlineData("0644")]
    [InlineData("0400")]
    public void A_file_is_written_with_exactly_its_mode(string octal)
    {
        var mode = (UnixFileMode)Convert.ToInt32(octal, 8);
        var path = Path.Combine(_folder, "file");
        AtomicFile.Write(path, "one", mode);
        AtomicFile.Write(path, "two", mode);
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal(mode, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_secret_replaces_a_readable_file_without_being_readable()
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "old");
        File.SetUnixFileMode(path, AtomicFile.EveryoneReads);
        AtomicFile.Write(path, "secret");
        Assert.Equal(AtomicFile.OwnerOnly, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        var path = Path.Combine(_folder, "folder");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "inside"), "");
        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, "x"));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
        Assert.ThrowsAny<IOException>(() => AtomicFile.Write(Path.Combine(_folder, "absent", "file"), "x"));
    }

    [Fact]
    public async Task Readers_never_see_a_part()
    {
        var path = Path.Combine(_folder, "file");
        var contents = Enumerable.Range(0, 10).Select(number => new string((char)('a' + number), 100_000)).ToArray();
        AtomicFile.Write(path, contents[0]);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var count = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.Contains(File.ReadAllText(path), contents);
                count++;
            }

            return count;
        });
        for (var round = 0; round < 100; round++)
            await AtomicFile.WriteAsync(path, contents[round % 10]);
        await stop.CancelAsync();
        Assert.NotEqual(0, await reading);
    }

    [Fact]
    public void A_lock_excludes_until_it_is_given_back()
    {
        var path = Path.Combine(_folder, "lock");
        using (var held = FileLock.TryAcquire(path))
        {
            Assert.NotNull(held);
            Assert.Null(FileLock.TryAcquire(path));
        }

        using var again = FileLock.TryAcquire(path);
        Assert.NotNull(again);
        Assert.Equal(AtomicFile.OwnerOnly, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_child_does_not_keep_the_lock()
    {
        var path = Path.Combine(_folder, "lock");
        Task<CommandResult> child;
        using (FileLock.TryAcquire(path))
            child = Command.RunAsync("sleep", ["1"]);
        await Task.Delay(100);
        Assert.False(child.IsCompleted);
        using var again = FileLock.TryAcquire(path);
        Assert.NotNull(again);
        await child;
    }

    [Fact]
    public void A_copy_of_the_descriptor_does_not_keep_the_lock()
    {
        var path = Path.Combine(_folder, "lock");
        var held = FileLock.TryAcquire(path);
        var number = Directory.EnumerateFileSystemEntries("/proc/self/fd").First(entry => ProcFiles.LinkTarget(entry) == path);
        // As a child has it between fork and exec.
        using var copy = new Microsoft.Win32.SafeHandles.SafeFileHandle(TestNative.Duplicate(int.Parse(Path.GetFileName(number))), ownsHandle: true);
        Assert.False(copy.IsInvalid);
        held?.Dispose();
        held?.Dispose();
        using var again = FileLock.TryAcquire(path);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_lock_is_seen_by_other_processes_and_waited_for()
    {
        var path = Path.Combine(_folder, "lock");
        var notAllowedToFail = new CommandOptions { ThrowOnFailure = false };
        var held = FileLock.TryAcquire(path);
        Assert.Equal(1, (await Command.RunAsync("flock", ["-n", path, "true"], notAllowedToFail)).ExitCode);
        using var soon = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.AcquireAsync(path, cancellationToken: soon.Token));
        var waiting = FileLock.AcquireAsync(path);
        Assert.False(waiting.IsCompleted);
        held?.Dispose();
        using (await waiting.WaitAsync(TimeSpan.FromSeconds(5)))
            Assert.Equal(1, (await Command.RunAsync("flock", ["-n", path, "true"], notAllowedToFail)).ExitCode);
        Assert.Equal(0, (await Command.RunAsync("flock", ["-n", path, "true"], notAllowedToFail)).ExitCode);
    }

    [Fact]
    public async Task A_lock_dies_with_its_process()
    {
        var path = Path.Combine(_folder, "lock");
        var start = new ProcessStartInfo(Roles.Program) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in Roles.HolderOf(path))
            start.Environment[name] = value;
        using var holder = Process.Start(start);
        Assert.NotNull(holder);
        try
        {
            Assert.Equal("held", await holder.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
            Assert.Null(FileLock.TryAcquire(path));
        }
        finally
        {
            holder.Kill();
        }

        using var taken = await FileLock.AcquireAsync(path).WaitAsync(TimeSpan.FromSeconds(5));
        Assert.NotNull(taken);
    }
}
