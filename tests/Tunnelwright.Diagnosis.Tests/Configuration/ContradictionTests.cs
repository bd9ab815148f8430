namespace Tunnelwright.Diagnosis.Tests;

/// <summary>A device's configuration beside the provider's file: one change each, and what it must come to.</summary>
public sealed class ContradictionTests
{
    [Fact]
    public void Files_that_agree_are_healthy()
    {
        var swanctl = Fixture.DiagnoseTexts(("provider.txt", Configurations.Provider), ("swanctl.conf", Configurations.Swanctl));
        Assert.True(swanctl.Verdict == "healthy", Fixture.Show(swanctl));
        var ipsec = Fixture.DiagnoseTexts(("provider.txt", Configurations.Provider), ("ipsec.conf", Configurations.IpsecConf), ("ipsec.secrets", Configurations.Secrets));
        Assert.True(ipsec.Verdict == "healthy", Fixture.Show(ipsec));
        var alone = Fixture.DiagnoseTexts(("provider.txt", Configurations.Provider));
        Assert.True(alone.Verdict == "healthy", Fixture.Show(alone));
        Assert.Equal("healthy", Fixture.DiagnoseTexts(("swanctl.conf", Configurations.Swanctl)).Verdict);
    }

    [Theory]
    [InlineData("remote_addrs = 52.17.8.77", "remote_addrs = 52.99.8.77", "stale-peer-address", 2)]
    [InlineData("version = 1", "version = 2", "ike-version-mismatch", 1)]
    [InlineData("proposals = aes128-sha1-modp1024\n    rekey", "proposals = aes256-sha1-modp1024\n    rekey", "ike-proposal-mismatch", 1)]
    [InlineData("proposals = aes128-sha1-modp1024\n    rekey", "proposals = aes128-sha1-modp2048\n    rekey", "ike-proposal-mismatch", 1)]
    [InlineData("esp_proposals = aes128-sha1-modp1024   #", "esp_proposals = aes128-sha256-modp1024   #", "esp-proposal-mismatch", 1)]
    [InlineData("esp_proposals = aes128-sha1-modp1024   #", "esp_proposals = aes128-sha1   #", "pfs-mismatch", 1)]
    [InlineData("esp_proposals = aes128-sha1-modp1024   #", "esp_proposals = aes128-sha1-ecp256   #", "pfs-mismatch", 1)]
    [InlineData("life_time = 3600s\n        rekey_time = 3060s\n        start_action = start\n      }\n    }\n  }\n  aws-2", "life_time = 8h\n        rekey_time = 3060s\n        start_action = start\n      }\n    }\n  }\n  aws-2", "phase2-lifetime-out-of-range", 1)]
    [InlineData("rekey_time = 25920s", "rekey_time = 86400s", "ike-lifetime-out-of-range", 1)]
    [InlineData(Configurations.SecondKey, "Another.Key_altogether.Nobody_00", "psk-mismatch", 2)]
    [InlineData("dpd_delay = 10s\n    local {\n      auth = psk\n      id", "local {\n      auth = psk\n      id", "dpd-timeout", 1)]
    [InlineData("id = 81.2.69.142", "id = 10.0.0.4", "identity-mismatch", 1)]
    [InlineData("start_action = start\n      }\n    }\n  }\n  aws-2", "start_action = none\n      }\n    }\n  }\n  aws-2", "not-initiating", 1)]
    [InlineData("auth = psk\n      id = 81", "auth = pubkey\n      id = 81", "auth-method-unsupported", 1)]
    [InlineData("      net {\n        local_ts", "      other { mode = transport }\n      net {\n        local_ts", "multiple-sa-pairs", 1)]
    public void A_change_in_swanctl_conf_is_named(string from, string to, string cause, int tunnel)
    {
        var text = Configurations.Swanctl.Replace("\r\n", "\n");
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{from}' is not in the sample.");
        var report = Fixture.DiagnoseTexts(("provider.txt", Configurations.Provider), ("swanctl.conf", text[..at] + to + text[(at + from.Length)..]));
        var finding = report.Findings.FirstOrDefault(candidate => candidate.Cause == cause);
        Assert.True(finding is not null, Fixture.Show(report));
        Assert.Equal(tunnel, finding.Tunnel);
        var line = Assert.Single(finding.Evidence);
        Assert.Equal("swanctl.conf", line.Source);
        Assert.True(line.Line > 1);
        Assert.DoesNotContain("Key_altogether", Fixture.Show(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("right=52.17.8.77", "right=52.99.8.77", "stale-peer-address")]
    [InlineData("keyexchange=ikev1", "keyexchange=ikev2", "ike-version-mismatch")]
    [InlineData("ike=aes128-sha1-modp1024!", "ike=aes128-md5-modp1024!", "ike-proposal-mismatch")]
    [InlineData("esp=aes128-sha1-modp1024!", "esp=aes128-sha1!", "pfs-mismatch")]
    [InlineData("esp=aes128-sha1-modp1024!", "esp=3des-sha1-modp1024!", "esp-proposal-mismatch")]
    [InlineData("lifetime=3600s\n\tdpd", "lifetime=24h\n\tdpd", "phase2-lifetime-out-of-range")]
    [InlineData("dpddelay=10s\n", "type=transport\n\tdpddelay=10s\n", "encapsulation-mode-mismatch")]
    [InlineData("dpddelay=10s\n", "aggressive=yes\n\tdpddelay=10s\n", "ike-mode-mismatch")]
    [InlineData("auto=start", "auto=add", "not-initiating")]
    [InlineData("conn aws-2\n\tright=52.17.8.77\n", "", "both-tunnels-not-configured")]
    [InlineData("ike=aes128-sha1-modp1024!", "ike=aes999-sha1-modp1024!", "config-syntax")]
    public void A_change_in_ipsec_conf_is_named(string from, string to, string cause)
    {
        var text = Configurations.IpsecConf.Replace("\r\n", "\n").Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Configurations.IpsecConf, text);
        var report = Fixture.DiagnoseTexts(("provider.txt", Configurations.Provider), ("ipsec.conf", text), ("ipsec.secrets", Configurations.Secrets));
        Assert.True(report.Findings.Any(finding => finding.Cause == cause), Fixture.Show(report));
    }

    [Theory]
    [InlineData("connections {\n aws {\n  remote_adrs = 198.51.100.2\n }\n}\n", 3)]
    [InlineData("connections {\n aws {\n  remote_addrs 198.51.100.2\n }\n}\n", 3)]
    [InlineData("connections {\n aws {\n  remote_addrs = 198.51.100.2\n }\n", 1)]
    [InlineData("connections {\n aws {\n  remote_addrs = 198.51.100.2\n }\n}\n}\n", 6)]
    [InlineData("connections {\n aws {\n  remote_addrs = 198.51.100.2\n  rekey_time = often\n }\n}\n", 4)]
    [InlineData("connections {\n aws {\n  remote_addrs = 198.51.100.2\n  proposals = aes257-sha256-modp2048\n }\n}\n", 4)]
    [InlineData("config setup\n\nconn aws\n\tright=198.51.100.2\n\tthis is no setting\n", 5)]
    [InlineData("config setup\n\nconn aws\n\tright=198.51.100.2\n\tikelifetime=soon\n", 5)]
    public void A_line_that_cannot_be_read_is_named(string text, int line)
    {
        var report = Fixture.DiagnoseTexts(("device.conf", text));
        var finding = report.Findings.FirstOrDefault(candidate => candidate.Cause == "config-syntax");
        Assert.True(finding is not null, Fixture.Show(report));
        Assert.Equal(line, finding.Evidence[0].Line);
    }

    [Fact]
    public void A_missing_key_is_not_a_wrong_one()
    {
        var secrets = Configurations.Secrets.Split('\n')[0] + "\n";
        var report = Fixture.DiagnoseTexts(("p", Configurations.Provider), ("c", Configurations.IpsecConf), ("s", secrets));
        Assert.True(report.Findings.Any(finding => finding.Cause == "psk-missing" && finding.Tunnel == 2), Fixture.Show(report));
        Assert.DoesNotContain(report.Findings, finding => finding.Cause == "psk-mismatch");
    }

    [Fact]
    public void A_log_and_a_configuration_that_say_the_same_are_one_finding()
    {
        var swanctl = Configurations.Swanctl.Replace(Configurations.FirstKey, "Another.Key_altogether.Nobody_00", StringComparison.Ordinal);
        var report = Fixture.DiagnoseTexts(("p", Configurations.Provider), ("c", swanctl), ("log", Fixture.All["charon: v1 wrong key, initiator"].Text));
        Assert.Equal("psk-mismatch", report.Findings[0].Cause);
        Assert.Single(report.Findings, finding => finding.Cause == "psk-mismatch");
        Assert.Equal(2, report.Findings[0].Evidence.Select(line => line.Source).Distinct().Count());
    }
}
