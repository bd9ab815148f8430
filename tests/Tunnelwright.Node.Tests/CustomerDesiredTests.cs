using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Node.Customers;

namespace Tunnelwright.Node.Tests;

public sealed class CustomerDesiredTests
{
    private static readonly Model.InterfaceAddress Fabric = Model.InterfaceAddress.Parse("100.64.0.11/24");

    [Fact]
    public void A_tunnel_as_a_responder_has_to_realise_it()
    {
        var desired = CustomerDesired.Of(Samples.Customer(tunnels: Samples.Tunnel(2, RoutingKind.Bgp)), Samples.Settings, Fabric);
        Assert.Equal("c0123456789", desired.Name);
        var connection = Assert.Single(desired.Connections);
        Assert.Equal((GatewayRole.Responder, true, "10.8.2.0/24", "10.1.0.0/24"), (connection.Role, connection.RestrictToRanges, connection.LocalRanges.ToString(), connection.RemoteRanges.ToString()));
        var tunnel = Assert.Single(connection.Tunnels);
        Assert.Equal(("198.51.100.2", "203.0.113.2", "169.254.10.1/30", "169.254.10.2"), (tunnel.LocalIdentity, tunnel.RemoteIdentity, tunnel.LocalInside.ToString(), tunnel.RemoteInside.ToString()));
        Assert.Equal((200, 100, 30), (tunnel.Bgp!.MultiExitDiscriminator, tunnel.Bgp.PrefixLimit, tunnel.Bgp.HoldSeconds));
        Assert.Equal(200, tunnel.UpstreamDiscriminator);
        Assert.Equal("100.64.0.1", desired.Upstream!.Neighbor.ToString());
        Assert.Equal(desired, DesiredGatewayJson.Read(DesiredGatewayJson.Write(desired)));
    }

    [Theory]
    [InlineData("aes257", "")]
    [InlineData("aes256", "two\nlines")]
    public void Words_that_the_node_does_not_know_are_told_without_the_key(string encryption, string key)
    {
        var tunnel = Samples.Tunnel() with { Ike = new IkeParameters(Encryption: encryption), PreSharedKey = key.Length > 0 ? key : Samples.Key };
        var problem = Assert.Throws<FormatException>(() => CustomerDesired.Of(Samples.Customer(tunnels: tunnel), Samples.Settings, Fabric));
        Assert.Contains("vpn-0123456789abcdef0 tunnel 1", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(tunnel.PreSharedKey, problem.Message, StringComparison.Ordinal);
    }
}
