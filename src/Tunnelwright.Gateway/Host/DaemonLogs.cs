namespace Tunnelwright.Gateway;

/// <summary>Keeps the logs of agent, charon and BIRD, which lie in memory (/run), from growing without limit.</summary>
internal static class DaemonLogs
{
    /// <summary>Size in bytes at which a log is put aside.</summary>
    public const long Limit = 4 << 20;

    /// <summary>
    /// Puts every log over the limit aside as NAME.1, in place of the one before, and empties it. All writers append (open(2), O_APPEND), so they
    /// go on at the start; what they write between copy and cut is lost.
    /// </summary>
    /// <param name="stateFolder">The gateway's state folder.</param>
    public static void Trim(string stateFolder)
    {
        var folder = new DirectoryInfo(stateFolder);
        if (!folder.Exists) return;
        foreach (var log in folder.EnumerateFiles("*.log", SearchOption.AllDirectories).Where(log => log.Length > Limit))
        {
            log.CopyTo($"{log.FullName}.1", overwrite: true);
            using var file = new FileStream(log.FullName, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.SetLength(0);
        }
    }
}
