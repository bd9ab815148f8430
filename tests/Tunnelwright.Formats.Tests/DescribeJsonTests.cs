using System.Text.Json.Nodes;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The JSON of describe-vpn-connections: XML inside, options beside it, or options alone.</summary>
public sealed class DescribeJsonTests
{
    private static readonly VpnConnection Ordinary = Connections.Ordinary();
    private static readonly string Text = DescribeJsonWriter.Write(Ordinary);

    [Theory]
    [InlineData("as printed")]
    [InlineData("one connection alone")]
    [InlineData("an array of connections")]
    [InlineData("the answer to create")]
    [InlineData("an object where the array belongs")]
    [InlineData("camel case")]
    [InlineData("notes around it")]
    [InlineData("quoted in a mail")]
    [InlineData("in one line")]
    [InlineData("without options")]
    public void A_disguise_changes_nothing(string disguise)
    {
        var node = JsonNode.Parse(Text)!;
        var connection = node["VpnConnections"]![0]!;
        var bare = connection.ToJsonString();
        var text = disguise switch
        {
            "one connection alone" => bare,
            "an array of connections" => $"[{bare}]",
            "the answer to create" => $"{{\"VpnConnection\": {bare}}}",
            "an object where the array belongs" => $"{{\"VpnConnections\": {bare}}}",
            "camel case" => Text.Replace("\"VpnConnections\"", "\"vpnConnections\"").Replace("\"CustomerGatewayConfiguration\"", "\"customerGatewayConfiguration\""),
            "notes around it" => "$ aws ec2 describe-vpn-connections\n```json\n" + Text + "```\nThat [is](it).\n",
            "quoted in a mail" => "> " + Text.Replace("\n", "\n> "),
            "in one line" => node.ToJsonString(),
            "without options" => Without(connection, "Options"),
            _ => Text,
        };
        var result = ProviderFile.Read(text);
        Assert.Equal("aws-describe-json", result.Format);
        Assert.True(result.Problems.Count == 0, result.Problems.ToString());
        Assert.Equal(Ordinary, result.Connection);
    }

    [Fact]
    public void Routes_are_the_customers_ranges()
    {
        var result = ProviderFile.Read(Text.Replace("\"Routes\": []", """
            "Routes": [ {"DestinationCidrBlock": "10.20.0.0/16", "State": "available"}, {"DestinationCidrBlock": "10.30.0.0/16", "State": "deleted"}, {"DestinationCidrBlock": "192.168.4.0/22"} ]
            """));
        Assert.Equal(["10.20.0.0/16", "192.168.4.0/22"], result.Connection!.CustomerRanges.Select(range => range.ToString()));
    }

    [Fact]
    public void Options_refine_the_xml()
    {
        var node = JsonNode.Parse(Text)!;
        var connection = node["VpnConnections"]![0]!;
        connection["CustomerGatewayConfiguration"] = XmlConfigurationWriter.Write(Ordinary).Replace("<ike_version>ikev2</ike_version>", "").Replace("aes-256-cbc", "aes-128-cbc").Replace("group14", "group2").Replace("sha2-256", "sha1");
        var second = connection["Options"]!["TunnelOptions"]![1]!;
        second["Phase1EncryptionAlgorithms"] = JsonNode.Parse("""[{"Value":"AES256-GCM-16"}]""");
        second["Phase1IntegrityAlgorithms"] = JsonNode.Parse("""[{"Value":"SHA2-384"}]""");
        second["Phase2EncryptionAlgorithms"] = JsonNode.Parse("""[{"Value":"AES128"},{"Value":"AES256"}]""");
        second["Phase2DHGroupNumbers"] = JsonNode.Parse("""[{"Value":20},{"Value":21}]""");
        second["Phase2LifetimeSeconds"] = 1800;
        var result = ProviderFile.Read(node.ToJsonString());
        Assert.True(result.Problems.Count == 0, result.Problems.ToString());
        var (one, two) = (result.Connection!.Tunnels[0], result.Connection.Tunnels[1]);
        Assert.Equal(("aes256-sha256-modp2048", IkeVersion.V2), (one.Ike.Proposal.ToString(), one.Ike.Version));
        Assert.Equal("aes256gcm16-prfsha384-modp2048", two.Ike.Proposal.ToString());
        Assert.Equal("aes128-sha256-ecp384", two.Ipsec.Proposal.ToString());
        Assert.Equal(1800, two.Ipsec.Lifetime.Seconds);
    }

    [Fact]
    public void Long_lists_leave_what_the_xml_says()
    {
        var node = JsonNode.Parse(Text)!;
        foreach (var option in node["VpnConnections"]![0]!["Options"]!["TunnelOptions"]!.AsArray())
        {
            option!["Phase1EncryptionAlgorithms"] = JsonNode.Parse("""[{"Value":"AES128"},{"Value":"AES256"},{"Value":"AES256-GCM-16"}]""");
            option["Phase1IntegrityAlgorithms"] = JsonNode.Parse("""[{"Value":"SHA1"},{"Value":"SHA2-256"}]""");
            option["Phase1DHGroupNumbers"] = JsonNode.Parse("""[{"Value":2},{"Value":14},{"Value":24}]""");
            option["IkeVersions"] = JsonNode.Parse("""[{"Value":"ikev1"},{"Value":"ikev2"}]""");
        }

        Assert.Equal(Ordinary, ProviderFile.Read(node.ToJsonString()).Connection);
    }

    [Fact]
    public void Options_alone_are_enough_with_static_routing()
    {
        var result = ProviderFile.Read("""
            {
              "VpnConnections": [
                {
                  "VpnConnectionId": "vpn-00000000000000abc",
                  "TransitGatewayId": "tgw-00000000000000def",
                  "CustomerGatewayId": "cgw-00000000000000123",
                  "State": "available",
                  "Options": {
                    "StaticRoutesOnly": true,
                    "LocalIpv4NetworkCidr": "10.9.0.0/16",
                    "TunnelOptions": [
                      {
                        "OutsideIpAddress": "198.51.100.61",
                        "TunnelInsideCidr": "169.254.44.0/30",
                        "PreSharedKey": "One.Key_For.The_Test",
                        "Phase1LifetimeSeconds": 14400,
                        "DpdTimeoutSeconds": 60,
                        "IkeVersions": [ { "Value": "ikev1" } ],
                        "Phase1EncryptionAlgorithms": [ { "Value": "AES128" } ],
                        "Phase1IntegrityAlgorithms": [ { "Value": "SHA2-512" } ],
                        "Phase1DHGroupNumbers": [ { "Value": 19 } ],
                        "Phase2EncryptionAlgorithms": [ { "Value": "AES128-GCM-16" } ],
                        "Phase2IntegrityAlgorithms": [ { "Value": "SHA2-256" } ],
                        "Phase2DHGroupNumbers": [ { "Value": 5 } ]
                      },
                      {
                        "OutsideIpAddress": "198.51.100.62",
                        "TunnelInsideCidr": "169.254.44.5/30",
                        "PreSharedKey": "**hidden**"
                      }
                    ]
                  }
                }
              ]
            }
            """);
        Assert.Equal("aws-describe-json", result.Format);
        var connection = result.Connection!;
        Assert.Equal(("vpn-00000000000000abc", "tgw-00000000000000def", Routing.Static), (connection.Id, connection.CloudGatewayId, connection.Routing));
        Assert.Equal(["10.9.0.0/16"], connection.CustomerRanges.Select(range => range.ToString()));
        var (one, two) = (connection.Tunnels[0], connection.Tunnels[1]);
        Assert.Equal(("169.254.44.2/30", "169.254.44.1/30", "169.254.44.1"), (one.CustomerInside.ToString(), one.CloudInside.ToString(), one.StaticNextHop.ToString()));
        Assert.Equal(("aes128-sha512-ecp256", "aes128gcm16-modp1536", IkeVersion.V1), (one.Ike.Proposal.ToString(), one.Ipsec.Proposal.ToString(), one.Ike.Version));
        Assert.Equal((14400, 3600, 6), (one.Ike.Lifetime.Seconds, one.Ipsec.Lifetime.Seconds, one.DeadPeerDetection.Retries));
        Assert.Equal(("aes256-sha256-modp2048", IkeVersion.V2), (two.Ike.Proposal.ToString(), two.Ike.Version));
        Assert.Null(two.Ike.PreSharedKey);
        Assert.Equal(
            [(Severity.Warning, 1), (Severity.Warning, 2), (Severity.Error, 2), (Severity.Warning, 2)],
            result.Problems.OrderBy(problem => problem.Tunnel).ThenBy(problem => problem.Line ?? 99).Select(problem => (problem.Severity, problem.Tunnel ?? 0)));
        Assert.Contains(result.Problems, problem => problem.Cause == Causes.PskMissing && problem.Tunnel == 2);
        Assert.Equal(16, result.Lines.LineOf(1, "ike.lifetimeSeconds"));
    }

    [Fact]
    public void Of_several_connections_the_first_with_tunnels_is_read()
    {
        var connection = JsonNode.Parse(Text)!["VpnConnections"]![0]!.ToJsonString();
        var result = ProviderFile.Read($$"""
            {"VpnConnections":[{"VpnConnectionId":"vpn-dead","State":"deleted"},{{connection}},{"VpnConnectionId":"vpn-other","CustomerGatewayConfiguration":"<vpn_connection id='vpn-other'/>"}]}
            """);
        Assert.Equal(Ordinary, result.Connection);
        Assert.Equal(Severity.Warning, Assert.Single(result.Problems).Severity);
    }

    [Theory]
    [InlineData("{\"VpnConnections\": []}")]
    [InlineData("{\"VpnConnections\": [{\"VpnConnectionId\": \"vpn-dead\", \"State\": \"deleted\"}]}")]
    [InlineData("{\"VpnConnections\": [{\"VpnConnectionId\": \"vpn-1\", \"CustomerGatewayConfiguration\": \"...configuration information...\"}]}")]
    [InlineData("{\"VpnConnections\": [{\"VpnConnectionId\": \"vpn-1\", \"CustomerGatewayConfiguration\": \"<vpn_connection id='vpn-1'><ipsec_tunnel>\"}]}")]
    [InlineData("{\"VpnConnections\": [")]
    [InlineData("{\"VpnConnections\": 7}")]
    [InlineData("{\"VpnConnections\": [{\"VpnConnectionId\": {\"a\": []}}]}")]
    public void Nothing_to_read_is_an_error(string text)
    {
        var result = ProviderFile.Read(text);
        Assert.Equal("aws-describe-json", result.Format);
        Assert.Null(result.Connection);
        Assert.True(result.HasErrors);
    }

    [Fact]
    public void Broken_json_names_the_line()
    {
        var cut = Text[..Text.IndexOf("\"Routes\"", StringComparison.Ordinal)] + "oops";
        var problem = Assert.Single(ProviderFile.Read(cut).Problems);
        Assert.Equal((Severity.Error, Text.LineOf("\"Routes\"")), (problem.Severity, problem.Line));
    }

    private static string Without(JsonNode connection, string name)
    {
        connection.AsObject().Remove(name);
        return connection.ToJsonString();
    }
}
