namespace Tunnelwright.Cloud;

/// <summary>The state folder, which the private PostgreSQL's own user has to get through, whatever the umask makes of it.</summary>
internal static class StateFolder
{
    private const UnixFileMode Through = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes the folder with those above it. The ones that it makes can be walked through and not looked into; what was there stays as it is.</summary>
    /// <param name="path">The folder.</param>
    public static void Make(string path)
    {
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) missing.Push(folder);
        foreach (var folder in missing)
        {
            Directory.CreateDirectory(folder);
            Open(folder);
        }
    }

    /// <summary>Lets others walk through a folder; what is secret in it is closed by itself.</summary>
    /// <param name="folder">A folder that is there.</param>
    public static void Open(string folder) => File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | Through);
}
