using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>What both routing daemons need of a connection.</summary>
internal static class RoutingPlan
{
    /// <summary>How often the AS number is prepended on tunnels that another one is preferred to.</summary>
    public const int Prepends = 3;

    /// <summary>The tunnel's session; both AS numbers are known.</summary>
    public static (BgpSettings Bgp, Asn CustomerAsn) SessionOf(Tunnel tunnel)
    {
        var bgp = tunnel.Bgp ?? throw new WriterException($"Tunnel {tunnel.Number} has no BGP session, but the connection is routed by BGP.");
        var asn = bgp.CustomerAsn ?? throw new WriterException("The customer's AS number is not known.", "give --set customer-asn=NUMBER");
        if (bgp.HoldSeconds is not (0 or (>= 3 and <= 65535))) throw new WriterException($"Tunnel {tunnel.Number} has a BGP hold time of {bgp.HoldSeconds} s, which does not exist (RFC 4271 section 4.2).");
        return (bgp, asn);
    }

    /// <summary>Preference of what is learnt through a tunnel: 200 for the preferred one, 100 for others.</summary>
    public static int LocalPreference(TunnelPlan plan) => plan.Preferred == true ? 200 : 100;

    /// <summary>How often the AS number is prepended on a tunnel.</summary>
    public static int PrependsOf(TunnelPlan plan) => plan.Preferred == false ? Prepends : 0;
}
