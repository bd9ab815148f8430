namespace Tunnelwright.Linux;

/// <summary>A program ended with a status other than zero, or had to be ended. The message never holds its arguments.</summary>
public sealed class CommandFailedException : Exception
{
    private const int LongestMessage = 600;

    /// <summary>Makes the error from what the program left.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="exitCode">Its exit status; 128 + N when signal N ended it.</param>
    /// <param name="standardError">What it wrote on standard error.</param>
    /// <param name="reason">Why it was ended by us (time limit, too much output), or null.</param>
    public CommandFailedException(string program, int exitCode, string standardError, string? reason = null)
        : base(Compose(program, exitCode, standardError, reason))
    {
        Program = program;
        ExitCode = exitCode;
        StandardError = standardError.Trim();
        Reason = reason;
    }

    /// <summary>The program's name.</summary>
    public string Program { get; }

    /// <summary>The exit status; 128 + N when signal N ended it (as in a shell).</summary>
    public int ExitCode { get; }

    /// <summary>What it wrote on standard error, without white space around it.</summary>
    public string StandardError { get; }

    /// <summary>Why it was ended by us, or null when it ended by itself.</summary>
    public string? Reason { get; }

    private static string Compose(string program, int exitCode, string standardError, string? reason)
    {
        var lines = standardError.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var words = string.Join("; ", lines);
        if (words.Length > LongestMessage)
            words = string.Concat(words.AsSpan(0, LongestMessage), "…");
        var head = reason is null ? $"{program} ended with status {exitCode}" : $"{program} {reason}";
        return words.Length == 0 ? head : $"{head}: {words}";
    }
}
