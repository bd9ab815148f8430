using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>A bundle holds everything but secrets, and says the same as what it was made of.</summary>
public sealed class BundleTests
{
    [Fact]
    public async Task No_secret_is_in_it_in_any_form()
    {
        var members = await MakeAsync(PlantedSecrets.Files, ("commands/ip-xfrm-state.txt", PlantedSecrets.Xfrm), ("vici/a.txt", $"secret={PlantedSecrets.Psk}"));
        Assert.True(members.Count >= PlantedSecrets.Files.Count, string.Join(' ', members.Keys));
        foreach (var (name, text) in members)
        {
            foreach (var secret in PlantedSecrets.Forbidden.Distinct(StringComparer.Ordinal))
                Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{name} holds {secret}:\n{text}");
        }

        Assert.DoesNotContain(members.Keys, name => name.Contains("/private/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_useful_stays()
    {
        var members = await MakeAsync(PlantedSecrets.Files, ("commands/ip-xfrm-state.txt", PlantedSecrets.Xfrm));
        Assert.Contains("nameserver 10.0.0.53", members["files/etc/resolv.conf"], StringComparison.Ordinal);
        Assert.Contains("tried 1 shared key for '203.0.113.2' - '198.51.100.2', but MAC mismatched", members["files/run/tunnelwright/default/charon-1/charon.log"], StringComparison.Ordinal);
        Assert.Contains("bgp_community.add((64512, 7))", members["files/etc/bird/bird.conf"], StringComparison.Ordinal);
        Assert.Contains("authby=secret", members["files/etc/ipsec.conf"], StringComparison.Ordinal);
        Assert.Contains("rocommunity redacted_key_", members["files/etc/snmp/snmpd.conf"], StringComparison.Ordinal);
        Assert.Contains("spi 0xc0ffee01 reqid 1 mode tunnel", members["commands/ip-xfrm-state.txt"], StringComparison.Ordinal);
        Assert.Contains("hmac(sha1) redacted_key_", members["commands/ip-xfrm-state.txt"], StringComparison.Ordinal);
        Assert.Equal(PlantedSecrets.Files["/var/lib/tunnelwright/default/history.jsonl"], members["files/var/lib/tunnelwright/default/history.jsonl"]);
    }

    /// <summary>Log lines and settings that speak of keys and hold none.</summary>
    [Theory]
    [InlineData("06[IKE] <a|1> no shared key found for '203.0.113.2' - '198.51.100.2'")]
    [InlineData("06[IKE] <a|1> authentication of '203.0.113.2' (myself) with pre-shared key")]
    [InlineData("06[CFG] loaded IKE secret for 203.0.113.2 198.51.100.2")]
    [InlineData("  - Authentication Method    : Pre-Shared Key")]
    [InlineData("  authby = psk")]
    [InlineData("  leftauth=psk")]
    [InlineData("06[NET] NAT mapping: 203.0.113.2[4500] bypass: policy, ping: 10 ms")]
    [InlineData("bgp_community: (64512,100) (64512,200)")]
    [InlineData("ike 0:vpn:12: PSK authentication succeeded")]
    [InlineData("06[ENC] <a|1> parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]")]
    [InlineData("initiator spi 0x0102030405060708, responder spi 0x1112131415161718")]
    public void Words_are_no_secrets(string line)
    {
        var redactor = new BundleRedactor();
        redactor.Learn(line);
        Assert.Equal(line, redactor.Clean(line));
    }

    [Theory]
    [InlineData("secret", "06[IKE] the secret is not shared")]
    [InlineData("public", "06[NET] public address")]
    public void A_key_that_is_a_word_of_daemons_does_not_destroy_their_messages(string key, string line)
    {
        var redactor = new BundleRedactor();
        redactor.Learn($"  secret = {key}\n");
        Assert.Equal("  secret = redacted_key_1\n", redactor.Clean($"  secret = {key}\n"));
        if (key == "secret") Assert.Equal(line, redactor.Clean(line));
    }

    /// <summary>Whether keys are equal is still told, across files and spellings.</summary>
    [Fact]
    public async Task Equal_keys_stay_equal_and_others_different()
    {
        var members = await MakeAsync(PlantedSecrets.Files);
        var secrets = members["files/etc/ipsec.secrets"].Split('\n');
        var first = secrets[0].Split('"')[1];
        Assert.StartsWith("redacted_key_", first, StringComparison.Ordinal);
        Assert.Contains($"Pre-Shared Key           : {first}\n", members["files/etc/tunnelwright/connections/vpn-0a1b2c3d4e5f60718"], StringComparison.Ordinal);
        Assert.Contains($"secret = \"{first}\"", members["files/etc/swanctl/swanctl.conf"], StringComparison.Ordinal);
        var quoted = members["files/etc/tunnelwright/connections/other.xml"].Split("pre_shared_key>")[1].Split('<')[0];
        Assert.Contains($"\"PreSharedKey\": \"{quoted}\"", members["files/etc/tunnelwright/connections/third.json"], StringComparison.Ordinal);
        Assert.Contains($"secret = \"{quoted}\"", members["files/etc/swanctl/conf.d/more.conf"], StringComparison.Ordinal);
        var second = secrets[1].Split(' ')[^1];
        Assert.NotEqual(first, second);
        Assert.Contains($"secret = {second}", members["files/etc/swanctl/swanctl.conf"], StringComparison.Ordinal);
    }

    public static TheoryData<string> Machines => ["key differs", "key is the same", "selectors", "provider's key differs from ipsec.secrets", "corpus"];

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Diagnose_says_the_same_of_the_bundle(string machine)
    {
        var provider = Configurations.Provider;
        var files = new Dictionary<string, string>(StringComparer.Ordinal) { ["/etc/tunnelwright/connections/vpn"] = provider };
        switch (machine)
        {
            case "key differs":
                files["/etc/swanctl/swanctl.conf"] = Configurations.Swanctl.Replace(Configurations.FirstKey, "Another.Key_Of.Somebody_Else_99", StringComparison.Ordinal);
                break;
            case "key is the same":
                files["/etc/swanctl/swanctl.conf"] = Configurations.Swanctl;
                break;
            case "selectors":
                files["/var/log/charon.log"] = Fixture.All["charon: selectors, initiator v2"].Text;
                break;
            case "provider's key differs from ipsec.secrets":
                files["/etc/ipsec.conf"] = Configurations.IpsecConf;
                files["/etc/ipsec.secrets"] = Configurations.Secrets.Replace(Configurations.SecondKey, "Second.Key_Of.Somebody_Else_99", StringComparison.Ordinal);
                break;
            default:
                var number = 0;
                foreach (var fixture in Fixture.All.Values) files[$"/var/log/charon.log.{++number:000}"] = fixture.Text;
                break;
        }

        var direct = Fixture.DiagnoseTexts([.. files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => (file.Key, file.Value))]);
        var bundled = Fixture.Diagnose(("b.tar.gz", await PackAsync(files)));
        Assert.Equal(direct.Verdict, bundled.Verdict);
        Assert.Equal(direct.Findings.Select(finding => $"{finding.Cause} {finding.Certainty}"), bundled.Findings.Select(finding => $"{finding.Cause} {finding.Certainty}"));
        Assert.All(bundled.Findings.SelectMany(finding => finding.Evidence), line => Assert.StartsWith("b.tar.gz:tunnelwright-bundle/files/", line.Source, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_beyond_the_limit_are_named()
    {
        var members = await MakeAsync(Enumerable.Range(0, 1010).ToDictionary(number => $"/var/log/charon.log.{number:0000}", _ => "", StringComparer.Ordinal));
        Assert.EndsWith("/var/log/charon.log.1009", members["files-left-out.txt"].TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("are left out: a bundle takes 1000", members["manifest.json"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_had_is_in_the_manifest_with_the_reason()
    {
        using var output = new MemoryStream();
        BundleSource[] sources =
        [
            new("a.txt", "/a", _ => Task.FromResult(new BundleText("text", "only the end"))),
            new("b.txt", "/b", _ => throw new UnauthorizedAccessException($"no right, password={PlantedSecrets.Token}")),
            new("c.txt", "/c", async cancellationToken =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return new BundleText("");
            }),
        ];
        var manifest = await new BundleCollector(sources, patience: TimeSpan.FromSeconds(0.2)).WriteAsync(output, isRoot: false, TestContext.Current.CancellationToken);
        Assert.Equal(("a.txt", 4L, "only the end"), (manifest.Items[0].Member, manifest.Items[0].Bytes, manifest.Items[0].Problem));
        Assert.Null(manifest.Items[1].Member);
        Assert.StartsWith("no right, password=redacted_key_", manifest.Items[1].Problem, StringComparison.Ordinal);
        Assert.NotNull(manifest.Items[2].Problem);
        var members = Unpack(output.ToArray());
        Assert.Equal(["manifest.json", "a.txt"], members.Keys);
        using var document = JsonDocument.Parse(members["manifest.json"]);
        Assert.Equal(3, document.RootElement.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("gw-1", "tunnelwright-bundle-gw-1-20240506T070809Z.tar.gz")]
    [InlineData("../etc/x", "tunnelwright-bundle-etcx-20240506T070809Z.tar.gz")]
    [InlineData("", "tunnelwright-bundle-host-20240506T070809Z.tar.gz")]
    public void The_name_says_host_and_time(string host, string name) => Assert.Equal(name, BundleCollector.DefaultName(host, new DateTimeOffset(CaptureBuilder.Start, TimeSpan.Zero)));

    internal static async Task<byte[]> PackAsync(IReadOnlyDictionary<string, string> files, params (string Member, string Text)[] others)
    {
        var root = Directory.CreateTempSubdirectory("tunnelwright-bundle");
        try
        {
            foreach (var (path, text) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(root.FullName + path)!);
                await File.WriteAllTextAsync(root.FullName + path, text);
            }

            var sources = new BundleFiles(root.FullName).All().Concat(others.Select(other => new BundleSource(other.Member, other.Member, _ => Task.FromResult(new BundleText(other.Text)))));
            using var output = new MemoryStream();
            await new BundleCollector(sources).WriteAsync(output, isRoot: true, TestContext.Current.CancellationToken);
            return output.ToArray();
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    internal static Dictionary<string, string> Unpack(byte[] archive)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        using var reader = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        while (reader.GetNextEntry() is { } entry)
        {
            using var text = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
            members.Add(entry.Name["tunnelwright-bundle/".Length..], text.ReadToEnd());
        }

        return members;
    }

    private static async Task<Dictionary<string, string>> MakeAsync(IReadOnlyDictionary<string, string> files, params (string Member, string Text)[] others) => Unpack(await PackAsync(files, others));
}
