using System.Collections.Concurrent;

namespace Tunnelwright.Model;

/// <summary>The profiles that come with the program, each read once.</summary>
internal static class ProfileStore
{
    private static readonly ConcurrentDictionary<string, RequirementProfile> Read = new(StringComparer.Ordinal);

    public static RequirementProfile? Find(string name)
    {
        var known = RequirementProfile.Names.FirstOrDefault(candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
        return known is null ? null : Read.GetOrAdd(known, ReadResource);
    }

    private static RequirementProfile ReadResource(string name)
    {
        using var stream = typeof(ProfileStore).Assembly.GetManifestResourceStream($"Tunnelwright.Model.Profiles.{name}.json")
            ?? throw new ProfileException($"The requirement profile '{name}' is missing from the program.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ProfileReader.Read(bytes);
    }
}
