using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>bird.conf of BIRD 2: a session or static routes for each tunnel.</summary>
internal sealed class BirdWriter : IConfigurationWriter
{
    public string Target => "bird";

    public string Description => "BIRD 2: bird.conf with a BGP session, or static routes, for each tunnel";

    public IReadOnlyList<WriterSetting> Settings => WriterSetting.Gateway;

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings)
    {
        connection = settings.Apply(connection);
        var plans = TunnelPlan.Of(connection, settings);
        var bgp = connection.Routing == Model.Routing.Bgp;
        var bird = new BirdSettings(
            connection.Tunnels[0].CustomerInside.Address,
            connection.CustomerRanges,
            connection.CloudRanges,
            bgp ? plans.Select(Session).ToValueList() : [],
            bgp ? [] : StaticRoutes(connection, plans).ToValueList());
        var title = bgp || connection.CloudRanges.Count > 0
            ? $"BIRD 2 for {connection.Id}"
            : $"BIRD 2 for {Printable.Name(connection.Id)}: no range of the cloud is known, so no route is made; give cloud-range";
        return [new("bird.conf", BirdConfiguration.Write(bird, title), HoldsSecrets: false)];
    }

    private static BirdSession Session(TunnelPlan plan)
    {
        var (bgp, asn) = RoutingPlan.SessionOf(plan.Tunnel);
        return new BirdSession(
            plan.Symbol,
            plan.Interface,
            plan.Tunnel.CustomerInside.Address,
            asn,
            bgp.Neighbor,
            bgp.CloudAsn,
            bgp.HoldSeconds,
            RoutingPlan.LocalPreference(plan),
            RoutingPlan.PrependsOf(plan));
    }

    private static IEnumerable<BirdStaticRoute> StaticRoutes(VpnConnection connection, IReadOnlyList<TunnelPlan> plans)
    {
        var preference = 210;
        foreach (var plan in TunnelPlan.InOrderOfPreference(plans))
        {
            foreach (var range in connection.CloudRanges)
            {
                yield return new BirdStaticRoute(range, plan.Interface, plan.Tunnel.StaticNextHop ?? plan.Tunnel.CloudInside.Address, preference);
            }

            preference -= 10;
        }
    }
}
