using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The text for strongSwan and what people make of it.</summary>
public sealed class StrongSwanTextTests
{
    private const string Files = """
        # /etc/ipsec.conf
        config setup
            uniqueids = no

        conn %default
            keyexchange=ikev2
            ike=aes256-sha256-modp2048!
            esp=aes256-sha256-modp2048!
            ikelifetime=28800s
            lifetime=3600s
            dpddelay=10s
            dpdtimeout=30s
            type=tunnel
            authby=secret

        conn cloud-a
            left=%defaultroute
            leftid=192.0.2.77     # our public address
            right=198.51.100.1
            mark=100

        conn cloud-b
            also=cloud-a
            right=198.51.100.2
            mark=200

        # /etc/ipsec.secrets
        192.0.2.77 198.51.100.1 : PSK "Secret.Words_1.NobodyKnows"
        192.0.2.77 198.51.100.2 : PSK "Secret.Words_2.NobodyKnows"

        # commands
        ip link add vti1 type vti local 10.0.0.5 remote 198.51.100.1 key 100
        ip address add 169.254.10.6/30 peer 169.254.10.5/30 dev vti1
        ip link add vti2 type vti local 10.0.0.5 remote 198.51.100.2 key 200
        ip address add 169.254.10.10/30 peer 169.254.10.9/30 dev vti2
        ip link set vti1 up mtu 1422
        ip link set vti2 mtu 1422 up
        """;

    [Fact]
    public void Configuration_files_and_commands_of_a_person()
    {
        var result = ProviderFile.Read(Files);
        Assert.Equal("strongswan-text", result.Format);
        Assert.Equal("vpn-198-51-100-1", result.Connection!.Id);
        Assert.Equal((Severity.Warning, "id"), (Assert.Single(result.Problems).Severity, result.Problems[0].Field));
        var expected = Connections.Ordinary(Routing.Static).Tunnels.Select(tunnel => tunnel with { MssBytes = null }).ToValueList();
        Assert.Equal(expected, result.Connection.Tunnels);
    }

    [Fact]
    public void The_updown_line_is_enough_for_the_inside_addresses()
    {
        var text = StrongSwanText.Write(Connections.Ordinary(Routing.Static));
        var lines = text.Split('\n').Where(line => !line.Contains("ip addr add", StringComparison.Ordinal));
        Assert.Equal("169.254.10.9/30", ProviderFile.Read(string.Join('\n', lines)).Connection!.Tunnels[1].CloudInside.ToString());
    }

    [Fact]
    public void A_key_for_all_peers()
    {
        var result = ProviderFile.Read(Files.Replace("192.0.2.77 198.51.100.1 : PSK \"Secret.Words_1.NobodyKnows\"\n192.0.2.77 198.51.100.2 :", ":"));
        Assert.All(result.Connection!.Tunnels, tunnel => Assert.Equal("Secret.Words_2.NobodyKnows", tunnel.Ike.PreSharedKey!.Reveal()));
    }

    [Theory]
    [InlineData("192.0.2.77 198.51.100.1 : PSK \"Secret.Words_1.NobodyKnows\"", "", Causes.PskMissing)]
    [InlineData("type=tunnel", "type=transport", Causes.EncapsulationModeMismatch)]
    [InlineData("ip address add 169.254.10.6/30", "ip address add 169.254.10.6/40", Causes.ConfigSyntax)]
    [InlineData("esp=aes256-sha256-modp2048!", "esp=enigma-sha256-modp2048!", Causes.ConfigSyntax)]
    [InlineData("ike=aes256-sha256-modp2048!", "ike=aes256-sha256-modp9999!", Causes.ConfigSyntax)]
    [InlineData("ikelifetime=28800s", "ikelifetime=ages", Causes.ConfigSyntax)]
    [InlineData("right=198.51.100.1", "right=cloud.example.com", Causes.ConfigSyntax)]
    public void A_wrong_value_is_an_error(string old, string with, string cause)
    {
        var result = ProviderFile.Read(Files.WithFirst(old, with));
        Assert.Contains(result.Problems, problem => problem.Severity == Severity.Error && problem.Cause == cause && problem.Tunnel == 1);
        Assert.DoesNotContain(result.Problems, problem => problem.Message.Contains("NobodyKnows", StringComparison.Ordinal));
    }

    [Fact]
    public void Bgp_comes_from_the_routing_daemons_lines()
    {
        var result = ProviderFile.Read(Files + """

            ! /etc/quagga/bgpd.conf
            router bgp 65010
             bgp router-id 10.0.0.5
             neighbor 169.254.10.5 remote-as 64512
             neighbor 169.254.10.5 timers 10 30
             neighbor 169.254.10.9 remote-as 64512
             neighbor 169.254.10.9 timers 10 30 30
             network 10.0.0.0/16
            """);
        Assert.Equal(Routing.Bgp, result.Connection!.Routing);
        Assert.Equal(Connections.Ordinary().Tunnels.Select(tunnel => tunnel.Bgp), result.Connection.Tunnels.Select(tunnel => tunnel.Bgp));
    }

    [Fact]
    public void Narrowed_selectors_are_ranges()
    {
        var connection = ProviderFile.Read(Files.WithFirst("type=tunnel", "type=tunnel\n    leftsubnet=10.1.0.0/16,10.2.0.0/16\n    rightsubnet=10.8.2.0/24")).Connection!;
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/16"], connection.CustomerRanges.Select(range => range.ToString()));
        Assert.Equal(["10.8.2.0/24"], connection.CloudRanges.Select(range => range.ToString()));
    }

    [Fact]
    public void Ah_is_refused_by_name() =>
        Assert.Contains(ProviderFile.Read(Files.WithFirst("type=tunnel", "ah=sha256")).Problems, problem => problem is { Severity: Severity.Error, Cause: Causes.EncapsulationModeMismatch });

    [Fact]
    public void Lifetimes_in_hours_and_several_proposals()
    {
        var result = ProviderFile.Read(Files.WithFirst("ikelifetime=28800s", "ikelifetime=8h").WithFirst("lifetime=3600s", "lifetime=1h").WithFirst("ike=aes256-sha256-modp2048!", "ike=aes256gcm16-prfsha384-ecp384,aes256-sha256-modp2048"));
        Assert.Equal((28800, 3600), (result.Connection!.Tunnels[0].Ike.Lifetime.Seconds, result.Connection.Tunnels[0].Ipsec.Lifetime.Seconds));
        Assert.Equal("aes256gcm16-prfsha384-ecp384", result.Connection.Tunnels[1].Ike.Proposal.ToString());
        Assert.Equal(2, result.Problems.Count(problem => problem.Message.Contains("several proposals", StringComparison.Ordinal)));
    }
}
