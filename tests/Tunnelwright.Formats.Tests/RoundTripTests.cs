using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>What a writer writes, the reader reads back, for any valid connection.</summary>
public sealed class RoundTripTests
{
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(400).WithQuietOnSuccess(true);

    [Fact]
    public void Generic_text() => Check(GenericTextWriter.Write, "aws-generic-text", connection => connection);

    [Fact]
    public void Xml() => Check(XmlConfigurationWriter.Write, "aws-xml", connection => InDocumentOrder(connection) with { CustomerRanges = [], CloudRanges = [] });

    [Fact]
    public void Describe_json() => Check(DescribeJsonWriter.Write, "aws-describe-json", connection => InDocumentOrder(connection) with { CloudRanges = [] });

    [Fact]
    public void Model_json() => Check(ModelDocumentWriter.WriteJson, "tunnelwright-json", connection => connection);

    [Fact]
    public void Model_yaml() => Check(ModelDocumentWriter.WriteYaml, "tunnelwright-yaml", connection => connection);

    [Fact]
    public void StrongSwan_text() => Check(StrongSwanText.Write, "strongswan-text", WithoutWhatStrongSwanCannotSay);

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Generic_text_with_other_line_ends(string end) => Check(connection => GenericTextWriter.Write(connection).Replace("\n", end), "aws-generic-text", connection => connection);

    [Fact]
    public void Generic_text_quoted_in_a_mail() =>
        Check(connection => "> > " + GenericTextWriter.Write(connection).Replace("\n", "\n> > "), "aws-generic-text", connection => connection);

    public static TheoryData<string> Formats => ["aws-generic-text", "aws-xml", "aws-describe-json", "tunnelwright-json", "tunnelwright-yaml", "strongswan-text"];

    /// <summary>A wrong key that nobody is told of shows only as a tunnel that does not come up.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_key_of_any_characters_is_read_as_it_is_or_told(string format)
    {
        Func<VpnConnection, string> write = format switch
        {
            "aws-generic-text" => GenericTextWriter.Write,
            "aws-xml" => XmlConfigurationWriter.Write,
            "aws-describe-json" => DescribeJsonWriter.Write,
            "tunnelwright-json" => ModelDocumentWriter.WriteJson,
            "tunnelwright-yaml" => ModelDocumentWriter.WriteYaml,
            _ => StrongSwanText.Write,
        };
        var ordinary = Connections.Ordinary();
        var second = ordinary.Tunnels[1].Ike.PreSharedKey;
        Prop.ForAll(Connections.AnyKey(), key =>
        {
            var first = ordinary.Tunnels[0];
            var result = ProviderFile.Read(write(ordinary with { Tunnels = [first with { Ike = first.Ike with { PreSharedKey = key } }, ordinary.Tunnels[1]] }));
            Assert.Equal(format, result.Format);
            Assert.Equal(second, result.Connection!.Tunnels.Single(tunnel => tunnel.Number == 2).Ike.PreSharedKey);
            if (key.Equals(result.Connection.Tunnels[0].Ike.PreSharedKey)) return;
            Assert.True(result.Problems.Any(problem => problem is { Severity: Severity.Error, Tunnel: 1, Field: "ike.preSharedKey" }), $"'{key.Reveal()}' was read as '{result.Connection.Tunnels[0].Ike.PreSharedKey?.Reveal()}'.");
            Assert.All(result.Problems, problem => Assert.False(key.Length > 8 && problem.Message.Contains(key.Reveal(), StringComparison.Ordinal)));
        }).Check(Settings.WithMaxTest(2000));
    }

    [Fact]
    public void A_connection_document_has_no_key()
    {
        Prop.ForAll(Connections.Any(), connection =>
        {
            var json = System.Text.Json.JsonSerializer.Serialize(ConnectionDocument.From(connection), ConnectionDocumentContext.Default.ConnectionDocument);
            return connection.Tunnels.All(tunnel => tunnel.Ike.PreSharedKey is not { } key || !json.Contains(key.Reveal(), StringComparison.Ordinal));
        }).Check(Settings);
    }

    private static void Check(Func<VpnConnection, string> write, string format, Func<VpnConnection, VpnConnection> carried)
    {
        Prop.ForAll(Connections.Any(), connection =>
        {
            var expected = carried(connection);
            var text = write(expected);
            var result = ProviderFile.Read(text);
            Assert.Equal(format, result.Format);
            Assert.Equal(Describe(expected), Describe(result.Connection));
            Assert.Equal(expected, result.Connection);
            Assert.All(result.Problems, problem => Assert.True(IsExpected(problem, expected), problem.ToString()));
            if (expected.Tunnels[0].CustomerOutside is null && format is "aws-generic-text" or "aws-xml" or "strongswan-text")
                Assert.Contains(result.Problems, problem => problem.Field == "outside.customer");
        }).Check(Settings);
    }

    private static bool IsExpected(Problem problem, VpnConnection connection) => problem.Severity == Severity.Warning && problem.Cause == Causes.ConfigSyntax && problem.Tunnel is { } number
        && problem.Field switch
        {
            "outside.customer" => connection.Tunnels.First(tunnel => tunnel.Number == number).CustomerOutside is null,
            "bgp.customerAsn" => connection.Tunnels.First(tunnel => tunnel.Number == number).Bgp!.CustomerAsn is null,
            _ => false,
        };

    /// <summary>Everything that prints, so that a failure shows what differs.</summary>
    private static string Describe(VpnConnection? connection) => connection is null ? "none" : $"{connection} {string.Join("\n", connection.Tunnels)}";

    /// <summary>XML numbers its tunnels by their place.</summary>
    private static VpnConnection InDocumentOrder(VpnConnection connection) =>
        connection with { Tunnels = connection.Tunnels.Select((tunnel, index) => tunnel with { Number = index + 1 }).ToValueList() };

    private static VpnConnection WithoutWhatStrongSwanCannotSay(VpnConnection connection)
    {
        var asn = connection.Tunnels[0].Bgp?.CustomerAsn;
        return connection with
        {
            CustomerRanges = [],
            CloudRanges = [],
            Tunnels = connection.Tunnels.Select(tunnel => tunnel with
            {
                ClearDontFragment = true,
                FragmentBeforeEncryption = true,
                Bgp = tunnel.Bgp is { } bgp ? bgp with { CustomerAsn = asn } : null,
                Ike = tunnel.Ike with { Proposal = tunnel.Ike.Proposal.Encryption.IsAead() ? tunnel.Ike.Proposal with { PseudoRandomFunction = tunnel.Ike.Proposal.EffectivePseudoRandomFunction } : tunnel.Ike.Proposal },
            }).ToValueList(),
        };
    }
}
