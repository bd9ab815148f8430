using Tunnelwright.Linux;
using Tunnelwright.Model;
using static Tunnelwright.Gateway.Tests.PlannerTests;

namespace Tunnelwright.Gateway.Tests;

public sealed partial class PlannerTrafficTests
{
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

    [Theory]
    [InlineData(DataPlane.Kernel)]
    [InlineData(DataPlane.Userspace)]
    public void An_end_that_only_answers_begins_with_its_sessions_disabled_and_needs_no_second_look_for_that(DataPlane plane)
    {
        var desired = Samples.Gateway(Samples.Cloud(Routing.Bgp));
        var host = new HostModel(plane);
        host.Apply(PlanOf(desired, host));
        var plan = PlanOf(desired, host);
        Assert.Single(plan.Changes.OfType<StartBird>());
        Assert.Equal([new SetSession(BirdConfiguration.ProtocolName(Samples.Id, 1), Enabled: false)], plan.Changes.OfType<SetSession>());
        host.Apply(plan);
        Assert.Empty(PlanOf(desired, host).Changes);
        Assert.Equal("down", host.Bird!.Sessions!.Single().State);
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
}
