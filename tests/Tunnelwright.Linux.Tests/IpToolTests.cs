using System.Net.Sockets;

namespace Tunnelwright.Linux.Tests;

public sealed class IpToolTests : RootTest
{
    [Fact]
    public async Task A_link_is_made_once_and_brought_to_what_is_asked()
    {
        var left = await NewNamespaceAsync();
        var right = await NewNamespaceAsync();
        var ip = new IpTool(left);
        var wanted = new VethLinkSpec("v0", "v1", right) { Mtu = 1400, Alias = "twt one two" };
        Assert.True(await ip.EnsureLinkAsync(wanted));
        Assert.False(await ip.EnsureLinkAsync(wanted));
        var link = await ip.GetLinkAsync("v0");
        Assert.Equal(("veth", true, 1400, "twt one two"), (link?.Kind, link!.Up, link.Mtu, link.Alias));
        Assert.NotNull(await new IpTool(right).GetLinkAsync("v1"));
        Assert.Null(await ip.GetLinkAsync("v1"));

        Assert.False(await ip.EnsureLinkAsync(wanted with { Mtu = 1300, Alias = "three", Up = false }));
        link = await ip.GetLinkAsync("v0");
        Assert.Equal((false, 1300, "three"), (link!.Up, link.Mtu, link.Alias));

        Assert.True(await ip.DeleteLinkAsync("v0"));
        Assert.False(await ip.DeleteLinkAsync("v0"));
    }

    [Fact]
    public async Task A_name_that_belongs_to_another_kind_is_refused()
    {
        var ip = new IpTool(await NewNamespaceAsync());
        await ip.EnsureLinkAsync(new VethLinkSpec("v0", "v1"));
        var exception = await Assert.ThrowsAsync<KernelException>(() => ip.EnsureLinkAsync(new BridgeLinkSpec("v0")));
        Assert.Equal("EEXIST", exception.ErrorName);
        Assert.Contains("veth", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_changed_moved_and_put_under_a_bridge()
    {
        var left = await NewNamespaceAsync();
        var right = await NewNamespaceAsync();
        var ip = new IpTool(left);
        await ip.EnsureLinkAsync(new VethLinkSpec("v0", "v1"));
        Assert.True(await ip.EnsureLinkAsync(new BridgeLinkSpec("br0")));
        await ip.SetLinkAsync("v0", new LinkChange { Master = "br0", Alias = "x", Mtu = 1380 });
        Assert.Equal(("br0", "x", 1380), ((await ip.GetLinkAsync("v0"))?.MasterName, (await ip.GetLinkAsync("v0"))?.Alias, (await ip.GetLinkAsync("v0"))!.Mtu));
        await ip.SetLinkAsync("v0", new LinkChange { Master = "", Alias = "" });
        Assert.Equal((null, null), ((await ip.GetLinkAsync("v0"))?.MasterName, (await ip.GetLinkAsync("v0"))?.Alias));
        await ip.SetLinkAsync("v1", new LinkChange { NewName = "w1" });
        await ip.SetLinkAsync("w1", new LinkChange { Namespace = right });
        Assert.NotNull(await new IpTool(right).GetLinkAsync("w1"));
        await ip.SetLinkAsync("v0", new LinkChange());

        Assert.Equal("ENODEV", (await Assert.ThrowsAsync<KernelException>(() => ip.SetLinkAsync("nope", new LinkChange { Up = true }))).ErrorName);
        Assert.Equal("ENODEV", (await Assert.ThrowsAsync<KernelException>(() => ip.SetLinkAsync("v0", new LinkChange { Master = "nope" }))).ErrorName);
        var lowMtu = await Assert.ThrowsAsync<KernelException>(() => ip.SetLinkAsync("v0", new LinkChange { Mtu = 7 }));
        Assert.Equal("mtu less than device minimum.", lowMtu.Words);
    }

    [Fact]
    public async Task A_kind_that_the_kernel_lacks_is_told_in_its_words()
    {
        var ip = new IpTool(await NewNamespaceAsync());
        foreach (LinkSpec link in new LinkSpec[] { new XfrmLinkSpec("x0", 7), new DummyLinkSpec("d") })
        {
            try
            {
                Assert.True(await ip.EnsureLinkAsync(link));
                Assert.False(await ip.EnsureLinkAsync(link));
                var made = await ip.GetLinkAsync(link.Name);
                Assert.Equal((link.Kind, (link as XfrmLinkSpec)?.IfId), (made?.Kind, made?.IfId));
                if (link is XfrmLinkSpec xfrm)
                    Assert.Equal("EEXIST", (await Assert.ThrowsAsync<KernelException>(() => ip.EnsureLinkAsync(xfrm with { IfId = 8 }))).ErrorName);
            }
            catch (BatchFailedException exception)
            {
                Assert.Equal(("EOPNOTSUPP", "Unknown device type.", 1), (exception.ErrorName, exception.Words, exception.Line));
            }
        }
    }

    [Fact]
    public async Task Addresses_are_put_and_taken_any_number_of_times()
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        for (var time = 0; time < 2; time++)
        {
            await ip.EnsureAddressAsync("left", "169.254.10.2/30");
            await ip.EnsureAddressAsync("left", "169.254.11.2/32", "169.254.11.1");
            await ip.EnsureAddressAsync("left", "2001:DB8::1/64");
        }

        var addresses = (await ip.GetAddressesAsync("left")).Where(one => one.Scope == "global").ToList();
        Assert.Equal(
            ["10.0.0.1/24 ", "169.254.10.2/30 ", "169.254.11.2/32 169.254.11.1", "2001:db8::1/64 "],
            addresses.Select(one => $"{one.Address}/{one.PrefixLength} {one.Peer}").Order(StringComparer.Ordinal));
        Assert.Equal(AddressFamily.InterNetworkV6, addresses[^1].Family);
        Assert.Contains(await ip.GetAddressesAsync(), one => one.Device == "lo");

        Assert.True(await ip.RemoveAddressAsync("left", "169.254.11.2/32", "169.254.11.1"));
        Assert.False(await ip.RemoveAddressAsync("left", "169.254.11.2/32", "169.254.11.1"));
        Assert.True(await ip.RemoveAddressAsync("left", "169.254.10.2/30"));
        Assert.False(await ip.RemoveAddressAsync("nope", "169.254.10.2/30"));
        Assert.True(await ip.RemoveAddressAsync("left", "2001:db8::1/64"));
        Assert.False(await ip.RemoveAddressAsync("left", "2001:db8::1/64"));
        Assert.Empty(await ip.GetAddressesAsync("nope"));
        Assert.Equal("ENODEV", (await Assert.ThrowsAsync<KernelException>(() => ip.EnsureAddressAsync("nope", "10.0.0.1/24"))).ErrorName);
    }

    public static TheoryData<Route> Routes =>
    [
        new Route("10.1.0.0/16") { Gateway = "10.0.0.2", Device = "left", Protocol = 186, Metric = 50, Source = "10.0.0.1" },
        new Route("10.1.2.3") { Gateway = "10.0.0.2", Device = "left", Table = 220, Protocol = 186, Mtu = 1400 },
        new Route("default") { Gateway = "10.0.0.2", Device = "left", Metric = 7 },
        new Route("10.2.0.0/16") { Type = RouteType.Blackhole, Metric = 9, Protocol = 186 },
        new Route("10.3.0.0/16") { Type = RouteType.Unreachable, Protocol = 186 },
        new Route("10.4.0.0/16") { Type = RouteType.Throw, Table = 1000, Protocol = 186 },
        new Route("10.5.0.0/16") { Type = RouteType.Prohibit, Protocol = 186 },
        new Route("10.6.0.0/16") { Gateway = "192.0.2.1", Device = "left", OnLink = true, Protocol = 186 },
        new Route("10.7.0.0/16") { Protocol = 186, NextHops = [new NextHop("10.0.0.2", "left"), new NextHop("10.0.0.3", "left", 3)] },
        new Route("2001:db8:1::/48") { Device = "left", Metric = 70, Protocol = 186 },
        new Route("::/0") { Gateway = "fe80::2", Device = "left", Metric = 70, Protocol = 186, Table = 220 },
    ];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_route_comes_back_as_it_was_given(Route route)
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        await ip.ReplaceRouteAsync(route);
        await ip.ReplaceRouteAsync(route);
        Assert.Single(await ip.GetRoutesAsync(), candidate => candidate.Equals(route));
        Assert.Single(await ip.GetRoutesAsync($"{route.Table}", route.Family), candidate => candidate.Equals(route));
        Assert.Single(await ip.GetRoutesAsync($"{route.Table}"), candidate => candidate.Equals(route));
        Assert.True(await ip.DeleteRouteAsync(route));
        Assert.False(await ip.DeleteRouteAsync(route));
        Assert.DoesNotContain(route, await ip.GetRoutesAsync());
    }

    [Fact]
    public async Task A_route_is_replaced_in_place()
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        var route = new Route("10.1.0.0/16") { Gateway = "10.0.0.2", Device = "left", Protocol = 186, Metric = 50 };
        await ip.ReplaceRouteAsync(route);
        await ip.ReplaceRouteAsync(route with { Gateway = "10.0.0.3" });
        Assert.Equal("10.0.0.3", Assert.Single(await ip.GetRoutesAsync("main"), one => one.Protocol == 186).Gateway);
        Assert.False(await ip.DeleteRouteAsync(route with { Device = "nope" }));
        Assert.Equal("ENETUNREACH", (await Assert.ThrowsAsync<KernelException>(() => ip.ReplaceRouteAsync(route with { Gateway = "192.0.2.1" }))).ErrorName);
        Assert.Empty(await ip.GetRoutesAsync("4711", AddressFamily.InterNetwork));
        Assert.Empty(await ip.GetRoutesAsync("4711", AddressFamily.InterNetworkV6));
        Assert.Empty(await ip.GetRoutesAsync("4711"));
        await Assert.ThrowsAsync<ArgumentException>(() => ip.GetRoutesAsync("nope"));
    }

    [Fact]
    public async Task The_kernel_tells_the_way_to_an_address()
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        Assert.Null(await ip.GetRouteToAsync("10.1.2.3"));
        await ip.BatchAsync(
        [
            IpArguments.ReplaceRoute(new Route("10.1.0.0/16") { Gateway = "10.0.0.2", Protocol = 186 }),
            IpArguments.ReplaceRoute(new Route("10.2.0.0/16") { Type = RouteType.Blackhole }),
            IpArguments.ReplaceRoute(new Route("10.3.0.0/16") { Type = RouteType.Unreachable }),
            IpArguments.ReplaceRoute(new Route("10.4.0.0/16") { Type = RouteType.Prohibit }),
        ]);
        new Sysctl(left).Set("net.ipv4.ip_forward", "1");
        var way = await ip.GetRouteToAsync("10.1.2.3");
        Assert.Equal(("10.0.0.2", "left", "10.0.0.1", RouteType.Unicast), (way?.Gateway, way?.Device, way?.Source, way!.Type));
        Assert.Equal("10.0.0.2", (await ip.GetRouteToAsync("10.1.2.3", "10.0.0.9", "left"))?.Gateway);
        Assert.Equal(RouteType.Local, (await ip.GetRouteToAsync("10.0.0.1"))?.Type);
        Assert.Equal(RouteType.Blackhole, (await ip.GetRouteToAsync("10.2.2.3"))?.Type);
        Assert.Equal(RouteType.Unreachable, (await ip.GetRouteToAsync("10.3.2.3"))?.Type);
        Assert.Equal(RouteType.Prohibit, (await ip.GetRouteToAsync("10.4.2.3"))?.Type);
    }

    public static TheoryData<RoutingRule> Rules =>
    [
        new RoutingRule { Priority = 100, From = "10.3.0.0/16", FirewallMark = 0x10, FirewallMask = 0xff, IncomingInterface = "left", Table = 220, Protocol = 186 },
        new RoutingRule { Priority = 101, Not = true, To = "10.4.0.1", Action = RouteType.Blackhole },
        new RoutingRule { Priority = 102, Table = 254, SuppressPrefixLength = 0, Protocol = 186 },
        new RoutingRule { Priority = 103, FirewallMark = 7, Table = 4_000_000_000 },
        new RoutingRule { Priority = 104, OutgoingInterface = "nope", Table = 5, Action = RouteType.Unicast },
        new RoutingRule { Priority = 105, From = "2001:db8::/32", Table = 7, Protocol = 186 },
        new RoutingRule { Priority = 106, IsIPv6 = true, Table = 8, Protocol = 186 },
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_rule_comes_back_as_it_was_given(RoutingRule rule)
    {
        var ip = new IpTool(await NewNamespaceAsync());
        var family = rule.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        Assert.True(await ip.EnsureRuleAsync(rule));
        Assert.False(await ip.EnsureRuleAsync(rule));
        Assert.Single(await ip.GetRulesAsync(family), candidate => candidate == rule);
        Assert.True(await ip.DeleteRuleAsync(rule));
        Assert.False(await ip.DeleteRuleAsync(rule));
        Assert.All(await ip.GetRulesAsync(family), candidate => Assert.Equal(RouteTables.KernelProtocol, candidate.Protocol));
    }

    [Fact]
    public async Task A_rule_of_somebody_else_stays()
    {
        var ip = new IpTool(await NewNamespaceAsync());
        await ip.EnsureRuleAsync(new RoutingRule { Priority = 100, From = "10.0.0.0/8", Table = 7 });
        Assert.False(await ip.DeleteRuleAsync(new RoutingRule { Priority = 100, Table = 7 }));
        Assert.Contains(await ip.GetRulesAsync(), rule => rule.From == "10.0.0.0/8");
    }

    [Fact]
    public async Task A_batch_stops_at_the_line_that_fails_and_tells_it()
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        await ip.BatchAsync([]);
        var exception = await Assert.ThrowsAsync<BatchFailedException>(() => ip.BatchAsync(
        [
            IpArguments.SetLink("left", new LinkChange { Alias = "first done" }),
            IpArguments.ReplaceAddress("nope", "10.9.0.1/24"),
            IpArguments.SetLink("left", new LinkChange { Alias = "never" }),
        ]));
        Assert.Equal((2, "ENODEV", "nope"), (exception.Line, exception.ErrorName, exception.Arguments[^1]));
        Assert.Equal("first done", (await ip.GetLinkAsync("left"))?.Alias);
        var unknownNamespace = await Assert.ThrowsAsync<BatchFailedException>(() => ip.BatchAsync(
        [
            IpArguments.SetLink("left", new LinkChange { Alias = "again" }),
            IpArguments.SetLink("left", new LinkChange { Namespace = new NetworkNamespace("twt-absent") }),
        ]));
        Assert.Equal((2, "ENOENT"), (unknownNamespace.Line, unknownNamespace.ErrorName));
    }

    [Fact]
    public async Task Taking_away_goes_on_over_what_is_absent()
    {
        var (left, _) = await NewPairAsync();
        var ip = new IpTool(left);
        var failures = await ip.TryBatchAsync(
        [
            IpArguments.DeleteLink("nope"),
            IpArguments.DeleteAddress("left", "10.0.0.1/24"),
            IpArguments.DeleteRoute(new Route("10.9.0.0/16")),
            IpArguments.DeleteLink("left"),
            IpArguments.DeleteLink("left"),
        ]);
        Assert.Equal([(1, "ENODEV"), (3, "ESRCH"), (5, "ENODEV")], failures.Select(failure => (failure.Line, failure.ErrorName)));
        Assert.Null(await ip.GetLinkAsync("left"));
    }

    [Fact]
    public async Task Counters_count()
    {
        var (left, right) = await NewPairAsync();
        await left.RunCommandAsync("ping", ["-c", "2", "-i", "0.01", "-W", "2", "10.0.0.2"]);
        var link = await new IpTool(left).GetLinkAsync("left");
        Assert.InRange(link!.Statistics.SentPackets, 2, 100);
        Assert.InRange(link.Statistics.ReceivedBytes, 2 * 98, 100_000);
        Assert.True((await new IpTool(right).GetLinkAsync("right"))!.LowerUp);
    }
}
