namespace Tunnelwright.Lab;

/// <summary>Where the program of the provider's service is.</summary>
internal static class ServiceProgram
{
    private const string Variable = "TUNNELWRIGHT_CLOUD_PROGRAM";
    private const string Name = "tunnelwright-cloud";

    /// <summary>What the variable names, else beside tunnelwright, else where a build puts it.</summary>
    /// <exception cref="LabException">It is nowhere.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return File.Exists(named) ? named : throw new LabException($"{Variable} names {named}, which is not there");
        var folder = LabEnvironment.ProgramFolder;
        var candidates = new List<string> { Path.Combine(folder, Name) };
        if (Path.GetFullPath(Path.Combine(folder, "../../..")) is var artifacts && Path.GetFileName(artifacts) == "artifacts")
        {
            candidates.Add(Path.Combine(artifacts, "publish/Tunnelwright.Cloud/release_linux-x64", Name));
            candidates.Add(Path.Combine(artifacts, "publish/Tunnelwright.Cloud/release", Name));
            candidates.Add(Path.Combine(artifacts, "bin/Tunnelwright.Cloud/release", Name));
        }

        return candidates.Find(File.Exists) ?? throw new LabException($"the program of the provider's service is not there ({Name} beside tunnelwright, or where {Variable} says)");
    }
}
