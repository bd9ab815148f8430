namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Ranking, rivals and symptoms.</summary>
public sealed class JudgeTests
{
    [Fact]
    public void An_ambiguous_sign_is_ranked_and_says_what_would_decide_it()
    {
        var report = Fixture.Diagnose("[IKE] <a|1> received AUTHENTICATION_FAILED notify error\n");
        Assert.Equal(["psk-mismatch", "identity-mismatch"], report.Findings.Select(finding => finding.Cause));
        Assert.All(report.Findings, finding => Assert.NotNull(finding.DecidedBy));
        Assert.True(report.Findings[0].Certainty < 0.8);
    }

    [Fact]
    public void The_other_ends_log_decides_it()
    {
        var report = Fixture.DiagnoseTexts(
            ("ours", "06[IKE] received AUTHENTICATION_FAILED notify error\n"),
            ("theirs", "06[IKE] tried 1 shared key for 'a' - 'b', but MAC mismatched\n"));
        var finding = Assert.Single(report.Findings);
        Assert.Equal("psk-mismatch", finding.Cause);
        Assert.Null(finding.DecidedBy);
        Assert.Equal(["identity-mismatch"], finding.RuledOut);
        Assert.Equal(["ours", "theirs"], finding.Evidence.Select(line => line.Source).Order());
    }

    [Fact]
    public void Faults_of_two_connections_are_two_findings()
    {
        var report = Fixture.Diagnose(Fixture.All["charon: selectors, initiator v2"].Text + Fixture.All["charon: v2 wrong key, responder"].Text + Fixture.All["charon: nothing comes back on 500"].Text.Replace("aws-1", "far-2"));
        Assert.Equal(["ike-unreachable", "psk-mismatch", "ts-mismatch"], report.Findings.Select(finding => finding.Cause).Order());
        Assert.Equal(report.Findings.Select(finding => finding.Certainty).OrderDescending(), report.Findings.Select(finding => finding.Certainty));
    }

    [Theory]
    [InlineData(false, "provider")]
    [InlineData(true, "customer")]
    public void Who_lacks_the_route_must_add_it(bool alsoHere, string owner)
    {
        var evidence = new EvidenceStore();
        evidence.Add(new Fact(FactKind.CloudHasNoRoute, "cloud DNS", null, "169.254.10.1 answers ICMP network unreachable"));
        if (alsoHere) evidence.Add(new Fact(FactKind.RouteElsewhere, "ip route get", null, "10.8.2.2: eth0"));
        var finding = Assert.Single(Judge.Findings(evidence));
        Assert.Equal(("route-missing", owner), (finding.Cause, finding.Owner));
        Assert.Equal(!alsoHere, finding.Remedy.Contains("provider", StringComparison.Ordinal));
    }

    [Fact]
    public void SAs_without_an_interface_have_a_remedy_of_their_own()
    {
        var evidence = new EvidenceStore();
        evidence.Add(new Fact(FactKind.NoInterfaceOfSa, "ip link", null, "no interface has the if_id 1 of its SAs"));
        var finding = Assert.Single(Judge.Findings(evidence));
        Assert.Equal(("route-missing", "customer"), (finding.Cause, finding.Owner));
        Assert.Contains("if_id_out", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_thing_is_written_is_told_before_what_follows_from_it()
    {
        var evidence = new EvidenceStore();
        for (var line = 1; line <= 9; line++) evidence.Add(new Fact(FactKind.IkeProposalRefused, "charon.log", line, $"refused {line}"));
        evidence.Add(new Fact(FactKind.IkeProposalRefused, "swanctl.conf", 6, "proposals") { IsOrigin = true });
        Assert.Equal("swanctl.conf", Assert.Single(Judge.Findings(evidence)).Evidence[0].Source);
    }

    [Fact]
    public void A_symptom_is_hidden_under_its_cause()
    {
        var report = Fixture.Diagnose(Fixture.All["charon: the peer dies"].Text + "06[IKE] <aws-1|2> retransmit 5 of request with message ID 0\n06[IKE] <aws-1|2> giving up after 5 retransmits\n2026-03-01 10:00:00.123 <RMT> tunnel1: Error: Hold timer expired\n");
        var finding = Assert.Single(report.Findings);
        Assert.Equal("dpd-timeout", finding.Cause);
        Assert.Equal(["bgp-hold-timer", "ike-unreachable"], finding.Hides.Order());
    }

    [Fact]
    public void Success_of_another_connection_cures_nothing()
    {
        var cured = "06[IKE] <aws-1|2> IKE_SA aws-1[2] established between a[a]...b[b]\n06[IKE] <aws-1|2> CHILD_SA aws-1{2} established with SPIs c1_i c2_o and TS 0.0.0.0/0 === 0.0.0.0/0\n";
        var failed = Fixture.All["charon: selectors, initiator v2"].Text;
        Assert.Equal("healthy", Fixture.Diagnose(failed + cured).Verdict);
        Assert.Equal("ts-mismatch", Fixture.Diagnose(failed + cured.Replace("aws-1", "aws-2")).Findings[0].Cause);
        Assert.Equal("ts-mismatch", Fixture.Diagnose(cured + failed).Findings[0].Cause);
    }

    [Fact]
    public void Nat_is_a_check_and_no_finding()
    {
        var report = Fixture.Diagnose("06[IKE] <a|1> local host is behind NAT, sending keep alives\n" + Fixture.All["charon: packet loss at the start"].Text);
        Assert.Equal("healthy", report.Verdict);
        Assert.Contains(report.Checks, check => check.Name == "nat-in-path");
    }
}
