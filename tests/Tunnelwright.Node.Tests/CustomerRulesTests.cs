using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;
using Tunnelwright.Node.Customers;

namespace Tunnelwright.Node.Tests;

public sealed class CustomerRulesTests
{
    [Fact]
    public void What_may_pass()
    {
        var rules = CustomerRules.Render(Samples.Customer());
        Assert.Contains("ip daddr { 10.8.2.2, 10.8.2.3 } icmp type echo-request accept", rules, StringComparison.Ordinal);
        Assert.Contains("ip daddr { 10.8.2.2, 10.8.2.3 } meta l4proto { tcp, udp } th dport 53 accept", rules, StringComparison.Ordinal);
        Assert.Contains("ip daddr 10.8.2.10 tcp dport { 80, 443 } accept", rules, StringComparison.Ordinal);
        Assert.Contains("ip daddr 10.8.2.30 tcp dport 5432 accept", rules, StringComparison.Ordinal);
        Assert.Equal(2, rules.Split("policy drop").Length - 1);
    }

    [Fact]
    public void Nothing_for_a_registered_range_leaves_in_clear()
    {
        var outward = CustomerRules.Render(Samples.Customer(tunnels: [Samples.Tunnel(1), Samples.Tunnel(2) with { Ranges = ["10.1.0.0/24", "10.7.0.0/16"] }])).Split("chain outward")[1];
        Assert.Equal(
            [
                "type filter hook output priority filter; policy accept;",
                "oifname != \"uplink\" accept",
                "ip saddr != { 198.51.100.1, 198.51.100.2 } counter drop comment \"not its address\"",
                "udp sport { 500, 4500, 1500-1563, 14500-14563 } accept",
                "meta l4proto { esp, ah } accept",
                "ip daddr 10.1.0.0/24 counter drop comment \"in clear\"",
                "ip daddr 10.7.0.0/16 counter drop comment \"in clear\"",
                "meta l4proto icmp accept",
                "counter drop comment \"not IPsec\"",
            ],
            outward.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length > 1 && line[0] != '}').Take(9));
    }

    [Fact]
    public void Editions_and_missing_services()
    {
        Assert.Contains("ip daddr 10.8.2.10 tcp dport 443 accept", CustomerRules.Render(Samples.Customer() with { HttpsOnly = true }), StringComparison.Ordinal);
        var bare = CustomerRules.Render(Samples.Customer() with { Services = new CloudServices([], null, []) });
        Assert.DoesNotContain("10.8.2.", bare, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_changes_with_the_rules_alone()
    {
        var one = CustomerRules.FingerprintOf(Samples.Customer());
        Assert.Equal(one, CustomerRules.FingerprintOf(Samples.Customer(tunnels: Samples.Tunnel(generation: 9))));
        Assert.NotEqual(one, CustomerRules.FingerprintOf(Samples.Customer() with { HttpsOnly = true }));
        Assert.Contains(one, CustomerRules.Render(Samples.Customer()), StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_of_the_services_gets_into_the_ruleset() =>
        Assert.ThrowsAny<FormatException>(() => CustomerRules.Render(Samples.Customer() with { Services = new CloudServices(["10.8.2.2 } accept #"], null, []) }));

    private static NodeCustomer Forwarding() => Samples.Customer() with
    {
        Services = Samples.Customer().Services with { DnsForwarders = ["10.8.2.4", "10.8.2.5"] },
        Dns = new DnsForwarding([], [new DnsForward("company.local", [new DnsServer("10.1.0.53")])]),
    };

    [Fact]
    public async Task Nft_takes_them()
    {
        Assert.SkipUnless(RootCheck.IsRoot, "nft needs root.");
        var name = $"twtest-rules-{Environment.ProcessId}";
        var space = await NetworkNamespace.CreateAsync(name, TestContext.Current.CancellationToken);
        try
        {
            var filter = new Nftables(space);
            foreach (var customer in new[] { Samples.Customer(), Samples.Customer() with { HttpsOnly = true }, Samples.Customer() with { Services = new CloudServices([], null, []) }, Forwarding() })
                Assert.Null(await filter.CheckAsync(CustomerRules.Render(customer), TestContext.Current.CancellationToken));
        }
        finally
        {
            await NetworkNamespace.DeleteAsync(name, CancellationToken.None);
        }
    }
}
