using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>What holds for every device: nothing of a connection is lost, nothing hostile gets in, and what a device cannot do is said in one line.</summary>
public sealed partial class DeviceRulesTests
{
    public static TheoryData<string> Devices => [.. DeviceSamples.Devices];

    [Fact]
    public void Every_device_of_the_list_has_a_name_of_its_own_and_a_vendor()
    {
        Assert.Equal(DeviceFiles.All.Count, DeviceFiles.All.Select(device => device.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(DeviceFiles.All, device =>
        {
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", device.Id);
            Assert.All((string[])[device.Vendor, device.Platform, device.Software, device.Writer.Description], Assert.NotEmpty);
            Assert.Same(device, DeviceFiles.Find(device.Id.ToUpperInvariant()));
        });
        string[] asked =
        [
            "generic", "xml", "swanctl", "ipsec-conf", "libreswan", "cisco-ios", "cisco-asa", "juniper-srx", "juniper-j", "palo-alto", "fortigate", "check-point", "pfsense", "opnsense",
            "mikrotik", "sonicwall", "sophos", "yamaha", "vyos", "frr", "bird", "nftables", "azure", "terraform", "cloudformation-gateway", "cloudformation", "cloudformation-2019", "cloudformation-first",
            "describe-json", "json", "yaml",
        ];
        Assert.Equal(asked.Order(StringComparer.Ordinal), DeviceFiles.All.Select(device => device.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Every_address_key_and_number_is_in_the_files(string target)
    {
        foreach (var name in DeviceSamples.Names.Where(name => !DeviceSamples.Refuses(target, DeviceSamples.Of(target, name))))
        {
            var connection = DeviceSamples.Of(target, name);
            var files = DeviceFiles.Find(target)!.Write(connection);
            var all = string.Concat(files.Select(file => file.Content));
            foreach (var tunnel in connection.Tunnels)
            {
                Assert.Contains(tunnel.CloudOutside.ToString(), all, StringComparison.Ordinal);
                Assert.Contains(tunnel.Ike.PreSharedKey!.Reveal(), all, StringComparison.Ordinal);
                if (target == "mikrotik" || (target == "azure" && connection.Routing == Routing.Static)) continue;
                Assert.Contains(tunnel.CustomerInside.Address.ToString(), all, StringComparison.Ordinal);
                if (target != "libreswan" && (target != "vyos" || connection.Routing == Routing.Bgp)) Assert.Contains(tunnel.CloudInside.Address.ToString(), all, StringComparison.Ordinal);
            }

            // Azure has its own phase 1 lifetime; Check Point counts it in minutes.
            foreach (var seconds in new[] { 28_800, 3_600 }) Assert.Matches($@"\b({seconds}|{seconds / 60}|{RekeyTimes.OfIke(connection.Tunnels[0], RequirementProfile.Default).RekeySeconds}|{RekeyTimes.OfIpsec(connection.Tunnels[0], RequirementProfile.Default).RekeySeconds})s?\b", all);
            if (connection.Routing == Routing.Static)
            {
                Assert.True(all.Contains("10.8.2.0", StringComparison.Ordinal), "no static route");
                continue;
            }

            Assert.Contains("64512", all, StringComparison.Ordinal);
            Assert.Contains("65000", all, StringComparison.Ordinal);
            if (target != "azure") Assert.Matches(@"\b30\b", all);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Keys_are_only_in_files_that_hold_secrets(string target)
    {
        foreach (var name in DeviceSamples.Names.Where(name => !DeviceSamples.Refuses(target, DeviceSamples.Of(target, name))))
        {
            var files = DeviceFiles.Find(target)!.Write(DeviceSamples.Of(target, name));
            foreach (var file in files)
            {
                var holds = file.Content.Contains(WriterSamples.FirstKey, StringComparison.Ordinal) || file.Content.Contains(WriterSamples.SecondKey, StringComparison.Ordinal);
                Assert.Equal(holds, file.HoldsSecrets);
                Assert.EndsWith("\n", file.Content, StringComparison.Ordinal);
                Assert.DoesNotContain("\r", file.Content, StringComparison.Ordinal);
                Assert.DoesNotContain(file.Content.Split('\n'), line => line.EndsWith(' ') || line.Contains('\t', StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_hostile_id_adds_no_line_and_leaves_no_place_that_it_is_given(string target)
    {
        var writer = DeviceFiles.Find(target)!;
        var connection = DeviceSamples.Of(target, "static-ikev2");
        var sound = Commands(writer.Write(connection));
        foreach (var id in WriterSamples.HostileIds)
        {
            var files = writer.Write(connection with { Id = id, CustomerGatewayId = id, CloudGatewayId = id });
            Assert.Equal(sound.Select(line => line.Replace(DeviceConnection.NameOf(connection.Id), DeviceConnection.NameOf(id), StringComparison.Ordinal)), Commands(files));
            Assert.All(files.SelectMany(file => file.Content.Split('\n')), line => Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029'));
        }

        // Everything but comments; ids that are derived from names, and the gateways' own, are left out.
        static List<string> Commands(IReadOnlyList<ConfigurationFile> files) =>
            [.. files.SelectMany(file => file.Content.Split('\n')).Where(line => !IsComment(line)).Select(line => Uuid().Replace(GatewayId().Replace(line, "NAME"), "UUID"))];
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Any_id_and_any_key_end_in_the_same_lines_or_in_one_error(string target)
    {
        var writer = DeviceFiles.Find(target)!;
        var connection = DeviceSamples.Of(target, "static-ikev2");
        var lines = writer.Write(connection).Sum(file => file.Content.Count(c => c == '\n'));
        var keys = from length in Gen.Choose(1, 70) from characters in Gen.ArrayOf(Gen.Choose(0x21, 0x7E).Select(c => (char)c), length) select new string(characters);
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), Arb.From(keys), (id, key) =>
        {
            if (!PreSharedKey.IsUsable(key)) return true;
            try
            {
                var files = writer.Write(connection.WithKey(key) with { Id = id ?? "" });
                return files.Sum(file => file.Content.Count(c => c == '\n')) == lines && files.Where(file => file.HoldsSecrets).Any(file => file.Content.Contains(key, StringComparison.Ordinal));
            }
            catch (WriterException refused)
            {
                return !refused.Message.Contains('\n', StringComparison.Ordinal) && (key.Length < 8 || !refused.ToString().Contains(key, StringComparison.Ordinal));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(7, 13));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_key_that_the_command_line_could_misread_is_refused_and_not_told(string target)
    {
        foreach (var key in new[] { "abc;reboot", "a|b|c|d|e", "$(reboot)x", "`reboot`xx", "abcdefgh?", "abc#defgh", "<key>abcd", "-abcdefgh", "0xabcdefgh", "0sQUJDREVGR0g", "abc{def}x", "a,b,c,d,e", "short", new string('k', 65) })
        {
            var error = Assert.Throws<WriterException>(() => DeviceFiles.Find(target)!.Write(DeviceSamples.Of(target, "static-ikev2").WithKey(key)));
            Assert.DoesNotContain(key, error.Message, StringComparison.Ordinal);
            Assert.Contains("pre-shared key", error.Message, StringComparison.Ordinal);
            Assert.NotNull(error.Hint);
        }
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "cisco-ios", "1 aes256gcm16 14", "aes256gcm16 in phase 1 of IKEv1" },
        { "cisco-ios", "2 aes256-sha256 22", "Diffie-Hellman group 22" },
        { "cisco-asa", "1 aes256-sha256 14", "sha256" },
        { "cisco-asa", "2 aes256-sha256 18", "Diffie-Hellman group 18" },
        { "juniper-srx", "2 aes256-sha256 23", "Diffie-Hellman group 23" },
        { "juniper-j", "2 aes256gcm16 14", "aes256gcm16" },
        { "juniper-j", "2 aes256-sha512 14", "sha512" },
        { "palo-alto", "2 aes256-sha256 24", "Diffie-Hellman group 24" },
        { "fortigate", "2 aes256-sha256 24", "Diffie-Hellman group 24" },
        { "check-point", "2 aes128gcm16 14", "aes128gcm16" },
        { "mikrotik", "2 aes256-sha384 14", "sha384" },
        { "mikrotik", "2 aes256gcm16 14", "aes256gcm16" },
        { "sonicwall", "2 aes256-sha256 15", "Diffie-Hellman group 15" },
        { "sophos", "2 aes256-sha256 22", "Diffie-Hellman group 22" },
        { "yamaha", "2 aes256gcm16 14", "aes256gcm16" },
        { "yamaha", "1 aes256-sha384 14", "sha384" },
        { "opnsense", "2 aes256-sha256 24", "Diffie-Hellman group 24" },
        { "azure", "2 aes256-sha512 14", "sha512" },
        { "azure", "2 aes256-sha256 16", "Diffie-Hellman group 16" },
        { "libreswan", "2 aes256-sha256 2", "Diffie-Hellman group 2" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_a_device_does_not_offer_is_said_in_one_line(string target, string wanted, string said)
    {
        var parts = wanted.Split(' ');
        var cipher = parts[1].Split('-');
        Assert.True(Algorithms.TryParse(cipher[0], out EncryptionAlgorithm encryption));
        IntegrityAlgorithm? integrity = cipher.Length > 1 && Algorithms.TryParse(cipher[1], out IntegrityAlgorithm parsed) ? parsed : null;
        var connection = DeviceSamples.Of(target, "static-ikev2").With(parts[0] == "1" ? IkeVersion.V1 : IkeVersion.V2, encryption, integrity, int.Parse(parts[2]));
        var error = Assert.Throws<WriterException>(() => DeviceFiles.Find(target)!.Write(connection));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.StartsWith("ask for ", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_expressed_at_all_is_refused()
    {
        Assert.Contains("no tunnel interface", Fails("mikrotik", WriterSamples.Bgp), StringComparison.Ordinal);
        Assert.Contains("cloud's range", Fails("mikrotik", DeviceSamples.Of("mikrotik", "static-ikev2") with { CloudRanges = [] }), StringComparison.Ordinal);
        Assert.Contains("169.254.21.0/24", Fails("azure", WriterSamples.Bgp.With(IkeVersion.V2, EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, 14)), StringComparison.Ordinal);
        Assert.Contains("cloud's range", Fails("azure", DeviceSamples.Of("azure", "static-ikev2") with { CloudRanges = [] }), StringComparison.Ordinal);
        Assert.Contains("another group", Fails("yamaha", DeviceSamples.Of("yamaha", "static-ikev2").WithTunnels(t => t with { Ipsec = t.Ipsec with { Proposal = t.Ipsec.Proposal with { PfsGroup = new DhGroup(2) } } })), StringComparison.Ordinal);
        Assert.Contains("65535", Fails("yamaha", DeviceSamples.Of("yamaha", "bgp-ikev2").WithTunnels(t => t with { Bgp = t.Bgp! with { CustomerAsn = new Asn(4_200_000_000) } })), StringComparison.Ordinal);
        foreach (var target in DeviceSamples.Devices)
        {
            var sample = DeviceSamples.Of(target, "static-ikev1");
            Assert.Contains("aggressive", Fails(target, sample.WithTunnels(t => t with { Ike = t.Ike with { Mode = IkeMode.Aggressive } })), StringComparison.Ordinal);
            Assert.Contains("certificate", Fails(target, sample.WithTunnels(t => t with { Ike = t.Ike with { Authentication = AuthenticationMethod.Certificate } })), StringComparison.Ordinal);
            Assert.Contains("no tunnel", Fails(target, sample with { Tunnels = [] }), StringComparison.Ordinal);
            Assert.Contains("AS number", Fails(target, DeviceSamples.Of(target, "bgp-ikev2").WithTunnels(t => t with { Bgp = t.Bgp! with { CustomerAsn = null } })), StringComparison.Ordinal);
        }

        static string Fails(string target, VpnConnection connection) => Assert.Throws<WriterException>(() => DeviceFiles.Find(target)!.Write(connection)).Message;
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_preference_moves_the_traffic(string target)
    {
        var writer = DeviceFiles.Find(target)!.Writer;
        if (writer.Settings.All(setting => setting.Name != "prefer")) return;
        var connection = DeviceSamples.Of(target, "static-ikev2");
        var first = string.Concat(writer.Write(connection, WriterSettings.Parse(writer, ["prefer=1"])).Select(file => file.Content));
        var second = string.Concat(writer.Write(connection, WriterSettings.Parse(writer, ["prefer=2"])).Select(file => file.Content));
        Assert.NotEqual(first, second);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void The_XML_and_JSON_parts_are_well_formed_for_every_sound_connection(string target)
    {
        var written = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var connection = DeviceSamples.For(target, WriterSamples.Random(seed)).With(IkeVersion.V2, EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, 14);
            connection = connection.WithTunnels(tunnel => tunnel with { Ike = tunnel.Ike with { PreSharedKey = PreSharedKey.Generate() }, Ipsec = tunnel.Ipsec with { Lifetime = new Lifetime(3_000) } });
            if (connection.Routing == Routing.Bgp) connection = connection.WithTunnels(t => t with { Bgp = t.Bgp! with { CustomerAsn = new Asn(65000) } });
            if (DeviceSamples.Refuses(target, connection)) continue;
            written++;
            foreach (var file in DeviceFiles.Find(target)!.Write(connection))
            {
                if (file.Name.EndsWith(".xml", StringComparison.Ordinal)) new XmlDocument().LoadXml(file.Content);
                if (file.Name.EndsWith(".json", StringComparison.Ordinal)) JsonDocument.Parse(file.Content).Dispose();
            }
        }

        Assert.InRange(written, 20, 60);
    }

    private static bool IsComment(string line) => CommentStart().IsMatch(line);

    [GeneratedRegex("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.None, 1000)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"(?<=^(?:cloudGatewayId|customerGatewayId): )\S+$", RegexOptions.None, 1000)]
    private static partial Regex GatewayId();

    [GeneratedRegex(@"^\s*(?:#|!|//|<!--|Sophos Firewall for |pfSense for |OPNsense for )", RegexOptions.None, 1000)]
    private static partial Regex CommentStart();
}
