namespace Tunnelwright.Linux;

/// <summary>What a command left behind.</summary>
/// <param name="ExitCode">Its exit status; 128 + N when signal N ended it.</param>
/// <param name="Output">Standard output, read as UTF-8.</param>
/// <param name="Error">Standard error, read as UTF-8.</param>
/// <param name="Elapsed">Time from before the start to after the end.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    /// <summary>Whether the exit status was zero.</summary>
    public bool Succeeded => ExitCode == 0;
}
