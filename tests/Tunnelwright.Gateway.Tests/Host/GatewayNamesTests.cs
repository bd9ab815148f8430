using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Tunnelwright.Gateway.Tests;

/// <summary>Names and numbers of what a gateway puts on the host.</summary>
public sealed class GatewayNamesTests
{
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    [Fact]
    public void Interface_names_fit_the_kernel_whatever_the_id() => Prop.ForAll<string, PositiveInt>((id, number) =>
    {
        var name = GatewayNames.XfrmInterface(id ?? "", number.Get % 64);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 15);
        Assert.All(name, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c == '-', name));
    }).Check(Settings);

    [Fact]
    public void An_interface_name_tells_the_tunnel_and_the_id()
    {
        Assert.Equal("tw1-e5f60718", GatewayNames.XfrmInterface(Samples.Id, 1));
        Assert.Equal("tw2-e5f60718", GatewayNames.XfrmInterface(Samples.Id, 2));
    }

    [Theory]
    [InlineData("berlin-connection", "paris-connection")]
    [InlineData("a-1", "a1")]
    [InlineData("vpn-ABC", "vpn-abc")]
    [InlineData("verbindung-ä", "verbindung-ö")]
    public void Ids_that_are_not_the_providers_have_interfaces_of_their_own(string one, string other) =>
        Assert.NotEqual(GatewayNames.XfrmInterface(one, 1), GatewayNames.XfrmInterface(other, 1));

    [Fact]
    public void Interface_ids_are_never_0_and_tell_tunnels_apart()
    {
        var random = new Random(84);
        var ids = new HashSet<uint>();
        for (var i = 0; i < 1000; i++)
        {
            var connection = $"vpn-0{random.NextInt64(0, long.MaxValue):x16}";
            for (var tunnel = 1; tunnel <= 2; tunnel++)
            {
                var id = GatewayNames.InterfaceId(connection, tunnel);
                Assert.NotEqual(0u, id);

                // Below 2^31: ip-link(8) and charon read it alike.
                Assert.InRange(id, 1u, (uint)int.MaxValue);
                Assert.True(ids.Add(id), $"{connection} tunnel {tunnel}");
                Assert.Equal(id, GatewayNames.InterfaceId(connection, tunnel));
            }
        }
    }

    [Fact]
    public void A_gateways_prefix_is_nobody_elses()
    {
        Assert.StartsWith(GatewayNames.LinkAliasPrefix("a"), GatewayNames.LinkAlias("a", "vpn-1", 1), StringComparison.Ordinal);
        Assert.DoesNotContain(GatewayNames.LinkAliasPrefix("a"), GatewayNames.LinkAlias("ab", "vpn-1", 1), StringComparison.Ordinal);
        Assert.False(GatewayNames.ProcessMark("ab", "bird").StartsWith(GatewayNames.ProcessMark("a", ""), StringComparison.Ordinal));
        Assert.NotEqual(GatewayNames.FilterTable("a-b"), GatewayNames.FilterTable("ab"));
        Assert.All(GatewayNames.FilterTable("endpoint-1"), c => Assert.True(char.IsAsciiLetterOrDigit(c) || c == '_'));
    }
}
