using System.Diagnostics;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The gateway's nftables table.</summary>
public sealed class FilterRulesetTests
{
    private static readonly FilteredTunnel Tunnel = new("tw1-e5f60718", 1379, ClearDontFragment: true, [Cidr.Parse("10.1.0.0/16"), Cidr.Parse("10.2.0.0/16")]);

    [Fact]
    public void The_fingerprint_changes_with_each_input()
    {
        var names = new Dictionary<string, string>
        {
            ["none"] = FilterRuleset.Fingerprint([]),
            ["one"] = FilterRuleset.Fingerprint([Tunnel]),
            ["interface"] = FilterRuleset.Fingerprint([Tunnel with { Interface = "tw2-e5f60718" }]),
            ["MSS"] = FilterRuleset.Fingerprint([Tunnel with { MssBytes = 1380 }]),
            ["DF"] = FilterRuleset.Fingerprint([Tunnel with { ClearDontFragment = false }]),
            ["all peers"] = FilterRuleset.Fingerprint([Tunnel with { AllowedPeers = null }]),
            ["no peer"] = FilterRuleset.Fingerprint([Tunnel with { AllowedPeers = [] }]),
            ["a peer less"] = FilterRuleset.Fingerprint([Tunnel with { AllowedPeers = [Cidr.Parse("10.1.0.0/16")] }]),
            ["another peer"] = FilterRuleset.Fingerprint([Tunnel with { AllowedPeers = [Cidr.Parse("10.1.0.0/16"), Cidr.Parse("10.2.0.0/17")] }]),
            ["a second tunnel"] = FilterRuleset.Fingerprint([Tunnel, Tunnel with { Interface = "tw2-e5f60718" }]),
        };
        Assert.Equal(names.Count, names.Values.Distinct().Count());
        Assert.Equal(names["one"], FilterRuleset.Fingerprint([Tunnel with { AllowedPeers = [Cidr.Parse("10.1.0.0/16"), Cidr.Parse("10.2.0.0/16")] }]));
    }

    [Fact]
    public void The_table_carries_its_fingerprint_and_replaces_the_old_one_whole()
    {
        var text = FilterRuleset.Render("tunnelwright_default", [Tunnel]);
        Assert.StartsWith("table inet tunnelwright_default\ndelete table inet tunnelwright_default\ntable inet tunnelwright_default {\n", text, StringComparison.Ordinal);
        Assert.Contains($"comment \"{FilterRuleset.Fingerprint([Tunnel])}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_rules_say()
    {
        var text = FilterRuleset.Render("t", [Tunnel, new FilteredTunnel("ipsec0", 1360, ClearDontFragment: false, null), new FilteredTunnel("ipsec1", 1361, ClearDontFragment: false, [])]);
        Assert.Contains("oifname \"tw1-e5f60718\" ip frag-off set 0", text, StringComparison.Ordinal);
        Assert.DoesNotContain("oifname \"ipsec0\" ip frag-off", text, StringComparison.Ordinal);
        Assert.Contains("oifname \"tw1-e5f60718\" tcp flags syn / syn,rst tcp option maxseg size > 1379 tcp option maxseg size set 1379", text, StringComparison.Ordinal);
        Assert.Contains("iifname \"ipsec0\" tcp flags syn / syn,rst tcp option maxseg size > 1360 tcp option maxseg size set 1360", text, StringComparison.Ordinal);
        Assert.Contains("iifname \"tw1-e5f60718\" ip saddr != { 10.1.0.0/16, 10.2.0.0/16 } counter drop", text, StringComparison.Ordinal);
        Assert.Contains("oifname \"tw1-e5f60718\" ip daddr != { 10.1.0.0/16, 10.2.0.0/16 } counter drop", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"ipsec0\" ip saddr", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"ipsec0\" counter drop", text, StringComparison.Ordinal);

        // No registered range lets nothing through.
        Assert.Contains("iifname \"ipsec1\" counter drop", text, StringComparison.Ordinal);
        Assert.Contains("oifname \"ipsec1\" counter drop", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_responders_further_daemons_are_reached_on_the_ports_that_peers_know()
    {
        Assert.DoesNotContain("dport set", FilterRuleset.Render("t", [Tunnel]), StringComparison.Ordinal);
        var diverted = Tunnel with { Diverted = new DivertedPorts(Ipv4Address.Parse("198.51.100.7"), 1500, 14500) };
        var text = FilterRuleset.Render("t", [Tunnel, diverted]);
        Assert.Contains("ip daddr 198.51.100.7 udp dport 500 udp dport set 1500", text, StringComparison.Ordinal);
        Assert.Contains("ip daddr 198.51.100.7 udp dport 4500 udp dport set 14500", text, StringComparison.Ordinal);
        Assert.Contains("ip saddr 198.51.100.7 udp sport 1500 udp sport set 500", text, StringComparison.Ordinal);
        Assert.Contains("ip saddr 198.51.100.7 udp sport 14500 udp sport set 4500", text, StringComparison.Ordinal);
        Assert.NotEqual(FilterRuleset.Fingerprint([Tunnel]), FilterRuleset.Fingerprint([diverted]));
    }

    [Fact]
    public void Every_policy_accepts_and_every_drop_names_a_tunnel()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var depth = 0;
            foreach (var line in FilterRuleset.Render("t", Some(seed)).Split('\n'))
            {
                depth += line.Count(c => c == '{') - line.Count(c => c == '}');
                Assert.InRange(depth, 0, 2);
                Assert.Equal(0, line.Count(c => c == '"') % 2);
                if (line.Contains("policy", StringComparison.Ordinal)) Assert.Contains("policy accept;", line, StringComparison.Ordinal);
                if (line.Contains("drop", StringComparison.Ordinal)) Assert.Matches("[io]ifname \"", line);
                Assert.DoesNotContain("accept ", line, StringComparison.Ordinal);
            }

            Assert.Equal(0, depth);
        }
    }

    /// <summary>In namespaces of its own, so that it needs no right and touches nothing.</summary>
    [Fact]
    public void The_kernel_takes_it()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/nft"), "nft (package nftables) is not installed");
        var (status, words) = Unshare("true", "");
        Assert.SkipWhen(status != 0, $"this machine gives no user namespace: {words}");
        List<FilteredTunnel>[] variants = [[], [Tunnel], [Tunnel with { AllowedPeers = [] }], [Tunnel with { AllowedPeers = [Cidr.Parse("10.0.0.0/8"), Cidr.Parse("10.1.0.0/16")] }], Some(1), Some(2), Some(3)];

        // All in one process, each twice: the second replaces the first.
        var all = string.Concat(variants.Select((tunnels, index) => FilterRuleset.Render($"t{index % 3}", tunnels) + FilterRuleset.Render($"t{index % 3}", tunnels)));
        (status, words) = Unshare("nft -f -", all);
        Assert.True(status == 0, $"{words}\n{all}");
        (status, _) = Unshare("nft -f -", all.Replace("policy accept", "policy perhaps", StringComparison.Ordinal));
        Assert.NotEqual(0, status);
    }

    private static List<FilteredTunnel> Some(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, random.Next(6)).Select(index => new FilteredTunnel(
            $"ipsec{index}",
            random.Next(536, 1460),
            random.Next(2) == 0,
            random.Next(3) == 0 ? null : Enumerable.Range(0, random.Next(4)).Select(part => Cidr.Parse($"10.{part}.0.0/{16 + part}")).ToValueList()))];
    }

    private static (int Status, string Words) Unshare(string command, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--net", "sh", "-c", $"PATH=/usr/sbin:/usr/bin:/sbin:/bin; exec {command}"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var words = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything; its status tells why.
        }

        if (process.WaitForExit(TimeSpan.FromSeconds(20))) return (process.ExitCode, words.Result + output.Result);
        process.Kill();
        return (-1, "did not end within 20 s");
    }
}
