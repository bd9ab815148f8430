using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed class NftablesWriterTests
{
    private static readonly IConfigurationWriter Writer = ConfigurationWriters.Find("nftables")!;

    [Fact]
    public void The_table_admits_the_tunnels_and_nothing_else_through_them()
    {
        var text = Writer.Write(WriterSamples.Bgp, WriterSettings.Default).Content("nftables.conf");
        Assert.Equal("""
            # nftables for vpn-0a1b2c3d4e5f60718: load with nft -f
            # An accept here is final for this table only: another table's drop still drops.
            table inet tunnelwright_vpn_0a1b2c3d4e5f60718
            delete table inet tunnelwright_vpn_0a1b2c3d4e5f60718
            table inet tunnelwright_vpn_0a1b2c3d4e5f60718 {
                set cloud_endpoints {
                    type ipv4_addr;
                    elements = { 198.51.100.11, 198.51.100.22 };
                }
                set customer_ranges {
                    type ipv4_addr;
                    flags interval;
                    auto-merge;
                    elements = { 10.1.0.0/16, 192.168.7.0/24 };
                }
                set cloud_ranges {
                    type ipv4_addr;
                    flags interval;
                    auto-merge;
                    elements = { 10.8.2.0/24 };
                }
                chain input {
                    type filter hook input priority filter; policy accept;
                    ip saddr @cloud_endpoints udp dport { 500, 4500 } counter accept
                    ip saddr @cloud_endpoints ip protocol esp counter accept
                    iifname "vpn1" ip saddr 169.254.10.1 tcp dport 179 counter accept
                    iifname "vpn1" ip saddr 169.254.10.1 icmp type { echo-request, echo-reply, destination-unreachable, time-exceeded } accept
                    iifname "vpn2" ip saddr 169.254.20.1 tcp dport 179 counter accept
                    iifname "vpn2" ip saddr 169.254.20.1 icmp type { echo-request, echo-reply, destination-unreachable, time-exceeded } accept
                }
                chain forward {
                    type filter hook forward priority filter; policy accept;
                    oifname { "vpn1", "vpn2" } ip saddr @customer_ranges ip daddr @cloud_ranges counter accept
                    iifname { "vpn1", "vpn2" } ip saddr @cloud_ranges ip daddr @customer_ranges counter accept
                    # Nothing but the registered ranges passes the tunnels.
                    oifname { "vpn1", "vpn2" } counter drop
                    iifname { "vpn1", "vpn2" } counter drop
                }
                chain clamp {
                    type filter hook forward priority mangle; policy accept;
                    oifname "vpn1" tcp flags syn / syn,rst tcp option maxseg size set 1379
                    iifname "vpn1" tcp flags syn / syn,rst tcp option maxseg size set 1379
                    oifname "vpn2" tcp flags syn / syn,rst tcp option maxseg size set 1379
                    iifname "vpn2" tcp flags syn / syn,rst tcp option maxseg size set 1379
                }
                chain clear_df {
                    # The service does no path MTU discovery: packets are fragmented before encryption instead of being refused.
                    type filter hook prerouting priority mangle; policy accept;
                    ip daddr @cloud_ranges ip frag-off 0x4000 ip frag-off set 0x0
                }
            }

            """, text);
    }

    [Fact]
    public void Nft_takes_every_file()
    {
        using var folder = new TemporaryFolder();
        var connections = new List<VpnConnection>
        {
            WriterSamples.Bgp,
            WriterSamples.Static,
            WriterSamples.Old,
            WriterSamples.Bgp with { CustomerRanges = [] },
            WriterSamples.Bgp with { CloudRanges = [] },
            WriterSamples.Bgp with { CustomerRanges = [Cidr.Parse("10.1.0.0/16"), Cidr.Parse("10.1.0.0/24"), Cidr.Parse("10.2.0.0/32")] },
            WriterSamples.Bgp.WithTunnels(t => t with { CloudOutside = Ipv4Address.Parse("198.51.100.9") }),
        };
        connections.AddRange(WriterSamples.HostileIds.Select(id => WriterSamples.Bgp with { Id = id }));
        connections.AddRange(Enumerable.Range(1, 10).Select(WriterSamples.Random));
        for (var i = 0; i < connections.Count; i++)
        {
            var file = folder.Write($"{i}.nft", Writer.Write(connections[i], WriterSettings.Default).Content("nftables.conf"));
            var (exitCode, output) = RealProgram.Run("/usr/bin/unshare", "util-linux", "--net", "/usr/sbin/nft", "-f", file);
            Assert.True(exitCode == 0, $"{output}\n{File.ReadAllText(file)}");
        }
    }

    [Fact]
    public void Loading_twice_replaces_the_table_and_leaves_others_alone()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("a.nft", Writer.Write(WriterSamples.Bgp with { Id = "vpn; flush ruleset" }, WriterSettings.Default).Content("nftables.conf"));
        RealProgram.Require("/usr/sbin/nft", "nftables");
        var (exitCode, output) = RealProgram.Run(
            "/usr/bin/unshare", "util-linux", "--net", "/bin/sh", "-c", $"nft add table inet other && nft -f '{file}' && nft -f '{file}' && nft list tables && nft list ruleset | grep -c maxseg");
        Assert.True(exitCode == 0, output);
        Assert.Equal("table inet other\ntable inet tunnelwright_vpn__flush_ruleset\n4\n", output);
    }

    [Fact]
    public void A_table_name_is_a_symbol()
    {
        foreach (var name in new[] { "", "1a", "a b", "a;b", "a\nb", "_a", new string('a', 64) })
        {
            Assert.Throws<ArgumentException>(() => NftablesRuleset.Write(name, "", [], [], []));
        }
    }
}
