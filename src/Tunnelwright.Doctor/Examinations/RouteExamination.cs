using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>Asks the kernel which way packets from the customer's network to the cloud's range take, at several places of the range.</summary>
internal sealed class RouteExamination() : Examination("routes")
{
    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Observed is not { } observed) return;
        var devices = scene.Tunnels.Select(tunnel => tunnel.Device).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var connection in scene.Connections)
        {
            var ranges = Ranges(connection, observed, devices);
            if (Overlaps(connection, ranges, observed, devices, result)) continue;
            if (devices.Count == 0 && (connection.IsHandMade || scene.IsBare))
            {
                // Policies of the kernel (ip-xfrm(8)) take packets whatever their route; without an interface no route tells where they go.
                if (scene.Tunnels.Any(tunnel => tunnel.HasPair)) result.Skip(Name, $"{connection.Id}: its tunnels have no interfaces, the kernel's policies take their packets from any route");
                continue;
            }

            if (Strangers(ranges, observed, devices, result)) continue;
            if (!observed.Forwarding || !await CarriesAsync(scene, connection)) continue;
            foreach (var range in ranges) await LookAsync(scene, connection, range, observed, devices, result, cancellationToken);
        }
    }

    /// <summary>Whether a tunnel carries packets, and with BGP has learnt its routes: before that nothing can be routed into it.</summary>
    public static async Task<bool> CarriesAsync(Scene scene, ConnectionView connection)
    {
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.Connection.Id == connection.Id))
        {
            if (tunnel.HasSession && scene.SessionIn(tunnel) is not { State: "established", Imported: > 0 }) continue;
            if (await TunnelExamination.WorksAsync(scene, tunnel)) return true;
        }

        return false;
    }

    /// <summary>The cloud's ranges: what is routed statically, or what BGP brought.</summary>
    public static IReadOnlyList<Cidr> Ranges(ConnectionView connection, ObservedGateway observed, IReadOnlySet<string> devices)
    {
        var agreed = connection.File?.Desired?.RemoteRanges ?? [];
        if (agreed.Count > 0) return [.. agreed];
        if (connection.RemoteRanges.Count > 0) return [.. connection.RemoteRanges];
        return [.. observed.Routes.Where(route => route.Type == RouteType.Unicast && LeadsThrough(route, devices) && !route.Destination.StartsWith("169.254.", StringComparison.Ordinal))
            .Select(route => Cidr.TryParse(route.Destination, out var range) ? range : (Cidr?)null).OfType<Cidr>().Distinct()];
    }

    public static bool LeadsThrough(Route route, IReadOnlySet<string> devices) => (route.Device is { } device && devices.Contains(device)) || route.NextHops.Any(hop => hop.Device is { } way && devices.Contains(way));

    private static bool Overlaps(ConnectionView connection, IReadOnlyList<Cidr> ranges, ObservedGateway observed, HashSet<string> devices, ExaminationResult result)
    {
        var found = false;
        foreach (var address in observed.Addresses)
        {
            if (devices.Contains(address.Device) || address.Device == "lo" || !Ipv4Address.TryParse(address.Address, out var own)) continue;
            var network = Cidr.Containing(own, address.PrefixLength);
            if (ranges.FirstOrDefault(range => range.Overlaps(network)) is not { PrefixLength: > 0 } hit) continue;
            result.Saw(FactKind.RangesOverlap, "routes", $"{address.Device} has {own}/{address.PrefixLength}, which overlaps the cloud's range {hit}: what is for the cloud stays here");
            found = true;
        }

        foreach (var local in connection.LocalRanges)
        {
            if (ranges.FirstOrDefault(range => range.Overlaps(local)) is not { PrefixLength: > 0 } hit) continue;
            result.Saw(FactKind.RangesOverlap, "routes", $"the customer's range {local} overlaps the cloud's range {hit}");
            found = true;
        }

        return found;
    }

    /// <summary>Routes of somebody else's that are more exact than ours.</summary>
    private static bool Strangers(IReadOnlyList<Cidr> ranges, ObservedGateway observed, HashSet<string> devices, ExaminationResult result)
    {
        var found = false;
        foreach (var route in observed.Routes.Where(route => route.Protocol != GatewayNames.RouteProtocol && !LeadsThrough(route, devices)))
        {
            if (!Cidr.TryParse(route.Destination, out var destination) || !ranges.Any(range => range.Contains(destination))) continue;
            var swallows = route.Type is RouteType.Blackhole or RouteType.Unreachable or RouteType.Prohibit;
            if (!swallows && ranges.Contains(destination) && observed.Routes.Any(ours => ours.Destination == route.Destination && LeadsThrough(ours, devices) && ours.Metric <= route.Metric)) continue;
            var dead = !swallows && observed.Links.FirstOrDefault(link => link.Name == route.Device) is not { Up: true, LowerUp: true };
            var text = swallows ? $"a route of type {route.Type.ToString().ToLowerInvariant()} for {destination} swallows what is for the cloud"
                : dead ? $"the route for {destination} leads to {route.Device ?? "nowhere"}, which is gone"
                : $"a route for {destination} leads to {route.Device}{(route.Gateway is { } via ? $" via {via}" : "")}, past the tunnels";
            result.Saw(swallows || dead ? FactKind.RouteSwallows : FactKind.RouteElsewhere, "routes", text, source: "ip route");
            found = true;
        }

        return found;
    }

    private static async Task LookAsync(Scene scene, ConnectionView connection, Cidr range, ObservedGateway observed, HashSet<string> devices, ExaminationResult result, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        var places = Places(range);
        foreach (var place in places)
        {
            var way = await WayAsync(scene, connection, place, observed, cancellationToken);
            if (way is { Type: RouteType.Unicast } && LeadsThrough(way, devices)) continue;
            wrong.Add(way switch
            {
                null => $"{place}: no route",
                { Type: not RouteType.Unicast } => $"{place}: {way.Type.ToString().ToLowerInvariant()}",
                _ => $"{place}: {way.Device}{(way.Gateway is { } via ? $" via {via}" : "")}{(way.Table is not (RouteTables.Main or 0) ? $" (table {way.Table})" : "")}",
            });
        }

        if (wrong.Count == places.Count && wrong.TrueForAll(place => place.EndsWith("unreachable", StringComparison.Ordinal)) && IsHeldBack(range, observed))
        {
            result.Fail("routes", $"{range} is held back by this gateway's own unreachable route: no tunnel is fit to carry it");
            return;
        }

        if (wrong.Count == 0)
        {
            result.Pass("routes", $"{range} is routed into the tunnels");
            return;
        }

        var rules = (await scene.Ip.GetRulesAsync(cancellationToken: cancellationToken)).Where(rule => rule.Priority is > 0 and < 32766 && rule.FirewallMark is null).ToList();
        var because = rules.Count > 0 ? $"; rule {string.Join(", ", rules.Select(rule => $"{rule.Priority}{(rule.To is { } to ? $" to {to}" : "")} lookup {rule.Table}"))} comes first" : "";
        result.Saw(FactKind.RouteElsewhere, "routes", $"packets for the cloud's range {range} do not go into a tunnel: {string.Join(", ", wrong.Take(3))}{because}", source: "ip route get");
    }

    /// <summary>Whether the agent's route of last resort is the only one there is.</summary>
    private static bool IsHeldBack(Cidr range, ObservedGateway observed)
    {
        var own = observed.Routes.Where(route => route.Destination == range.ToString()).ToList();
        return own.Count > 0 && own.TrueForAll(route => route is { Type: RouteType.Unreachable, Protocol: GatewayNames.RouteProtocol });
    }

    /// <summary>The way of a packet of the customer's network, or of this host where that is not known.</summary>
    private static async Task<Route?> WayAsync(Scene scene, ConnectionView connection, Ipv4Address place, ObservedGateway observed, CancellationToken cancellationToken)
    {
        if (connection.HostSource(observed) is { } own && observed.Addresses.FirstOrDefault(address => address.Address == own.ToString()) is { } inner)
        {
            var neighbour = Cidr.Containing(own, inner.PrefixLength) is var net && own.Offset(1) < net.Last ? own.Offset(1) : own.Offset(-1);
            try
            {
                return await scene.Ip.GetRouteToAsync(place.ToString(), neighbour.ToString(), inner.Device, cancellationToken);
            }
            catch (KernelException)
            {
                // The kernel does not take this question, such as for a source that it would not take from there: then ask for our own packets.
            }
        }

        return await scene.Ip.GetRouteToAsync(place.ToString(), cancellationToken: cancellationToken);
    }

    /// <summary>Places that tell a range's parts apart.</summary>
    public static IReadOnlyList<Ipv4Address> Places(Cidr range) => range.Size < 8
        ? [range.Network]
        : [.. new[] { 2, (range.Size / 4) + 1, (range.Size / 2) + 1, (range.Size * 3 / 4) + 1, range.Size - 2 }.Distinct().Select(offset => range.Network.Offset(offset))];
}
