namespace Tunnelwright.Formats.Tests;

/// <summary>Real packets through the written table: a customer's host, the gateway and a cloud's host in namespaces that go away with the script.</summary>
public sealed class NftablesTrafficTests
{
    private const string Script = """
        set -eu
        mount -t tmpfs none /run
        ip netns add lan
        ip netns add cloud
        ip link add lan0 type veth peer name eth0 netns lan
        ip link add vpn1 type veth peer name eth0 netns cloud
        ip address add 10.1.0.1/24 dev lan0
        ip address add 10.77.0.1/24 dev lan0
        ip address add 169.254.10.2/30 dev vpn1
        ip link set lan0 up
        ip link set vpn1 mtu 1436 up
        ip -n lan address add 10.1.0.10/24 dev eth0
        ip -n lan address add 10.77.0.10/24 dev eth0
        ip -n lan link set eth0 up
        ip -n lan route add default via 10.1.0.1
        ip -n cloud address add 169.254.10.1/30 dev eth0
        ip -n cloud link set lo up
        ip -n cloud address add 10.8.2.10/24 dev lo
        ip -n cloud address add 10.9.9.10/24 dev lo
        ip -n cloud link set eth0 mtu 1436 up
        ip -n cloud route add 10.0.0.0/8 via 169.254.10.2
        ip route add 10.8.0.0/15 via 169.254.10.1
        echo 1 >/proc/sys/net/ipv4/ip_forward
        nft -f "$1"
        try() { echo "$1: $(shift; "$@" >/dev/null 2>&1 && echo passes || echo fails)"; }
        try registered ip netns exec lan ping -n -c 1 -W 2 -I 10.1.0.10 10.8.2.10
        try unregistered-source ip netns exec lan ping -n -c 1 -W 1 -I 10.77.0.10 10.8.2.10
        try unregistered-destination ip netns exec lan ping -n -c 1 -W 1 -I 10.1.0.10 10.9.9.10
        ip netns exec cloud tcpdump -i eth0 -n -c 1 -v 'tcp[13] = 2' >/run/syn 2>/run/tcpdump &
        capture=$!
        while ! grep -qs listening /run/tcpdump; do sleep 0.05; done
        ip netns exec lan timeout 5 bash -c 'exec 3<>/dev/tcp/10.8.2.10/443' 2>/dev/null || true
        wait $capture
        grep -o 'mss [0-9]*' /run/syn
        try large-with-df ip netns exec lan ping -n -c 1 -W 2 -M do -s 1450 -I 10.1.0.10 10.8.2.10
        """;

    [Fact]
    public void Only_the_registered_ranges_pass_and_sizes_fit_the_tunnel()
    {
        var table = ConfigurationWriters.Find("nftables")!.Write(WriterSamples.Static, WriterSettings.Default).Content("nftables.conf");
        Assert.Equal(
            ["registered: passes", "unregistered-source: fails", "unregistered-destination: fails", "mss 1379", "large-with-df: passes"],
            Run(table));
    }

    [Fact]
    public void Without_the_table_everything_passes_but_what_is_too_large()
    {
        Assert.Equal(
            ["registered: passes", "unregistered-source: passes", "unregistered-destination: passes", "mss 1460", "large-with-df: fails"],
            Run("table inet empty\n"));
    }

    private static string[] Run(string table)
    {
        RealProgram.Require("/usr/bin/tcpdump", "tcpdump");
        RealProgram.Require("/usr/sbin/nft", "nftables");
        using var folder = new TemporaryFolder();
        var (exitCode, output) = RealProgram.Run(
            "/usr/bin/unshare", "util-linux", "--net", "--mount", "--kill-child", "/bin/sh", folder.Write("traffic.sh", Script), folder.Write("table.nft", table));
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
