using System.Text.Json;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed class CloudFormationWriterTests
{
    [Fact]
    public void Todays_parameters_name_secrets_and_hold_no_key()
    {
        var writer = ConfigurationWriters.Find("cloudformation")!;
        var files = writer.Write(WriterSamples.Bgp, WriterSettings.Parse(writer, ["pVpcId=vpc-0123", "pVpcCidr=10.1.0.0/16"]));
        var parameters = Read(files);
        Assert.Equal("psk", parameters["pAuthType"]);
        Assert.Equal("vpn-0a1b2c3d4e5f60718-tunnel-1", parameters["pTunnel1PskSecretName"]);
        Assert.Equal("198.51.100.11", parameters["pTunnel1VgwOutsideIpAddress"]);
        Assert.Equal("169.254.10.2/30", parameters["pTunnel1CgwInsideIpAddress"]);
        Assert.Equal("169.254.10.1/30", parameters["pTunnel1VgwInsideIpAddress"]);
        Assert.Equal("64512", parameters["pTunnel1VgwBgpAsn"]);
        Assert.Equal("169.254.10.1", parameters["pTunnel1BgpNeighborIpAddress"]);
        Assert.Equal("198.51.100.22", parameters["pTunnel2VgwOutsideIpAddress"]);
        Assert.Equal("65000", parameters["pLocalBgpAsn"]);
        Assert.Equal("vpc-0123", parameters["pVpcId"]);
        Assert.Equal("10.1.0.0/16", parameters["pVpcCidr"]);
        Assert.Equal("true", parameters["pUseElasticIp"]);
        Assert.DoesNotContain(WriterSamples.FirstKey, files.Content("parameters.json"), StringComparison.Ordinal);
        Assert.Equal(WriterSamples.FirstKey, JsonDocument.Parse(files.Content("tunnel-1-secret.json")).RootElement.GetProperty("psk").GetString());
        Assert.Equal(["tunnel-1-secret.json", "tunnel-2-secret.json"], files.Where(file => file.HoldsSecrets).Select(file => file.Name));
        var notes = files.Content("notes.txt");
        Assert.Contains("  pSubnetId: ", notes, StringComparison.Ordinal);
        Assert.Contains("  pEipAllocationId: ", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("  pVpcId: ", notes, StringComparison.Ordinal);
        Assert.Contains("create-secret --name vpn-0a1b2c3d4e5f60718-tunnel-2 --secret-string file://tunnel-2-secret.json", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void The_edition_with_keys_has_the_names_that_articles_show()
    {
        var writer = ConfigurationWriters.Find("cloudformation-2019")!;
        var files = writer.Write(WriterSamples.Bgp with { CustomerRanges = [Cidr.Parse("10.1.0.0/16")] }, WriterSettings.Default);
        Assert.True(files.Single(file => file.Name == "parameters.json").HoldsSecrets);
        var parameters = Read(files);
        Assert.Equal(WriterSamples.FirstKey, parameters["pTunnel1Psk"]);
        Assert.Equal(WriterSamples.SecondKey, parameters["pTunnel2Psk"]);
        Assert.Equal("10.1.0.0/16", parameters["pVpcCidr"]);
        foreach (var n in new[] { 1, 2 })
        {
            foreach (var name in new[] { "Psk", "VgwOutsideIpAddress", "CgwInsideIpAddress", "VgwInsideIpAddress", "VgwBgpAsn", "BgpNeighborIpAddress" }) Assert.Contains($"pTunnel{n}{name}", parameters.Keys);
        }
    }

    [Fact]
    public void The_first_edition_has_its_own_names()
    {
        var parameters = Read(ConfigurationWriters.Find("cloudformation-first")!.Write(WriterSamples.Bgp, WriterSettings.Default));
        Assert.Equal("198.51.100.11", parameters["pTunnel1RemoteExternalIpAddress"]);
        Assert.Equal("169.254.10.2/30", parameters["pTunnel1LocalInsideCidr"]);
        Assert.Equal("169.254.10.1/30", parameters["pTunnel1RemoteInsideCidr"]);
        Assert.Equal("64512", parameters["pTunnel1BgpAsn"]);
    }

    [Fact]
    public void A_static_connection_is_warned_of()
    {
        var files = ConfigurationWriters.Find("cloudformation")!.Write(WriterSamples.Static, WriterSettings.Default);
        Assert.Contains("routes by BGP, but this connection is static", files.Content("notes.txt"), StringComparison.Ordinal);
        Assert.DoesNotContain("pTunnel1VgwBgpAsn", Read(files).Keys);
        Assert.Equal("169.254.10.1", Read(files)["pTunnel1BgpNeighborIpAddress"]);
    }

    [Fact]
    public void Any_id_gives_sound_JSON()
    {
        foreach (var target in new[] { "cloudformation", "cloudformation-2019", "cloudformation-first" })
        {
            foreach (var id in WriterSamples.HostileIds)
            {
                var files = ConfigurationWriters.Find(target)!.Write(WriterSamples.Bgp with { Id = id }, WriterSettings.Default);
                Assert.NotEmpty(Read(files));
                Assert.DoesNotContain(files.Content("notes.txt"), c => c is '\r' or '\0' or '\u001b');
            }
        }
    }

    private static Dictionary<string, string> Read(IReadOnlyList<ConfigurationFile> files) => JsonDocument.Parse(files.Content("parameters.json")).RootElement.EnumerateArray()
        .ToDictionary(entry => entry.GetProperty("ParameterKey").GetString()!, entry => entry.GetProperty("ParameterValue").GetString()!, StringComparer.Ordinal);
}
