namespace Tunnelwright.Diagnosis.Tests;

/// <summary>What other programs write, in words that an IKE daemon writes, too.</summary>
public sealed class OtherProgramsTests
{
    [Theory]
    [InlineData("Jul  1 10:00:00 host sshd(pam_unix)[100]: authentication failure; logname= uid=0 rhost=203.0.113.9  user=root")]
    [InlineData("Jul  1 10:00:00 host su[101]: Authentication failed for the user of the desktop")]
    [InlineData("2026-07-01 10:00:00, Info  CBS  Warning: Unrecognized attribute of a package.")]
    [InlineData("Jul  1 10:00:00 host dockerd[102]: certificate is expired, pulling of the image is given up")]
    [InlineData("Jul  1 10:00:00 host nginx[103]: connection timed out, no response from peer 203.0.113.9")]
    [InlineData("Jul  1 10:00:00 host postfix[104]: lost connection, the address does not match the name")]
    public void Say_nothing_about_a_tunnel(string line)
    {
        var report = Fixture.Diagnose(line + "\n" + line + "\n");
        Assert.True(report.Findings.Count == 0 && report.Verdict == "unknown", Fixture.Show(report));
        Assert.DoesNotContain(report.Checks, check => check.Detail.StartsWith("read as", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_words_of_a_daemon_do()
    {
        var report = Fixture.Diagnose("Jul  1 10:00:00 host vpnd[102]: IPsec tunnel to 203.0.113.9: certificate is expired\n");
        Assert.Equal("certificate-problem", Assert.Single(report.Findings).Cause);
        Assert.Contains(report.Checks, check => check.Detail.StartsWith("read as", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("# How long an IKE_SA may stay half open, in seconds (peer does not respond).\nhalf_open_timeout = 30\n")]
    [InlineData("charon {\n    # Whether an IKE_SA ends when its CHILD_SA was closed due to inactivity.\n    # inactivity_close_ike = no\n    half_open_timeout = 30\n}\n")]
    [InlineData("protocol bgp cloud {\n  # the tunnel is down: no response from peer, ask the provider\n  hold time 30;\n}\n")]
    public void Settings_of_a_daemon_are_no_events(string text)
    {
        var report = Fixture.Diagnose(text);
        Assert.True(report.Findings.Count == 0 && report.Verdict == "unknown", Fixture.Show(report));
        Assert.Contains(report.Checks, check => check.Detail.StartsWith("settings", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comment_in_a_log_is_no_event_and_the_event_beside_it_is()
    {
        var report = Fixture.Diagnose("# the CHILD_SA was closed due to inactivity?\nJul  1 10:00:00 host vpnd[102]: IPsec tunnel to 203.0.113.9: certificate is expired\n");
        Assert.Equal("certificate-problem", Assert.Single(report.Findings).Cause);
    }
}
