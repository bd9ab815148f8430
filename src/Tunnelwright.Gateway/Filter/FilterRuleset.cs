using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>What the filter needs to know of a tunnel.</summary>
/// <param name="Interface">The tunnel's interface.</param>
/// <param name="MssBytes">Largest TCP segment in bytes.</param>
/// <param name="ClearDontFragment">Whether DF is cleared on the way into the tunnel.</param>
/// <param name="AllowedPeers">Ranges of the other side that may pass; null for all.</param>
internal sealed record FilteredTunnel(string Interface, int MssBytes, bool ClearDontFragment, ValueList<Cidr>? AllowedPeers)
{
    /// <summary>The ports of the tunnel's own IKE daemon, which peers know as 500 and 4500; null when it has those.</summary>
    public DivertedPorts? Diverted { get; init; }
}

/// <summary>
/// At a responder with several IKE daemons one alone can have UDP 500 and 4500. What comes for the outside address of another's tunnel is handed to that
/// daemon's ports, and what it sends leaves from the ports that peers know. No state is kept: the address tells the daemon.
/// </summary>
/// <param name="Outside">The tunnel's own outside address.</param>
/// <param name="IkePort">The daemon's port for 500.</param>
/// <param name="NatPort">The daemon's port for 4500.</param>
internal sealed record DivertedPorts(Ipv4Address Outside, int IkePort, int NatPort);

/// <summary>
/// The gateway's nftables table: MSS clamp, DF, and at the cloud's end the registered ranges. It never accepts what another table
/// drops and never drops what is not the tunnels'.
/// </summary>
internal static class FilterRuleset
{
    /// <summary>The ruleset that replaces the gateway's table in one transaction (nft(8), "-f").</summary>
    /// <param name="table">The table's name, family inet.</param>
    /// <param name="tunnels">The tunnels.</param>
    public static string Render(string table, IReadOnlyList<FilteredTunnel> tunnels)
    {
        var rules = Rules(tunnels);
        return $$"""
            table inet {{table}}
            delete table inet {{table}}
            table inet {{table}} {
              counter fingerprint { packets 0 bytes 0; comment "{{FingerprintOf(rules)}}"; }
            {{rules}}}

            """;
    }

    /// <summary>A word that stands in the table as a counter's comment and changes with the rules: reading the table tells whether it is today's.</summary>
    public static string Fingerprint(IReadOnlyList<FilteredTunnel> tunnels) => FingerprintOf(Rules(tunnels));

    private static string FingerprintOf(string rules) => "tunnelwright " + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(rules)).AsSpan(0, 8));

    private static string Rules(IReadOnlyList<FilteredTunnel> tunnels)
    {
        var text = new StringBuilder();
        text.Append("  chain before_routing {\n    type filter hook prerouting priority mangle; policy accept;\n");
        foreach (var tunnel in tunnels.Where(tunnel => tunnel.ClearDontFragment))
            text.Append($"    ip frag-off 0x4000 fib daddr oifname \"{tunnel.Interface}\" ip frag-off set 0 comment \"clear DF\"\n");
        text.Append("  }\n  chain forwarded {\n    type filter hook forward priority mangle; policy accept;\n");
        foreach (var tunnel in tunnels)
        {
            text.Append($"    oifname \"{tunnel.Interface}\" tcp flags syn / syn,rst tcp option maxseg size > {tunnel.MssBytes} tcp option maxseg size set {tunnel.MssBytes} comment \"clamp MSS\"\n");
            text.Append($"    iifname \"{tunnel.Interface}\" tcp flags syn / syn,rst tcp option maxseg size > {tunnel.MssBytes} tcp option maxseg size set {tunnel.MssBytes} comment \"clamp MSS\"\n");
        }

        text.Append("  }\n  chain registered {\n    type filter hook forward priority filter; policy accept;\n");
        foreach (var tunnel in tunnels)
        {
            if (tunnel.AllowedPeers is not { } peers) continue;
            var set = peers.Count == 0 ? "" : $"ip saddr != {{ {string.Join(", ", peers)} }} ";
            text.Append($"    iifname \"{tunnel.Interface}\" {set}counter drop comment \"range not registered\"\n");
            set = peers.Count == 0 ? "" : $"ip daddr != {{ {string.Join(", ", peers)} }} ";
            text.Append($"    oifname \"{tunnel.Interface}\" {set}counter drop comment \"range not registered\"\n");
        }

        text.Append("  }\n");
        Diverted(text, [.. tunnels.Select(tunnel => tunnel.Diverted).OfType<DivertedPorts>()]);
        return text.ToString();
    }

    private static void Diverted(StringBuilder text, List<DivertedPorts> diverted)
    {
        if (diverted.Count == 0) return;
        text.Append("  chain to_daemons {\n    type filter hook prerouting priority raw; policy accept;\n");
        foreach (var (outside, ike, nat) in diverted)
            text.Append($"    ip daddr {outside} udp dport 500 udp dport set {ike}\n    ip daddr {outside} udp dport 4500 udp dport set {nat}\n");
        text.Append("  }\n  chain from_daemons {\n    type filter hook output priority raw; policy accept;\n");
        foreach (var (outside, ike, nat) in diverted)
            text.Append($"    ip saddr {outside} udp sport {ike} udp sport set 500\n    ip saddr {outside} udp sport {nat} udp sport set 4500\n");
        text.Append("  }\n");
    }
}
