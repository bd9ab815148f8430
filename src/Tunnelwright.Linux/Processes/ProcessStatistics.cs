using System.Text;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>What /proc tells about a process at one moment.</summary>
public sealed record ProcessStatistics
{
    private const int ClockTicksName = 2; // _SC_CLK_TCK
    private static readonly long TicksPerSecond = Math.Max(1, LibC.SystemConfiguration(ClockTicksName));

    /// <summary>Its process id.</summary>
    public required int Pid { get; init; }

    /// <summary>Its start time in clock ticks since boot; together with the process id it names one process for ever.</summary>
    public required long StartTime { get; init; }

    /// <summary>Its name, at most 15 characters (comm).</summary>
    public string Name { get; init; } = "";

    /// <summary>Its state letter: R, S, D, T, Z …</summary>
    public char State { get; init; }

    /// <summary>The process id of its parent.</summary>
    public int Parent { get; init; }

    /// <summary>Its session's id.</summary>
    public int Session { get; init; }

    /// <summary>Its number of threads.</summary>
    public int Threads { get; init; }

    /// <summary>Its memory in RAM, in bytes.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>The processor time that it has used, in user and kernel mode.</summary>
    public TimeSpan ProcessorTime { get; init; }

    /// <summary>The path of its program, or null when it may not be read.</summary>
    public string? Program { get; init; }

    /// <summary>Its command line.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>Whether it has ended and only waits to be waited for.</summary>
    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>Reads a process.</summary>
    /// <returns>Null when there is none with this id.</returns>
    public static ProcessStatistics? TryRead(int pid)
    {
        if (pid <= 0 || ProcFiles.ReadText($"/proc/{pid}/stat") is not { } text || Parse(pid, text) is not { } basic)
            return null;
        return basic with
        {
            Program = ProcFiles.LinkTarget($"/proc/{pid}/exe"),
            CommandLine = ProcFiles.ReadBytes($"/proc/{pid}/cmdline") is { Length: > 0 } bytes
                ? Encoding.UTF8.GetString(bytes).TrimEnd('\0').Split('\0')
                : [],
        };
    }

    /// <summary>Reads proc_pid_stat(5): the name stands in brackets and may itself hold brackets and spaces.</summary>
    internal static ProcessStatistics? Parse(int pid, string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        var fields = text[(close + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

        // fields[0] is field 3 of the manual page.
        if (fields.Length < 22 || !long.TryParse(fields[19], out var startTime))
            return null;
        long Field(int number) => long.TryParse(fields[number - 3], out var value) ? value : 0;
        return new ProcessStatistics
        {
            Pid = pid,
            StartTime = startTime,
            Name = text[(open + 1)..close],
            State = fields[0][0],
            Parent = (int)Field(4),
            Session = (int)Field(6),
            ProcessorTime = TimeSpan.FromSeconds((double)Math.Clamp(Field(14) + Field(15), 0, int.MaxValue) / TicksPerSecond),
            Threads = (int)Field(20),
            ResidentBytes = Field(24) * Environment.SystemPageSize,
        };
    }
}
