using Tunnelwright.Linux;
using Tunnelwright.Model;
using static Tunnelwright.Gateway.Tests.PlannerTests;

namespace Tunnelwright.Gateway.Tests;

/// <summary>Which tunnel carries traffic, who initiates, and what BGP is told.</summary>
public sealed class PlannerTrafficTests
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
    public void BIRD_that_is_gone_is_started()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        host.Bird = null;
        Assert.IsType<StartBird>(Assert.Single(PlanOf(desired, host).Changes));
        host.Settle(desired);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("# by somebody else")]
    public void BIRD_on_another_configuration_reads_todays(string? configuration)
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        var wanted = host.Bird!.Configuration;
        host.Bird.Configuration = configuration;
        Assert.Equal(wanted, Assert.IsType<ReconfigureBird>(Assert.Single(PlanOf(desired, host).Changes)).Configuration);
    }

    [Fact]
    public void BIRD_that_nobody_needs_is_stopped()
    {
        var (_, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        var changes = PlanOf(Samples.Gateway(Samples.Customer()), host).Changes;
        Assert.Equal(new StopBird(host.Bird!.Process), Assert.Single(changes.OfType<StopBird>()));
    }

    [Fact]
    public void An_upstream_session_alone_needs_BIRD()
    {
        var upstream = new UpstreamSession(Ipv4Address.Parse("10.8.0.2"), new Asn(64512), Ipv4Address.Parse("10.8.0.1"), new Asn(64513), 100);
        var plan = PlanOf(Samples.Gateway() with { Upstream = upstream }, new HostModel(DataPlane.Kernel));
        Assert.Contains("protocol bgp upstream", Assert.IsType<StartBird>(Assert.Single(plan.Changes)).Configuration, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dead_tunnels_session_is_disabled_and_the_way_back_is_moved_by_halves_until_it_is_good_again()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        var session = BirdConfiguration.ProtocolName(Samples.Id, 1);
        var halves = BirdConfiguration.HalvesName(Samples.Id, 2);
        var holdDown = BirdConfiguration.HoldDownName(Samples.Id, 1);
        var dead = Health(TunnelHealth.Dead, TunnelHealth.Alive);
        Assert.Equal([new SetSession(session, Enabled: false), new SetHoldDown(holdDown, Enabled: true), new SetHalves(halves, Enabled: true)], PlanOf(desired, host, dead).Changes);
        host.Settle(desired, dead);
        Assert.Equal(new SetSession(session, Enabled: true), Assert.Single(PlanOf(desired, host, Health(TunnelHealth.Recovering, TunnelHealth.Alive)).Changes));
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Alive));

        // The hold-down is over, but the session is not established yet.
        host.Bird!.Sessions![0] = host.Bird.Sessions[0] with { State = "active" };
        Assert.Equal(new SetHoldDown(holdDown, Enabled: false), Assert.Single(PlanOf(desired, host, Health(TunnelHealth.Alive, TunnelHealth.Alive)).Changes));
        host.Settle(desired, Health(TunnelHealth.Alive, TunnelHealth.Alive));
        host.Bird.Sessions[0] = host.Bird.Sessions[0] with { State = "established" };
        Assert.Equal(new SetHalves(halves, Enabled: false), Assert.Single(PlanOf(desired, host, Health(TunnelHealth.Alive, TunnelHealth.Alive)).Changes));
    }

    [Fact]
    public void The_way_back_moves_to_a_tunnel_that_is_still_recovering_when_the_other_one_dies()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        var changes = PlanOf(desired, host, Health(TunnelHealth.Dead, TunnelHealth.Recovering)).Changes;
        Assert.Contains(new SetHalves(BirdConfiguration.HalvesName(Samples.Id, 2), Enabled: true), changes);
    }

    [Fact]
    public void A_tunnel_that_dies_while_it_announces_halves_is_outdone_by_quarters_until_its_session_is_new()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        string[] halves = [BirdConfiguration.HalvesName(Samples.Id, 1), BirdConfiguration.HalvesName(Samples.Id, 2)];
        string[] quarters = [BirdConfiguration.QuartersName(Samples.Id, 1), BirdConfiguration.QuartersName(Samples.Id, 2)];
        host.Settle(desired, Health(TunnelHealth.Dead, TunnelHealth.Alive));
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Alive));
        Assert.Equal([halves[1]], Announced());

        // What tunnel 2 announced cannot be taken back through it: the peer may believe in it until its hold timer ends.
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Dead));
        Assert.Equal([halves[0], halves[1], quarters[0]], Announced());

        // Its session is enabled again, not yet established.
        host.Bird!.Sessions![1] = host.Bird.Sessions[1] with { State = "active" };
        host.Settle(desired, Health(TunnelHealth.Alive, TunnelHealth.Recovering));
        Assert.Equal([halves[0], halves[1], quarters[0]], Announced());

        // A new session: the peer has forgotten. First the old halves go, then what outdid them.
        host.Bird.Sessions[1] = host.Bird.Sessions[1] with { State = "established" };
        Assert.Equal(new SetHalves(halves[1], Enabled: false), Assert.Single(PlanOf(desired, host, Health(TunnelHealth.Alive, TunnelHealth.Recovering)).Changes));
        host.Settle(desired, Health(TunnelHealth.Alive, TunnelHealth.Recovering));
        Assert.Equal([halves[0]], Announced());
        host.Settle(desired, Health(TunnelHealth.Alive, TunnelHealth.Alive));
        Assert.Empty(Announced());

        IEnumerable<string> Announced() => host.Bird!.EnabledStatics.Intersect([.. halves, .. quarters]).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Of_tunnels_that_are_all_recovering_the_one_that_is_held_back_stays_so()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        var (first, second) = (BirdConfiguration.HoldDownName(Samples.Id, 1), BirdConfiguration.HoldDownName(Samples.Id, 2));
        host.Settle(desired, Health(TunnelHealth.Dead, TunnelHealth.Alive));
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Dead));
        Assert.Equal([second], host.Bird!.EnabledStatics.Intersect([first, second]));
        host.Settle(desired, Health(TunnelHealth.Recovering, TunnelHealth.Recovering));
        Assert.Equal([second], host.Bird.EnabledStatics.Intersect([first, second]));
        host.Settle(desired, Health(TunnelHealth.Alive, TunnelHealth.Alive));
        Assert.Empty(host.Bird.EnabledStatics.Intersect([first, second]));
    }

    [Fact]
    public void With_both_tunnels_dead_nothing_is_announced_beside_the_ranges()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        Assert.DoesNotContain(PlanOf(desired, host, All(desired, TunnelHealth.Dead)).Changes, change => change is SetHalves);
    }

    [Fact]
    public void A_lossy_tunnels_session_is_disabled_only_while_another_tunnel_is_better()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        Assert.Contains(new SetSession(BirdConfiguration.ProtocolName(Samples.Id, 1), Enabled: false), PlanOf(desired, host, Health(TunnelHealth.Degraded, TunnelHealth.Alive)).Changes);
        Assert.Empty(PlanOf(desired, host, Health(TunnelHealth.Degraded, TunnelHealth.Degraded)).Changes);
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
        Assert.Equal(TimeSpan.FromSeconds(1), Renewal.NextIn(host.Observe(desired)));
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
        Assert.NotNull(Renewal.NextIn(host.Observe(desired)));
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

    [Theory]
    [InlineData("idle")]
    [InlineData("connect")]
    [InlineData("active")]
    [InlineData("openconfirm")]
    public void A_session_that_is_coming_up_is_left_alone(string state)
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        host.Bird!.Sessions![0] = host.Bird.Sessions[0] with { Up = false, State = state, LastError = "Socket: Connection refused" };
        Assert.Empty(PlanOf(desired, host).Changes);
    }

    [Fact]
    public void A_session_that_exceeded_its_limit_stays_down()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        host.Bird!.Sessions![0] = host.Bird.Sessions[0] with { Up = false, State = "down", LastError = "Automatic shutdown: Route limit exceeded" };
        Assert.Empty(PlanOf(desired, host).Changes);
        host.Bird.Sessions[0] = host.Bird.Sessions[0] with { LastError = "Received: Administrative shutdown" };
        Assert.IsType<SetSession>(Assert.Single(PlanOf(desired, host).Changes));
    }

    [Fact]
    public void BIRD_that_does_not_answer_is_asked_for_nothing()
    {
        var (desired, host) = Settled(DataPlane.Userspace, Routing.Bgp);
        host.Bird!.Sessions = null;
        Assert.Empty(PlanOf(desired, host, All(desired, TunnelHealth.Dead)).Changes);
    }

    [Fact]
    public void With_BGP_only_the_guard_is_a_static_route()
    {
        var (_, host) = Settled(DataPlane.Kernel, Routing.Bgp);
        Assert.Equal(RouteType.Unreachable, Assert.Single(host.Routes, route => route.Protocol == GatewayNames.RouteProtocol).Type);
    }

    private static Dictionary<string, TunnelHealth> Health(TunnelHealth first, TunnelHealth second) => new() { [Samples.Name(1)] = first, [Samples.Name(2)] = second };

    /// <summary>The tunnels' numbers in the order of their routes' metrics.</summary>
    private static string OrderOfUse(HostModel host) => string.Concat(host.Routes
        .Where(route => route.Destination == "10.8.2.0/24" && route.Protocol == GatewayNames.RouteProtocol && route.Type == RouteType.Unicast)
        .OrderBy(route => route.Metric)
        .Select(route => host.Links.Single(link => link.Name == route.Device).Alias![^1]));
}
