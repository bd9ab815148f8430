using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The plan as a function of what is wanted and what is there: from nothing, from the settled state, and from each single deviation.</summary>
public sealed class PlannerTests
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
        host.PortHolders.Add(new PortHolder(4500, null, null));
        var plan = PlanOf(Static, host);
        Assert.Empty(plan.Changes);
        Assert.Equal(["port-in-use", "port-in-use"], plan.Problems.Select(problem => problem.Cause));
        Assert.Contains("500", plan.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("pluto (process 4711)", plan.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("another program", plan.Problems[1].Message, StringComparison.Ordinal);
        Assert.All(plan.Problems, problem => Assert.NotEmpty(problem.Hint));

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

    private static List<(string Tunnel, int Slot)> Slots(HostModel host) => [.. host.Charons.Select(charon => (charon.Carries!, charon.Instance.Slot)).Order()];
}
