using System.Globalization;
using System.Runtime.CompilerServices;
using Tunnelwright.Lab;
using Tunnelwright.Linux;

[assembly: AssemblyFixture(typeof(Tunnelwright.EndToEnd.TestMachine))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Tunnelwright.EndToEnd;

/// <summary>The machine that the tests run on. Before the run labs that killed runs left are taken away; after it nothing of this run may be left.</summary>
public sealed class TestMachine : IAsyncLifetime
{
    private const string LabPrefix = "t-e";
    private const string ProgramVariable = "TUNNELWRIGHT_PROGRAM";
    private static int _labs;

    /// <summary>The published program.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable(ProgramVariable)
        ?? Path.Combine(Repository(), "artifacts/publish/Tunnelwright.Cli/release_linux-x64/tunnelwright");

    /// <summary>Whether this is the guest of scripts/guest: a kernel with ESP, one processor, everything slow.</summary>
    public static bool IsGuest { get; } = Environment.GetEnvironmentVariable("TUNNELWRIGHT_GUEST") is "1";

    /// <summary>The data plane that is to be seen here: kernel or userspace.</summary>
    public static string DataPlane { get; private set; } = "";

    /// <summary>How long a single command may take at most.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(IsGuest ? 240 : 120);

    /// <summary>The repository's folder.</summary>
    public static string Repository([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source) ?? "/", "../../.."));

    /// <summary>The unit that a customer's machine starts the gateway with.</summary>
    public static string Unit { get; } = Path.Combine(Repository(), "deploy/tunnelwright.service");

    /// <summary>A lab's name that belongs to this run.</summary>
    public static string NewLabName() => $"{OwnPrefix}{Interlocked.Increment(ref _labs)}";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!RootCheck.IsRoot) return;
        if (!File.Exists(Program)) throw new FileNotFoundException($"{Program} is not there: scripts/build makes it, or {ProgramVariable} names another.");
        Environment.SetEnvironmentVariable(ProgramVariable, Program);
        DataPlane = Environment.GetEnvironmentVariable("TUNNELWRIGHT_EXPECT_PLANE")
            ?? ((await KernelEsp.ProbeAsync()).IsComplete ? "kernel" : "userspace");
        foreach (var name in (await LabNamesAsync()).Where(name => !OwnerLives(name))) await LabInstance.DownAsync(name);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!RootCheck.IsRoot) return;
        var left = (await LabNamesAsync()).Where(name => name.StartsWith(OwnPrefix, StringComparison.Ordinal)).ToList();
        foreach (var name in left) await LabInstance.DownAsync(name);
        Assert.Empty(left);
    }

    private static string OwnPrefix => $"{LabPrefix}{Environment.ProcessId}-";

    /// <summary>Names of labs of tests that left a folder or a namespace ("tw.LAB.HOST").</summary>
    private static async Task<IReadOnlyList<string>> LabNamesAsync() =>
    [
        .. LabInstance.Names()
            .Concat((await NetworkNamespace.ListAsync()).Select(name => name.Split('.')).Where(parts => parts is ["tw", _, _]).Select(parts => parts[1]))
            .Where(name => name.StartsWith(LabPrefix, StringComparison.Ordinal))
            .Distinct(),
    ];

    private static bool OwnerLives(string lab) =>
        int.TryParse(lab[LabPrefix.Length..].Split('-')[0], NumberStyles.None, null, out var pid) && ProcessStatistics.TryRead(pid) is not null;
}
