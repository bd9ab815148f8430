using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The plan as a function of what is wanted and what is there: from nothing, from the settled state, and from each single deviation.</summary>
public sealed partial class PlannerTests
{
    private static readonly DesiredGateway Static = Samples.Gateway(Samples.Customer());
    private static readonly DesiredGateway Bgp = Samples.Gateway(Samples.Customer(Routing.Bgp));

    [Fact]
    public void From_nothing_in_userspace_daemons_come_first_then_everything_else_in_order()
    {
        var host = new HostModel(DataPlane.Userspace);
        var plan = PlanOf(Static, host);
        Assert.Empty(plan.Problems);
        Assert.Equal(
            [
                nameof(EnableForwarding), nameof(StartCharon), nameof(StartCharon), nameof(LoadTunnel), nameof(LoadTunnel), nameof(ConfigureInterface), nameof(ConfigureInterface),
                nameof(ReplaceFilter), nameof(Initiate), nameof(Initiate), nameof(SetRoute), nameof(SetRoute), nameof(SetRoute),
            ],
            plan.Changes.Select(change => change.GetType().Name));
        Assert.All(plan.Changes, change => Assert.Equal(change is EnableForwarding ? ChangeKind.Change : ChangeKind.Add, change.Kind));
        Assert.Equal([0, 1], plan.Changes.OfType<StartCharon>().Select(start => start.Instance.Slot));
        Assert.Equal([Samples.Name(1), Samples.Name(2)], plan.Changes.OfType<StartCharon>().Select(start => start.Carries));
    }

    [Fact]
    public void From_nothing_in_the_kernel_one_daemon_carries_all()
    {
        var plan = PlanOf(Bgp, new HostModel(DataPlane.Kernel));
        Assert.Equal(
            [
                nameof(EnableForwarding), nameof(StartCharon), nameof(LoadTunnel), nameof(LoadTunnel), nameof(CreateXfrmInterface), nameof(ConfigureInterface),
                nameof(CreateXfrmInterface), nameof(ConfigureInterface), nameof(ReplaceFilter), nameof(Initiate), nameof(Initiate), nameof(SetRoute), nameof(StartBird),
            ],
            plan.Changes.Select(change => change.GetType().Name));
        var start = Assert.Single(plan.Changes.OfType<StartCharon>());
        Assert.Null(start.Carries);
        Assert.False(start.Instance.Userspace);
        Assert.Equal([GatewayNames.InterfaceId(Samples.Id, 1), GatewayNames.InterfaceId(Samples.Id, 2)], plan.Changes.OfType<CreateXfrmInterface>().Select(create => create.InterfaceId));
    }

    [Fact]
    public void Nothing_wanted_on_an_empty_host_is_nothing_to_do()
    {
        var plan = PlanOf(Samples.Gateway(), new HostModel(DataPlane.Kernel));
        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void No_text_of_a_plan_holds_a_key()
    {
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            var plan = PlanOf(Bgp, new HostModel(plane));
            Assert.NotEmpty(plan.Changes);
            foreach (var change in plan.Changes)
            {
                Assert.DoesNotContain("NobodyKnows", change.ToString(), StringComparison.Ordinal);
                Assert.DoesNotContain("NobodyKnows", change.Detail, StringComparison.Ordinal);
            }

            Assert.Contains(plan.Changes, change => change is LoadTunnel && change.Detail.Contains("•••• (26 characters)", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void A_settled_host_needs_no_change(DataPlane plane, Routing routing, GatewayRole role)
    {
        var (desired, host) = Settled(plane, routing, role);
        Assert.Empty(PlanOf(desired, host).Changes);
        Assert.Empty(PlanOf(desired, host, All(desired, TunnelHealth.Alive)).Changes);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Settling_takes_at_most_four_rounds(DataPlane plane, Routing routing, GatewayRole role)
    {
        var desired = Wanted(routing, role);
        Assert.InRange(new HostModel(plane).Settle(desired), 1, 4);
    }
}
