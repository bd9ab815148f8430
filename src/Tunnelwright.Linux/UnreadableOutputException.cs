namespace Tunnelwright.Linux;

/// <summary>A tool printed something that is not what its manual promises.</summary>
/// <param name="source">The tool or file.</param>
/// <param name="problem">What was wrong with it, one line.</param>
/// <param name="inner">What the reader said, if anything.</param>
public sealed class UnreadableOutputException(string source, string problem, Exception? inner = null)
    : Exception($"The output of {source} cannot be read: {problem}", inner)
{
    /// <summary>The tool or file whose text it was.</summary>
    public string Origin { get; } = source;
}
