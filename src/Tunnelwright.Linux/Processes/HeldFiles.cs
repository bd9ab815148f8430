using System.Globalization;

namespace Tunnelwright.Linux;

/// <summary>What a process holds open, as /proc tells. Only root and the process's owner may look.</summary>
public static class HeldFiles
{
    private const int AccessMode = 3; // O_ACCMODE
    private const int AcceptsConnections = 0x10000; // __SO_ACCEPTCON

    /// <summary>Absolute paths of the Unix sockets that a process listens on (proc_pid_net(5), "unix").</summary>
    /// <returns>Empty when there are none, or it may not be looked into.</returns>
    public static IReadOnlyList<string> ListeningSockets(int pid)
    {
        var inodes = ProcFiles.Descriptors(pid).Select(descriptor => descriptor.Target).Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        if (inodes.Count == 0 || ProcFiles.ReadText($"/proc/{pid}/net/unix") is not { } table) return [];
        return [.. Parse(table).Where(socket => inodes.Contains($"socket:[{socket.Inode}]")).Select(socket => socket.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Absolute paths of the files that a process has open for writing.</summary>
    /// <returns>Empty when there are none, or it may not be looked into. Files that were deleted are left out.</returns>
    public static IReadOnlyList<string> WrittenFiles(int pid) =>
    [
        .. ProcFiles.Descriptors(pid)
            .Where(descriptor => descriptor.Target.StartsWith('/') && !descriptor.Target.EndsWith(" (deleted)", StringComparison.Ordinal) && IsWritten(ProcFiles.ReadText($"/proc/{pid}/fdinfo/{descriptor.Number}")) && RegularFile.Is(descriptor.Target))
            .Select(descriptor => descriptor.Target).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>The listening sockets with a path in the table; lines that are not as described are passed over.</summary>
    internal static IEnumerable<(string Inode, string Path)> Parse(string table)
    {
        foreach (var line in table.Split('\n').Skip(1))
        {
            // Num RefCount Protocol Flags Type St Inode Path
            var columns = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length == 8 && columns[7].StartsWith('/') && int.TryParse(columns[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags) && (flags & AcceptsConnections) != 0)
                yield return (columns[6], columns[7]);
        }
    }

    /// <summary>Whether the flags in a descriptor's information (proc_pid_fdinfo(5), octal) open it for writing.</summary>
    internal static bool IsWritten(string? information)
    {
        foreach (var line in (information ?? "").Split('\n'))
        {
            if (!line.StartsWith("flags:", StringComparison.Ordinal)) continue;
            var flags = 0L;
            foreach (var digit in line["flags:".Length..].Trim())
            {
                if (digit is < '0' or > '7') return false;
                flags = (flags * 8) + (digit - '0');
            }

            return (flags & AccessMode) != 0;
        }

        return false;
    }
}
