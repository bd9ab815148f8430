using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Node.Customers;

namespace Tunnelwright.Node.Tests;

public sealed class CustomerForwardingTests
{
    private static readonly Model.InterfaceAddress Fabric = Model.InterfaceAddress.Parse("100.64.0.11/24");

    private static NodeCustomer Customer(params NodeTunnel[] tunnels)
    {
        var plain = Samples.Customer(tunnels: tunnels);
        return plain with
        {
            Services = plain.Services with { DnsForwarders = ["10.8.2.4", "10.8.2.5"] },
            Dns = new DnsForwarding([], [new DnsForward("Company.local.", [new DnsServer("10.1.0.53"), new DnsServer("10.9.0.53")]), new DnsForward("elsewhere.local", [new DnsServer("10.9.0.53", 5300, "tcp")])]),
        };
    }

    [Theory]
    [InlineData(1, "10.8.2.4")]
    [InlineData(2, "10.8.2.5")]
    public void Each_of_a_connections_nodes_answers_at_an_address_of_its_own(int tunnel, string address)
    {
        var desired = CustomerDesired.Of(Customer(Samples.Tunnel(tunnel)), Samples.Settings, Fabric);
        var dns = desired.Dns!;
        Assert.Equal([$"{address}:53"], dns.Listen.Select(endPoint => endPoint.ToString()));
        Assert.Equal(["10.8.2.2/32", "10.8.2.3/32"], dns.Allow.Select(range => range.ToString()));
        Assert.Equal([address], desired.Upstream!.OwnAddresses.Select(own => own.ToString()));

        // Servers that no tunnel of this node leads to are asked by way of the cloud router.
        Assert.Equal(
            [("Company.local", "10.1.0.53:53, 10.9.0.53:53", address, false, "vpn-0123456789abcdef0"), ("elsewhere.local", "10.9.0.53:5300", address, true, null)],
            dns.Rules.Select(rule => (rule.Domain, string.Join(", ", rule.Servers), rule.Source.ToString()!, rule.Tcp, rule.Connection)));
        Assert.Equal(["10.9.0.53"], CustomerForwarding.Beyond(Customer(Samples.Tunnel(tunnel))).Select(server => server.ToString()));
        Assert.Empty(dns.Upstreams);
        Assert.Equal(desired, DesiredGatewayJson.Read(DesiredGatewayJson.Write(desired)));
    }

    [Fact]
    public void A_node_with_tunnels_of_two_connections_asks_each_ones_servers()
    {
        var desired = CustomerDesired.Of(Customer(Samples.Tunnel(), Samples.Tunnel(2) with { ConnectionId = "vpn-2", Ranges = ["10.9.0.0/24"] }), Samples.Settings, Fabric);
        Assert.Equal(["10.8.2.4:53", "10.8.2.5:53"], desired.Dns!.Listen.Select(endPoint => endPoint.ToString()));
        Assert.Equal([("Company.local", 2, false, "vpn-0123456789abcdef0"), ("elsewhere.local", 1, true, "vpn-2")], desired.Dns.Rules.Select(rule => (rule.Domain, rule.Servers.Count, rule.Tcp, rule.Connection)));
        Assert.Empty(CustomerForwarding.Beyond(Customer(Samples.Tunnel(), Samples.Tunnel(2) with { ConnectionId = "vpn-2", Ranges = ["10.9.0.0/24"] })));
    }

    /// <summary>Two connections have two tunnels 1 on two nodes, and the forwarder's first address is at one of them.</summary>
    [Fact]
    public void The_nodes_of_a_connection_that_does_not_answer_for_names_have_no_forwarder_and_let_answers_through()
    {
        var silent = Customer(Samples.Tunnel() with { AnswersNames = false });
        Assert.Null(CustomerForwarding.Of(silent));
        Assert.Empty(CustomerForwarding.Beyond(silent));
        Assert.Contains("ip saddr 10.1.0.53 ip daddr { 10.8.2.4, 10.8.2.5 } meta l4proto { tcp, udp } th sport 53 accept", CustomerRules.Render(silent), StringComparison.Ordinal);
        var both = Customer(Samples.Tunnel() with { AnswersNames = false }, Samples.Tunnel(2) with { ConnectionId = "vpn-2", Ranges = ["10.9.0.0/24"] });
        Assert.Equal(["10.8.2.5:53"], CustomerForwarding.Of(both)!.Listen.Select(endPoint => endPoint.ToString()));
    }

    [Fact]
    public void Nothing_listens_where_nobody_was_told_to()
    {
        var told = Customer(Samples.Tunnel());
        foreach (var silent in new[]
        {
            told with { Services = told.Services with { DnsForwarders = null } },
            told with { Services = told.Services with { DnsForwarders = [] } },
            told with { Services = told.Services with { DnsServers = [] } },
            told with { Dns = new DnsForwarding([], []) },
            told with { Tunnels = [Samples.Tunnel() with { AnswersNames = false }] },
        })
        {
            Assert.Null(CustomerForwarding.Of(silent));
            Assert.DoesNotContain("iifname \"cloud\" ip saddr", CustomerRules.Render(silent), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Only_the_clouds_dns_servers_may_ask_and_only_the_customers_servers_may_answer()
    {
        var rules = CustomerRules.Render(Customer(Samples.Tunnel()));
        Assert.Contains("iifname \"cloud\" ip saddr { 10.8.2.2, 10.8.2.3 } ip daddr { 10.8.2.4 } meta l4proto { tcp, udp } th dport 53 accept", rules, StringComparison.Ordinal);
        Assert.Contains("ip saddr 10.1.0.53 ip daddr { 10.8.2.4, 10.8.2.5 } meta l4proto { tcp, udp } th sport 53 accept", rules, StringComparison.Ordinal);
        Assert.Contains("ip saddr 10.9.0.53 ip daddr { 10.8.2.4, 10.8.2.5 } meta l4proto { tcp, udp } th sport 5300 accept", rules, StringComparison.Ordinal);
        Assert.ThrowsAny<FormatException>(() => CustomerRules.Render(Customer(Samples.Tunnel()) with { Dns = new DnsForwarding([], [new DnsForward("a.local", [new DnsServer("10.1.0.53 accept #")])]) }));
    }
}
