using Microsoft.Extensions.Logging.Abstractions;

namespace Tunnelwright.Gateway.Tests;

/// <summary>What the chronicle makes of one look after the other.</summary>
public sealed class ChronicleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-chronicle-").FullName;
    private readonly ManualTime _time = new();
    private readonly HostModel _host = new(DataPlane.Kernel);
    private readonly DesiredGateway _desired = Samples.Gateway(Samples.Customer());
    private Chronicle _chronicle;
    private long _taken;

    public ChronicleTests() => _chronicle = Begin();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_tunnel_that_goes_down_and_comes_back_is_told_once_each()
    {
        Look(Up(1), Up(2));
        _time.Advance(TimeSpan.FromMinutes(5));
        Look(Dead(1), Up(2));
        Look(Dead(1), Up(2));
        _time.Advance(TimeSpan.FromSeconds(8));
        Look(Up(1), Up(2));
        Assert.Equal(["up 1", "up 2", "down 1", "up 1"], Told());
        var down = Events()[2];
        Assert.Equal(("dpd-timeout", "was up for 5 min: the peer stopped answering"), (down.Cause, down.Message));
        Assert.Equal("up with 198.51.100.1, after 8.0 s", Events()[3].Message);
    }

    [Fact]
    public void A_restart_of_the_agent_forgets_nothing()
    {
        Look(Up(1), Up(2));
        Look(Dead(1), Up(2));
        Look(Up(1), Up(2));
        var before = _chronicle.Complete(Status([Up(1), Up(2)]));
        Assert.NotNull(before.Connections[0].Tunnels[0].LastDown);
        _time.Advance(TimeSpan.FromHours(1));
        _chronicle = Begin();

        // The first look of an agent that takes over cannot know yet whether packets pass.
        Look(Up(1) with { State = "connecting" }, Up(2) with { State = "connecting" });
        _time.Advance(TimeSpan.FromSeconds(1));
        Look(Up(1), Up(2));
        var after = _chronicle.Complete(Status([Up(1), Up(2)]));
        Assert.Equal(["up 1", "up 2", "down 1", "up 1"], Told());
        Assert.Equal(before.Events, after.Events);
        Assert.Equal(before.Connections[0].Tunnels.Select(tunnel => (tunnel.Since, tunnel.LastDown)), after.Connections[0].Tunnels.Select(tunnel => (tunnel.Since, tunnel.LastDown)));
    }

    [Fact]
    public void A_tunnel_that_went_down_while_nobody_looked_is_down_after_a_while()
    {
        Look(Up(1), Up(2));
        _chronicle = Begin();
        Look(None(1), Up(2));
        Assert.DoesNotContain("down 1", Told());
        _time.Advance(TimeSpan.FromSeconds(6));
        Look(None(1), Up(2));
        Assert.Equal("down 1", Told()[^1]);
    }

    [Fact]
    public void Renewals_are_told_apart_from_new_connections()
    {
        Look(Up(1), Up(2));
        Look(Up(1, pair: "c0000002"), Up(2));
        Look(Up(1, ike: "b", pair: "c0000002"), Up(2));
        Look(Up(1, ike: "c", pair: "c0000003"), Up(2));
        Assert.Equal(["up 1", "up 2", "rekeyed 1", "rekeyed 1", "reconnected 1"], Told());
        Assert.Equal(["SA pair renewed", "IKE SA renewed"], Events().Where(happened => happened.Kind == "rekeyed").Select(happened => happened.Message));
    }

    [Fact]
    public void Fail_over_has_the_cause_of_the_tunnel_that_was_lost()
    {
        Look(1, Up(1), Up(2));
        Look(2, Dead(1), Up(2));
        Look(2, Up(1), Up(2));
        Look(1, Up(1), Up(2));
        Assert.Equal(["up 1", "up 2", "down 1", "failed-over 2", "up 1", "failed-back 1"], Told());
        Assert.Equal("dpd-timeout", Events()[3].Cause);
        Assert.Equal("traffic moved from tunnel 1 to 2", Events()[3].Message);
        Assert.Equal("traffic moved from tunnel 2 to 1, both are up", Events()[5].Message);
    }

    [Fact]
    public void A_BGP_session_that_ends_alone_has_a_cause()
    {
        Look(Up(1) with { Bgp = new SessionStatus("established", 1, 1, null) }, Up(2));
        Look(Up(1) with { Bgp = new SessionStatus("active", 0, 0, "Received: Hold timer expired") }, Up(2));
        Look(Up(1) with { Bgp = new SessionStatus("established", 1, 1, null) }, Up(2));
        Assert.Equal(["up 1", "up 2", "bgp-down 1", "bgp-up 1"], Told());
        Assert.Equal("bgp-hold-timer", Events()[2].Cause);
    }

    [Fact]
    public void An_older_look_that_ends_later_changes_nothing()
    {
        Look(Up(1), Up(2));
        var stale = _host.Observe(_desired) with { Taken = 0 };
        _chronicle.Take(stale, Status([Dead(1), Dead(2)]));
        Assert.Equal(["up 1", "up 2"], Told());
    }

    [Fact]
    public void Another_desired_state_is_told_by_connection()
    {
        var other = Samples.Customer(id: "vpn-2");
        _chronicle.NoteChange(_desired, Samples.Gateway(other));
        Assert.Equal([("vpn-2", "taken into service"), (Samples.Id, "taken out of service")], Events().Select(happened => (happened.Connection!, happened.Message)));
    }

    [Fact]
    public void After_everything_was_taken_down_the_next_bring_up_is_one()
    {
        Look(Up(1), Up(2));
        Look(Dead(1), Up(2));
        Look(Up(1), Up(2));
        _chronicle.Note(EventKind.TakenDown, "everything taken off the host");
        _time.Advance(TimeSpan.FromMinutes(6));
        _chronicle = Begin();
        Look(None(1), None(2));
        Look(Up(1), None(2));
        Assert.Equal(["up 1", "up 2", "down 1", "up 1", "taken-down ", "up 1"], Told());
        Assert.Equal("up with 198.51.100.1", Events()[^1].Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_stops_nothing()
    {
        File.WriteAllText($"{_folder}/file", "");
        _chronicle = new Chronicle("default", new HistoryFile($"{_folder}/file/history.jsonl"), _time, NullLogger.Instance);
        Look(Up(1), Up(2));
        Assert.Equal(["up 1", "up 2"], Told());
    }

    [Theory]
    [InlineData("2026-01-02T03:04:01.123 12[IKE] <vpn-1-1|3> received DELETE for IKE_SA vpn-1-1[3]", "peer-deleted")]
    [InlineData("2026-01-02T03:04:01.123 12[IKE] <vpn-1-1|3> giving up after 29 retransmits", "dpd-timeout")]
    [InlineData("2026-01-02T03:04:01.123 12[IKE] <vpn-1-2|3> giving up after 29 retransmits", "unknown")]
    [InlineData("2026-01-02T03:01:01.123 12[IKE] <vpn-1-1|3> received DELETE for IKE_SA vpn-1-1[3]", "unknown")]
    [InlineData("2026-01-02T03:04:00.000 12[IKE] <vpn-1-1|3> giving up after 29 retransmits\n2026-01-02T03:04:01.123 12[IKE] <vpn-1-1|3> received AUTHENTICATION_FAILED notify error\nend", "psk-mismatch")]
    [InlineData("2026-01-02T03:04:00.000 12[IKE] <vpn-1-1|3> received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built\n2026-01-02T03:04:00.001 12[IKE] <vpn-1-1|3> CHILD_SA rekeying failed, trying again in 14 seconds", "pfs-mismatch")]
    [InlineData("2026-01-02T03:04:00.000 12[IKE] <vpn-1-1|3> received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built\n2026-01-02T03:04:00.001 12[IKE] <vpn-1-1|3> failed to establish CHILD_SA, keeping IKE_SA", "esp-proposal-mismatch")]
    [InlineData("\0<vpn-1-1|  \n<vpn-1-1|", "unknown")]
    public void The_cause_is_charons_last_word(string log, string cause) =>
        Assert.Equal(cause, DownCause.FromLines(log, "vpn-1-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), TimeSpan.MaxValue));

    [Theory]
    [InlineData(10, "psk-mismatch")]
    [InlineData(3.5, "psk-mismatch")]
    [InlineData(2, "unknown")]
    [InlineData(0, "unknown")]
    public void What_was_written_before_the_IKE_SA_stood_does_not_tell_how_it_ended(double stood, string cause) => Assert.Equal(
        cause,
        DownCause.FromLines("2026-01-02T03:04:01.000 12[IKE] <vpn-1-1|3> received AUTHENTICATION_FAILED notify error", "vpn-1-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), TimeSpan.FromSeconds(stood)));

    private Chronicle Begin() => new("default", new HistoryFile($"{_folder}/history.jsonl"), _time, NullLogger.Instance);

    private void Look(params TunnelStatus[] tunnels) => Look(1, tunnels);

    private void Look(int active, params TunnelStatus[] tunnels) => _chronicle.Take(_host.Observe(_desired) with { Taken = ++_taken }, Status(tunnels, active));

    private IReadOnlyList<GatewayEvent> Events() => _chronicle.Complete(Status([])).Events;

    private List<string> Told() => [.. Events().Select(happened => $"{happened.Kind} {happened.Tunnel}")];

    private StatusDocument Status(TunnelStatus[] tunnels, int active = 1) =>
        new([new ConnectionStatus(Samples.Id, "up", "static", active, [], [], tunnels)], "kernel", [], 0, true);

    private TunnelStatus Up(int number, string ike = "a", string pair = "c0000001") => new(
        number,
        "up",
        _time.GetUtcNow(),
        "tw",
        $"198.51.100.{number}",
        new IkeStatus(2, "established", null, 1, 2, NatT: true) { InitiatorSpi = ike },
        new ChildStatus("", 1, 1, 1, 1, 1) { SpiIn = pair },
        null,
        null,
        null);

    private TunnelStatus Dead(int number) => Up(number) with { State = "down" };

    private TunnelStatus None(int number) => Up(number) with { State = "down", Ike = null, Child = null };
}
