using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>FRR's integrated frr.conf (FRR User Guide, "BGP", "STATIC", "Route Maps").</summary>
internal sealed class FrrWriter : IConfigurationWriter
{
    public string Target => "frr";

    public string Description => "FRR 8 or later: frr.conf with a BGP neighbour, or static routes, for each tunnel";

    public IReadOnlyList<WriterSetting> Settings => WriterSetting.Gateway;

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings)
    {
        connection = settings.Apply(connection);
        var plans = TunnelPlan.Of(connection, settings);
        var text = new ConfigurationText(1);
        text.Line($"! FRR for {Printable.Comment(connection.Id)}");
        text.Line("frr defaults traditional");
        text.Line("log syslog informational");
        if (connection.Routing == Model.Routing.Bgp) Bgp(text, connection, plans);
        else Static(text, connection, plans);
        text.Line("line vty");
        text.Line("!");
        return [new("frr.conf", text.ToString(), HoldsSecrets: false)];
    }

    private static void Static(ConfigurationText text, VpnConnection connection, IReadOnlyList<TunnelPlan> plans)
    {
        if (connection.CloudRanges.Count == 0) text.Line("! No range of the cloud is known, so no route is made; give cloud-range.");
        var distance = 10;
        foreach (var plan in TunnelPlan.InOrderOfPreference(plans))
        {
            foreach (var range in connection.CloudRanges)
            {
                text.Line($"ip route {range} {plan.Tunnel.StaticNextHop ?? plan.Tunnel.CloudInside.Address} {plan.Interface} {distance}");
            }

            distance += 10;
        }

        text.Line("!");
    }

    private static void Bgp(ConfigurationText text, VpnConnection connection, IReadOnlyList<TunnelPlan> plans)
    {
        var sessions = plans.Select(plan => (Plan: plan, Session: RoutingPlan.SessionOf(plan.Tunnel))).ToList();
        var asn = sessions[0].Session.CustomerAsn;
        if (sessions.Any(session => session.Session.CustomerAsn != asn)) throw new WriterException("The tunnels have different customer AS numbers; FRR runs with one.", "give --set customer-asn=NUMBER");
        PrefixLists(text, connection);
        foreach (var (plan, _) in sessions) RouteMaps(text, plan, asn);
        text.Block($"router bgp {asn}", "exit", () =>
        {
            text.Line($"bgp router-id {plans[0].Tunnel.CustomerInside.Address}");
            text.Line("no bgp network import-check");
            foreach (var (plan, (bgp, _)) in sessions)
            {
                text.Line($"neighbor {bgp.Neighbor} remote-as {bgp.CloudAsn}");
                text.Line($"neighbor {bgp.Neighbor} description {plan.Name}");
                text.Line($"neighbor {bgp.Neighbor} timers {bgp.HoldSeconds / 3} {bgp.HoldSeconds}");
                text.Line($"neighbor {bgp.Neighbor} timers connect 5");
                text.Line($"neighbor {bgp.Neighbor} update-source {plan.Tunnel.CustomerInside.Address}");
            }

            text.Block("address-family ipv4 unicast", "exit-address-family", () =>
            {
                foreach (var range in connection.CustomerRanges) text.Line($"network {range}");
                foreach (var (plan, (bgp, _)) in sessions)
                {
                    text.Line($"neighbor {bgp.Neighbor} activate");
                    text.Line($"neighbor {bgp.Neighbor} route-map from-{plan.Name} in");
                    text.Line($"neighbor {bgp.Neighbor} route-map to-{plan.Name} out");
                }
            });
        });
        text.Line("!");
    }

    private static void PrefixLists(ConfigurationText text, VpnConnection connection)
    {
        var sequence = 5;
        if (connection.CustomerRanges.Count == 0)
        {
            text.Line("! No customer range is known: nothing is announced. Give local-range.");
            text.Line("ip prefix-list announced seq 5 deny any");
        }

        foreach (var range in connection.CustomerRanges)
        {
            text.Line($"ip prefix-list announced seq {sequence} permit {range}");
            sequence += 5;
        }

        sequence = 5;
        if (connection.CloudRanges.Count > 0)
        {
            foreach (var range in connection.CloudRanges) Accepted("permit", range);
        }
        else
        {
            text.Line("ip prefix-list accepted seq 5 deny 0.0.0.0/0");
            sequence = 10;
            Accepted("deny", Cidr.Parse("169.254.0.0/16"));
            foreach (var range in connection.CustomerRanges) Accepted("deny", range);
            text.Line($"ip prefix-list accepted seq {sequence} permit any");
        }

        text.Line("!");

        void Accepted(string verb, Cidr range)
        {
            var parts = range.PrefixLength == 32 ? "" : " le 32";
            text.Line($"ip prefix-list accepted seq {sequence} {verb} {range}{parts}");
            sequence += 5;
        }
    }

    private static void RouteMaps(ConfigurationText text, TunnelPlan plan, Asn asn)
    {
        text.Block($"route-map from-{plan.Name} permit 10", "exit", () =>
        {
            text.Line("match ip address prefix-list accepted");
            text.Line($"set local-preference {RoutingPlan.LocalPreference(plan)}");
        });
        text.Line("!");
        text.Block($"route-map to-{plan.Name} permit 10", "exit", () =>
        {
            text.Line("match ip address prefix-list announced");
            if (RoutingPlan.PrependsOf(plan) is var prepends and > 0) text.Line($"set as-path prepend {string.Join(' ', Enumerable.Repeat(asn, prepends))}");
        });
        text.Line("!");
    }
}
