namespace Tunnelwright.Cloud.Tests;

/// <summary>A folder that goes with its test. Its name holds the number of the tests' process: what still runs on it when that has been killed is known by it, and ./test ends it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = New();

    public static string New() => Directory.CreateTempSubdirectory($"tw-cloud-e{Environment.ProcessId}-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
