using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A tunnel together with what a writer decides about it.</summary>
/// <param name="Tunnel">The tunnel, with the settings' values in place.</param>
/// <param name="Name">Its name in configurations: the connection's id and the tunnel's number.</param>
/// <param name="Symbol">The same for stricter grammars.</param>
/// <param name="Interface">The name of its interface.</param>
/// <param name="InterfaceId">Its XFRM interface id, or its mark.</param>
/// <param name="Size">The sizes that its interface and its TCP segments get.</param>
/// <param name="Preferred">Whether it carries the traffic while it is up; null when no tunnel is preferred.</param>
internal sealed record TunnelPlan(Tunnel Tunnel, string Name, string Symbol, string Interface, int InterfaceId, TunnelMtu Size, bool? Preferred)
{
    /// <summary>Every tunnel of a connection, in order.</summary>
    public static IReadOnlyList<TunnelPlan> Of(VpnConnection connection, WriterSettings settings)
    {
        if (connection.Tunnels.Count == 0) throw new WriterException("The connection has no tunnel.");
        var plans = new List<TunnelPlan>();
        for (var index = 0; index < connection.Tunnels.Count; index++)
        {
            var tunnel = connection.Tunnels[index];
            plans.Add(new TunnelPlan(
                tunnel,
                $"{Printable.Name(connection.Id)}-{index + 1}",
                $"{Printable.Symbol(connection.Id)}_{index + 1}",
                settings.InterfaceOf(index),
                settings.InterfaceIdOf(index),
                SizeOf(tunnel, settings.BehindNat),
                settings.Prefer is { } preferred ? index + 1 == preferred : null));
        }

        return plans;
    }

    /// <summary>The tunnels for static routes: the preferred one first, tunnel 1 when none is.</summary>
    public static IEnumerable<TunnelPlan> InOrderOfPreference(IEnumerable<TunnelPlan> plans) => plans.OrderByDescending(plan => plan.Preferred == true);

    private static TunnelMtu SizeOf(Tunnel tunnel, bool behindNat)
    {
        var table = TunnelMtu.For(tunnel.Ipsec.Proposal, behindNat);
        var mtu = Math.Clamp(tunnel.MtuBytes ?? table.Mtu, 576, table.Mtu);
        var mss = Math.Clamp(tunnel.MssBytes ?? table.Mss, 536, mtu - 40);
        return new TunnelMtu(mtu, mss);
    }
}
