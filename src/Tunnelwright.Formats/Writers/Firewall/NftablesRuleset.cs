using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A tunnel as the filter sees it.</summary>
/// <param name="Interface">The tunnel's interface.</param>
/// <param name="CloudOutside">The cloud endpoint's public address.</param>
/// <param name="CloudInside">The cloud's inside address.</param>
/// <param name="MssBytes">Largest TCP segment in bytes.</param>
/// <param name="Bgp">Whether a BGP session runs in the tunnel.</param>
/// <param name="ClearDontFragment">Whether packets to the cloud lose their Don't Fragment bit.</param>
public sealed record FilteredTunnel(string Interface, Ipv4Address CloudOutside, Ipv4Address CloudInside, int MssBytes, bool Bgp, bool ClearDontFragment);

/// <summary>Writes a gateway's table for nft(8): IKE and ESP from the endpoints, forwarding between the ranges and nothing else through the tunnels, MSS clamp. Plain functions over values.</summary>
public static class NftablesRuleset
{
    /// <summary>The longest table name that is written, in characters.</summary>
    private const int LongestName = 63;

    /// <summary>The whole ruleset: one table of its own that replaces its predecessor at once and touches no other.</summary>
    /// <param name="table">The table's name: letters, digits and '_', starting with a letter; 63 characters at most.</param>
    /// <param name="title">A line for the head; anything but printable ASCII is replaced.</param>
    /// <param name="tunnels">The tunnels.</param>
    /// <param name="customerRanges">The customer's ranges; empty leaves sources unfiltered.</param>
    /// <param name="cloudRanges">The cloud's ranges; empty leaves destinations unfiltered.</param>
    /// <exception cref="ArgumentException">The table's name has other characters.</exception>
    public static string Write(string table, string title, IReadOnlyList<FilteredTunnel> tunnels, ValueList<Cidr> customerRanges, ValueList<Cidr> cloudRanges)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(tunnels);
        if (table.Length is 0 or > LongestName || !char.IsAsciiLetter(table[0]) || !table.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new ArgumentException("A table's name has letters, digits and '_' only and starts with a letter.", nameof(table));
        }

        var text = new ConfigurationText();
        text.Comment(Printable.Comment(title));
        text.Comment("An accept here is final for this table only: another table's drop still drops.");
        text.Line($"table inet {table}");
        text.Line($"delete table inet {table}");
        text.Braces($"table inet {table}", () =>
        {
            Set(text, "cloud_endpoints", ranges: false, tunnels.Select(tunnel => tunnel.CloudOutside.ToString()).Distinct(StringComparer.Ordinal));
            if (customerRanges.Count > 0) Set(text, "customer_ranges", ranges: true, customerRanges.Select(range => range.ToString()));
            if (cloudRanges.Count > 0) Set(text, "cloud_ranges", ranges: true, cloudRanges.Select(range => range.ToString()));
            Input(text, tunnels);
            Forward(text, tunnels, customerRanges.Count > 0 ? "customer_ranges" : null, cloudRanges.Count > 0 ? "cloud_ranges" : null);
            Sizes(text, tunnels, cloudRanges.Count > 0);
        });
        return text.ToString();
    }

    private static void Set(ConfigurationText text, string name, bool ranges, IEnumerable<string> elements) => text.Braces($"set {name}", () =>
    {
        text.Line("type ipv4_addr;");
        if (ranges)
        {
            text.Line("flags interval;");
            text.Line("auto-merge;");
        }

        text.Line($"elements = {{ {string.Join(", ", elements)} }};");
    });

    private static void Input(ConfigurationText text, IReadOnlyList<FilteredTunnel> tunnels) => text.Braces("chain input", () =>
    {
        text.Line("type filter hook input priority filter; policy accept;");
        text.Line("ip saddr @cloud_endpoints udp dport { 500, 4500 } counter accept");
        text.Line("ip saddr @cloud_endpoints ip protocol esp counter accept");
        foreach (var tunnel in tunnels)
        {
            if (tunnel.Bgp) text.Line($"iifname \"{tunnel.Interface}\" ip saddr {tunnel.CloudInside} tcp dport 179 counter accept");
            text.Line($"iifname \"{tunnel.Interface}\" ip saddr {tunnel.CloudInside} icmp type {{ echo-request, echo-reply, destination-unreachable, time-exceeded }} accept");
        }
    });

    private static void Forward(ConfigurationText text, IReadOnlyList<FilteredTunnel> tunnels, string? customer, string? cloud)
    {
        var interfaces = string.Join(", ", tunnels.Select(tunnel => $"\"{tunnel.Interface}\""));
        var (fromCustomer, toCloud) = (customer is null ? "" : $"ip saddr @{customer} ", cloud is null ? "" : $"ip daddr @{cloud} ");
        var (fromCloud, toCustomer) = (cloud is null ? "" : $"ip saddr @{cloud} ", customer is null ? "" : $"ip daddr @{customer} ");
        text.Braces("chain forward", () =>
        {
            text.Line("type filter hook forward priority filter; policy accept;");
            text.Line($"oifname {{ {interfaces} }} {fromCustomer}{toCloud}counter accept");
            text.Line($"iifname {{ {interfaces} }} {fromCloud}{toCustomer}counter accept");
            if (customer is null && cloud is null) return;
            text.Comment("Nothing but the registered ranges passes the tunnels.");
            text.Line($"oifname {{ {interfaces} }} counter drop");
            text.Line($"iifname {{ {interfaces} }} counter drop");
        });
    }

    private static void Sizes(ConfigurationText text, IReadOnlyList<FilteredTunnel> tunnels, bool cloudRangesKnown)
    {
        text.Braces("chain clamp", () =>
        {
            text.Line("type filter hook forward priority mangle; policy accept;");
            foreach (var tunnel in tunnels)
            {
                text.Line($"oifname \"{tunnel.Interface}\" tcp flags syn / syn,rst tcp option maxseg size set {tunnel.MssBytes}");
                text.Line($"iifname \"{tunnel.Interface}\" tcp flags syn / syn,rst tcp option maxseg size set {tunnel.MssBytes}");
            }
        });
        if (!cloudRangesKnown || !tunnels.Any(tunnel => tunnel.ClearDontFragment)) return;
        text.Braces("chain clear_df", () =>
        {
            text.Comment("The service does no path MTU discovery: packets are fragmented before encryption instead of being refused.");
            text.Line("type filter hook prerouting priority mangle; policy accept;");
            text.Line("ip daddr @cloud_ranges ip frag-off 0x4000 ip frag-off set 0x0");
        });
    }
}
