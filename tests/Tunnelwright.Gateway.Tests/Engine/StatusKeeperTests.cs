using System.Text.Json;
using System.Text.Json.Nodes;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The status that people and programs read: its shape is a contract.</summary>
public sealed class StatusKeeperTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly MonitorSet _monitors;
    private readonly StatusKeeper _keeper;

    public StatusKeeperTests()
    {
        _monitors = new MonitorSet(() => { }, _time, send: false);
        _keeper = new StatusKeeper(_time);
    }

    public async ValueTask DisposeAsync()
    {
        var disposing = _monitors.DisposeAsync().AsTask();
        while (!disposing.IsCompleted)
        {
            _time.FireTimers();
            await Task.Delay(1);
        }
    }

    [Fact]
    public void Before_the_first_look_there_is_nothing()
    {
        Assert.Empty(_keeper.Current.Connections);
        Assert.False(_keeper.Current.Settled);
    }

    [Fact]
    public async Task The_shape_is_the_contracts()
    {
        var (desired, host) = Running(Routing.Bgp);
        await Follow(desired, host);
        Answer(1, 0.4);
        Look(desired, host);
        Die(1);
        Assert.NotNull(_keeper.Current.Connections[0].Tunnels[0].LastDown);
        var json = JsonNode.Parse(JsonSerializer.Serialize(_keeper.Current, GatewayJson.Default.StatusDocument))!;
        var connection = json["connections"]![0]!;
        AssertHas(connection, "id", "state", "active", "tunnels");
        var tunnel = connection["tunnels"]![0]!;
        AssertHas(tunnel, "number", "state", "since", "interface", "ike", "child", "probe", "bgp", "lastDown");
        AssertHas(tunnel["ike"]!, "version", "proposal", "establishedSeconds", "rekeyInSeconds", "natT");
        AssertHas(tunnel["child"]!, "proposal", "bytesIn", "bytesOut", "packetsIn", "packetsOut", "rekeyInSeconds");
        AssertHas(tunnel["probe"]!, "rttMilliseconds", "lossRatio");
        AssertHas(tunnel["bgp"]!, "state", "prefixesIn", "prefixesOut");
        AssertHas(tunnel["lastDown"]!, "at", "cause");
        Assert.Equal(JsonValueKind.Number, tunnel["number"]!.GetValueKind());
        Assert.Equal(JsonValueKind.Number, tunnel["ike"]!["version"]!.GetValueKind());
        Assert.Equal(12, tunnel["ike"]!["establishedSeconds"]!.GetValue<long>());
        Assert.Equal("AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048", tunnel["ike"]!["proposal"]!.GetValue<string>());
        Assert.Equal("AES_GCM_16-256/MODP_2048", tunnel["child"]!["proposal"]!.GetValue<string>());
        Assert.Equal(1000, tunnel["child"]!["bytesIn"]!.GetValue<long>());
        Assert.Equal(0.4, tunnel["probe"]!["rttMilliseconds"]!.GetValue<double>());
        Assert.Equal("established", tunnel["bgp"]!["state"]!.GetValue<string>());
        Assert.True(DateTimeOffset.TryParse(tunnel["since"]!.GetValue<string>(), out var since));
        Assert.Equal(TimeSpan.Zero, since.Offset);
        Assert.Contains(connection["state"]!.GetValue<string>(), (string[])["up", "degraded", "down"]);
        Assert.Contains(tunnel["state"]!.GetValue<string>(), (string[])["up", "connecting", "down"]);
        Assert.DoesNotContain("NobodyKnows", json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_null()
    {
        var desired = Samples.Gateway(Samples.Customer());
        var host = new HostModel(DataPlane.Kernel);
        Look(desired, host);
        var connection = Assert.Single(_keeper.Current.Connections);
        Assert.Equal(("down", null), (connection.State, connection.Active));
        Assert.All(connection.Tunnels, tunnel => Assert.Equal(("down", null, null, null, null, null, null), (tunnel.State, tunnel.Interface, tunnel.Ike, tunnel.Child, tunnel.Probe, tunnel.Bgp, tunnel.LastDown)));
        var json = JsonNode.Parse(JsonSerializer.Serialize(_keeper.Current, GatewayJson.Default.StatusDocument))!;
        AssertHas(json["connections"]![0]!, "active");
        AssertHas(json["connections"]![0]!["tunnels"]![0]!, "interface", "ike", "child", "probe", "bgp", "lastDown");
        Assert.False(_keeper.Current.Settled);
    }

    [Fact]
    public async Task States_follow_the_echo_requests()
    {
        var (desired, host) = Running(Routing.Static);
        await Follow(desired, host);
        Look(desired, host);
        Assert.Equal("down", _keeper.Current.Connections[0].State);
        Assert.Equal(["connecting", "connecting"], States());
        Answer(1);
        Assert.Equal(["up", "connecting"], States());
        Assert.Equal("degraded", _keeper.Current.Connections[0].State);
        Assert.Equal(1, _keeper.Current.Connections[0].Active);
        Answer(2);
        Assert.Equal("up", _keeper.Current.Connections[0].State);
        var before = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(5) - Silence);
        Die(1);
        var first = _keeper.Current.Connections[0].Tunnels[0];
        Assert.Equal("down", first.State);
        Assert.Equal(before.AddSeconds(5), first.Since);
        Assert.Equal(new LastDown(before.AddSeconds(5), "dpd-timeout"), first.LastDown);
        Assert.Equal(before, _keeper.Current.Connections[0].Tunnels[1].Since);
        Assert.Equal("degraded", _keeper.Current.Connections[0].State);
        Assert.Equal(2, _keeper.Current.Connections[0].Active);
    }

    [Fact]
    public void A_peer_that_answers_no_echo_is_up_when_packets_went_both_ways()
    {
        var (desired, host) = Running(Routing.Static);
        var sas = host.Charons.Single().Sas;
        sas[0] = sas[0] with { Children = [sas[0].Children[0] with { PacketsIn = 1, PacketsOut = 1 }] };
        sas[1] = sas[1] with { Children = [sas[1].Children[0] with { PacketsIn = 0, PacketsOut = 9 }] };
        Look(desired, host);
        Assert.Equal(["up", "connecting"], States());
    }

    [Fact]
    public void An_SA_without_a_pair_is_connecting_and_none_is_down()
    {
        var (desired, host) = Running(Routing.Static);
        var sas = host.Charons.Single().Sas;
        sas[0] = sas[0] with { State = "CONNECTING", Children = [] };
        sas.RemoveAt(1);
        Look(desired, host);
        Assert.Equal(["connecting", "down"], States());
        Assert.Equal("connecting", _keeper.Current.Connections[0].Tunnels[0].Ike!.State);
    }

    [Fact]
    public void Problems_failures_and_a_look_that_failed_are_told()
    {
        var desired = Samples.Gateway(Samples.Customer());
        var host = new HostModel(DataPlane.Kernel) { KernelRefusal = "Protocol not supported" };
        var observed = host.Observe(desired);
        _keeper.Update(desired, observed, _monitors, Planner.Plan(desired, observed, new Dictionary<string, TunnelHealth>()), ["interface: File exists"], 3);
        Assert.Equal(["kernel-without-esp", null], _keeper.Current.Problems.Select(problem => problem.Cause));
        Assert.Equal(3, _keeper.Current.Generation);
        Assert.False(_keeper.Current.Settled);
        _keeper.Fail(new ProgramMissingException("charon-systemd"));
        Assert.Equal("apt-get install charon-systemd", _keeper.Current.Problems[^1].Hint);
        Look(desired, host);
        Assert.Single(_keeper.Current.Problems);
    }

    [Fact]
    public async Task A_daemon_that_does_not_answer_for_a_moment_is_no_dead_tunnel()
    {
        var (desired, host) = Running(Routing.Static);
        await Follow(desired, host);
        Answer(1);
        Answer(2);
        Look(desired, host);
        Assert.Equal(["up", "up"], States());
        host.Charons.Single().Answers = false;
        Look(desired, host);
        Assert.Equal(["up", "up"], States());
        Assert.All(_keeper.Current.Connections[0].Tunnels, tunnel => Assert.Null(tunnel.LastDown));

        // What does not pass is known without the daemon: looks at one that is silent end no monitor.
        await Follow(desired, host);
        Die(1);
        Assert.Equal(["down", "up"], States());
        host.Kill(host.Charons.Single());
        Look(desired, host);
        await Follow(desired, host);
        Assert.Null(_monitors.RecordOf(Samples.Name(1)));
        Assert.Equal(["down", "down"], States());
        Assert.All(_keeper.Current.Connections[0].Tunnels, tunnel => Assert.NotNull(tunnel.LastDown));
    }

    [Fact]
    public void Of_two_looks_the_one_that_began_later_counts()
    {
        var (desired, host) = Running(Routing.Static);
        var earlier = host.Observe(desired) with { Taken = 1 };
        host.Charons.Single().Sas.Clear();
        var later = host.Observe(desired) with { Taken = 2 };
        _keeper.Update(desired, later, _monitors, Planner.Plan(desired, later, _monitors.Health), [], 0);
        _keeper.Refresh(earlier, 0);
        Assert.Equal(["down", "down"], States());
        _keeper.Refresh(earlier with { Taken = 3 }, 0);
        Assert.Equal(["connecting", "connecting"], States());
        _keeper.Update(desired, later, _monitors, Planner.Plan(desired, later, _monitors.Health), [], 0);
        Assert.Equal(["connecting", "connecting"], States());
    }

    [Fact]
    public void A_look_that_began_after_the_changes_shows_their_generation_and_an_older_one_never_takes_it_back()
    {
        var (desired, host) = Running(Routing.Static);
        var before = host.Observe(desired) with { Taken = 2 };
        _keeper.Update(desired, before, _monitors, Planner.Plan(desired, before, _monitors.Health), [], 3);
        _keeper.Refresh(before with { Taken = 1 }, 4);
        Assert.Equal(3, _keeper.Current.Generation);
        _keeper.Refresh(before with { Taken = 3 }, 4);
        Assert.Equal(4, _keeper.Current.Generation);
        _keeper.Refresh(before with { Taken = 4 }, 3);
        Assert.Equal(4, _keeper.Current.Generation);
    }

    [Fact]
    public void A_newer_IKE_SA_in_its_first_exchange_does_not_hide_the_one_whose_pair_carries()
    {
        var (desired, host) = Running(Routing.Static);
        var sas = host.Charons.Single().Sas;
        var carrying = sas.FindIndex(sa => sa.Name == Samples.Name(1));
        sas[carrying] = sas[carrying] with { State = "REKEYING", Established = TimeSpan.FromSeconds(5) };
        sas.Add(new IkeSaStatus { Name = Samples.Name(1), UniqueId = 900, Version = 2, State = "CONNECTING" });
        Look(desired, host);
        Assert.Equal(5, _keeper.Current.Connections[0].Tunnels[0].Ike!.EstablishedSeconds);

        // With IKEv1 the pair has gone over to the new one before that is established.
        sas[^1] = sas[^1] with { Children = sas[carrying].Children };
        sas[carrying] = sas[carrying] with { Children = [] };
        Look(desired, host);
        Assert.Equal(5, _keeper.Current.Connections[0].Tunnels[0].Ike!.EstablishedSeconds);
        Assert.NotNull(_keeper.Current.Connections[0].Tunnels[0].Child);

        // With IKEv2 it has its keys and the pair a moment before.
        sas[^1] = sas[^1] with { Encryption = sas[carrying].Encryption };
        Look(desired, host);
        Assert.Equal(5, _keeper.Current.Connections[0].Tunnels[0].Ike!.EstablishedSeconds);
    }

    [Fact]
    public void An_SA_that_is_ending_carries_no_more()
    {
        var (desired, host) = Running(Routing.Static);
        var sas = host.Charons.Single().Sas;
        var ending = sas.FindIndex(sa => sa.Name == Samples.Name(1));
        sas[ending] = sas[ending] with { State = "DELETING" };
        sas.Add(new IkeSaStatus { Name = Samples.Name(1), UniqueId = 900, Version = 2, State = "CONNECTING" });
        Look(desired, host);
        Assert.Equal("connecting", States().First());
        Assert.Null(_keeper.Current.Connections[0].Tunnels[0].Child);
    }

    [Fact]
    public void A_settled_gateway_says_so()
    {
        var (desired, host) = Running(Routing.Static);
        Look(desired, host);
        Assert.True(_keeper.Current.Settled);
        Assert.Equal("kernel", _keeper.Current.DataPlane);
        Assert.Equal(["10.1.0.0/16"], _keeper.Current.Connections[0].LocalRanges);
        Assert.Equal(["10.8.2.0/24"], _keeper.Current.Connections[0].RemoteRanges);
    }

    [Fact]
    public void With_BGP_the_ranges_are_those_that_were_learnt()
    {
        var (desired, host) = Running(Routing.Bgp);
        host.Routes.Add(new Route("10.66.0.0/16") { Device = GatewayNames.XfrmInterface(Samples.Id, 2), Metric = 32, Protocol = 12 });
        Look(desired, host);
        Assert.Equal(["10.66.0.0/16"], _keeper.Current.Connections[0].RemoteRanges);
        Assert.Equal("bgp", _keeper.Current.Connections[0].Routing);
    }

    /// <summary>A settled host whose SAs have the details that charon tells.</summary>
    private static (DesiredGateway Desired, HostModel Host) Running(Routing routing)
    {
        var (desired, host) = PlannerTests.Settled(DataPlane.Kernel, routing);
        var sas = host.Charons.Single().Sas;
        for (var i = 0; i < sas.Count; i++)
        {
            sas[i] = sas[i] with
            {
                Encryption = "AES_CBC",
                EncryptionKeySize = 256,
                Integrity = "HMAC_SHA2_256_128",
                PseudoRandomFunction = "PRF_HMAC_SHA2_256",
                DhGroup = "MODP_2048",
                Established = TimeSpan.FromSeconds(12),
                RekeyIn = TimeSpan.FromSeconds(28000),
                Children =
                [
                    sas[i].Children[0] with
                    {
                        Encryption = "AES_GCM_16", EncryptionKeySize = 256, DhGroup = "MODP_2048", BytesIn = 1000, BytesOut = 2000, PacketsIn = 0, PacketsOut = 20, RekeyIn = TimeSpan.FromSeconds(3000),
                    },
                ],
            };
        }

        return (desired, host);
    }

    private void Look(DesiredGateway desired, HostModel host)
    {
        var observed = host.Observe(desired);
        _keeper.Update(desired, observed, _monitors, Planner.Plan(desired, observed, _monitors.Health), [], 0);
    }

    /// <summary>Monitors whose devices do not exist here: they only keep the records that the test writes.</summary>
    private Task Follow(DesiredGateway desired, HostModel host) => _monitors.FollowAsync(desired, host.Observe(desired));

    /// <summary>How long it takes to die.</summary>
    private static readonly TimeSpan Silence = TunnelMonitor.Interval * EchoRecord.MissesToDeath;

    private EchoRecord Record(int tunnel) => _monitors.RecordOf(Samples.Name(tunnel))!;

    private void Answer(int tunnel, double milliseconds = 1) => Record(tunnel).Answer(Record(tunnel).Request(), TimeSpan.FromMilliseconds(milliseconds));

    private void Die(int tunnel)
    {
        for (var i = 0; i < EchoRecord.MissesToDeath; i++)
        {
            Record(tunnel).Request();
            _time.Advance(TunnelMonitor.Interval);
        }

        Record(tunnel).Check();
    }

    private IEnumerable<string> States() => _keeper.Current.Connections[0].Tunnels.Select(tunnel => tunnel.State);

    private static void AssertHas(JsonNode node, params string[] names) => Assert.All(names, name => Assert.True(node.AsObject().ContainsKey(name), $"{name} is missing in {node.ToJsonString()}"));
}
