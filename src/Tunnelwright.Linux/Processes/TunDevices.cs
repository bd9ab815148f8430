namespace Tunnelwright.Linux;

/// <summary>Which TUN devices a process holds.</summary>
public static class TunDevices
{
    /// <summary>The names of the TUN and TAP devices that a process has open, sorted (the line <c>iff:</c> in proc_pid_fdinfo(5)).</summary>
    /// <returns>Empty when it holds none, has ended, or may not be looked into.</returns>
    public static IReadOnlyList<string> HeldBy(int pid)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (number, target) in ProcFiles.Descriptors(pid))
            if (target is "/dev/net/tun" or "/dev/tun" && ProcFiles.ReadText($"/proc/{pid}/fdinfo/{number}") is { } text
                && ReadName(text) is { Length: > 0 } name)
                names.Add(name);
        return [.. names];
    }

    internal static string? ReadName(string text)
    {
        foreach (var line in text.Split('\n'))
            if (line.StartsWith("iff:", StringComparison.Ordinal))
                return line[4..].Trim();
        return null;
    }
}
