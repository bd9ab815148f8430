using System.Globalization;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>From any host, plans lead to the wanted state in a few rounds, and what others put on the host stays as it was.</summary>
public sealed class PlannerConvergenceTests
{
    private const int Cases = 1500;

    [Fact]
    public void Plans_converge_from_random_hosts()
    {
        var rounds = new int[6];
        for (var seed = 0; seed < Cases; seed++)
        {
            try
            {
                rounds[Converge(new Random(seed))]++;
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {problem.Message}"), problem);
            }
        }

        // The cases are worth something: most hosts need work, some need all of it.
        Assert.True(rounds[0] < Cases / 4, $"{rounds[0]} hosts were settled already");
        Assert.True(rounds[2] + rounds[3] + rounds[4] > Cases / 4, string.Join(", ", rounds));
    }

    private static int Converge(Random random)
    {
        var host = new HostModel(AnyPlane(random)) { Nat = random.Next(2) == 0, Forwarding = random.Next(2) == 0 };
        if (random.Next(4) != 0)
        {
            var earlier = RandomGateways.Gateway(random, host.Plane) with { Name = "default" };
            host.Settle(earlier, Health(random, earlier));
        }

        var desired = RandomGateways.Gateway(random, AnyPlane(random)) with { Name = "default" };
        host.Plane = desired.DataPlane;
        for (var deviations = random.Next(6); deviations > 0; deviations--) Deviate(random, host);
        var (links, addresses, routes) = Foreign(host);
        var health = Health(random, desired);

        // First as if every tunnel answered, because one that carries is replaced only when another one does.
        var rounds = host.Settle(desired, health.ToDictionary(pair => pair.Key, _ => TunnelHealth.Alive, StringComparer.Ordinal), rounds: 5);
        host.Settle(desired, health);
        Assert.Equal((links, addresses, routes), Foreign(host));
        AssertRealised(desired, host, health);
        return rounds;
    }

    private static DataPlane AnyPlane(Random random) => random.Next(2) == 0 ? DataPlane.Kernel : DataPlane.Userspace;

    private static Dictionary<string, TunnelHealth> Health(Random random, DesiredGateway desired)
    {
        var health = new Dictionary<string, TunnelHealth>(StringComparer.Ordinal);
        foreach (var (connection, tunnel) in desired.AllTunnels()) health[GatewayNames.Connection(connection.Id, tunnel.Number)] = (TunnelHealth)random.Next((int)TunnelHealth.GivenUp);
        return health;
    }

    /// <summary>Something happens to the host behind the gateway's back.</summary>
    private static void Deviate(Random random, HostModel host)
    {
        var ours = host.Links.Where(link => link.Kind is "xfrm" or "tun").ToList();
        var link = ours.Count > 0 ? ours[random.Next(ours.Count)] : null;
        var charon = host.Charons.Count > 0 ? host.Charons[random.Next(host.Charons.Count)] : null;
        switch (random.Next(16))
        {
            case 0 when link is { Kind: "xfrm" }: host.RemoveLink(link.Name); break;
            case 1 when link is not null: host.Replace(link, link with { Mtu = random.Next(576, 1500) }); break;
            case 2 when link is not null:
                host.Replace(link, link with { Up = false });
                host.Routes.RemoveAll(route => route.Device == link.Name);
                break;
            case 3 when link is not null: host.Addresses.Add(HostModel.Address(link.Name, "10.99.0.1", 24)); host.Addresses.RemoveAll(address => address.Device == link.Name && address.Peer is not null); break;
            case 4 when link is not null: host.Replace(link, link with { Alias = null }); break;
            case 5 when link is not null: host.ReversePathFilters[link.Name] = "1"; break;
            case 6 when charon is not null: host.Kill(charon); break;
            case 7 when charon is not null: charon.Keys.Clear(); break;
            case 8 when charon is not null: charon.Connections.Clear(); charon.Sas.Clear(); charon.Keys.Clear(); break;
            case 9 when charon is not null: charon.Sas.Clear(); break;
            case 10 when charon is { Sas.Count: > 0 }: charon.Sas[0] = charon.Sas[0] with { Children = [] }; break;
            case 11 when host.Routes.Any(route => route.Protocol == GatewayNames.RouteProtocol): host.Routes.Remove(host.Routes.First(route => route.Protocol == GatewayNames.RouteProtocol)); break;
            case 12: host.Routes.Add(new Route($"10.{random.Next(200, 250)}.0.0/16") { Type = RouteType.Unreachable, Metric = 84, Protocol = GatewayNames.RouteProtocol }); break;
            case 13: host.Filter = random.Next(2) == 0 ? null : "tunnelwright 0123456789abcdef"; break;
            case 14: host.Bird = null; break;
            case 15 when host.Bird is not null: host.Bird.Configuration = null; break;
            default: break;
        }
    }

    /// <summary>What is not the gateway's.</summary>
    private static (string Links, string Addresses, string Routes) Foreign(HostModel host)
    {
        string[] names = ["lo", "eth0", "eth1"];
        return (
            string.Join('\n', host.Links.Where(link => names.Contains(link.Name))),
            string.Join('\n', host.Addresses.Where(address => names.Contains(address.Device))),
            string.Join('\n', host.Routes.Where(route => route.Protocol != GatewayNames.RouteProtocol)));
    }

    /// <summary>What is wanted is there, once, and nothing else of ours; judged without the planner.</summary>
    private static void AssertRealised(DesiredGateway desired, HostModel host, Dictionary<string, TunnelHealth> health)
    {
        var tunnels = desired.AllTunnels().ToList();
        var names = tunnels.Select(item => GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(names, host.Charons.SelectMany(charon => charon.Connections).Order(StringComparer.Ordinal));
        Assert.Equal(names.Count, host.Charons.Sum(charon => charon.Keys.Count));
        Assert.Equal(desired.DataPlane == DataPlane.Userspace ? names.Count : Math.Min(1, names.Count), host.Charons.Count);
        Assert.Equal(names.Count, host.Links.Count(link => link.Alias?.StartsWith(GatewayNames.LinkAliasPrefix("default"), StringComparison.Ordinal) == true));
        Assert.Equal(names.Count > 0, host.Filter is not null);
        Assert.True(host.Forwarding || names.Count == 0);
        foreach (var (connection, tunnel) in tunnels)
        {
            var name = GatewayNames.Connection(connection.Id, tunnel.Number);
            var charon = host.CharonOf(name);
            var link = host.LinkOf("default", connection.Id, tunnel.Number);
            Assert.True(link.Up);
            Assert.Equal(desired.DataPlane == DataPlane.Userspace ? charon.TunDevice : GatewayNames.XfrmInterface(connection.Id, tunnel.Number), link.Name);
            Assert.InRange(link.Mtu, 1280, Math.Min(1446, tunnel.MaximumMtu ?? 1446));
            var address = Assert.Single(host.Addresses, candidate => candidate.Device == link.Name);
            Assert.Equal((tunnel.LocalInside.Address.ToString(), tunnel.RemoteInside.ToString()), (address.Address, address.Peer));
            var settings = TunnelSecurity.Connection(connection, tunnel, charon.Instance, tunnel.LocalOutside ?? Ipv4Address.Parse("10.0.0.5"));
            Assert.Contains(TunnelSecurity.KeyName(tunnel, settings), charon.Keys);
            var sas = charon.Sas.Where(sa => sa.Name == name).ToList();
            if (connection.Role == GatewayRole.Initiator) Assert.Single(Assert.Single(sas).Children);
            var carries = sas.Any(sa => sa.Children.Count > 0) && health[name] != TunnelHealth.Dead;
            var lossy = health[name] == TunnelHealth.Degraded && connection.Tunnels.Any(other =>
                other.Number != tunnel.Number && health[GatewayNames.Connection(connection.Id, other.Number)] is not (TunnelHealth.Degraded or TunnelHealth.Dead));
            if (tunnel.Bgp is not null && connection.Role == GatewayRole.Initiator) Assert.Equal(carries && !lossy, host.Bird!.Sessions!.Single(session => session.Name == BirdConfiguration.ProtocolName(connection.Id, tunnel.Number)).Up);
            if (connection.Routing != Routing.Static) continue;
            foreach (var range in connection.RemoteRanges)
                Assert.Equal(carries || connection.Role == GatewayRole.Initiator, host.Routes.Any(route => route.Device == link.Name && route.Destination == range.ToString() && route.Protocol == GatewayNames.RouteProtocol));
        }

        Assert.Equal(desired.Upstream is not null || tunnels.Any(item => item.Tunnel.Bgp is not null), host.Bird is not null);
        AssertBestRoutes(desired, host, health);
    }

    /// <summary>No range goes through a dead tunnel while a living one could carry it.</summary>
    private static void AssertBestRoutes(DesiredGateway desired, HostModel host, Dictionary<string, TunnelHealth> health)
    {
        var ways = desired.AllTunnels().Where(item => item.Connection.Routing == Routing.Static)
            .SelectMany(item => item.Connection.RemoteRanges.Select(range => (Range: range.ToString(), item.Connection, item.Tunnel)))
            .GroupBy(way => way.Range, StringComparer.Ordinal);
        foreach (var way in ways)
        {
            var lives = way.Where(item => health[GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number)] != TunnelHealth.Dead
                    && host.CharonOf(GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number)).Sas.Any(sa => sa.Children.Count > 0))
                .Select(item => host.LinkOf("default", item.Connection.Id, item.Tunnel.Number).Name).ToList();
            if (lives.Count == 0) continue;
            var best = host.Routes.Where(route => route.Destination == way.Key && route.Protocol == GatewayNames.RouteProtocol).MinBy(route => route.Metric)!;
            Assert.Contains(best.Device, lives);
        }
    }
}
