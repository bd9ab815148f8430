using Tunnelwright.Linux;
using Tunnelwright.Model;
using static Tunnelwright.Gateway.Tests.PlannerTests;

namespace Tunnelwright.Gateway.Tests;

/// <summary>Which tunnel carries traffic, who initiates, and what BGP is told.</summary>
public sealed partial class PlannerTrafficTests
{
    [Theory]
    [InlineData(null, TunnelHealth.Alive, TunnelHealth.Alive, "12")]
    [InlineData(1, TunnelHealth.Alive, TunnelHealth.Alive, "12")]
    [InlineData(2, TunnelHealth.Alive, TunnelHealth.Alive, "21")]
    [InlineData(0, TunnelHealth.Alive, TunnelHealth.Alive, "12")]
    [InlineData(1, TunnelHealth.Dead, TunnelHealth.Alive, "21")]
    [InlineData(2, TunnelHealth.Alive, TunnelHealth.Dead, "12")]
    [InlineData(1, TunnelHealth.Dead, TunnelHealth.Dead, "12")]
    [InlineData(2, TunnelHealth.Dead, TunnelHealth.Dead, "21")]
    [InlineData(1, TunnelHealth.Unknown, TunnelHealth.Alive, "12")]
    [InlineData(1, TunnelHealth.Dead, TunnelHealth.Unknown, "21")]
    [InlineData(1, TunnelHealth.Recovering, TunnelHealth.Alive, "21")]
    [InlineData(1, TunnelHealth.Recovering, TunnelHealth.Degraded, "12")]
    [InlineData(1, TunnelHealth.Degraded, TunnelHealth.Alive, "21")]
    [InlineData(1, TunnelHealth.Degraded, TunnelHealth.Degraded, "12")]
    [InlineData(1, TunnelHealth.Degraded, TunnelHealth.Dead, "12")]
    public void Active_and_standby_by_health_then_preference(int? prefer, TunnelHealth first, TunnelHealth second, string order)
    {
        var desired = Samples.Gateway(Samples.Customer(prefer: prefer));
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            var host = new HostModel(plane);
            host.Settle(desired);
            host.Settle(desired, Health(first, second));
            Assert.Equal(order, OrderOfUse(host));
        }
    }

    [Theory]
    [InlineData(DataPlane.Kernel)]
    [InlineData(DataPlane.Userspace)]
    public void With_equal_costs_one_route_leads_through_all_good_tunnels(DataPlane plane)
    {
        var desired = Samples.Gateway(Samples.Customer(prefer: 0) with { EqualCost = true });
        var host = new HostModel(plane);
        host.Settle(desired);
        var good = Health(TunnelHealth.Alive, TunnelHealth.Alive);
        host.Settle(desired, good);
        var route = Assert.Single(host.Routes, IsOurs);
        Assert.Equal(["1", "2"], route.NextHops.Select(hop => host.Links.Single(link => link.Name == hop.Device).Alias![^1..]));

        // One that is not good stands by, with a route of its own.
        host.Settle(desired, Health(TunnelHealth.Degraded, TunnelHealth.Alive));
        Assert.Equal("21", OrderOfUse(host));
        host.Settle(desired, good);
        Assert.Single(host.Routes, IsOurs);

        static bool IsOurs(Route candidate) => candidate.Destination == "10.8.2.0/24" && candidate.Protocol == GatewayNames.RouteProtocol && candidate.Type == RouteType.Unicast;
    }

    [Theory]
    [InlineData("no SA")]
    [InlineData("SA without a child")]
    [InlineData("child being deleted")]
    public void A_tunnel_without_an_SA_pair_does_not_carry(string what)
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var sas = host.Charons.Single().Sas;
        var at = sas.FindIndex(sa => sa.Name == Samples.Name(1));
        if (what == "no SA") sas.RemoveAt(at);
        else sas[at] = sas[at] with { Children = what == "SA without a child" ? [] : [sas[at].Children[0] with { State = "DELETING" }] };
        host.PeersAnswer = false;
        var plan = PlanOf(desired, host);
        Assert.Equal(Samples.Name(1), Assert.Single(plan.Changes.OfType<Initiate>()).Connection);
        host.Apply(plan);
        Assert.Equal("21", OrderOfUse(host));
        host.PeersAnswer = true;
        host.Settle(desired);
        Assert.Equal("12", OrderOfUse(host));
    }

    [Theory]
    [InlineData("INSTALLED")]
    [InlineData("REKEYING")]
    [InlineData("REKEYED")]
    [InlineData("UPDATING")]
    public void A_pair_that_is_being_renewed_carries(string state)
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var sas = host.Charons.Single().Sas;
        for (var i = 0; i < sas.Count; i++) sas[i] = sas[i] with { Children = [sas[i].Children[0] with { State = state }] };
        Assert.Empty(PlanOf(desired, host).Changes);
    }

    [Theory]
    [InlineData("CREATED")]
    [InlineData("CONNECTING")]
    [InlineData("REKEYED")]
    public void What_is_on_its_way_is_not_begun_again(string state)
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var sas = host.Charons.Single().Sas;
        sas[0] = sas[0] with { State = state, Children = [] };
        Assert.DoesNotContain(PlanOf(desired, host).Changes, change => change is Initiate);
    }

    [Theory]
    [InlineData("DELETING")]
    [InlineData("DESTROYING")]
    public void What_is_on_its_way_out_is_begun_anew(string state)
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var sas = host.Charons.Single().Sas;
        sas[0] = sas[0] with { State = state, Children = [] };
        Assert.Equal(sas[0].Name, Assert.Single(PlanOf(desired, host).Changes.OfType<Initiate>()).Connection);
    }

    [Fact]
    public void A_responder_never_initiates()
    {
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            foreach (var routing in Enum.GetValues<Routing>())
            {
                var desired = Samples.Gateway(Samples.Cloud(routing));
                var host = new HostModel(plane);
                for (var round = 0; round < 4; round++)
                {
                    var plan = PlanOf(desired, host);
                    Assert.DoesNotContain(plan.Changes, change => change is Initiate);
                    host.Apply(plan);
                }
            }
        }
    }

    [Fact]
    public void A_responder_has_routes_only_through_tunnels_that_live()
    {
        var desired = Samples.Gateway(Samples.Cloud());
        var host = new HostModel(DataPlane.Kernel);
        host.Settle(desired);
        Assert.DoesNotContain(host.Routes, route => route.Protocol == GatewayNames.RouteProtocol);
        host.Charons.Single().Establish(Samples.Name(1), 7);
        host.Settle(desired);
        var route = Assert.Single(host.Routes, route => route.Protocol == GatewayNames.RouteProtocol);
        Assert.Equal(("10.1.0.0/16", RouteType.Unicast), (route.Destination, route.Type));
        var dead = new Dictionary<string, TunnelHealth> { [Samples.Name(1)] = TunnelHealth.Dead };
        Assert.Equal(new DeleteRoute(route), Assert.Single(PlanOf(desired, host, dead).Changes));
        host.Charons.Single().Sas.Clear();
        Assert.Equal(new DeleteRoute(route), Assert.Single(PlanOf(desired, host).Changes));
    }

    [Fact]
    public void A_customer_keeps_the_routes_of_dead_tunnels_as_standby()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        host.Settle(desired, All(desired, TunnelHealth.Dead));
        Assert.Equal("12", OrderOfUse(host));
    }

    [Fact]
    public void Two_connections_to_the_same_range_settle_and_the_living_one_carries()
    {
        var second = Elsewhere(Samples.Customer(id: "vpn-second")) with { RemoteRanges = [Cidr.Parse("10.8.2.0/24")] };
        var desired = Samples.Gateway(Samples.Customer(), second);
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            var host = new HostModel(plane);
            host.Settle(desired);
            Assert.Equal(Samples.Id, ActiveConnection(host));
            var health = All(desired, TunnelHealth.Alive);
            health[Samples.Name(1)] = health[Samples.Name(2)] = TunnelHealth.Dead;
            host.Settle(desired, health);
            Assert.Equal("vpn-second", ActiveConnection(host));
            host.Settle(desired, All(desired, TunnelHealth.Alive));
            Assert.Equal(Samples.Id, ActiveConnection(host));
        }

        static string ActiveConnection(HostModel host)
        {
            var best = host.Routes.Where(route => route.Destination == "10.8.2.0/24" && route.Type == RouteType.Unicast && route.Protocol == GatewayNames.RouteProtocol).MinBy(route => route.Metric)!;
            return host.Links.Single(link => link.Name == best.Device).Alias!.Split('/')[2];
        }
    }

    [Fact]
    public void An_SA_that_carries_nothing_is_given_up_and_initiated_anew()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var renew = Assert.Single(PlanOf(desired, host, Health(TunnelHealth.GivenUp, TunnelHealth.Alive)).Changes.OfType<RenewTunnel>());
        Assert.Equal((Samples.Name(1), 1), (renew.Connection, renew.IkeSas.Count));

        // One that is being negotiated is left to charon, which repeats its request.
        var sas = host.Charons.Single().Sas;
        sas[0] = sas[0] with { State = "CONNECTING", Children = [] };
        Assert.DoesNotContain(PlanOf(desired, host, Health(TunnelHealth.GivenUp, TunnelHealth.Alive)).Changes, change => change is RenewTunnel or Initiate);
        var cloud = Samples.Gateway(Samples.Cloud());
        var endpoint = new HostModel(DataPlane.Kernel);
        endpoint.Settle(cloud);
        Assert.DoesNotContain(PlanOf(cloud, endpoint, All(cloud, TunnelHealth.GivenUp)).Changes, change => change is RenewTunnel);
    }

    [Fact]
    public void A_pair_that_the_peer_does_not_renew_is_replaced_with_its_IKE_SA_before_it_ends_one_tunnel_at_a_time()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var alive = All(desired, TunnelHealth.Alive);
        var sas = host.Charons.Single().Sas;
        Age(0, -269, 271);
        Age(1, 3000, 3540);
        Assert.Empty(PlanOf(desired, host, alive).Changes);
        Assert.Equal(TimeSpan.FromSeconds(1), Renewal.NextIn(host.Observe(desired), desired));
        Age(0, -271, 269);
        Age(1, -271, 269);
        var plan = PlanOf(desired, host, alive);
        var renew = Assert.Single(plan.Changes.OfType<RenewTunnel>());
        Assert.Equal((Samples.Name(1), true), (renew.Connection, renew.Carries));
        host.Apply(plan);
        Assert.Equal("21", OrderOfUse(host));
        Assert.DoesNotContain(PlanOf(desired, host, Health(TunnelHealth.Dead, TunnelHealth.Alive)).Changes, change => change is RenewTunnel);
        Assert.Equal(Samples.Name(2), Assert.Single(PlanOf(desired, host, Health(TunnelHealth.Recovering, TunnelHealth.Alive)).Changes.OfType<RenewTunnel>()).Connection);

        void Age(int at, int renewal, int end) =>
            sas[at] = sas[at] with { Children = [sas[at].Children[0] with { RekeyIn = TimeSpan.FromSeconds(renewal), ExpiresIn = TimeSpan.FromSeconds(end) }] };
    }

    /// <summary>The samples' IKE SAs live 28,800 s: the renewal begins 540 s before the end.</summary>
    [Theory]
    [InlineData(Routing.Static)]
    [InlineData(Routing.Bgp)]
    public void Traffic_leaves_a_tunnel_whose_IKE_SA_the_peer_does_not_renew_before_it_ends(Routing routing)
    {
        var (desired, host) = Settled(DataPlane.Kernel, routing);
        var alive = Health(TunnelHealth.Alive, TunnelHealth.Alive);
        var sas = host.Charons.Single().Sas;
        Age(0, 28529);
        Age(1, 100);
        Assert.Empty(PlanOf(desired, host, alive).Changes);
        Assert.Equal(TimeSpan.FromSeconds(1), Renewal.NextIn(host.Observe(desired), desired));
        Age(0, 28530);

        // With IKEv1 charon calls it so until its end.
        sas[0] = sas[0] with { State = "REKEYING" };
        var plan = PlanOf(desired, host, alive);
        Assert.NotEmpty(plan.Changes);
        Assert.DoesNotContain(plan.Changes, change => change is RenewTunnel or LoadTunnel);
        host.Apply(plan);
        AssertCarries("21");

        // A new one beside the old one, as with IKEv1, is as good as a renewed one.
        sas.Add(sas[0] with { UniqueId = 77, State = "ESTABLISHED", Established = TimeSpan.FromSeconds(1) });
        host.Settle(desired, alive);
        AssertCarries("12");

        // Without a better tunnel it carries to its end.
        sas.RemoveAt(sas.Count - 1);
        Age(1, 28600);
        Assert.Empty(PlanOf(desired, host, alive).Changes);

        void Age(int at, int seconds) => sas[at] = sas[at] with { Established = TimeSpan.FromSeconds(seconds) };

        void AssertCarries(string order)
        {
            if (routing == Routing.Static) Assert.Equal(order, OrderOfUse(host));
            else Assert.Equal(order == "12", host.Bird!.Sessions!.Single(session => session.Name == BirdConfiguration.ProtocolName(Samples.Id, 1)).State != "down");
        }
    }

    [Fact]
    public void Of_tunnels_that_are_all_recovering_the_one_that_carries_goes_on()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        host.Settle(desired, Health(TunnelHealth.Dead, TunnelHealth.Alive));
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Recovering));
        Assert.Equal("21", OrderOfUse(host));
        host.Settle(desired, Health(TunnelHealth.Alive, TunnelHealth.Recovering));
        Assert.Equal("12", OrderOfUse(host));
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Recovering));
        Assert.Equal("12", OrderOfUse(host));
    }

    [Fact]
    public void Of_pairs_that_stand_side_by_side_the_initiator_keeps_the_newest()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var sas = host.Charons.Single().Sas;
        var pair = sas[0].Children[0];
        sas[0] = sas[0] with { Children = [pair with { UniqueId = 7, Installed = TimeSpan.FromSeconds(9) }, pair with { UniqueId = 6, Installed = TimeSpan.FromSeconds(9) }, pair with { UniqueId = 5, State = "REKEYED" }] };
        Assert.Equal([6u], Assert.Single(PlanOf(desired, host).Changes.OfType<EndPairs>()).Pairs);
        sas[0] = sas[0] with { Children = [pair with { UniqueId = 7, Installed = TimeSpan.FromSeconds(1) }, pair with { UniqueId = 6, Installed = TimeSpan.FromSeconds(9) }] };
        Assert.Empty(PlanOf(desired, host).Changes);
        Assert.NotNull(Renewal.NextIn(host.Observe(desired), desired));
    }

    [Fact]
    public void New_values_reach_the_tunnels_one_after_the_other_while_the_other_carries()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        var changed = desired with
        {
            Connections = [desired.Connections[0] with { Tunnels = desired.Connections[0].Tunnels.Select(tunnel => tunnel with { Ike = tunnel.Ike with { Lifetime = new Lifetime(14400) } }).ToValueList() }],
        };
        var alive = All(changed, TunnelHealth.Alive);
        var first = PlanOf(changed, host, alive);
        Assert.Equal(Samples.Name(1), Assert.Single(first.Changes.OfType<LoadTunnel>()).Connection);
        Assert.Contains("tunnel 2", Assert.Single(first.Problems).Message, StringComparison.Ordinal);
        host.Apply(first);
        Assert.Equal("21", OrderOfUse(host));

        // Until the first one answers with its new values, the second one keeps its old ones.
        Assert.DoesNotContain(PlanOf(changed, host, Health(TunnelHealth.Dead, TunnelHealth.Alive)).Changes, change => change is LoadTunnel);
        var second = PlanOf(changed, host, Health(TunnelHealth.Recovering, TunnelHealth.Alive));
        Assert.Equal(Samples.Name(2), Assert.Single(second.Changes.OfType<LoadTunnel>()).Connection);
        host.Settle(changed, alive);
        Assert.Equal("12", OrderOfUse(host));
    }

    private static Dictionary<string, TunnelHealth> Health(TunnelHealth first, TunnelHealth second) => new() { [Samples.Name(1)] = first, [Samples.Name(2)] = second };

    /// <summary>The tunnels' numbers in the order of their routes' metrics.</summary>
    private static string OrderOfUse(HostModel host) => string.Concat(host.Routes
        .Where(route => route.Destination == "10.8.2.0/24" && route.Protocol == GatewayNames.RouteProtocol && route.Type == RouteType.Unicast)
        .OrderBy(route => route.Metric)
        .Select(route => host.Links.Single(link => link.Name == route.Device).Alias![^1]));
}
