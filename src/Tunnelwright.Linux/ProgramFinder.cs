using System.Collections.Concurrent;

namespace Tunnelwright.Linux;

/// <summary>Finds programs in PATH and in the folders where daemons live, and remembers where they were.</summary>
public static class ProgramFinder
{
    private static readonly string[] ExtraFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/lib/ipsec"];
    private static readonly ConcurrentDictionary<string, string> Found = new();

    /// <summary>Gives the full path of a program.</summary>
    /// <param name="program">A name, or a path (used as it is when it holds a slash).</param>
    /// <exception cref="ProgramMissingException">There is no such executable file.</exception>
    public static string Find(string program) => TryFind(program) ?? throw new ProgramMissingException(program);

    /// <summary>Gives the full path of a program, or null when it is not installed.</summary>
    public static string? TryFind(string program)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        if (program.Contains('/'))
            return IsExecutable(program) ? Path.GetFullPath(program) : null;
        if (Found.TryGetValue(program, out var known) && File.Exists(known))
            return known;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in folders.Concat(ExtraFolders))
        {
            var path = Path.Combine(folder, program);
            if (Path.IsPathRooted(path) && IsExecutable(path))
                return Found[program] = path;
        }

        Found.TryRemove(program, out _);
        return null;
    }

    private static bool IsExecutable(string path)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return File.Exists(path) && (File.GetUnixFileMode(path) & Execute) != UnixFileMode.None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
