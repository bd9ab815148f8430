using System.Security.Cryptography;
using System.Text;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Customers;

/// <summary>
/// What may pass through a customer's namespace. From the customer: DNS and echo requests to the DNS servers, the load balancer's ports, the databases that
/// were asked for. From the cloud: everything. Between tunnels and internet: nothing, so that no customer reaches another one. Which sources are
/// registered is the engine's own filter.
/// </summary>
internal static class CustomerRules
{
    /// <summary>Of IKE and of ESP in UDP; several daemons in userspace have ports of their own.</summary>
    private const string IkePorts = "{ 500, 4500, 1500-1563, 14500-14563 }";

    /// <summary>The rules, as a ruleset that replaces the customer's table in one transaction (nft(8)).</summary>
    public static string Render(NodeCustomer customer)
    {
        var rules = Rules(customer);
        return $$"""
            table inet {{NodeNames.CustomerTable}}
            delete table inet {{NodeNames.CustomerTable}}
            table inet {{NodeNames.CustomerTable}} {
              counter fingerprint { packets 0 bytes 0; comment "{{Fingerprint(rules)}}"; }
            {{rules}}}

            """;
    }

    /// <summary>A word that stands in the table and changes with the rules.</summary>
    public static string FingerprintOf(NodeCustomer customer) => Fingerprint(Rules(customer));

    private static string Fingerprint(string rules) => "rules " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rules)).AsSpan(0, 8));

    private static string Rules(NodeCustomer customer)
    {
        // Parsed and printed again: no text of the service's own gets into the ruleset.
        var dns = Set(customer.Services.DnsServers);
        var inside = string.Join(", ", customer.Tunnels.Select(tunnel => new InsideNetwork(Cidr.Parse(tunnel.InsideNetwork)).Cloud.Address));
        var text = new StringBuilder();
        text.Append($$"""
              chain forwarded {
                type filter hook forward priority filter + 1; policy drop;
                iifname "{{NodeNames.Uplink}}" counter drop comment "internet"
                oifname "{{NodeNames.Uplink}}" counter drop comment "internet"
                ct state established,related accept
                iifname "{{NodeNames.Cloud}}" accept

            """);
        if (dns.Length > 0)
        {
            text.Append($"    ip daddr {{ {dns} }} icmp type echo-request accept\n");
            text.Append($"    ip daddr {{ {dns} }} meta l4proto {{ tcp, udp }} th dport 53 accept\n");
        }

        if (customer.Services.LoadBalancer is { } balancer)
            text.Append($"    ip daddr {Ipv4Address.Parse(balancer)} tcp dport {(customer.HttpsOnly ? "443" : "{ 80, 443 }")} accept\n");
        foreach (var database in customer.Services.Databases)
            text.Append($"    ip daddr {Ipv4Address.Parse(database.Address)} tcp dport {(ushort)database.Port} accept\n");
        if (Set(customer.Services.DnsForwarders ?? []) is { Length: > 0 } forwarders)
        {
            // The customer may answer through another node than the one that asked.
            foreach (var (server, port) in CustomerForwarding.Servers(customer))
                text.Append($"    ip saddr {server} ip daddr {{ {forwarders} }} meta l4proto {{ tcp, udp }} th sport {port} accept\n");
        }

        text.Append($$"""
                counter drop comment "not allowed"
              }
              chain local {
                type filter hook input priority filter; policy drop;
                iifname "lo" accept
                ct state established,related accept
                iifname "{{NodeNames.Uplink}}" udp dport {{IkePorts}} accept comment "IKE and ESP"
                iifname "{{NodeNames.Uplink}}" meta l4proto { esp, ah, icmp } accept
                iifname "{{NodeNames.Uplink}}" counter drop comment "internet"
                iifname "{{NodeNames.Cloud}}" tcp dport 179 accept
                iifname "{{NodeNames.Cloud}}" udp dport { 3784, 3785 } accept
                iifname "{{NodeNames.Cloud}}" meta l4proto icmp accept

            """);
        var own = CustomerForwarding.OwnAddresses(customer);
        if (own.Count > 0 && dns.Length > 0)
            text.Append($"    iifname \"{NodeNames.Cloud}\" ip saddr {{ {dns} }} ip daddr {{ {string.Join(", ", own)} }} meta l4proto {{ tcp, udp }} th dport 53 accept\n");
        text.Append($"    iifname \"{NodeNames.Cloud}\" counter drop comment \"not allowed\"\n");
        if (inside.Length > 0)
        {
            text.Append($"    ip daddr {{ {inside} }} tcp dport 179 accept\n");
            text.Append($"    ip daddr {{ {inside} }} udp dport {{ 3784, 3785 }} accept\n");
            text.Append($"    ip daddr {{ {inside} }} meta l4proto icmp accept\n");
        }

        text.Append("    counter drop comment \"not allowed\"\n  }\n");
        Outward(text, customer);
        return text.ToString();
    }

    /// <summary>
    /// What the namespace itself sends to the internet: IKE, ESP and ICMP of its outside addresses, and to a registered range nothing in clear. While a tunnel carries too
    /// little to have a route, answers to echo requests and questions for the customer's DNS servers would leave that way otherwise.
    /// </summary>
    private static void Outward(StringBuilder text, NodeCustomer customer)
    {
        var outside = Set(customer.Tunnels.Select(tunnel => tunnel.CloudAddress));
        text.Append($$"""
              chain outward {
                type filter hook output priority filter; policy accept;
                oifname != "{{NodeNames.Uplink}}" accept
                {{(outside.Length > 0 ? $"ip saddr != {{ {outside} }} " : "")}}counter drop comment "not its address"
                udp sport {{IkePorts}} accept
                meta l4proto { esp, ah } accept

            """);
        foreach (var range in customer.Tunnels.SelectMany(tunnel => tunnel.Ranges).Select(Cidr.Parse).Distinct().Order())
            text.Append($"    ip daddr {range} counter drop comment \"in clear\"\n");
        text.Append("    meta l4proto icmp accept\n    counter drop comment \"not IPsec\"\n  }\n");
    }

    private static string Set(IEnumerable<string> addresses) => string.Join(", ", addresses.Select(Ipv4Address.Parse).Distinct().Order());
}
