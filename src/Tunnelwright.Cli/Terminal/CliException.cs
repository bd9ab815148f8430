namespace Tunnelwright.Cli;

/// <summary>Exit codes of every command (the contract).</summary>
internal static class ExitCodes
{
    /// <summary>Done, or healthy.</summary>
    public const int Done = 0;

    /// <summary>The thing asked about is not healthy or not valid.</summary>
    public const int NotHealthy = 1;

    /// <summary>The call was wrong: usage, unreadable file.</summary>
    public const int WrongCall = 2;

    /// <summary>The machine cannot do it: a program or a right is missing.</summary>
    public const int MachineCannot = 3;
}

/// <summary>Ends a command with one clear line and an exit code.</summary>
internal sealed class CliException(int exitCode, string message, string? hint = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;
}
