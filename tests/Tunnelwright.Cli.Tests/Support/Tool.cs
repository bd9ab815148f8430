using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Tests;

/// <summary>How a run of the program ended.</summary>
internal sealed record Run(string Arguments, int ExitCode, string Output, string Errors)
{
    public IReadOnlyList<string> ErrorLines => [.. Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    public override string ToString() => $"tunnelwright {Arguments}\nexit code {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}";
}

/// <summary>The built program, run as a process and never as root: what these tests ask for can do nothing to the machine.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>TUNNELWRIGHT_PROGRAM, else the published program of this repository, else the build output beside this assembly's.</summary>
    public static string Program { get; } = Find();

    public static Run Execute(params string[] arguments) => ExecuteAsync(arguments).GetAwaiter().GetResult();

    public static async Task<Run> ExecuteAsync(IReadOnlyList<string> arguments, byte[]? input = null)
    {
        // nobody, who may still read every file: the program may lie where only root looks.
        string[] prefix = RootCheck.IsRoot
            ? ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--", Program]
            : [Program];
        var start = new ProcessStartInfo(prefix[0], [.. prefix[1..], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("NO_COLOR");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            if (input is not null) await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it.
        }

        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException problem)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"tunnelwright {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s.", problem);
        }

        return new Run(string.Join(' ', arguments), process.ExitCode, await output, await errors);
    }

    /// <summary>Nothing on standard output, one line "error: …", at most one line "hint: …", and no trace of a stack.</summary>
    public static void AssertRefused(Run run, int exitCode)
    {
        Assert.True(run.ExitCode == exitCode, run.ToString());
        Assert.True(run.Output.Length == 0, run.ToString());
        AssertOneError(run);
    }

    public static void AssertOneError(Run run)
    {
        Assert.True(run.ErrorLines.Count is 1 or 2, run.ToString());
        Assert.StartsWith("error: ", run.ErrorLines[0], StringComparison.Ordinal);
        if (run.ErrorLines.Count == 2) Assert.StartsWith("hint: ", run.ErrorLines[1], StringComparison.Ordinal);
        AssertNoTrace(run);
    }

    public static void AssertNoTrace(Run run)
    {
        Assert.DoesNotContain("   at ", run.Errors + run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Errors + run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", run.Errors + run.Output, StringComparison.Ordinal);
    }

    private static string Find([CallerFilePath] string here = "")
    {
        if (Environment.GetEnvironmentVariable("TUNNELWRIGHT_PROGRAM") is { Length: > 0 } given) return given;
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
        string[] candidates =
        [
            Path.Combine(root, "artifacts/publish/Tunnelwright.Cli/release_linux-x64/tunnelwright"),
            Path.Combine(AppContext.BaseDirectory, "tunnelwright"),
        ];
        return candidates.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException($"The program is not built: {string.Join(", ", candidates)}.");
    }
}
