using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tunnelwright.EndToEnd;

/// <summary>A bundle of a real gateway: whole, without keys, of use to diagnose, and to be had half-blind.</summary>
public sealed partial class BundleTests(StandingLab labs) : IClassFixture<StandingLab>
{
    [Fact]
    public async Task A_gateway_in_one_archive_without_its_keys()
    {
        var lab = await labs.BgpAsync();
        await lab.BringUpAsync();
        var members = await TakeAsync(lab, "whole");
        foreach (var name in (string[])["tunnelwright/status.json", "tunnelwright/plan.json", "commands/ip-address.txt", "commands/ip-route.txt", "commands/ip-rule.txt", "commands/ip-xfrm-state.txt", "commands/nft-ruleset.txt", "commands/uname.txt", "commands/packages.txt", "commands/sysctl.txt", "files/etc/resolv.conf", "files/run/tunnelwright/default/desired.json", "files/var/lib/tunnelwright/default/history.jsonl"])
            Assert.True(members.ContainsKey(name), $"{name} is missing: {members["manifest.json"]}");
        Assert.Contains(members.Keys, name => name.StartsWith("commands/birdc-", StringComparison.Ordinal));
        Assert.Contains("list-sas", members.First(member => member.Key.StartsWith("vici/default-charon", StringComparison.Ordinal)).Value, StringComparison.Ordinal);
        Assert.Contains("redacted_key_", members["files/run/tunnelwright/default/desired.json"], StringComparison.Ordinal);
        using (var status = JsonDocument.Parse(members["tunnelwright/status.json"])) Assert.Equal("up", status.RootElement.GetProperty("connections")[0].GetProperty("state").GetString());

        var secrets = lab.Keys.Concat(KernelKey().Matches((await lab.RunAsync(TestLab.Gateway, "ip", "xfrm", "state")).Output).Select(match => match.Value)).ToList();
        foreach (var (name, text) in members)
        {
            foreach (var form in secrets.SelectMany(secret => (string[])[secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='), Convert.ToHexString(Encoding.UTF8.GetBytes(secret))]))
                Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"{name} holds a key");
        }
    }

    [Fact]
    public async Task Diagnose_says_the_same_of_the_bundle_as_of_the_gateway()
    {
        var lab = await labs.StaticAsync();
        await lab.BringUpAsync();
        await lab.FaultAsync("inject", "psk-mismatch", "--tunnel", "1");
        await lab.KillAsync("charon-systemd");
        var log = $"{lab.Host(TestLab.Gateway).Root}/run/tunnelwright/default";
        await Eventually.HoldsAsync("the key is refused", TestMachine.Patience, () => Directory.GetDirectories(log, "charon-*").Any(folder => File.ReadAllText($"{folder}/charon.log").Contains("AUTHENTICATION_FAILED", StringComparison.Ordinal)));
        await TakeAsync(lab, "faulty");
        var direct = await lab.RunAsync(TestLab.Gateway, "tunnelwright", "diagnose", "/etc/tunnelwright", "/run/tunnelwright", "--json");
        var bundled = await lab.RunAsync(TestLab.Gateway, "tunnelwright", "diagnose", "/run/faulty.tar.gz", "--json");
        await lab.FaultAsync("heal");
        Assert.Equal(Causes(direct.Output), Causes(bundled.Output));
        Assert.Contains("psk-mismatch", Causes(bundled.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_to_be_had_without_root_without_an_agent_and_never_twice_under_a_name()
    {
        var lab = await labs.StaticAsync();
        await lab.TakeDownAsync();
        var members = await TakeAsync(lab, "down");
        using (var manifest = JsonDocument.Parse(members["manifest.json"])) Assert.Contains(manifest.RootElement.GetProperty("items").EnumerateArray(), item => item.GetProperty("problem").GetString() is not null);
        Complaint.Check(await lab.RunAsync(TestLab.Gateway, "tunnelwright", "bundle", "--out", "/run/down.tar.gz"), 2, "exists already", "--out");

        string[] nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
        var reachable = await lab.RunAsync(TestLab.Gateway, [.. nobody, "sh", "-c", "command -v tunnelwright"]);
        Assert.SkipUnless(reachable.Succeeded, $"{TestMachine.Program} cannot be executed by others than root.");
        var file = $"/tmp/{lab.Name}.tar.gz";
        try
        {
            var run = await lab.RunAsync(TestLab.Gateway, [.. nobody, "tunnelwright", "bundle", "--out", file, "--json"]);
            Assert.True(run.ExitCode == 0, run.Error);
            using var manifest = JsonDocument.Parse(run.Output);
            Assert.False(manifest.RootElement.GetProperty("isRoot").GetBoolean());
        }
        finally
        {
            await lab.RunAsync(TestLab.Gateway, "rm", "-f", file);
        }
    }

    private static string Causes(string report)
    {
        using var document = JsonDocument.Parse(report);
        return $"{document.RootElement.GetProperty("verdict").GetString()}: {string.Join(", ", document.RootElement.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("cause").GetString()} {finding.GetProperty("certainty").GetDouble()}"))}";
    }

    private static async Task<Dictionary<string, string>> TakeAsync(TestLab lab, string name)
    {
        var run = await lab.RunAsync(TestLab.Gateway, "tunnelwright", "bundle", "--out", $"/run/{name}.tar.gz");
        Assert.True(run.ExitCode == 0, run.Error);
        Complaint.AssertNoTrace(run);
        var path = $"{lab.Host(TestLab.Gateway).Root}/run/{name}.tar.gz";
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var file = File.OpenRead(path);
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        await using var reader = new TarReader(unpacked);
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            using var text = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
            members.Add(entry.Name["tunnelwright-bundle/".Length..], await text.ReadToEndAsync());
        }

        return members;
    }

    [GeneratedRegex("(?<=0x)[0-9a-f]{32,}", RegexOptions.None, 1000)]
    private static partial Regex KernelKey();
}
