using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The desired state survives its JSON text, keys included, and a bad text ends in one error that does not quote it.</summary>
public sealed class DesiredGatewayJsonTests
{
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true);

    [Fact]
    public void Reads_back_what_it_writes() => Prop.ForAll(RandomGateways.Gateways(), gateway =>
    {
        var read = DesiredGatewayJson.Read(DesiredGatewayJson.Write(gateway));
        Assert.Equal(gateway, read);
        Assert.Equal(
            gateway.AllTunnels().Select(item => item.Tunnel.Ike.PreSharedKey?.Reveal()),
            read.AllTunnels().Select(item => item.Tunnel.Ike.PreSharedKey?.Reveal()));
    }).Check(Settings);

    [Fact]
    public void Every_value_is_in_the_text()
    {
        var text = DesiredGatewayJson.Write(Samples.Gateway(Samples.Customer(Routing.Bgp, prefer: 2)));
        string[] expected = ["vpn-0a1b2c3d4e5f60718", "Secret.Words_2.NobodyKnows", "198.51.100.2", "169.254.10.6/30", "10.1.0.0/16", "65000", "64512", "28800", "3600", "Initiator", "Bgp"];
        foreach (var value in expected) Assert.Contains(value, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"name\":null}")]
    [InlineData("{\"name\":\"\"}")]
    [InlineData("{\"name\":\"../../tmp\"}")]
    [InlineData("{\"name\":\"a b\"}")]
    [InlineData("{\"name\":\"abcdefghijklmnopqrstuvwxy\"}")]
    [InlineData("{\"name\":\"default\",\"dataPlane\":1}")]
    [InlineData("{\"name\":\"default\",\"connections\":[null]}")]
    [InlineData("{\"name\":\"default\",\"connections\":{}}")]
    [InlineData("{\"name\":\"default\",\"connections\":[{}]}")]
    [InlineData("{\"name\":\"default\",\"connections\":[{\"id\":\"vpn-1\",\"role\":\"Initiator\",\"routing\":\"Static\",\"tunnels\":[null]}]}")]
    [InlineData("{\"name\":\"default\",\"connections\":[{\"id\":null,\"role\":\"Initiator\",\"routing\":\"Static\",\"tunnels\":[]}]}")]
    [InlineData("{\"name\":\"default\",\"connections\":[{\"id\":\"vpn-1\",\"role\":\"Bystander\",\"routing\":\"Static\",\"tunnels\":[]}]}")]
    [InlineData("{\"name\":\"default\",\"dataPlane\":\"Carrier pigeon\"}")]
    public void What_is_no_desired_state_is_refused(string text) => Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(text));

    [Theory]
    [InlineData("ike")]
    [InlineData("ipsec")]
    [InlineData("deadPeerDetection")]
    [InlineData("localInside")]
    [InlineData("remoteInside")]
    [InlineData("remoteIdentity")]
    [InlineData("proposal")]
    public void What_a_tunnel_cannot_do_without_may_not_be_absent_or_null(string property)
    {
        var whole = System.Text.Json.Nodes.JsonNode.Parse(DesiredGatewayJson.Write(Samples.Gateway(Samples.Customer())))!;
        var tunnel = whole["connections"]![0]!["tunnels"]![0]!.AsObject();
        var owner = property == "proposal" ? tunnel["ike"]!.AsObject() : tunnel;
        Assert.True(owner.ContainsKey(property));
        owner[property] = null;
        Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(whole.ToJsonString()));
        owner.Remove(property);
        Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(whole.ToJsonString()));
    }

    [Fact]
    public void The_same_connection_or_tunnel_twice_is_refused()
    {
        var connection = Samples.Customer();
        var twice = Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(DesiredGatewayJson.Write(Samples.Gateway(connection, connection))));
        Assert.Contains(Samples.Id, twice.Message, StringComparison.Ordinal);
        var tunnels = connection with { Tunnels = [connection.Tunnels[0], connection.Tunnels[0]] };
        Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(DesiredGatewayJson.Write(Samples.Gateway(tunnels))));
    }

    [Theory]
    [InlineData("trueSecretWordsNobodyKnows")]
    [InlineData("nullSecretWordsNobodyKnows")]
    [InlineData("SecretWordsNobodyKnows")]
    [InlineData("\"SecretWordsNobodyKnows")]
    [InlineData("\"Secret WordsNobodyKnows\"")]
    [InlineData("[\"SecretWordsNobodyKnows\"]")]
    [InlineData("{\"SecretWordsNobodyKnows\":1}")]
    [InlineData("{\"SecretWordsNobodyKnows\":")]
    [InlineData("\"SecretWordsNobodyKnows\\q\"")]
    [InlineData("8123SecretWordsNobodyKnows")]
    public void An_error_never_quotes_the_text(string key)
    {
        var text = DesiredGatewayJson.Write(Samples.Gateway(Samples.Customer())).Replace("\"Secret.Words_1.NobodyKnows\"", key, StringComparison.Ordinal);
        Assert.Contains(key, text, StringComparison.Ordinal);
        var problem = Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(text));
        Assert.DoesNotContain("NobodyKnows", problem.ToString(), StringComparison.Ordinal);
        Assert.Contains("line ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_as_the_name_of_a_property_is_not_quoted()
    {
        var text = DesiredGatewayJson.Write(Samples.Gateway(Samples.Customer())).Replace("\"preSharedKey\": \"Secret.Words_1.NobodyKnows\"", "\"Secret.Words_1.NobodyKnows\": 1e", StringComparison.Ordinal);
        var problem = Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(text));
        Assert.DoesNotContain("NobodyKnows", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_mutation_ends_in_a_value_or_a_format_error()
    {
        var random = new Random(84);
        var good = Encoding.UTF8.GetBytes(DesiredGatewayJson.Write(Samples.Gateway(Samples.Customer(Routing.Bgp))));
        var values = 0;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = good.ToList();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                if (random.Next(3) == 0) bytes.RemoveAt(at);
                else if (random.Next(2) == 0) bytes[at] = (byte)random.Next(32, 127);
                else bytes.Insert(at, (byte)"{}[]\",:0n\\"[random.Next(10)]);
            }

            try
            {
                // A value that was accepted can be worked with: it is planned and written.
                var read = DesiredGatewayJson.Read(Encoding.UTF8.GetString([.. bytes]));
                Assert.NotEmpty(DesiredGatewayJson.Write(read));
                Planner.Plan(read, new HostModel(DataPlane.Userspace).Observe(), new Dictionary<string, TunnelHealth>());
                values++;
            }
            catch (FormatException problem)
            {
                Assert.DoesNotContain("NobodyKnows", problem.ToString(), StringComparison.Ordinal);
            }
        }

        Assert.InRange(values, 100, 2900);
    }
}
