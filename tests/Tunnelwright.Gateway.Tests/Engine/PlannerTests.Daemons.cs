using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <content>Daemons, what they have loaded, and what forbids a plan.</content>
public sealed partial class PlannerTests
{
    [Theory]
    [InlineData(DataPlane.Kernel)]
    [InlineData(DataPlane.Userspace)]
    public void A_new_key_reloads_that_tunnel_and_ends_its_SA_alone(DataPlane plane)
    {
        var (_, host) = Settled(plane);
        var rotated = Samples.Gateway(Samples.Customer().WithTunnel(2, tunnel => tunnel with { Ike = tunnel.Ike with { PreSharedKey = new PreSharedKey("Another.Secret.NobodyKnows") } }));
        var old = host.CharonOf(Samples.Name(2)).Sas.Single(sa => sa.Name == Samples.Name(2));
        var kept = host.CharonOf(Samples.Name(1)).Sas.Single(sa => sa.Name == Samples.Name(1));
        var changes = PlanOf(rotated, host).Changes;
        Assert.Equal([nameof(LoadTunnel), nameof(Initiate)], changes.Select(change => change.GetType().Name));
        var load = Assert.IsType<LoadTunnel>(changes[0]);
        Assert.Equal((Samples.Name(2), ChangeKind.Change), (load.Connection, load.Kind));
        Assert.Equal([old.UniqueId], load.OldIkeSas);
        Assert.Single(load.OldKeyNames);
        host.Settle(rotated);
        Assert.Same(kept, host.CharonOf(Samples.Name(1)).Sas.Single(sa => sa.Name == Samples.Name(1)));
        Assert.Single(host.CharonOf(Samples.Name(2)).Keys, key => key.StartsWith(TunnelSecurity.KeyNamePrefix(Samples.Name(2)), StringComparison.Ordinal));
    }

    [Fact]
    public void Of_two_tunnels_whose_names_start_alike_only_the_one_is_reloaded()
    {
        // vpn-1, tunnel 1 is vpn-1-1; the connection vpn-1-1, tunnel 1 is vpn-1-1-1.
        var desired = Samples.Gateway(Samples.Customer(id: "vpn-1"), Elsewhere(Samples.Customer(id: "vpn-1-1")));
        var host = new HostModel(DataPlane.Kernel);
        host.Settle(desired);
        var charon = host.Charons.Single();
        charon.Keys[charon.Keys.FindIndex(key => key.StartsWith("vpn-1-1 ", StringComparison.Ordinal))] = "vpn-1-1 000000000000";
        var load = Assert.Single(PlanOf(desired, host).Changes.OfType<LoadTunnel>());
        Assert.Equal("vpn-1-1", load.Connection);
        Assert.Equal(["vpn-1-1 000000000000"], load.OldKeyNames);
        Assert.Single(load.OldIkeSas);
    }

    [Fact]
    public void A_key_without_its_connection_is_loaded_again()
    {
        var (desired, host) = Settled(DataPlane.Kernel);
        host.Charons.Single().Connections.Remove(Samples.Name(1));
        Assert.Equal(Samples.Name(1), Assert.Single(PlanOf(desired, host).Changes.OfType<LoadTunnel>()).Connection);
        host.Settle(desired);
    }

    [Fact]
    public void A_connection_that_is_not_wanted_is_unloaded_with_its_key_and_SAs()
    {
        var host = new HostModel(DataPlane.Kernel);
        var other = Elsewhere(Samples.Customer(id: "vpn-other"));
        host.Settle(Samples.Gateway(Samples.Customer(), other));
        var unloads = PlanOf(Static, host).Changes.OfType<UnloadTunnel>().ToList();
        Assert.Equal(["vpn-other-1", "vpn-other-2"], unloads.Select(unload => unload.Connection));
        Assert.All(unloads, unload => Assert.True(unload.KeyNames.Count == 1 && unload.IkeSas.Count == 1));
        host.Settle(Static);
        Assert.All(host.Charons.Single().Sas, sa => Assert.StartsWith(Samples.Id, sa.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_charon_that_is_gone_is_started_in_its_slot_and_its_tunnel_is_brought_up()
    {
        var (desired, host) = Settled(DataPlane.Userspace);
        host.Kill(host.Charon(Samples.Name(1)));
        var plan = PlanOf(desired, host);
        var start = Assert.Single(plan.Changes.OfType<StartCharon>());
        Assert.Equal((0, Samples.Name(1)), (start.Instance.Slot, start.Carries));
        Assert.Equal(Samples.Name(1), Assert.Single(plan.Changes.OfType<LoadTunnel>()).Connection);
        var other = host.Charon(Samples.Name(2)).Process;
        host.Settle(desired);
        Assert.Equal(other, host.Charon(Samples.Name(2)).Process);
    }

    [Fact]
    public void A_charon_that_does_not_answer_for_a_moment_moves_neither_interface_nor_filter_nor_route_nor_session()
    {
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            var desired = Samples.Gateway(Samples.Customer(Routing.Bgp, prefer: 1), Elsewhere(Samples.Customer(id: "vpn-static")));
            var host = new HostModel(plane);
            host.Settle(desired);
            host.Settle(desired, All(desired, TunnelHealth.Alive));
            foreach (var charon in host.Charons) charon.Answers = false;
            foreach (var health in Enum.GetValues<TunnelHealth>())
                Assert.All(PlanOf(desired, host, All(desired, health)).Changes, change => Assert.IsType<LoadTunnel>(change));
            foreach (var charon in host.Charons) charon.Answers = true;
            Assert.Empty(PlanOf(desired, host).Changes);
        }
    }

    [Theory]
    [InlineData(DataPlane.Kernel, DataPlane.Userspace)]
    [InlineData(DataPlane.Userspace, DataPlane.Kernel)]
    public void Another_data_plane_stops_the_old_daemons_and_leaves_nothing_of_them(DataPlane from, DataPlane to)
    {
        var (desired, host) = Settled(from);
        var before = host.Charons.Count;
        host.Plane = to;
        Assert.Equal(before, PlanOf(desired, host).Changes.OfType<StopCharon>().Count());
        host.Settle(desired);
        Assert.All(host.Charons, charon => Assert.Equal(to == DataPlane.Userspace, charon.Instance.Userspace));
        Assert.Equal(2, host.Links.Count(link => link.Alias is not null));
        Assert.Equal(to == DataPlane.Kernel ? 2 : 0, host.Links.Count(link => link.Kind == "xfrm"));
    }

    [Fact]
    public void Slots_stay_while_tunnels_come_and_go()
    {
        var (a, b, c) = (Elsewhere(Samples.Customer(id: "vpn-a")), Samples.Customer(id: "vpn-b"), Elsewhere(Samples.Customer(id: "vpn-c"), 2));
        var host = new HostModel(DataPlane.Userspace);
        host.Settle(Samples.Gateway(b));
        host.Settle(Samples.Gateway(a, b));
        Assert.Equal([("vpn-a-1", 2), ("vpn-a-2", 3), ("vpn-b-1", 0), ("vpn-b-2", 1)], Slots(host));
        var kept = host.Charon("vpn-a-2").Process;
        host.Settle(Samples.Gateway(a));
        Assert.Equal([("vpn-a-1", 2), ("vpn-a-2", 3)], Slots(host));
        host.Settle(Samples.Gateway(a, c));
        Assert.Equal([("vpn-a-1", 2), ("vpn-a-2", 3), ("vpn-c-1", 0), ("vpn-c-2", 1)], Slots(host));
        Assert.Equal(kept, host.Charon("vpn-a-2").Process);
    }

    [Fact]
    public void Userspace_has_a_limit_and_says_so()
    {
        var many = Samples.Gateway([.. Enumerable.Range(0, 33).Select(index => Elsewhere(Samples.Customer(id: $"vpn-{index:00}"), index))]);
        var plan = PlanOf(many, new HostModel(DataPlane.Userspace));
        Assert.Contains("64", Assert.Single(plan.Problems).Message, StringComparison.Ordinal);
        Assert.Empty(plan.Changes);
        Assert.Empty(PlanOf(many, new HostModel(DataPlane.Kernel)).Problems);
    }

    [Fact]
    public void Another_program_on_our_ports_is_a_problem_and_nothing_is_done()
    {
        var host = new HostModel(DataPlane.Userspace);
        host.PortHolders.Add(new PortHolder(500, 4711, "pluto"));
        host.PortHolders.Add(new PortHolder(500, 4711, "pluto"));
        host.PortHolders.Add(new PortHolder(4500, null, null));
        var plan = PlanOf(Static, host);
        Assert.Empty(plan.Changes);
        Assert.Equal(["port-in-use", "port-in-use"], plan.Problems.Select(problem => problem.Cause));
        Assert.Contains("500", plan.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("pluto (process 4711)", plan.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("another program", plan.Problems[1].Message, StringComparison.Ordinal);
        Assert.EndsWith("disable --now ipsec", plan.Problems[0].Hint, StringComparison.Ordinal);
        Assert.EndsWith("disable --now strongswan-starter", plan.Problems[1].Hint, StringComparison.Ordinal);

        // A port that we do not need is nobody's business.
        host.PortHolders.Clear();
        host.PortHolders.Add(new PortHolder(53, 4711, "dnsmasq"));
        Assert.Empty(PlanOf(Static, host).Problems);
    }

    [Fact]
    public void Another_BGP_daemon_is_a_problem_only_where_BGP_is_wanted()
    {
        var host = new HostModel(DataPlane.Userspace);
        host.PortHolders.Add(new PortHolder(179, 815, "/usr/sbin/bird"));
        Assert.Empty(PlanOf(Static, host).Problems);
        var plan = PlanOf(Bgp, host);
        Assert.Equal("TCP port 179 is taken by bird (process 815): BGP cannot start", Assert.Single(plan.Problems).Message);
        Assert.DoesNotContain(plan.Changes, change => change is StartBird);
    }

    [Fact]
    public void A_kernel_that_refuses_ESP_is_a_problem_and_nothing_is_done()
    {
        var host = new HostModel(DataPlane.Kernel) { KernelRefusal = "Protocol not supported" };
        var plan = PlanOf(Static, host);
        Assert.Empty(plan.Changes);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal("kernel-without-esp", problem.Cause);
        Assert.Contains("Protocol not supported", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_route_to_the_peer_is_a_problem_that_names_the_tunnel()
    {
        var host = new HostModel(DataPlane.Userspace) { SourceOf = peer => peer.ToString() == "198.51.100.2" ? null : Ipv4Address.Parse("10.0.0.5") };
        var plan = PlanOf(Static, host);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal("route-missing", problem.Cause);
        Assert.Contains("198.51.100.2", problem.Message, StringComparison.Ordinal);
        Assert.Contains("tunnel 2", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Changes, change => change is LoadTunnel { Connection: var name } && name == Samples.Name(2));
        Assert.DoesNotContain(plan.Changes, change => change is Initiate { Connection: var name } && name == Samples.Name(2));

        // The other tunnel is brought up all the same.
        for (var round = 0; round < 4; round++) host.Apply(PlanOf(Static, host));
        Assert.Empty(PlanOf(Static, host).Changes);
        Assert.Equal([Samples.Name(1)], host.Charons.SelectMany(charon => charon.Sas).Select(sa => sa.Name));
    }

    [Fact]
    public void A_responders_routes_and_sessions_survive_a_charon_that_does_not_answer_for_a_moment()
    {
        foreach (var routing in Enum.GetValues<Routing>())
        {
            var desired = Samples.Gateway(Samples.Cloud(routing));
            var host = new HostModel(DataPlane.Kernel);
            host.Settle(desired);
            host.Charons.Single().Establish(Samples.Name(1), 7);
            host.Settle(desired);
            host.Charons.Single().Answers = false;
            Assert.All(PlanOf(desired, host).Changes, change => Assert.IsType<LoadTunnel>(change));
        }
    }

    [Fact]
    public void A_given_outside_address_needs_no_route()
    {
        var host = new HostModel(DataPlane.Userspace) { SourceOf = _ => null };
        Assert.Empty(PlanOf(Samples.Gateway(Samples.Cloud()), host).Problems);
    }

    [Fact]
    public void Forwarding_is_switched_on_and_never_off()
    {
        var host = new HostModel(DataPlane.Kernel) { Forwarding = true };
        Assert.DoesNotContain(PlanOf(Static, host).Changes, change => change is EnableForwarding);
        Assert.Empty(PlanOf(Samples.Gateway(), new HostModel(DataPlane.Kernel)).Changes);
    }

    [Fact]
    public void Taking_everything_away_leaves_the_foreign_things_alone()
    {
        foreach (var plane in new[] { DataPlane.Kernel, DataPlane.Userspace })
        {
            var untouched = new HostModel(plane);
            var host = new HostModel(plane);
            host.Settle(Samples.Gateway(Samples.Customer(Routing.Bgp), Elsewhere(Samples.Customer(id: "vpn-static"))));
            host.Plane = DataPlane.Kernel;
            host.Settle(Samples.Gateway());
            Assert.Empty(host.Charons);
            Assert.Null(host.Bird);
            Assert.Null(host.Filter);
            Assert.Equal(untouched.Links, host.Links);
            Assert.Equal(untouched.Addresses, host.Addresses);
            Assert.Equal(untouched.Routes, host.Routes);
        }
    }

    private static List<(string Tunnel, int Slot)> Slots(HostModel host) => [.. host.Charons.Select(charon => (charon.Carries!, charon.Instance.Slot)).Order()];
}
