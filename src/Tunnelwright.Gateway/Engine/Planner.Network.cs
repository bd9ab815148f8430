using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>Interfaces, filter, routes and BGP of the plan.</summary>
internal sealed partial class Planner
{
    /// <summary>Metric of the active tunnel's routes; standby tunnels follow with the next numbers.</summary>
    private const uint ActiveMetric = 84;

    /// <summary>Metric of the route that keeps the cloud's traffic from leaving in the clear when no tunnel is there.</summary>
    private const uint LeakGuardMetric = 8400;

    /// <summary>RFC 4271 section 8: TCP port 179.</summary>
    private const int BgpPort = 179;

    private void Interfaces()
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (connection, tunnel) in desired.AllTunnels())
        {
            var name = GatewayNames.Connection(connection.Id, tunnel.Number);
            var device = InterfaceOf(connection, tunnel);
            if (device is not null) wanted.Add(device);
            if (IsUnknown(connection, tunnel)) continue;
            var link = device is null ? null : observed.Links.FirstOrDefault(candidate => candidate.Name == device);
            var id = GatewayNames.InterfaceId(connection.Id, tunnel.Number);
            if (!_userspace && device is not null && (link is null || link.IfId != id))
            {
                if (link is not null) _changes.Add(new DeleteInterface(device));
                _changes.Add(new CreateXfrmInterface(device, id, name));
                link = null;
            }

            var alias = GatewayNames.LinkAlias(desired.Name, connection.Id, tunnel.Number);
            var mtu = MtuOf(connection, tunnel).Mtu;
            var local = tunnel.LocalInside.Address.ToString();
            var peer = tunnel.RemoteInside.ToString();
            var addresses = observed.Addresses.Where(address => address.Device == device && address.Family == System.Net.Sockets.AddressFamily.InterNetwork).ToList();
            var strays = addresses.Where(address => address.Address != local || address.Peer != peer)
                .Select(address => address.Peer is { } other ? $"{address.Address} peer {other}" : $"{address.Address}/{address.PrefixLength}").ToList();
            if (link is { Up: true } && link.Alias == alias && link.Mtu == mtu && strays.Count == 0 && addresses.Count == 1
                && observed.ReversePathFilters.GetValueOrDefault(device!) == "2") continue;
            _changes.Add(new ConfigureInterface(device, name, alias, local, peer, mtu, strays));
        }

        foreach (var link in observed.Links)
        {
            if (link.Alias?.StartsWith(GatewayNames.LinkAliasPrefix(desired.Name), StringComparison.Ordinal) == true && link.Kind == "xfrm" && !wanted.Contains(link.Name))
                _changes.Add(new DeleteInterface(link.Name));
        }
    }

    private void Filter()
    {
        var table = GatewayNames.FilterTable(desired.Name);
        var tunnels = new List<FilteredTunnel>();
        foreach (var (connection, tunnel) in desired.AllTunnels())
        {
            tunnels.Add(new FilteredTunnel(
                InterfaceOf(connection, tunnel) ?? "(its TUN device)",
                MtuOf(connection, tunnel).Mss,
                tunnel.ClearDontFragment,
                connection.RestrictToRanges ? connection.RemoteRanges : null)
            {
                Diverted = Diverted(connection, tunnel),
            });
        }

        if (tunnels.Count == 0)
        {
            if (observed.FilterFingerprint is not null) _changes.Add(new DeleteFilter(table));
            return;
        }

        if (observed.FilterFingerprint == FilterRuleset.Fingerprint(tunnels)) return;
        if (observed.FilterFingerprint is not null && desired.AllTunnels().Any(item => IsUnknown(item.Connection, item.Tunnel))) return;
        var what = $"MSS {string.Join(", ", tunnels.Select(tunnel => tunnel.MssBytes).Distinct())}, DF cleared into the tunnels"
            + (tunnels.Any(tunnel => tunnel.AllowedPeers is not null) ? ", registered ranges only" : "");
        _changes.Add(new ReplaceFilter(table, FilterRuleset.Render(table, tunnels), observed.FilterFingerprint is not null, what));
    }

    /// <summary>In userspace only the first daemon has the ports that a peer sends to; an initiator's peer learns the others', a responder's does not.</summary>
    private DivertedPorts? Diverted(DesiredConnection connection, DesiredTunnel tunnel) =>
        _userspace && connection.Role == GatewayRole.Responder && tunnel.LocalOutside is { } outside
            && _instances.TryGetValue(GatewayNames.Connection(connection.Id, tunnel.Number), out var instance) && instance.Slot > 0
            ? new DivertedPorts(outside, instance.IkePort, instance.NatPort)
            : null;

    private void Routes()
    {
        var wanted = WantedRoutes().ToList();
        var unknown = desired.AllTunnels().Where(item => IsUnknown(item.Connection, item.Tunnel)).SelectMany(item => item.Connection.RemoteRanges)
            .Select(range => new Route(range.ToString()).Destination).ToHashSet(StringComparer.Ordinal);
        var ours = observed.Routes.Where(route => route.Protocol == GatewayNames.RouteProtocol && route.Table == RouteTables.Main).ToList();
        foreach (var route in wanted)
        {
            if (route.Type == RouteType.Unicast && unknown.Contains(route.Destination)) continue;
            var same = ours.FirstOrDefault(candidate => candidate.Destination == route.Destination && candidate.Metric == route.Metric);
            if (same is not null && same.Device == route.Device && same.Type == route.Type && same.Source == route.Source && same.NextHops.SequenceEqual(route.NextHops)) continue;
            _changes.Add(new SetRoute(route, same is not null));
        }

        foreach (var route in ours.Where(route => !unknown.Contains(route.Destination) && !wanted.Any(kept => kept.Destination == route.Destination && kept.Metric == route.Metric)))
            _changes.Add(new DeleteRoute(route));
    }

    /// <summary>Several connections may lead to one range: their routes differ by metric, and a tunnel that lives goes before one that does not.</summary>
    private IEnumerable<Route> WantedRoutes()
    {
        var next = new Dictionary<Cidr, uint>();
        var guarded = new HashSet<Cidr>();
        foreach (var (connection, tunnel, fitness) in InOrderOfUse())
        {
            if (fitness > DegradedFitness && connection.Role == GatewayRole.Responder) continue;
            var source = RouteSource(connection)?.ToString();
            var shared = SharedInterfaces(connection);
            var device = InterfaceOf(connection, tunnel);
            if (device is not null && shared.Skip(1).Contains(device)) continue;
            foreach (var range in connection.RemoteRanges)
            {
                var metric = next.GetValueOrDefault(range, ActiveMetric);
                next[range] = metric + 1;
                var route = TunnelRoute(range, device, metric, source);
                yield return device is not null && shared.Contains(device) ? route with { Device = null, NextHops = [.. shared.Select(each => new NextHop(null, each))] } : route;
            }
        }

        foreach (var range in desired.Connections.Where(connection => connection.Role == GatewayRole.Initiator).SelectMany(connection => connection.RemoteRanges).Where(guarded.Add))
            yield return new Route(range.ToString()) { Type = RouteType.Unreachable, Metric = LeakGuardMetric, Protocol = GatewayNames.RouteProtocol };
    }

    private Ipv4Address? RouteSource(DesiredConnection connection) => observed.HostSource(connection, desired.Upstream?.OwnAddresses);

    /// <summary>The interfaces that one route of a connection with equal costs leads through, by tunnel number: those of its good tunnels, when there are several.</summary>
    private List<string> SharedInterfaces(DesiredConnection connection)
    {
        if (!connection.EqualCost) return [];
        var good = connection.Tunnels.Where(tunnel => Fitness(connection, tunnel) == 0).OrderBy(tunnel => tunnel.Number)
            .Select(tunnel => InterfaceOf(connection, tunnel)).OfType<string>().ToList();
        return good.Count > 1 ? good : [];
    }

    private static Route TunnelRoute(Cidr range, string? device, uint metric, string? source) =>
        new(range.ToString()) { Device = device ?? "tunnel", Metric = metric, Protocol = GatewayNames.RouteProtocol, Source = source };

    /// <summary>
    /// Statically routed tunnels: the fittest first, then by connection, the preferred one before the others, then by number. Of tunnels that are all still
    /// recovering the one that carries goes on: none of them is trusted enough to move to.
    /// </summary>
    private IEnumerable<(DesiredConnection Connection, DesiredTunnel Tunnel, int Fitness)> InOrderOfUse() => desired.Connections
        .Where(connection => connection.Routing == Tunnelwright.Model.Routing.Static)
        .SelectMany(connection => connection.Tunnels
            .OrderBy(tunnel => tunnel.Number == connection.PreferredTunnel ? 0 : 1)
            .ThenBy(tunnel => tunnel.Number)
            .Select(tunnel => (connection, tunnel, Fitness(connection, tunnel))))
        .OrderBy(item => item.Item3)
        .ThenBy(item => item.Item3 == RecoveringFitness && !IsInUse(item.connection, item.tunnel));

    /// <summary>Whether the best of our routes to the connection's ranges leads through a tunnel.</summary>
    private bool IsInUse(DesiredConnection connection, DesiredTunnel tunnel) =>
        InterfaceOf(connection, tunnel) is { } device
        && observed.Routes
            .Where(route => route.Protocol == GatewayNames.RouteProtocol && route.Type == RouteType.Unicast && connection.RemoteRanges.Any(range => new Route(range.ToString()).Destination == route.Destination))
            .MinBy(route => route.Metric)?.Device == device;

    private void Bird()
    {
        var sessions = desired.AllTunnels().Where(item => item.Tunnel.Bgp is not null).ToList();
        if (sessions.Count == 0 && desired.Upstream is null)
        {
            if (observed.Bird is not null) _changes.Add(new StopBird(observed.Bird.Process));
            return;
        }

        var tunnels = sessions.Select(item => new BirdTunnel(item.Connection, item.Tunnel, InterfaceOf(item.Connection, item.Tunnel) ?? "tunnel")).ToList();
        var source = sessions.Select(item => RouteSource(item.Connection)).FirstOrDefault(address => address is not null);
        var routerId = desired.Upstream?.LocalAddress ?? sessions[0].Tunnel.LocalInside.Address;
        var discriminators = desired.AllTunnels().Where(item => item.Tunnel.UpstreamDiscriminator is not null && InterfaceOf(item.Connection, item.Tunnel) is not null)
            .Select(item => new UpstreamDiscriminator(InterfaceOf(item.Connection, item.Tunnel)!, item.Tunnel.UpstreamDiscriminator!.Value)).ToList();
        var configuration = BirdConfiguration.Render(desired, tunnels, new GatewayPaths(desired.Name).BirdFolder, source, routerId, discriminators);
        if (observed.Bird is null)
        {
            if (observed.PortHolders.FirstOrDefault(holder => holder.Port == BgpPort) is { } holder)
                _problems.Add(new PlanProblem("port-in-use", $"TCP port {BgpPort} is taken by {holder}: BGP cannot start", "stop the other BGP daemon, for example: systemctl disable --now bird"));
            else
                StartBird(configuration, tunnels);
            return;
        }

        if (observed.Bird.Configuration != configuration) _changes.Add(new ReconfigureBird(configuration));
        if (observed.Bird.Sessions is not { } seen) return;
        foreach (var tunnel in tunnels)
        {
            var name = BirdConfiguration.ProtocolName(tunnel.Connection.Id, tunnel.Tunnel.Number);
            if (IsUnknown(tunnel.Connection, tunnel.Tunnel) || seen.FirstOrDefault(session => session.Name == name) is not { } session) continue;
            var enabled = session.State != "down";
            var limited = session.LastError?.Contains("limit", StringComparison.OrdinalIgnoreCase) == true;
            var wanted = MayCarry(tunnel.Connection, tunnel.Tunnel);
            if (wanted != enabled && !(wanted && limited)) _changes.Add(new SetSession(name, wanted));
        }

        foreach (var connection in sessions.Select(item => item.Connection).Distinct())
        {
            if (BirdConfiguration.HasHoldDowns(connection)) HoldDowns(connection);
            if (BirdConfiguration.Halves(connection).Count > 0) Halves(connection, seen);
        }
    }

    /// <summary>Who only answers has no SAs yet when BIRD starts, and they may be long in coming: the sessions wait for them from the start, so that no further look is needed for that.</summary>
    private void StartBird(string configuration, IReadOnlyList<BirdTunnel> tunnels)
    {
        _changes.Add(new StartBird(configuration));
        foreach (var (connection, tunnel, _) in tunnels.Where(item => item.Connection.Role == GatewayRole.Responder && !MayCarry(item.Connection, item.Tunnel) && !IsUnknown(item.Connection, item.Tunnel)))
            _changes.Add(new SetSession(BirdConfiguration.ProtocolName(connection.Id, tunnel.Number), false));
    }

    /// <summary>A lossy tunnel carries nothing as long as another one of its connection is better.</summary>
    private bool MayCarry(DesiredConnection connection, DesiredTunnel tunnel) =>
        Carries(connection, tunnel)
        && (Fitness(connection, tunnel) < DegradedFitness || !connection.Tunnels.Any(other => other.Number != tunnel.Number && Fitness(connection, other) < DegradedFitness));

    /// <summary>Whether a tunnel that carried failed and is not yet trusted again.</summary>
    private bool HasFailed(DesiredConnection connection, DesiredTunnel tunnel) =>
        health.GetValueOrDefault(GatewayNames.Connection(connection.Id, tunnel.Number)) is not (TunnelHealth.Unknown or TunnelHealth.Alive);

    /// <summary>
    /// The routes of a tunnel that failed are the last choice as long as another tunnel is fitter. Of tunnels that are all still recovering the one in use
    /// goes on: who is held back stays so.
    /// </summary>
    private void HoldDowns(DesiredConnection connection)
    {
        var tunnels = connection.Tunnels.Where(tunnel => tunnel.Bgp is not null).ToList();
        if (tunnels.Any(tunnel => IsUnknown(connection, tunnel))) return;
        foreach (var tunnel in tunnels)
        {
            var name = BirdConfiguration.HoldDownName(connection.Id, tunnel.Number);
            var held = IsHeld(tunnel);
            var fitness = Fitness(connection, tunnel);
            var others = tunnels.Where(other => other.Number != tunnel.Number).ToList();
            var wanted = HasFailed(connection, tunnel) && others.Any(other => Fitness(connection, other) < fitness || (held && !IsHeld(other) && Fitness(connection, other) == fitness));
            if (wanted != held) _changes.Add(new SetHoldDown(name, wanted));
        }

        bool IsHeld(DesiredTunnel tunnel) => observed.Bird!.EnabledStatics.Contains(BirdConfiguration.HoldDownName(connection.Id, tunnel.Number));
    }

    /// <summary>
    /// A peer without BFD goes on sending into a dead tunnel until its hold timer ends, and nothing can be told to it through that tunnel. Through the
    /// other one, and through no other, it is told more-specific routes, which win whatever else it believes. They stay until the tunnel has been good
    /// again for a while. A tunnel that dies while it announces halves cannot take them back: they stay enabled, as the sign of what the peer may believe,
    /// until its session is new, and the other tunnel announces quarters until then.
    /// </summary>
    private void Halves(DesiredConnection connection, IReadOnlyList<BirdProtocol> sessions)
    {
        if (connection.Tunnels.Any(tunnel => IsUnknown(connection, tunnel))) return;
        var standsIn = connection.Tunnels.Where(Hears).MinBy(tunnel => Fitness(connection, tunnel));
        var announced = connection.Tunnels.Any(AnnouncesHalves);
        var failed = connection.Tunnels.Any(tunnel =>
            (standsIn is not null && Fitness(connection, tunnel) > Fitness(connection, standsIn) && HasFailed(connection, tunnel))
            || (announced && !Hears(tunnel)));
        var hasQuarters = BirdConfiguration.Quarters(connection).Count > 0;
        foreach (var tunnel in connection.Tunnels)
        {
            var isStandIn = tunnel.Number == standsIn?.Number;
            var halves = isStandIn ? failed : AnnouncesHalves(tunnel) && !Hears(tunnel) && hasQuarters;
            if (halves != AnnouncesHalves(tunnel)) _changes.Add(new SetHalves(BirdConfiguration.HalvesName(connection.Id, tunnel.Number), halves));
            var quarters = isStandIn && hasQuarters && connection.Tunnels.Any(other => other.Number != tunnel.Number && AnnouncesHalves(other) && (!Hears(other) || AnnouncesQuarters(tunnel)));
            if (quarters != AnnouncesQuarters(tunnel)) _changes.Add(new SetQuarters(BirdConfiguration.QuartersName(connection.Id, tunnel.Number), quarters));
        }

        bool AnnouncesHalves(DesiredTunnel tunnel) => observed.Bird!.EnabledStatics.Contains(BirdConfiguration.HalvesName(connection.Id, tunnel.Number));

        bool AnnouncesQuarters(DesiredTunnel tunnel) => observed.Bird!.EnabledStatics.Contains(BirdConfiguration.QuartersName(connection.Id, tunnel.Number));

        // What the peer is told through the tunnel arrives.
        bool Hears(DesiredTunnel tunnel) =>
            MayCarry(connection, tunnel)
            && sessions.FirstOrDefault(session => session.Name == BirdConfiguration.ProtocolName(connection.Id, tunnel.Number)) is { State: "established" };
    }
}
