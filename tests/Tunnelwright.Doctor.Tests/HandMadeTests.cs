using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor.Tests;

/// <summary>What is made of a person's configuration and of the logs of daemons that this product did not start.</summary>
public sealed class HandMadeTests
{
    private static readonly ConnectionView Connection = new() { Id = "by hand", LocalRanges = [], RemoteRanges = [], IsHandMade = true };

    [Theory]
    [InlineData("aes128-sha1-modp1024", "aes128-sha1-modp1024")]
    [InlineData("aes256gcm16-prfsha256-ecp256!", "aes256gcm16-prfsha256-ecp256")]
    [InlineData("aes128-aes256-sha1-sha256-modp2048", "aes128-sha1-modp2048 aes128-sha256-modp2048 aes256-sha1-modp2048 aes256-sha256-modp2048")]
    [InlineData("aes128-sha1-modp1024, aes256-sha2_256-modp2048", "aes128-sha1-modp1024 aes256-sha256-modp2048")]
    [InlineData("aes128-sha1-modp1024,default", "")]
    [InlineData("aes128-sha1-newhope", "")]
    [InlineData("aes128-sha1", "")]
    [InlineData(null, "")]
    public void Proposals_are_told_one_suite_each(string? written, string expected) => Assert.Equal(expected, string.Join(' ', WrittenProposals.Expand(written)));

    [Theory]
    [InlineData("10.1.0.0/24,10.2.0.5[tcp/443]", "10.1.0.0/24 10.2.0.5/32")]
    [InlineData("0.0.0.0/0", "")]
    [InlineData("dynamic 169.254.10.2/32", "")]
    [InlineData("{ 10.1.0.0/24 10.3.0.0/16 }", "10.1.0.0/24 10.3.0.0/16")]
    public void Networks_are_what_selectors_say_but_everything_and_inside_addresses(string written, string expected) => Assert.Equal(expected, string.Join(' ', WrittenTunnels.Ranges([written])));

    [Fact]
    public void Lines_without_a_name_belong_to_the_connection_that_their_thread_is_busy_with()
    {
        const string log = """
            09[CFG] loaded connection
            09[IKE] initiating IKE_SA office-1[1] to 198.51.100.2
            09[NET] sending packet: from 203.0.113.2[500] to 198.51.100.2[500] (464 bytes)
            10[NET] received packet: from 192.0.2.2[4500] to 203.0.113.2[14500] (80 bytes)
            09[NET] received packet: from 198.51.100.2[500] to 203.0.113.2[500] (36 bytes)
            10[IKE] received AUTHENTICATION_FAILED notify error
            09[IKE] received NO_PROPOSAL_CHOSEN notify error
            09[IKE] retransmit 1 of request with message ID 0
            09[NET] sending packet: from 203.0.113.2[500] to 192.0.2.2[500] (464 bytes)
            a line of nobody's
            """;
        var scopes = LineScopes.Of(Encoding.ASCII.GetBytes(log), [Tunnel("office-1", "198.51.100.2"), Tunnel("office-2", "192.0.2.2")]);
        Assert.Equal(["", "office-1", "office-1", "office-2", "office-1", "office-2", "office-1", "office-2", "office-2", ""], Enumerable.Range(0, 10).Select(line => scopes[line]));
        Assert.True(scopes.Names("office-2"));
        Assert.Equal("", scopes[99]);
    }

    [Fact]
    public void Two_connections_to_one_peer_are_told_apart_by_name_alone()
    {
        var scopes = LineScopes.Of("07[NET] received packet: from 192.0.2.2[500] to 203.0.113.2[500]\n07[IKE] IKE_SA b[2] established"u8, [Tunnel("a", "192.0.2.2"), Tunnel("b", "192.0.2.2")]);
        Assert.Equal(["", "b"], [scopes[0], scopes[1]]);
    }

    [Fact]
    public void A_log_counts_from_the_daemons_last_start()
    {
        var log = new LogTail("/var/log/charon.log", "00[DMN] Starting IKE charon daemon\n07[IKE] old\n00[DMN] Starting IKE charon daemon (strongSwan 5.9.8)\n07[IKE] new\n"u8.ToArray(), 100);
        var since = HandMadeLogs.SinceStart(log);
        Assert.Equal(102, since.LinesBefore);
        Assert.StartsWith("00[DMN] Starting IKE charon daemon (strongSwan", Encoding.ASCII.GetString(since.Bytes), StringComparison.Ordinal);
        Assert.DoesNotContain("old", Encoding.ASCII.GetString(since.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_shared_log_only_the_daemons_lines_are_left_each_in_its_place()
    {
        var log = new LogTail("/var/log/syslog", "Nov 25 sshd: NO_PROPOSAL_CHOSEN\nNov 25 charon: 07[IKE] retransmit 1\nNov 25 cron: x"u8.ToArray(), 0);
        var lines = Encoding.ASCII.GetString(HandMadeLogs.OfDaemons(log)!.Bytes).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(["", "Nov 25 charon: 07[IKE] retransmit 1", ""], lines.Select(line => line.Trim()));
        Assert.Null(HandMadeLogs.OfDaemons(new LogTail("/var/log/syslog", "Nov 25 sshd: x\n"u8.ToArray(), 0)));
    }

    [Fact]
    public void Times_without_a_date_or_a_year_are_those_of_the_last_day_or_year()
    {
        var now = new DateTime(2026, 3, 1, 0, 30, 0);
        Assert.Equal(new DateTime(2026, 3, 1, 0, 29, 0), LastAttempt.Complete(new DateTime(2000, 1, 1, 0, 29, 0), now));
        Assert.Equal(new DateTime(2026, 2, 28, 23, 59, 0), LastAttempt.Complete(new DateTime(2000, 1, 1, 23, 59, 0), now));
        Assert.Equal(new DateTime(2026, 2, 28, 12, 0, 0), LastAttempt.Complete(new DateTime(2000, 2, 28, 12, 0, 0), now));
        Assert.Equal(new DateTime(2025, 12, 31, 12, 0, 0), LastAttempt.Complete(new DateTime(2000, 12, 31, 12, 0, 0), now));
        Assert.Equal(new DateTime(2024, 5, 5), LastAttempt.Complete(new DateTime(2024, 5, 5), now));
        Assert.Null(LastAttempt.Complete(null, now));
    }

    [Fact]
    public void Frr_tells_its_sessions()
    {
        var sessions = FrrSessions.Parse("""{"routerId":"10.1.0.1","peers":{"169.254.10.1":{"remoteAs":64512,"state":"Established","peerUptimeMsec":3000000000,"pfxRcd":2,"pfxSnt":1},"169.254.20.1":{"state":"Idle (Admin)"},"x":3}}""");
        Assert.Equal([("169.254.10.1", "established", 2, 1), ("169.254.20.1", "down", 0, 0)], sessions!.Select(session => (session.Neighbor!, session.State, session.Imported, session.Exported)));
        Assert.Equal(TimeSpan.FromSeconds(3_000_000), sessions![0].Age);
        Assert.Null(FrrSessions.Parse("% BGP instance not found"));
        Assert.Null(FrrSessions.Parse("[]"));
    }

    [Fact]
    public void Frr_tells_why_a_session_is_down()
    {
        var sessions = FrrSessions.Parse("""{"peers":{"169.254.10.1":{"state":"Active"},"169.254.20.1":{"state":"Idle"},"169.254.30.1":{"state":"Connect"}}}""")!;
        var told = FrrSessions.WithErrors(sessions, """{"169.254.10.1":{"bgpState":"Active","lastNotificationReason":"OPEN Message Error/Bad Peer AS"},"169.254.20.1":{"lastResetDueTo":"Hold Timer Expired"},"169.254.30.1":{"lastResetDueTo":"Waiting for NHT"}}""");
        Assert.Equal(["OPEN Message Error/Bad Peer AS", "Hold Timer Expired", null], told.Select(session => session.LastError));
        Assert.Equal(sessions, FrrSessions.WithErrors(sessions, "% no such thing"));
    }

    [Theory]
    [InlineData("established", 1, 0, 3, true)]
    [InlineData("established", 1, 0, 60, false)]
    [InlineData("established", 0, 1, 60, true)]
    [InlineData("established", 1, 1, 1, false)]
    [InlineData("idle", 0, 0, 0, false)]
    public void Routes_of_a_young_session_may_be_on_their_way(string state, int imported, int exported, int seconds, bool filling)
    {
        Assert.Equal(filling, new SessionView("a", null, state, imported, exported, null, "FRR", TimeSpan.FromSeconds(seconds)).IsFilling);
    }

    private static TunnelView Tunnel(string name, string peer) => new() { Connection = Connection, Number = 1, Name = name, RemoteOutside = Ipv4Address.Parse(peer), Version = 2, Proposals = [] };
}
