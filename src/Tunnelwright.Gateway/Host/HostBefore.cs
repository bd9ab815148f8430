using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <summary>
/// Host settings as they were before the gateway changed them: the one thing that cannot be observed later. One "name value" a line;
/// the first value noted stands.
/// </summary>
internal static class HostBefore
{
    /// <summary>Notes a setting's value before it is changed.</summary>
    public static void Remember(GatewayPaths paths, string name, string value)
    {
        var known = Read(paths);
        if (known.TryAdd(name, value)) AtomicFile.Write(paths.HostBefore, string.Concat(known.Select(pair => $"{pair.Key} {pair.Value}\n")));
    }

    /// <summary>Sets everything back and forgets it.</summary>
    public static void Restore(GatewayPaths paths, Sysctl sysctl)
    {
        foreach (var (name, value) in Read(paths)) sysctl.Set(name, value);
        File.Delete(paths.HostBefore);
    }

    private static Dictionary<string, string> Read(GatewayPaths paths)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(paths.HostBefore)) return known;
        foreach (var parts in File.ReadAllLines(paths.HostBefore).Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2))
            known.TryAdd(parts[0], parts[1]);
        return known;
    }
}
