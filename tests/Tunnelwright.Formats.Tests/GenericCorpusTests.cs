using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The generic texts of the corpus, against values taken down by a person who read them.</summary>
public sealed class GenericCorpusTests
{
    [Fact]
    public void Bgp_file_of_2018_with_placeholders()
    {
        var result = ProviderFile.Read(Corpus.Read("generic-bgp-2018.txt"));
        var connection = Expect(result, "vpn-44a8938f", "vgw-8db04f81", "cgw-b4dc3961", Routing.Bgp);
        var first = connection.Tunnels[0];
        Common(first, 1387);
        Common(connection.Tunnels[1], 1387);
        Assert.Null(first.CustomerOutside);
        Assert.Equal("72.21.209.193", first.CloudOutside.ToString());
        Assert.Equal("72.21.209.193", connection.Tunnels[1].CloudOutside.ToString());
        Assert.Equal("169.254.255.2/30", first.CustomerInside.ToString());
        Assert.Equal("169.254.255.5/30", connection.Tunnels[1].CloudInside.ToString());
        Assert.Equal(new BgpSettings(null, new Asn(7224), Ipv4Address.Parse("169.254.255.1"), 30), first.Bgp);
        Assert.Null(first.StaticNextHop);
        Assert.Equal(4, result.Problems.Count);
        Assert.All(result.Problems, problem => Assert.Equal((Severity.Warning, Causes.ConfigSyntax), (problem.Severity, problem.Cause)));
        Assert.Equal([82, 100, 172, 191], result.Problems.Select(problem => problem.Line ?? 0));
        Assert.Equal("8gLEK6DU", first.Ike.PreSharedKey!.Reveal()[..8]);
        Assert.Equal(34, result.Lines.LineOf(1, "ike.lifetimeSeconds"));
        Assert.Equal(45, result.Lines.LineOf(1, "ipsec.lifetimeSeconds"));
        Assert.Equal(135, result.Lines.LineOf(2, "ipsec.lifetimeSeconds"));
        Assert.Equal(11, result.Lines.LineOf(null, "id"));
    }

    [Fact]
    public void Bgp_file_of_a_transit_gateway_with_a_note_above()
    {
        var result = ProviderFile.Read(Corpus.Read("generic-bgp-transit-2020.txt"));
        var connection = Expect(result, "vpn-0c6b44b27cb67a89a", null, "cgw-000b3a477946ddfb8", Routing.Bgp);
        Assert.Empty(result.Problems);
        foreach (var tunnel in connection.Tunnels)
        {
            Common(tunnel, 1379);
            Assert.Equal("44.209.199.51", tunnel.CustomerOutside.ToString());
            Assert.Equal(new Asn(65016), tunnel.Bgp!.CustomerAsn);
            Assert.Equal(new Asn(64512), tunnel.Bgp.CloudAsn);
            Assert.Equal(30, tunnel.Bgp.HoldSeconds);
        }

        Assert.Equal("75.2.40.238", connection.Tunnels[0].CloudOutside.ToString());
        Assert.Equal("99.83.240.177", connection.Tunnels[1].CloudOutside.ToString());
        Assert.Equal("169.254.123.14/30", connection.Tunnels[0].CustomerInside.ToString());
        Assert.Equal("169.254.19.101/30", connection.Tunnels[1].CloudInside.ToString());
        Assert.Equal("169.254.19.101", connection.Tunnels[1].Bgp!.Neighbor.ToString());
    }

    [Fact]
    public void Static_file_of_2018_with_placeholders()
    {
        var result = ProviderFile.Read(Corpus.Read("generic-static-2018.txt"));
        var connection = Expect(result, "vpn-44a8938f", "vgw-8db04f81", "cgw-ff628496", Routing.Static);
        Common(connection.Tunnels[0], 1387);
        Common(connection.Tunnels[1], 1387);
        Assert.Equal("72.21.209.193", connection.Tunnels[0].CloudOutside.ToString());
        Assert.Equal("72.21.209.225", connection.Tunnels[1].CloudOutside.ToString());
        Assert.Equal("169.254.255.74/30", connection.Tunnels[0].CustomerInside.ToString());
        Assert.Equal("169.254.255.73", connection.Tunnels[0].StaticNextHop.ToString());
        Assert.Equal("169.254.255.77", connection.Tunnels[1].StaticNextHop.ToString());
        Assert.Equal(2, result.Problems.Count);
        Assert.All(result.Problems, problem => Assert.Equal("outside.customer", problem.Field));
    }

    [Fact]
    public void Static_file_of_2024_with_tabs()
    {
        var result = ProviderFile.Read(Corpus.Read("generic-static-2024.txt"));
        var connection = Expect(result, "vpn-0dcfd4c53deb88adf", "vgw-0d717e3860a8a441c", "cgw-030314dfe680319fa", Routing.Static);
        Assert.Empty(result.Problems);
        foreach (var tunnel in connection.Tunnels)
        {
            Common(tunnel, 1379);
            Assert.Equal("98.80.93.58", tunnel.CustomerOutside.ToString());
            Assert.Null(tunnel.Bgp);
        }

        Assert.Equal("3.7.174.38", connection.Tunnels[0].CloudOutside.ToString());
        Assert.Equal("43.205.166.101", connection.Tunnels[1].CloudOutside.ToString());
        Assert.Equal("169.254.232.2/30", connection.Tunnels[0].CustomerInside.ToString());
        Assert.Equal("169.254.218.186/30", connection.Tunnels[1].CustomerInside.ToString());
        Assert.Equal("169.254.218.185", connection.Tunnels[1].StaticNextHop.ToString());
        Assert.EndsWith("7Vk_z", connection.Tunnels[1].Ike.PreSharedKey!.Reveal(), StringComparison.Ordinal);
    }

    private static VpnConnection Expect(ReadResult result, string id, string? cloud, string customer, Routing routing)
    {
        Assert.Equal("aws-generic-text", result.Format);
        var connection = Assert.IsType<VpnConnection>(result.Connection);
        Assert.Equal(id, connection.Id);
        Assert.Equal(cloud, connection.CloudGatewayId);
        Assert.Equal(customer, connection.CustomerGatewayId);
        Assert.Equal(routing, connection.Routing);
        Assert.Equal([1, 2], connection.Tunnels.Select(tunnel => tunnel.Number));
        return connection;
    }

    private static void Common(Tunnel tunnel, int mss)
    {
        Assert.Equal(IkeVersion.V1, tunnel.Ike.Version);
        Assert.Equal(AuthenticationMethod.PreSharedKey, tunnel.Ike.Authentication);
        Assert.Equal(32, tunnel.Ike.PreSharedKey!.Length);
        Assert.Equal("aes128-sha1-modp1024", tunnel.Ike.Proposal.ToString());
        Assert.Equal(28800, tunnel.Ike.Lifetime.Seconds);
        Assert.Equal(IkeMode.Main, tunnel.Ike.Mode);
        Assert.Equal("aes128-sha1-modp1024", tunnel.Ipsec.Proposal.ToString());
        Assert.Equal(3600, tunnel.Ipsec.Lifetime.Seconds);
        Assert.Equal(new DeadPeerDetection(10, 3), tunnel.DeadPeerDetection);
        Assert.Equal(mss, tunnel.MssBytes);
        Assert.Equal(1436, tunnel.MtuBytes);
        Assert.True(tunnel.ClearDontFragment);
        Assert.True(tunnel.FragmentBeforeEncryption);
    }
}
