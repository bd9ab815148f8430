namespace Tunnelwright.Linux;

/// <summary>One line of an <c>ip -batch</c> was refused; the lines before it were done, those after it were not.</summary>
public sealed class BatchFailedException : KernelException
{
    /// <summary>Makes the error.</summary>
    /// <param name="line">The number of the line, from 1; 0 when ip did not tell.</param>
    /// <param name="arguments">The line's arguments.</param>
    /// <param name="errorNumber">The errno(3) value, or 0.</param>
    /// <param name="words">The kernel's words.</param>
    public BatchFailedException(int line, IReadOnlyList<string> arguments, int errorNumber, string words)
        : base(line == 0 ? "ip batch" : $"ip batch, line {line} ({string.Join(' ', arguments)})", errorNumber, words)
    {
        Line = line;
        Arguments = arguments;
    }

    /// <summary>The number of the line that failed, from 1; 0 when ip did not tell.</summary>
    public int Line { get; }

    /// <summary>The arguments of that line; empty when unknown.</summary>
    public IReadOnlyList<string> Arguments { get; }
}
