using System.Security.Cryptography;
using System.Text;
using Tunnelwright.Linux;

namespace Tunnelwright.Node.Edge;

/// <summary>
/// The node's own nftables table: customers' wires lead to the internet and back, for what IPsec needs, and never to each other or to the node. Into the
/// customers' segments nothing is unwrapped but what the cloud router sends on the fabric: VXLAN itself asks nobody where a packet came from (RFC 7348 section 7).
/// </summary>
internal sealed class NodeFilter(NodeSettings settings)
{
    private readonly Nftables _filter = new(NetworkNamespace.Current);

    /// <summary>Puts the table in place when it is not.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var rules = Rules();
        var fingerprint = "node " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rules)).AsSpan(0, 8));
        var table = await _filter.ListTableAsync("inet", NodeNames.NodeTable, cancellationToken);
        if (table?.Counters.FirstOrDefault(counter => counter.Name == "fingerprint")?.Comment == fingerprint) return;
        await _filter.ApplyAsync(
            $$"""
            table inet {{NodeNames.NodeTable}}
            delete table inet {{NodeNames.NodeTable}}
            table inet {{NodeNames.NodeTable}} {
              counter fingerprint { packets 0 bytes 0; comment "{{fingerprint}}"; }
            {{rules}}}

            """,
            cancellationToken);
    }

    /// <summary>Takes the table away.</summary>
    public static Task RemoveAsync(CancellationToken cancellationToken) => new Nftables(NetworkNamespace.Current).DeleteTableAsync("inet", NodeNames.NodeTable, cancellationToken);

    private string Rules() => $$"""
          chain wires {
            meta l4proto udp udp dport { 500, 4500 } accept
            meta l4proto udp udp sport { 500, 4500 } accept
            meta l4proto { esp, ah, icmp } accept
            counter drop comment "not IPsec"
          }
          chain forwarded {
            type filter hook forward priority filter; policy accept;
            iifname "{{NodeNames.WirePrefix}}*" oifname != "{{settings.Uplink}}" counter drop comment "customers are apart"
            oifname "{{NodeNames.WirePrefix}}*" iifname != "{{settings.Uplink}}" counter drop comment "customers are apart"
            iifname "{{NodeNames.WirePrefix}}*" jump wires
            oifname "{{NodeNames.WirePrefix}}*" jump wires
          }
          chain local {
            type filter hook input priority filter; policy accept;
            iifname "{{NodeNames.WirePrefix}}*" counter drop comment "customers do not reach the node"
            udp dport {{NodeNames.VxlanPort}} iifname != "{{settings.Fabric}}" counter drop comment "not from the fabric"
            udp dport {{NodeNames.VxlanPort}} ip saddr != {{settings.CloudRouter}} counter drop comment "not from the cloud router"
          }

        """;
}
