using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>How the program says that something cannot be done.</summary>
internal static class Complaint
{
    /// <summary>The exit code, exactly one "error:" line that holds the words, at most one "hint:" line, nothing on standard output, and no trace of a stack.</summary>
    /// <param name="result">What the command left.</param>
    /// <param name="exitCode">The exit code that is expected.</param>
    /// <param name="words">What the error line has to hold.</param>
    /// <param name="hint">What the hint line has to hold; null when there need not be one.</param>
    public static void Check(CommandResult result, int exitCode, string words, string? hint = null)
    {
        var said = $"{result.ExitCode}: {result.Error}{result.Output}";
        Assert.True(result.ExitCode == exitCode, $"expected exit code {exitCode}, got {said}");
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var errors = lines.Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ToList();
        Assert.True(errors.Count == 1, $"expected one error line, got {said}");
        Assert.Contains(words, errors[0], StringComparison.Ordinal);
        var hints = lines.Where(line => line.StartsWith("hint: ", StringComparison.Ordinal)).ToList();
        Assert.True(hints.Count <= 1, $"expected one hint at most, got {said}");
        if (hint is not null) Assert.Contains(hint, string.Concat(hints), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        AssertNoTrace(result);
    }

    /// <summary>No exception's name and no stack reaches a person.</summary>
    public static void AssertNoTrace(CommandResult result)
    {
        foreach (var sign in new[] { "   at ", "Exception", "Unhandled", "System." })
            Assert.DoesNotContain(sign, result.Error + result.Output, StringComparison.Ordinal);
    }
}
