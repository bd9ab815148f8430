using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>A BGP session of this host, of whichever daemon.</summary>
/// <param name="Name">What its daemon calls it.</param>
/// <param name="Neighbor">The neighbour's address; null when it was not told.</param>
/// <param name="State">In lower case: idle, connect, active, opensent, openconfirm, established; "down" when disabled.</param>
/// <param name="Imported">Routes accepted from the neighbour.</param>
/// <param name="Exported">Routes announced to it.</param>
/// <param name="LastError">The last error in the daemon's words; null without one.</param>
/// <param name="Daemon">BIRD or FRR.</param>
/// <param name="Age">How long it has been established; null when its daemon does not tell.</param>
internal sealed record SessionView(string Name, string? Neighbor, string State, int Imported, int Exported, string? LastError, string Daemon, TimeSpan? Age = null)
{
    private static readonly TimeSpan Youth = TimeSpan.FromSeconds(10);

    /// <summary>Whether routes may still be on their way: nothing has been learnt, or nothing announced yet by a session that has just been established.</summary>
    public bool IsFilling => State == "established" && (Imported == 0 || (Exported == 0 && Age < Youth));

    public static SessionView Of(BirdProtocol protocol) => new(protocol.Name, protocol.Neighbor, protocol.State, protocol.Imported, protocol.Exported, protocol.LastError, "BIRD");

    /// <summary>Whether it is the session in a tunnel.</summary>
    public bool IsIn(TunnelView tunnel) => tunnel.SessionName is { } name ? Name == name : tunnel.RemoteInside is { } inside && Neighbor == inside.ToString();
}
