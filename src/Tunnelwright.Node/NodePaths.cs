namespace Tunnelwright.Node;

/// <summary>Where a node keeps what.</summary>
internal static class NodePaths
{
    /// <summary>What outlives a reboot. Mode 0700.</summary>
    public const string Kept = "/var/lib/tunnelwright/node";

    /// <summary>What a reboot may forget. Mode 0700.</summary>
    public const string State = "/run/tunnelwright/node";

    /// <summary>The node's id and credential, mode 0600.</summary>
    public const string Credential = Kept + "/credential.json";

    /// <summary>The last desired state, keys included, mode 0600.</summary>
    public const string Desired = Kept + "/desired.json";

    /// <summary>Held by the one process that runs the node.</summary>
    public const string Lock = State + "/lock";

    /// <summary>Process id and start time of that process.</summary>
    public const string Process = State + "/process";

    /// <summary>BIRD's folder: the session with the edge router.</summary>
    public const string Bird = State + "/bird";

    /// <summary>Makes the folders.</summary>
    public static void Create()
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Kept, owner);
        Directory.CreateDirectory(State, owner);
    }
}
