using System.Text.Json;
using System.Text.Json.Nodes;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Tunnelwright's own documents and the JSON that commands print.</summary>
public sealed class ModelDocumentTests
{
    private static readonly VpnConnection Ordinary = Connections.Ordinary() with { CustomerRanges = [Cidr.Parse("10.1.0.0/16")] };

    [Fact]
    public void The_printed_document_has_exactly_the_contracts_fields()
    {
        var node = JsonSerializer.SerializeToNode(ConnectionDocument.From(Connections.Ordinary()), ConnectionDocumentContext.Default.ConnectionDocument)!;
        var expected = JsonNode.Parse("""
            { "id": "vpn-0a1b2c3d4e5f60718", "cloudGatewayId": "vgw-0fedcba9876543210", "customerGatewayId": "cgw-00112233445566778", "routing": "bgp",
              "tunnels": [ {
                "number": 1,
                "outside": { "customer": "192.0.2.77", "cloud": "198.51.100.1" },
                "inside":  { "customer": "169.254.10.6/30", "cloud": "169.254.10.5/30" },
                "ike":   { "version": 2, "authentication": "psk", "encryption": "aes256", "integrity": "sha256", "dhGroup": 14, "lifetimeSeconds": 28800, "mode": "main" },
                "ipsec": { "protocol": "esp", "mode": "tunnel", "encryption": "aes256", "integrity": "sha256", "pfsGroup": 14, "lifetimeSeconds": 3600 },
                "dpd":   { "intervalSeconds": 10, "retries": 3 },
                "mssBytes": 1382, "mtuBytes": 1422, "clearDf": true,
                "bgp": { "customerAsn": 65010, "cloudAsn": 64512, "neighbor": "169.254.10.5", "holdSeconds": 30 },
                "staticNextHop": null } ] }
            """)!;
        node["tunnels"]!.AsArray().RemoveAt(1);
        Assert.Equal(expected.ToJsonString(), node.ToJsonString());
    }

    [Fact]
    public void Nulls_are_written()
    {
        var tunnel = Connections.Ordinary(Routing.Static).Tunnels[0];
        var connection = Connections.Ordinary(Routing.Static) with
        {
            CloudGatewayId = null,
            Tunnels = [tunnel with { CustomerOutside = null, MssBytes = null, MtuBytes = null, Ike = tunnel.Ike with { Proposal = new IkeProposal(EncryptionAlgorithm.Aes256Gcm16, null, new DhGroup(20)) } }],
        };
        var node = JsonSerializer.SerializeToNode(ConnectionDocument.From(connection), ConnectionDocumentContext.Default.ConnectionDocument)!.AsObject();
        Assert.True(node.ContainsKey("cloudGatewayId") && node["cloudGatewayId"] is null);
        var printed = node["tunnels"]![0]!.AsObject();
        foreach (var name in new[] { "mssBytes", "mtuBytes", "bgp" }) Assert.True(printed.ContainsKey(name) && printed[name] is null, name);
        Assert.True(printed["outside"]!.AsObject().ContainsKey("customer") && printed["outside"]!["customer"] is null);
        Assert.True(printed["ike"]!.AsObject().ContainsKey("integrity") && printed["ike"]!["integrity"] is null);
        Assert.Equal("aes256gcm16", (string)printed["ike"]!["encryption"]!);
    }

    [Fact]
    public void What_check_prints_can_be_read_back_but_for_the_keys()
    {
        var printed = JsonSerializer.Serialize(ConnectionDocument.From(Ordinary), ConnectionDocumentContext.Default.ConnectionDocument);
        var result = ProviderFile.Read($$"""{ "format": "aws-xml", "connection": {{printed}}, "problems": [] }""");
        Assert.Equal("tunnelwright-json", result.Format);
        Assert.Equal([Causes.PskMissing, Causes.PskMissing], result.Problems.Select(problem => problem.Cause));
        Assert.Equal(Ordinary.Tunnels[1].Ipsec, result.Connection!.Tunnels[1].Ipsec);
    }

    [Theory]
    [InlineData("\"encryption\": \"aes256\"", "\"encryption\": \"rot13\"", "ike.encryption")]
    [InlineData("\"lifetimeSeconds\": 28800", "\"lifetimeSeconds\": \"ages\"", "ike.lifetimeSeconds")]
    [InlineData("\"cloud\": \"198.51.100.1\"", "\"cloud\": null", "outside.cloud")]
    [InlineData("\"dhGroup\": 14", "\"dhGroup\": 14, \"dhGroup\": 2", "ike.dhGroup")]
    [InlineData("\"mode\": \"tunnel\"", "\"mode\": \"transport\"", "ipsec.mode")]
    [InlineData("\"routing\": \"bgp\"", "\"routing\": \"rip\"", "routing")]
    [InlineData("10.1.0.0/16", "10.1.0.1/16", "customerRanges")]
    public void A_wrong_value_in_json_is_an_error_with_its_line(string old, string with, string field)
    {
        var text = ModelDocumentWriter.WriteJson(Ordinary).WithFirst(old, with);
        var result = ProviderFile.Read(text);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, field), (problem.Severity, problem.Field));
        if (!with.Contains("null", StringComparison.Ordinal)) Assert.Equal(text.LineOf(with), problem.Line);
    }

    [Fact]
    public void Yaml_has_its_lines_too()
    {
        var text = "# our connection\n---\n" + ModelDocumentWriter.WriteYaml(Ordinary).WithFirst("encryption: aes256", "encryption: rot13");
        var result = ProviderFile.Read(text);
        Assert.Equal("tunnelwright-yaml", result.Format);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, "ike.encryption", text.LineOf("rot13")), (problem.Severity, problem.Field, problem.Line));
    }

    [Fact]
    public void Yaml_written_by_a_person()
    {
        var result = ProviderFile.Read("""
            Here it is:
            ```yaml
            id: vpn-by-hand            # our own name
            customerGatewayId: cgw-by-hand
            routing: static
            tunnels:
              - outside: { customer: 192.0.2.77, cloud: 198.51.100.1 }
                inside: { customer: 169.254.10.6/30, cloud: 169.254.10.5/30 }
                ike: { version: 2, encryption: aes256, integrity: sha256, dhGroup: 14, lifetimeSeconds: 8h, preSharedKey: 'Secret.Words_1.NobodyKnows' }
                ipsec:
                  encryption: aes256
                  integrity: sha256
                  pfsGroup: 14
                mssBytes: 1382
                mtuBytes: 1422
            ```
            """);
        Assert.Empty(result.Problems);
        Assert.Equal([Connections.Ordinary(Routing.Static).Tunnels[0]], result.Connection!.Tunnels);
        Assert.Null(result.Connection.CloudGatewayId);
    }

    [Theory]
    [InlineData("routing: static\ntunnels:\n  - outside: [")]
    [InlineData("routing: static\ntunnels:\n  -\toutside: x\n\t- y")]
    [InlineData("routing: static\ntunnels:\n  - ? [a]\n    : b\n")]
    [InlineData("routing: static\ntunnels: []\n")]
    [InlineData("routing: static\ntunnels: [1, 2]\n")]
    public void Broken_yaml_is_an_error(string text)
    {
        var result = ProviderFile.Read(text);
        Assert.Equal("tunnelwright-yaml", result.Format);
        Assert.Null(result.Connection);
        Assert.True(result.HasErrors);
    }
}
