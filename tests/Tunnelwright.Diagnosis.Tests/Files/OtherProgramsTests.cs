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
}
