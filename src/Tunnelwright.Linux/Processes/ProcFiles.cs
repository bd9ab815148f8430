using System.Text;

namespace Tunnelwright.Linux;

/// <summary>Small readers of /proc. A process may end at any moment: what cannot be read is null or empty, never an error.</summary>
internal static class ProcFiles
{
    private const int LongestFile = 1024 * 1024;

    internal static IEnumerable<int> ProcessIds()
    {
        foreach (var path in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(path.AsSpan()), System.Globalization.NumberStyles.None, null, out var pid))
                yield return pid;
    }

    /// <summary>The first megabyte of a file, or null.</summary>
    internal static byte[]? ReadBytes(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var buffer = new byte[4096];
            var length = 0;
            while (length < LongestFile)
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 4);
                var count = file.Read(buffer, length, buffer.Length - length);
                if (count == 0)
                    break;
                length += count;
            }

            return buffer[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static string? ReadText(string path) => ReadBytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The value of a variable in a process's environment at its start, or null.</summary>
    internal static string? EnvironmentVariable(int pid, string name)
    {
        if (ReadBytes($"/proc/{pid}/environ") is not { } bytes)
            return null;
        var wanted = Encoding.UTF8.GetBytes(name + "=");
        for (var rest = bytes.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var entry = end < 0 ? rest : rest[..end];
            if (entry.StartsWith(wanted))
                return Encoding.UTF8.GetString(entry[wanted.Length..]);
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return null;
    }

    /// <summary>Whether a process that runs a program shows no environment: it is in the middle of exec, or really has none.</summary>
    internal static bool IsBeforeEnvironment(int pid)
        => ReadBytes($"/proc/{pid}/environ") is { Length: 0 } && LinkTarget($"/proc/{pid}/exe") is not null;

    /// <summary>What a symbolic link below /proc points to, or null.</summary>
    internal static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The open descriptors of a process with what they link to.</summary>
    internal static List<(string Number, string Target)> Descriptors(int pid)
    {
        var found = new List<(string, string)>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
                if (LinkTarget(path) is { } target)
                    found.Add((Path.GetFileName(path), target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is not ours to look into.
        }

        return found;
    }
}
