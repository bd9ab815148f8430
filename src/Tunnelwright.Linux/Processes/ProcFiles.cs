using System.Buffers;
using System.Text;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Small readers of /proc. A process may end at any moment: what cannot be read is null or empty, never an error.</summary>
internal static class ProcFiles
{
    private const int FirstRead = 4096;
    private const int LongestFile = 1024 * 1024;

    internal static IEnumerable<int> ProcessIds()
    {
        foreach (var path in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(path.AsSpan()), System.Globalization.NumberStyles.None, null, out var pid))
                yield return pid;
    }

    /// <summary>The first megabyte of a file, or null. Bare system calls: a scan reads hundreds of these.</summary>
    internal static unsafe byte[]? ReadBytes(string path)
    {
        using var file = LibC.Open(path, LibC.OpenReadOnly | LibC.OpenCloseOnExec, 0);
        if (file.IsInvalid)
            return null;
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var length = 0;
            while (length < LongestFile)
            {
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 4);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                nint count;
                fixed (byte* start = buffer)
                    count = LibC.Read(file, start + length, (nuint)(buffer.Length - length));
                if (count < 0)
                    return null;
                if (count == 0)
                    break;
                length += (int)count;
            }

            return buffer[..length];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal static string? ReadText(string path) => ReadBytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The value of a variable in a process's environment at its start, or null.</summary>
    internal static string? EnvironmentVariable(int pid, string name)
        => Environment(pid) is { } bytes ? EnvironmentVariable(bytes, name) : null;

    /// <summary>The value of a variable in the bytes of an environment, or null.</summary>
    internal static string? EnvironmentVariable(ReadOnlySpan<byte> environment, string name)
    {
        var wanted = Encoding.UTF8.GetBytes(name + "=");
        for (var rest = environment; !rest.IsEmpty;)
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
    internal static bool IsBeforeEnvironment(int pid) => IsBeforeEnvironment(pid, Environment(pid));

    /// <summary>The same, for an environment that has been read.</summary>
    internal static bool IsBeforeEnvironment(int pid, byte[]? environment) => environment is { Length: 0 } && LinkTarget($"/proc/{pid}/exe") is not null;

    /// <summary>A process's environment at its start, or null.</summary>
    internal static byte[]? Environment(int pid) => ReadBytes($"/proc/{pid}/environ");

    /// <summary>What a symbolic link below /proc points to, or null.</summary>
    internal static unsafe string? LinkTarget(string path)
    {
        const int LongestPath = 4096;
        var buffer = stackalloc byte[LongestPath];
        var length = LibC.ReadLink(path, buffer, LongestPath);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <summary>A file's inode (statx(2)), or null.</summary>
    internal static unsafe ulong? Inode(string path)
    {
        const int SizeOfStatx = 256, PlaceOfInode = 32;
        var buffer = stackalloc byte[SizeOfStatx];
        return LibC.StatX(LibC.CurrentFolder, path, 0, LibC.StatXInode, buffer) == 0 ? *(ulong*)(buffer + PlaceOfInode) : null;
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
