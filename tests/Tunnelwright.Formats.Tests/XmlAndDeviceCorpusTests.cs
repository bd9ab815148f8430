using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The XML and strongSwan files of the corpus, against values taken down by a person who read them.</summary>
public sealed class XmlAndDeviceCorpusTests
{
    [Fact]
    public void Bgp_xml()
    {
        var result = ProviderFile.Read(Corpus.Read("bgp.xml"));
        Assert.Equal("aws-xml", result.Format);
        Assert.Empty(result.Problems);
        var connection = result.Connection!;
        Assert.Equal(("vpn-ba2e34a8", "vgw-81fd279f", "cgw-fb76ace5", Routing.Bgp), (connection.Id, connection.CloudGatewayId, connection.CustomerGatewayId, connection.Routing));
        var (first, second) = (connection.Tunnels[0], connection.Tunnels[1]);
        Common(first);
        Common(second);
        Assert.Equal(("4.4.4.27", "1.2.3.4", "169.254.15.194/30", "169.254.15.193/30"), Addresses(first));
        Assert.Equal(("4.4.4.27", "5.6.7.8", "169.254.13.238/30", "169.254.13.237/30"), Addresses(second));
        Assert.Equal(new BgpSettings(new Asn(65301), new Asn(65401), Ipv4Address.Parse("169.254.15.193"), 30), first.Bgp);
        Assert.Equal(1379, second.MssBytes);
        Assert.Null(second.MtuBytes);
        Assert.Equal(38, result.Lines.LineOf(1, "ike.lifetimeSeconds"));
        Assert.Equal(100, result.Lines.LineOf(2, "ipsec.lifetimeSeconds"));
        Assert.Equal(2, result.Lines.LineOf(null, "id"));
    }

    [Fact]
    public void Static_xml()
    {
        var result = ProviderFile.Read(Corpus.Read("static.xml"));
        Assert.Equal("aws-xml", result.Format);
        Assert.Empty(result.Problems);
        var connection = result.Connection!;
        Assert.Equal(("vpn-05044757278685fd3", "vgw-070087240d6fa2989", "cgw-0e0d620a3ae284684", Routing.Static), (connection.Id, connection.CloudGatewayId, connection.CustomerGatewayId, connection.Routing));
        var (first, second) = (connection.Tunnels[0], connection.Tunnels[1]);
        Common(first);
        Common(second);
        Assert.Equal(("1.1.1.1", "3.13.210.90", "169.254.58.234/30", "169.254.58.233/30"), Addresses(first));
        Assert.Equal(("1.1.1.1", "18.221.157.90", "169.254.58.222/30", "169.254.58.221/30"), Addresses(second));
        Assert.Equal("169.254.58.221", second.StaticNextHop.ToString());
        Assert.Null(second.Bgp);
    }

    [Fact]
    public void StrongSwan_text()
    {
        var result = ProviderFile.Read(Corpus.Read("strongswan-static.txt"));
        Assert.Equal("strongswan-text", result.Format);
        Assert.Empty(result.Problems);
        var connection = result.Connection!;
        Assert.Equal(("vpn-083f813b66c465acf", "vgw-0e213adb654fb5e95", "cgw-0c5481d02fb9d5ccc", Routing.Static), (connection.Id, connection.CloudGatewayId, connection.CustomerGatewayId, connection.Routing));
        Assert.Equal(2, connection.Tunnels.Count);
        var (first, second) = (connection.Tunnels[0], connection.Tunnels[1]);
        Common(first);
        Common(second);
        Assert.Equal(("47.89.241.197", "15.188.41.231", "169.254.163.250/30", "169.254.163.249/30"), Addresses(first));
        Assert.Equal(("47.89.241.197", "15.188.104.185", "169.254.99.22/30", "169.254.99.21/30"), Addresses(second));
        Assert.Equal(1419, first.MtuBytes);
        Assert.Null(first.MssBytes);
        Assert.EndsWith("oJ9EpD", first.Ike.PreSharedKey!.Reveal(), StringComparison.Ordinal);
        Assert.StartsWith("vFqu_", second.Ike.PreSharedKey!.Reveal(), StringComparison.Ordinal);
        Assert.Equal(46, result.Lines.LineOf(1, "ike.encryption"));
    }

    private static (string?, string, string, string) Addresses(Tunnel tunnel) =>
        (tunnel.CustomerOutside?.ToString(), tunnel.CloudOutside.ToString(), tunnel.CustomerInside.ToString(), tunnel.CloudInside.ToString());

    private static void Common(Tunnel tunnel)
    {
        Assert.Equal(IkeVersion.V1, tunnel.Ike.Version);
        Assert.Equal(32, tunnel.Ike.PreSharedKey!.Length);
        Assert.Equal("aes128-sha1-modp1024", tunnel.Ike.Proposal.ToString());
        Assert.Equal("aes128-sha1-modp1024", tunnel.Ipsec.Proposal.ToString());
        Assert.Equal((28800, 3600), (tunnel.Ike.Lifetime.Seconds, tunnel.Ipsec.Lifetime.Seconds));
        Assert.Equal(new DeadPeerDetection(10, 3), tunnel.DeadPeerDetection);
        Assert.True(tunnel.ClearDontFragment);
    }
}
