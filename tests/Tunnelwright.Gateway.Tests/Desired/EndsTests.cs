using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>What a provider's connection means at its two ends: each is the other's mirror.</summary>
public sealed class EndsTests
{
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true);

    [Fact]
    public void The_local_of_one_end_is_the_remote_of_the_other() => Prop.ForAll(RandomGateways.Connections(), connection =>
    {
        var cloudRanges = ValueList.Create<Cidr>([Cidr.Parse("10.200.0.0/16")]);
        var customer = CustomerGateway.Desire(connection, new CustomerOptions { CloudRanges = cloudRanges });
        foreach (var near in customer.Tunnels)
        {
            var cloud = CloudEndpoint.Desire(connection, near.Number, cloudRanges);
            var far = Assert.Single(cloud.Tunnels);
            Assert.Equal(near.Number, far.Number);
            Assert.Equal(customer.Id, cloud.Id);
            Assert.Equal((GatewayRole.Initiator, GatewayRole.Responder), (customer.Role, cloud.Role));
            Assert.Equal(customer.Routing, cloud.Routing);
            Assert.Equal(customer.LocalRanges, cloud.RemoteRanges);
            Assert.Equal(customer.RemoteRanges, cloud.LocalRanges);
            Assert.Equal(near.RemoteOutside, far.LocalOutside);
            Assert.Equal(near.LocalIdentity, far.RemoteIdentity);
            Assert.Equal(near.RemoteIdentity, far.LocalIdentity);
            Assert.Equal(near.LocalInside.Address, far.RemoteInside);
            Assert.Equal(near.RemoteInside, far.LocalInside.Address);
            Assert.Equal(near.LocalInside.Network, far.LocalInside.Network);
            Assert.Equal((near.Ike, near.Ipsec, near.DeadPeerDetection), (far.Ike, far.Ipsec, far.DeadPeerDetection));
            Assert.Equal((near.MaximumMtu, near.MaximumMss, near.ClearDontFragment), (far.MaximumMtu, far.MaximumMss, far.ClearDontFragment));
            Assert.Equal(near.Bgp is null, far.Bgp is null);
            Assert.Equal((near.Bgp?.LocalAsn, near.Bgp?.RemoteAsn, near.Bgp?.HoldSeconds), (far.Bgp?.RemoteAsn, far.Bgp?.LocalAsn, far.Bgp?.HoldSeconds));
        }
    }).Check(Settings);

    [Fact]
    public void The_cloud_end_lets_only_registered_ranges_through_and_limits_prefixes()
    {
        var (first, second) = (Samples.Cloud(Routing.Bgp), Samples.Cloud(Routing.Bgp, 2));
        Assert.True(first.RestrictToRanges);
        Assert.False(Samples.Customer().RestrictToRanges);
        Assert.Equal(100, first.Tunnels[0].Bgp!.PrefixLimit);
        Assert.Null(Samples.Customer(Routing.Bgp).Tunnels[0].Bgp!.PrefixLimit);
        Assert.True(first.Tunnels[0].Bgp!.MultiExitDiscriminator < second.Tunnels[0].Bgp!.MultiExitDiscriminator);
        Assert.Null(Samples.Customer(Routing.Bgp).Tunnels[0].Bgp!.MultiExitDiscriminator);
    }

    [Theory]
    [InlineData(Routing.Static, null, 1)]
    [InlineData(Routing.Bgp, null, null)]
    [InlineData(Routing.Static, 0, null)]
    [InlineData(Routing.Bgp, 0, null)]
    [InlineData(Routing.Static, 2, 2)]
    [InlineData(Routing.Bgp, 1, 1)]
    public void Preference_of_the_customer(Routing routing, int? asked, int? expected) => Assert.Equal(expected, Samples.Customer(routing, prefer: asked).PreferredTunnel);

    [Fact]
    public void What_the_customer_says_goes_before_the_file_for_ranges_and_after_it_for_placeholders()
    {
        var whole = Samples.Provider(Routing.Bgp);
        var options = new CustomerOptions
        {
            LocalRanges = [Cidr.Parse("10.7.0.0/16")],
            CloudRanges = [Cidr.Parse("10.9.0.0/16")],
            CustomerAsn = new Asn(65111),
            CustomerAddress = Ipv4Address.Parse("192.0.2.99"),
        };
        var filled = CustomerGateway.Desire(whole, options);
        Assert.Equal(options.LocalRanges, filled.LocalRanges);
        Assert.Equal(options.CloudRanges, filled.RemoteRanges);
        Assert.Equal(new Asn(65000), filled.Tunnels[0].Bgp!.LocalAsn);
        Assert.Equal("192.0.2.77", filled.Tunnels[0].LocalIdentity);

        var holes = whole with { Tunnels = whole.Tunnels.Select(tunnel => tunnel with { CustomerOutside = null, Bgp = tunnel.Bgp! with { CustomerAsn = null } }).ToValueList() };
        filled = CustomerGateway.Desire(holes, options);
        Assert.Equal(new Asn(65111), filled.Tunnels[1].Bgp!.LocalAsn);
        Assert.Equal("192.0.2.99", filled.Tunnels[1].LocalIdentity);
        Assert.Null(CustomerGateway.Desire(holes, options with { CustomerAddress = null }).Tunnels[0].LocalIdentity);
        Assert.Contains("--customer-asn", Assert.Throws<ArgumentException>(() => CustomerGateway.Desire(holes, new CustomerOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var whole = Samples.Provider(Routing.Bgp);
        var noKey = whole with { Tunnels = whole.Tunnels.Select(tunnel => tunnel.Number == 2 ? tunnel with { Ike = tunnel.Ike with { PreSharedKey = null } } : tunnel).ToValueList() };
        Assert.Contains("tunnel 2", Assert.Throws<ArgumentException>(() => CustomerGateway.Desire(noKey, new CustomerOptions())).Message, StringComparison.Ordinal);
        var noAddress = whole with { Tunnels = whole.Tunnels.Select(tunnel => tunnel with { CustomerOutside = null }).ToValueList() };
        Assert.Contains("tunnel 1", Assert.Throws<ArgumentException>(() => CloudEndpoint.Desire(noAddress, 1, [])).Message, StringComparison.Ordinal);
        var noAsn = whole with { Tunnels = whole.Tunnels.Select(tunnel => tunnel with { Bgp = tunnel.Bgp! with { CustomerAsn = null } }).ToValueList() };
        Assert.Contains("AS number", Assert.Throws<ArgumentException>(() => CloudEndpoint.Desire(noAsn, 1, [])).Message, StringComparison.Ordinal);
        Assert.Contains("no tunnel 3", Assert.Throws<ArgumentException>(() => CloudEndpoint.Desire(whole, 3, [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("vpn 1")]
    [InlineData("vpn\n1")]
    [InlineData("vpn\"; }")]
    [InlineData("../../etc")]
    [InlineData("verbindung-ä")]
    [InlineData("a0123456789012345678901234567890123456789012345678901234567890123")]
    public void An_id_that_cannot_name_things_on_a_host_is_refused_at_both_ends(string id)
    {
        Assert.Contains("id", Assert.Throws<ArgumentException>(() => CustomerGateway.Desire(Samples.Provider(id: id), new CustomerOptions())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CloudEndpoint.Desire(Samples.Provider(id: id), 1, []));
        Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(DesiredGatewayJson.Write(Samples.Gateway(Samples.Customer(id: id)))));
    }

    [Theory]
    [InlineData("vpn-0a1b2c3d4e5f60718")]
    [InlineData("vpn-198-51-100-1")]
    [InlineData("Office_Berlin.2")]
    public void An_id_that_can_is_taken(string id) => Assert.Equal(id, CustomerGateway.Desire(Samples.Provider(id: id), new CustomerOptions()).Id);

    [Fact]
    public void No_text_of_a_desired_state_holds_a_key()
    {
        var gateway = Samples.Gateway(Samples.Customer());
        Assert.DoesNotContain("NobodyKnows", gateway.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("NobodyKnows", gateway.Connections[0].Tunnels[0].ToString(), StringComparison.Ordinal);
    }
}
