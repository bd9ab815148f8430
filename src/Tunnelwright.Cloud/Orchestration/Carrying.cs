using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Whether a tunnel carries traffic, as its node reports it: what a step that takes the other tunnel away rests on.</summary>
internal static class Carrying
{
    private const string Established = "established";

    /// <summary>Whether the tunnel is up on a node that lives. With BGP it may have no route yet.</summary>
    public static bool IsUp(TunnelRow tunnel) => !tunnel.Silent && tunnel.State == Words.Write(TunnelState.Up);

    /// <summary>Whether traffic finds a way through it: it is up, and with BGP its session is established. Just after its start a tunnel is the first without the second.</summary>
    /// <param name="row">The tunnel's connection.</param>
    /// <param name="tunnel">The tunnel.</param>
    public static bool Is(ConnectionRow row, TunnelRow tunnel) => IsUp(tunnel) && (IsStatic(row) || Seen(tunnel)?.Bgp?.State == Established);

    /// <summary>Why it is not, in words.</summary>
    /// <param name="tunnel">A tunnel of which <see cref="Is"/> is false.</param>
    public static string WhyNot(TunnelRow tunnel) => IsUp(tunnel) ? $"The BGP session of tunnel {tunnel.Number} is not established" : $"Tunnel {tunnel.Number} is not up";

    /// <summary>What the node reported last; null for nothing yet.</summary>
    public static ObservedTunnel? Seen(TunnelRow tunnel) => tunnel.Observed is { } told ? JsonSerializer.Deserialize(told, CloudJson.Default.ObservedTunnel) : null;

    private static bool IsStatic(ConnectionRow row) => Words.Read<RoutingKind>(row.Routing) == RoutingKind.Static;
}
