using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>What the golden files do not show: AEAD ciphers, NAT, names of interfaces, scripts.</summary>
public sealed class DeviceVariantsTests
{
    public static TheoryData<string, string[]> Aead => new()
    {
        { "cisco-ios", [" encryption aes-gcm-256\n prf sha256\n group 14\n", "crypto ipsec transform-set vpn-0a1b2c3d4e5f60718-1 esp-gcm 256\n"] },
        { "cisco-asa", [" encryption aes-gcm-256\n integrity null\n", " protocol esp encryption aes-gcm-256\n protocol esp integrity null\n"] },
        { "juniper-srx", ["ike proposal vpn-0a1b2c3d4e5f60718-1 encryption-algorithm aes-256-gcm\n", "ipsec proposal vpn-0a1b2c3d4e5f60718-1 encryption-algorithm aes-256-gcm\n"] },
        { "palo-alto", ["ike-crypto-profiles vpn-0a1b2c3d4e5f60718-1 encryption aes-256-gcm\n", "esp authentication none\n"] },
        { "fortigate", ["set proposal aes256gcm-prfsha256\n", "set proposal aes256gcm\n"] },
        { "pfsense", ["<name>aes256gcm</name>\n          <keylen>128</keylen>", "<prf-algorithm>sha256</prf-algorithm>"] },
        { "opnsense", ["<proposals>aes256gcm16-sha256-modp2048</proposals>", "<esp_proposals>aes256gcm16-modp2048</esp_proposals>"] },
        { "sonicwall", ["proposal ike encryption aes-gcm16-256\n", "proposal ipsec authentication none\n"] },
        { "sophos", ["<EncryptionAlgorithm1>AES256GCM16</EncryptionAlgorithm1>"] },
        { "vyos", ["proposal 1 encryption 'aes256gcm128'\n", "proposal 1 prf 'prfsha256'\n"] },
        { "azure", ["ikeEncryption: 'GCMAES256'\n", "ipsecIntegrity: 'GCMAES256'\n"] },
        { "libreswan", ["ike=aes_gcm256-sha2_256;modp2048\n", "esp=aes_gcm256;modp2048\n"] },
    };

    [Theory]
    [MemberData(nameof(Aead))]
    public void An_AEAD_has_no_integrity_beside_it(string target, string[] expected)
    {
        var all = string.Concat(DeviceFiles.Find(target)!.Write(DeviceSamples.Of(target, "static-ikev2").With(IkeVersion.V2, EncryptionAlgorithm.Aes256Gcm16, null, 14)).Select(file => file.Content));
        Assert.All(expected, text => Assert.Contains(text, all, StringComparison.Ordinal));
        Assert.DoesNotMatch(@"aes256gcm(16|128)?-sha256\b(?!-modp)|esp-gcm 256 esp-", all);
    }

    [Theory]
    [InlineData("cisco-ios", "tunnel source 10.0.0.5")]
    [InlineData("fortigate", "set localid \"203.0.113.2\"")]
    [InlineData("opnsense", "<local_addrs>10.0.0.5</local_addrs>")]
    [InlineData("vyos", "local-address '10.0.0.5'")]
    [InlineData("yamaha", "ipsec ike local address 1 10.0.0.5")]
    [InlineData("mikrotik", "local-address=10.0.0.5")]
    [InlineData("libreswan", "left=10.0.0.5")]
    public void Behind_NAT_the_device_sends_from_its_own_address_and_has_smaller_packets(string target, string expected)
    {
        var writer = DeviceFiles.Find(target)!.Writer;
        var all = string.Concat(writer.Write(DeviceSamples.Of(target, "static-ikev2"), WriterSettings.Parse(writer, ["local-address=10.0.0.5"])).Select(file => file.Content));
        Assert.Contains(expected, all, StringComparison.Ordinal);
        Assert.Contains("203.0.113.2", target == "cisco-ios" ? "203.0.113.2" : all, StringComparison.Ordinal);
        Assert.Matches(@"\b13(82|42)\b|\b1422\b", all);
        Assert.DoesNotMatch(@"\b1438\b|\b1398\b", all);
    }

    [Theory]
    [InlineData("cisco-ios", "GigabitEthernet0/0/1", true)]
    [InlineData("juniper-srx", "ge-0/0/3.200", true)]
    [InlineData("fortigate", "port1", true)]
    [InlineData("fortigate", "a\nb", false)]
    [InlineData("fortigate", "a\"b", false)]
    [InlineData("cisco-ios", "Gi 0/0", false)]
    [InlineData("vyos", "1eth", false)]
    [InlineData("vyos", "eth0'", false)]
    public void The_outside_interface_is_named_as_the_device_names_it(string target, string name, bool taken)
    {
        var writer = DeviceFiles.Find(target)!.Writer;
        if (!taken)
        {
            Assert.Throws<WriterException>(() => WriterSettings.Parse(writer, [$"outside-interface={name}"]));
            return;
        }

        Assert.Contains(name, writer.Write(DeviceSamples.Of(target, "static-ikev2"), WriterSettings.Parse(writer, [$"outside-interface={name}"]))[0].Content, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_Points_script_is_sound_shell_and_shows_no_key_to_a_process_list()
    {
        using var folder = new TemporaryFolder();
        foreach (var id in WriterSamples.HostileIds.Append("vpn-0a1b2c3d4e5f60718"))
        {
            var files = DeviceFiles.Find("check-point")!.Write(DeviceSamples.Of("check-point", "bgp-ikev2") with { Id = id });
            var (exitCode, output) = RealProgram.Run("/bin/bash", "bash", "-n", folder.Write("management.sh", files.Content("management.sh")));
            Assert.True(exitCode == 0, output);
            Assert.DoesNotContain(WriterSamples.FirstKey, files.Content("management.sh"), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string> Devices => [.. DeviceSamples.Devices];

    [Theory]
    [MemberData(nameof(Devices))]
    public void IKEv2_of_3600_seconds_is_renewed_after_51_minutes_at_the_latest(string target)
    {
        if (target is "terraform" or "cloudformation-gateway") return;
        string Written(IkeVersion version, int life) => string.Concat(DeviceFiles.Find(target)!.Write(DeviceSamples.Of(target, "static-ikev2").With(version, EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, 14)
            .WithTunnels(tunnel => tunnel with { Ipsec = tunnel.Ipsec with { Lifetime = new Lifetime(life) } })).Select(file => file.Content));
        Assert.Matches(target == "libreswan" ? "rekeymargin=540s" : @"\b3060s?\b", Written(IkeVersion.V2, 3600));
        Assert.DoesNotMatch(@"\b3060s?\b", Written(IkeVersion.V1, 3600));
        Assert.DoesNotMatch(@"\b3060s?\b", Written(IkeVersion.V2, 3500));
    }

    [Fact]
    public void FortiGates_tunnels_can_have_other_names()
    {
        var writer = DeviceFiles.Find("fortigate")!.Writer;
        var text = writer.Write(DeviceSamples.Of("fortigate", "bgp-ikev2"), WriterSettings.Parse(writer, ["tunnel-interface=cloud-a,cloud-b"]))[0].Content;
        Assert.Contains("edit \"cloud-b\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"vpn1\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cisco-ios", "cisco-ios.txt")]
    [InlineData("sonicwall", "sonicwall.txt")]
    [InlineData("sophos", "steps.txt")]
    public void The_BGP_part_that_has_Ciscos_grammar_is_read_by_FRR(string target, string file)
    {
        using var folder = new TemporaryFolder();
        var writer = DeviceFiles.Find(target)!.Writer;
        var sample = DeviceSamples.Of(target, "bgp-ikev2");
        foreach (var connection in new[] { sample, sample with { CloudRanges = [], CustomerRanges = [] } })
        {
            foreach (var prefer in new[] { "prefer=1", "prefer=none" })
            {
                var lines = writer.Write(connection, WriterSettings.Parse(writer, [prefer])).Content(file).Split('\n').Select(line => line.Trim());
                var part = lines.SkipWhile(line => !line.StartsWith("ip prefix-list", StringComparison.Ordinal)).TakeWhile(line => line != "end").ToList();
                Assert.Contains("router bgp 65000", part);
                Assert.Equal(prefer == "prefer=1", part.Contains("set as-path prepend 65000 65000 65000"));
                var (exitCode, output) = RealProgram.Run("/usr/bin/vtysh", "frr", "-C", "-f", folder.Write("frr.conf", string.Join('\n', part) + "\n"));
                Assert.True(exitCode == 0 && !output.Contains("Unknown", StringComparison.OrdinalIgnoreCase) && !output.Contains("line ", StringComparison.Ordinal), output);
            }
        }
    }
}
