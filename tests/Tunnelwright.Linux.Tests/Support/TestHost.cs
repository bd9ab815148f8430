using System.Globalization;

[assembly: AssemblyFixture(typeof(Tunnelwright.Linux.Tests.TestHost))]

namespace Tunnelwright.Linux.Tests;

/// <summary>Before the run: takes away what killed runs left. After it: what this run forgot, which is a failure of the run.</summary>
public sealed class TestHost : IAsyncLifetime
{
    public const string Prefix = "twt-l";
    private static int _count;

    /// <summary>A name that belongs to this run.</summary>
    public static string NewName() => $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";

    /// <summary>A new folder that belongs to this run; only the owner looks into it.</summary>
    public static string NewFolder()
        => Directory.CreateDirectory(
            Path.Combine(Path.GetTempPath(), NewName()), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    public async ValueTask InitializeAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
            if (!OwnerLives(Path.GetFileName(folder)))
                Directory.Delete(folder, recursive: true);
        foreach (var process in ServiceProcess.FindByMark(Prefix))
            if (!OwnerLives(process.Mark))
                await process.StopAsync(TimeSpan.Zero);
        foreach (var name in await NetworkNamespace.ListAsync())
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !OwnerLives(name) && RootCheck.IsRoot)
                await NetworkNamespace.DeleteAsync(name);
    }

    public async ValueTask DisposeAsync()
    {
        var own = $"{Prefix}{Environment.ProcessId}-";
        var processes = ServiceProcess.FindByMark(own);
        foreach (var process in processes)
            await process.StopAsync(TimeSpan.Zero);
        var names = (await NetworkNamespace.ListAsync()).Where(name => name.StartsWith(own, StringComparison.Ordinal)).ToList();
        foreach (var name in names)
            await NetworkNamespace.DeleteAsync(name);
        Assert.Empty(processes);
        Assert.Empty(names);
    }

    private static bool OwnerLives(string name)
    {
        var digits = name.AsSpan(Prefix.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, null, out var pid) && ProcessStatistics.TryRead(pid) is not null;
    }
}
