namespace Tunnelwright.Linux;

/// <summary>Processes by their names.</summary>
public static class NamedProcesses
{
    /// <summary>The processes of this host, that is of this process's network namespace, with one of some names.</summary>
    /// <param name="names">Names as the kernel keeps them, at most 15 characters (proc_pid_comm(5)).</param>
    /// <returns>Those that run. A process whose namespace may not be seen is left out: root sees all.</returns>
    public static IReadOnlyList<ServiceProcess> Here(params IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var here = ProcFiles.LinkTarget("/proc/self/ns/net");
        var found = new List<ServiceProcess>();
        foreach (var pid in ProcFiles.ProcessIds().Order())
        {
            if (ProcFiles.ReadText($"/proc/{pid}/comm")?.Trim() is not { } name || !names.Contains(name) || ProcFiles.LinkTarget($"/proc/{pid}/ns/net") != here) continue;
            if (ProcessStatistics.TryRead(pid) is { HasEnded: false } process) found.Add(new ServiceProcess(pid, process.StartTime, ProcFiles.EnvironmentVariable(pid, ServiceProcess.MarkVariable) ?? ""));
        }

        return found;
    }

    /// <summary>The value of a variable in a process's environment at its start; null when it has none or may not be looked into.</summary>
    public static string? Variable(int pid, string name) => ProcFiles.EnvironmentVariable(pid, name);
}
