using Tunnelwright.Linux;

namespace Tunnelwright.Lab;

/// <summary>Where the program of the provider's service is.</summary>
internal static class ServiceProgram
{
    private const string Variable = "TUNNELWRIGHT_CLOUD_PROGRAM";
    private const string Name = "tunnelwright-cloud";

    /// <summary>What the variable names, else beside tunnelwright, else where a build puts it.</summary>
    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return File.Exists(named) ? named : throw new LabException($"{Variable} names {named}, which is not there");
        var folder = LabEnvironment.ProgramFolder;
        var candidates = new List<string> { Path.Combine(folder, "cloud", Name) };
        if (Path.GetFullPath(Path.Combine(folder, "../../..")) is var artifacts && Path.GetFileName(artifacts) == "artifacts")
        {
            candidates.Add(Path.Combine(artifacts, "bin/Tunnelwright.Cloud/release", Name));
        }

        return candidates.Find(File.Exists) ?? throw new LabException($"the program of the provider's service is not there (cloud/{Name} beside tunnelwright, or where {Variable} says)");
    }

    /// <summary>The command that runs it. A runtime that is on the PATH only is not found by the program itself.</summary>
    /// <exception cref="LabException">The program is nowhere.</exception>
    public static IReadOnlyList<string> Command()
    {
        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT")
            ?? (ProgramFinder.TryFind("dotnet") is { } dotnet ? Path.GetDirectoryName(File.ResolveLinkTarget(dotnet, returnFinalTarget: true)?.FullName ?? dotnet) : null);
        return root is null ? [Find()] : ["env", $"DOTNET_ROOT={root}", Find()];
    }
}
