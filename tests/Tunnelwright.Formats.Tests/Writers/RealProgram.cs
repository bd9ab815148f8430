using System.Diagnostics;

namespace Tunnelwright.Formats.Tests;

/// <summary>Runs the real programs that our files are written for, each with a time limit.</summary>
internal static class RealProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Output) Run(string program, string package, params string[] arguments) => Run(program, package, new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    public static (int ExitCode, string Output) Run(string program, string package, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        Require(program, package);
        using var process = Start(program, environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"{program} did not end within {Limit.TotalSeconds:0} s.");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    /// <summary>Fails, and says which package helps, when a program is not installed.</summary>
    public static void Require(string program, string package) =>
        Assert.True(File.Exists(program), $"{program} is not installed; these tests need Debian's package {package}.");

    public static Process Start(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}

/// <summary>A folder of its own that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tunnelwright-writers-").FullName;

    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
