using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <content>Interfaces, MTU, routes and the filter.</content>
public sealed partial class PlannerTests
{
    [Fact]
    public void A_missing_XFRM_interface_comes_back()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        host.RemoveLink(GatewayNames.XfrmInterface(Samples.Id, 2));
        Assert.Equal(
            [nameof(CreateXfrmInterface), nameof(ConfigureInterface), nameof(SetRoute)],
            PlanOf(desired, host).Changes.Select(change => change.GetType().Name));
    }

    [Fact]
    public void An_interface_with_another_id_is_made_anew()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var link = host.LinkOf("default", Samples.Id, 1);
        host.Replace(link, link with { IfId = link.IfId + 4 });
        var changes = PlanOf(desired, host).Changes;
        Assert.Equal(new DeleteInterface(link.Name), changes[0]);
        Assert.IsType<CreateXfrmInterface>(changes[1]);
        host.Settle(desired);
    }

    [Theory]
    [InlineData(DataPlane.Kernel)]
    [InlineData(DataPlane.Userspace)]
    public void Each_deviation_of_an_interface_is_set_right_on_that_one_alone(DataPlane plane)
    {
        var deviations = new Dictionary<string, Action<HostModel, Link>>
        {
            ["MTU"] = (host, link) => host.Replace(link, link with { Mtu = link.Mtu - 2 }),
            ["down"] = (host, link) => host.Replace(link, link with { Up = false }),
            ["alias"] = (host, link) => host.Replace(link, link with { Alias = null }),
            ["alias of another tunnel"] = (host, link) => host.Replace(link, link with { Alias = GatewayNames.LinkAlias("default", Samples.Id, 1) }),
            ["no address"] = (host, link) => host.Addresses.RemoveAll(address => address.Device == link.Name),
            ["wrong peer"] = (host, link) => Change(host, link, address => address with { Peer = "169.254.10.13" }),
            ["wrong address"] = (host, link) => Change(host, link, address => address with { Address = "169.254.10.14" }),
            ["no peer"] = (host, link) => Change(host, link, address => address with { Peer = null, PrefixLength = 30 }),
            ["a stray address"] = (host, link) => host.Addresses.Add(HostModel.Address(link.Name, "10.99.0.1", 24)),
            ["reverse-path filter"] = (host, link) => host.ReversePathFilters[link.Name] = "1",
        };
        foreach (var (what, deviate) in deviations)
        {
            var (desired, host) = Settled(plane);
            var link = host.LinkOf("default", Samples.Id, 2);
            deviate(host, link);
            var configure = Assert.IsType<ConfigureInterface>(Assert.Single(PlanOf(desired, host).Changes));
            Assert.True(configure.Interface == link.Name && configure.Tunnel == Samples.Name(2), what);
            Assert.True(host.Settle(desired) == 1, what);
            Assert.Single(host.Addresses, address => address.Device == link.Name);
        }
    }

    [Fact]
    public void An_IPv6_address_on_the_interface_is_left_alone()
    {
        var (desired, host) = Settled(DataPlane.Userspace);
        host.Addresses.Add(HostModel.Address("ipsec0", "fe80::5054:ff:fe00:1", 64));
        Assert.Empty(PlanOf(desired, host).Changes);
    }

    [Fact]
    public void Only_stray_interfaces_that_bear_our_mark_go()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var ours = new Link { Index = 90, Name = "tw1-old", Kind = "xfrm", IfId = 7, Alias = GatewayNames.LinkAlias("default", "vpn-gone", 1) };
        host.Links.Add(ours);
        host.Links.Add(ours with { Index = 91, Name = "xfrm0", IfId = 8, Alias = null });
        host.Links.Add(ours with { Index = 92, Name = "xfrm1", IfId = 9, Alias = "tunnelwright/default2/vpn-gone/1" });
        host.Links.Add(ours with { Index = 93, Name = "eth7", Kind = "veth", IfId = null });
        Assert.Equal(new DeleteInterface("tw1-old"), Assert.Single(PlanOf(desired, host).Changes));
    }

    [Fact]
    public void A_missing_or_different_route_is_set()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var active = host.Routes.Single(route => route.Destination == "10.8.2.0/24" && route.Metric == 84);
        Assert.Equal(GatewayNames.XfrmInterface(Samples.Id, 1), active.Device);
        Assert.Equal("10.1.0.1", active.Source);
        host.Routes.Remove(active);
        Assert.Equal(new SetRoute(active, Exists: false), Assert.Single(PlanOf(desired, host).Changes));
        foreach (var other in new[] { active with { Device = "eth0" }, active with { Source = null }, active with { Type = RouteType.Blackhole, Device = null } })
        {
            host.Routes.Add(other);
            Assert.Equal(new SetRoute(active, Exists: true), Assert.Single(PlanOf(desired, host).Changes));
            host.Routes.Remove(other);
        }
    }

    [Fact]
    public void Only_stray_routes_of_ours_in_the_main_table_go()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var stray = new Route("10.77.0.0/16") { Device = "eth0", Metric = 84, Protocol = GatewayNames.RouteProtocol };
        host.Routes.Add(stray);
        host.Routes.Add(stray with { Protocol = RouteTables.BootProtocol, Metric = 5 });
        host.Routes.Add(stray with { Protocol = 12, Metric = 32 });
        host.Routes.Add(stray with { Table = 8400 });
        Assert.Equal(new DeleteRoute(stray), Assert.Single(PlanOf(desired, host).Changes));
    }

    [Fact]
    public void A_range_that_is_given_up_loses_its_routes_and_no_other()
    {
        var two = Samples.Gateway(Samples.Customer() with { RemoteRanges = [Cidr.Parse("10.8.2.0/24"), Cidr.Parse("10.9.0.0/16")] });
        var host = new HostModel(DataPlane.Kernel);
        host.Settle(two);
        var changes = PlanOf(Static, host).Changes;
        Assert.Equal(3, changes.Count);
        Assert.All(changes, change => Assert.Equal("10.9.0.0/16", Assert.IsType<DeleteRoute>(change).Route.Destination));
    }

    [Fact]
    public void A_guard_keeps_the_clouds_traffic_from_leaving_in_the_clear()
    {
        var (_, host) = Settled(DataPlane.Kernel);
        var guard = host.Routes.Single(route => route.Type == RouteType.Unreachable);
        Assert.Equal("10.8.2.0/24", guard.Destination);
        Assert.True(guard.Metric > host.Routes.Where(route => route.Protocol == GatewayNames.RouteProtocol && route.Type == RouteType.Unicast).Max(route => route.Metric));

        // Before any route of somebody else's: theirs has metric 20000.
        Assert.True(guard.Metric < host.Routes.Single(route => route.Protocol == 12).Metric);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tunnelwright 0000000000000000")]
    public void A_filter_that_is_missing_or_different_is_replaced(string? fingerprint)
    {
        var (desired, host) = Settled(DataPlane.Userspace);
        host.Filter = fingerprint;
        var replace = Assert.IsType<ReplaceFilter>(Assert.Single(PlanOf(desired, host).Changes));
        Assert.Equal(fingerprint is not null, replace.Exists);
        Assert.Equal("tunnelwright_default", replace.Table);
    }

    [Fact]
    public void The_filter_of_the_clouds_end_lets_only_registered_ranges_through()
    {
        var plan = PlanOf(Samples.Gateway(Samples.Cloud()), new HostModel(DataPlane.Kernel));
        Assert.Contains("ip saddr != { 10.1.0.0/16 } counter drop", Assert.Single(plan.Changes.OfType<ReplaceFilter>()).Ruleset, StringComparison.Ordinal);
        Assert.DoesNotContain("counter drop", Assert.Single(PlanOf(Static, new HostModel(DataPlane.Kernel)).Changes.OfType<ReplaceFilter>()).Ruleset, StringComparison.Ordinal);
    }

    [Fact]
    public void The_MTU_is_the_tables_and_never_above_the_files()
    {
        Assert.Equal(1400, Mtu(DataPlane.Userspace, tunnel => tunnel with { MaximumMtu = null, MaximumMss = null }));
        Assert.Equal(1438, Mtu(DataPlane.Kernel, tunnel => tunnel with { MaximumMtu = null, MaximumMss = null, LocalIdentity = "10.0.0.5" }));
        Assert.Equal(1436, Mtu(DataPlane.Kernel, tunnel => tunnel with { LocalIdentity = "10.0.0.5" }));
        Assert.Equal(1300, Mtu(DataPlane.Kernel, tunnel => tunnel with { MaximumMtu = 1300 }));

        // The identity is the public address and the host starts from a private one: a NAT stands between.
        Assert.Equal(1422, Mtu(DataPlane.Kernel, tunnel => tunnel with { MaximumMtu = null }));
    }

    [Fact]
    public void A_NAT_that_charon_finds_lowers_the_MTU()
    {
        var desired = Samples.Gateway(Samples.Customer().WithTunnel(1, tunnel => tunnel with { MaximumMtu = null, LocalIdentity = "10.0.0.5" }));
        var host = new HostModel(DataPlane.Kernel) { Nat = true };
        host.Settle(desired);
        Assert.Equal(1422, host.LinkOf("default", Samples.Id, 1).Mtu);
    }

    public static TheoryData<DataPlane, Routing, GatewayRole> Everything()
    {
        var data = new TheoryData<DataPlane, Routing, GatewayRole>();
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            foreach (var routing in Enum.GetValues<Routing>())
            {
                foreach (var role in Enum.GetValues<GatewayRole>()) data.Add(plane, routing, role);
            }
        }

        return data;
    }

    internal static GatewayPlan PlanOf(DesiredGateway desired, HostModel host, IReadOnlyDictionary<string, TunnelHealth>? health = null) =>
        Planner.Plan(desired, host.Observe(desired), health ?? new Dictionary<string, TunnelHealth>());

    internal static Dictionary<string, TunnelHealth> All(DesiredGateway desired, TunnelHealth health) =>
        desired.AllTunnels().ToDictionary(item => GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number), _ => health, StringComparer.Ordinal);

    internal static DesiredGateway Wanted(Routing routing, GatewayRole role) => role == GatewayRole.Initiator ? Samples.Gateway(Samples.Customer(routing)) : Samples.Gateway(Samples.Cloud(routing));

    internal static (DesiredGateway Desired, HostModel Host) Settled(DataPlane plane, Routing routing = Routing.Static, GatewayRole role = GatewayRole.Initiator)
    {
        var desired = Wanted(routing, role);
        var host = new HostModel(plane);
        host.Settle(desired);
        return (desired, host);
    }

    /// <summary>The same connection with other outside, inside and cloud addresses, so that it can stand beside another.</summary>
    internal static DesiredConnection Elsewhere(DesiredConnection connection, int index = 1) => connection with
    {
        RemoteRanges = [Cidr.Parse($"10.{100 + index}.0.0/16")],
        Tunnels = connection.Tunnels.Select(tunnel => tunnel with
        {
            RemoteOutside = tunnel.RemoteOutside.Offset((index + 1) * 4),
            RemoteIdentity = tunnel.RemoteOutside.Offset((index + 1) * 4).ToString(),
            LocalInside = tunnel.LocalInside with { Address = tunnel.LocalInside.Address.Offset((index + 1) * 16) },
            RemoteInside = tunnel.RemoteInside.Offset((index + 1) * 16),
        }).ToValueList(),
    };

    private static int Mtu(DataPlane plane, Func<DesiredTunnel, DesiredTunnel> change)
    {
        var desired = Samples.Gateway(Samples.Customer().WithTunnel(1, change));
        var host = new HostModel(plane);
        host.Settle(desired);
        return host.LinkOf("default", Samples.Id, 1).Mtu;
    }

    private static void Change(HostModel host, Link link, Func<Tunnelwright.Linux.InterfaceAddress, Tunnelwright.Linux.InterfaceAddress> change)
    {
        var index = host.Addresses.FindIndex(address => address.Device == link.Name);
        host.Addresses[index] = change(host.Addresses[index]);
    }
}
