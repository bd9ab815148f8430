using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The XML as it is and as it can be broken.</summary>
public sealed class XmlTests
{
    private static readonly VpnConnection Ordinary = Connections.Ordinary();
    private static readonly string Text = XmlConfigurationWriter.Write(Ordinary);

    public static TheoryData<string, string> Disguises => new()
    {
        { "one line", Text.Replace("\n", "") },
        { "CR LF", Text.Replace("\n", "\r\n") },
        { "byte order mark", "\uFEFF" + Text },
        { "no declaration", Text[(Text.IndexOf('\n') + 1)..] },
        { "another encoding declared", Text.Replace("UTF-8", "UTF-16") },
        { "in a Markdown fence", "Our file:\n```xml\n" + Text + "```\nBye <b>now\n" },
        { "in a mail", "> " + Text.Replace("\n", "\n> ") },
        { "white space in values", Text.Replace("</", " \n</").Replace("<pre_shared_key>", "<pre_shared_key>\n  ") },
        { "with comments", Text.Replace("<ike>", "<!-- <ike> --><ike>") },
        { "with CDATA", Text.Replace("<encryption_protocol>aes-256-cbc<", "<encryption_protocol><![CDATA[aes-256-cbc]]><") },
        { "with a namespace", Text.Replace("<vpn_connection id", "<vpn_connection xmlns=\"http://example.com/vpn\" id") },
        { "with unknown elements", Text.Replace("<ike>", "<colour>blue</colour><ike><shade><lifetime_of_paint>1</lifetime_of_paint></shade>") },
        { "with upper-case names", Text.Replace("vpn_gateway>", "VPN_GATEWAY>") },
        { "escaped in a web page", "<pre>" + Text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;") + "</pre>" },
        { "with the backslashes of a string", "CustomerGatewayConfiguration: \"" + Text.Replace("\"", "\\\"").Replace("\n", "\\n") + "\"" },
        { "in the state of an infrastructure tool", "{ \"resources\": [ { \"attributes\": { \"customer_gateway_configuration\": " + System.Text.Json.JsonSerializer.Serialize(Text) + " } } ] }" },
        { "mask without prefix length", Text.Replace("<network_cidr>30</network_cidr>", "") },
        { "prefix length without mask", Text.Replace("<network_mask>255.255.255.252</network_mask>", "") },
        { "address without its element", Text.Replace("<ip_address>192.0.2.77</ip_address>", "192.0.2.77") },
    };

    [Theory]
    [MemberData(nameof(Disguises))]
    public void A_disguise_changes_nothing(string disguise, string text)
    {
        var result = ProviderFile.Read(text);
        Assert.Equal("aws-xml", result.Format);
        Assert.True(result.Problems.Count == 0, $"{disguise}: {result.Problems}");
        Assert.Equal(Ordinary, result.Connection);
    }

    [Fact]
    public void Without_a_version_it_is_ikev1()
    {
        var result = ProviderFile.Read(Text.Replace("<ike_version>ikev2</ike_version>", ""));
        Assert.All(result.Connection!.Tunnels, tunnel => Assert.Equal(IkeVersion.V1, tunnel.Ike.Version));
        Assert.Empty(result.Problems);
    }

    [Theory]
    [InlineData("<ip_address></ip_address>")]
    [InlineData("<ip_address/>")]
    public void An_empty_customer_address_is_null_and_a_warning(string empty)
    {
        var text = Text.Replace("<ip_address>192.0.2.77</ip_address>", empty);
        var result = ProviderFile.Read(text);
        Assert.All(result.Connection!.Tunnels, tunnel => Assert.Null(tunnel.CustomerOutside));
        Assert.Equal(2, result.Problems.Count);
        Assert.All(result.Problems, problem => Assert.Equal((Severity.Warning, "outside.customer"), (problem.Severity, problem.Field)));
        Assert.Equal(text.LineOf(empty), result.Problems[0].Line);
    }

    [Fact]
    public void Without_bgp_blocks_it_is_static()
    {
        var result = ProviderFile.Read(XmlConfigurationWriter.Write(Connections.Ordinary(Routing.Static)).Replace("<vpn_connection_attributes>NoBGPVPNConnection</vpn_connection_attributes>", ""));
        Assert.Equal(Routing.Static, result.Connection!.Routing);
        Assert.Equal("169.254.10.5", result.Connection.Tunnels[0].StaticNextHop.ToString());
    }

    [Fact]
    public void The_attribute_makes_it_static()
    {
        var result = ProviderFile.Read(Text.Replace("<vpn_connection_type>", "<vpn_connection_attributes>NoBGPVPNConnection</vpn_connection_attributes><vpn_connection_type>"));
        Assert.Equal(Routing.Static, result.Connection!.Routing);
        Assert.Null(result.Connection.Tunnels[0].Bgp);
    }

    [Fact]
    public void Tunnels_count_in_the_order_of_the_document()
    {
        var first = Text.IndexOf("<ipsec_tunnel>", StringComparison.Ordinal);
        var second = Text.IndexOf("<ipsec_tunnel>", first + 1, StringComparison.Ordinal);
        var end = Text.IndexOf("</vpn_connection>", StringComparison.Ordinal);
        var result = ProviderFile.Read(Text[..first] + Text[second..end] + Text[first..second] + Text[end..]);
        Assert.Equal([1, 2], result.Connection!.Tunnels.Select(tunnel => tunnel.Number));
        Assert.Equal("198.51.100.2", result.Connection.Tunnels[0].CloudOutside.ToString());
    }

    [Fact]
    public void One_tunnel_is_a_connection()
    {
        var result = ProviderFile.Read(XmlConfigurationWriter.Write(Ordinary with { Tunnels = [Ordinary.Tunnels[0]] }));
        Assert.Single(result.Connection!.Tunnels);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void A_third_tunnel_is_an_error()
    {
        var result = ProviderFile.Read(XmlConfigurationWriter.Write(Ordinary with { Tunnels = [Ordinary.Tunnels[0], Ordinary.Tunnels[1], Ordinary.Tunnels[0]] }));
        Assert.Equal(2, result.Connection!.Tunnels.Count);
        Assert.Equal(Severity.Error, Assert.Single(result.Problems).Severity);
    }

    [Fact]
    public void A_second_document_is_a_warning()
    {
        var result = ProviderFile.Read(Text + Text.Replace("vpn-0a1b", "vpn-ffff"));
        Assert.Equal(Ordinary, result.Connection);
        Assert.Equal(Severity.Warning, Assert.Single(result.Problems).Severity);
    }

    [Theory]
    [InlineData("<pre_shared_key>Secret.Words_1.NobodyKnows</pre_shared_key>", "", Causes.PskMissing)]
    [InlineData("Secret.Words_1.NobodyKnows", "", Causes.PskMissing)]
    [InlineData("<mode>tunnel</mode>", "<mode>transport</mode>", Causes.EncapsulationModeMismatch)]
    [InlineData("<protocol>esp</protocol>", "<protocol>ah</protocol>", Causes.EncapsulationModeMismatch)]
    [InlineData("<encryption_protocol>aes-256-cbc<", "<encryption_protocol>enigma<", Causes.ConfigSyntax)]
    [InlineData("<lifetime>28800<", "<lifetime>long<", Causes.ConfigSyntax)]
    [InlineData("<lifetime>28800</lifetime>", "<lifetime>28800</lifetime><lifetime>100</lifetime>", Causes.ConfigSyntax)]
    [InlineData("<ip_address>198.51.100.1</ip_address>", "", Causes.ConfigSyntax)]
    [InlineData("<asn>64512</asn>", "<asn>AS64512X</asn>", Causes.ConfigSyntax)]
    public void A_wrong_value_is_one_error(string old, string with, string cause)
    {
        var result = ProviderFile.Read(Text.WithFirst(old, with));
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, cause, 1), (problem.Severity, problem.Cause, problem.Tunnel));
        Assert.DoesNotContain("NobodyKnows", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_off_keeps_its_whole_tunnels()
    {
        var result = ProviderFile.Read(Text[..Text.LastIndexOf("<lifetime>", StringComparison.Ordinal)]);
        Assert.Equal("aws-xml", result.Format);
        Assert.Equal(Ordinary with { Tunnels = [Ordinary.Tunnels[0]] }, result.Connection);
        Assert.Contains(result.Problems, problem => problem.Severity == Severity.Error && problem.Message.Contains("tunnel 2", StringComparison.Ordinal));
    }
}
