using Tunnelwright.Cli.Commands;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Cli.Terminal;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Tests;

/// <summary>What is said in words, and values that a person types.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("aes256-sha256-modp2048", "aes256-sha256-modp2048")]
    [InlineData("AES128-SHA1-modp1024", "aes128-sha1-modp1024")]
    [InlineData("aes256gcm16-modp2048", "aes256gcm16-prfsha256-modp2048")]
    [InlineData("aes256gcm16-prfsha384-ecp384", "aes256gcm16-prfsha384-ecp384")]
    [InlineData("aes256-sha256-prfsha384-modp2048", "aes256-sha256-prfsha384-modp2048")]
    public void Phase_1_proposals(string text, string expected) => Assert.Equal(expected, ProposalText.ParseIke(text).ToString());

    [Theory]
    [InlineData("aes256gcm16-modp2048", "aes256gcm16-modp2048")]
    [InlineData("aes128-sha1", "aes128-sha1")]
    [InlineData("aes128-sha512-curve25519", "aes128-sha512-curve25519")]
    public void Phase_2_proposals(string text, string expected) => Assert.Equal(expected, ProposalText.ParseEsp(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("aes256")]
    [InlineData("aes256-modp2048")]
    [InlineData("aes256-sha256")]
    [InlineData("rot13-sha256-modp2048")]
    [InlineData("aes256-sha256-modp2048-dessert")]
    [InlineData("aes256-prf-modp2048")]
    public void What_is_no_phase_1_proposal_is_a_wrong_call(string text)
    {
        var problem = Assert.Throws<CliException>(() => ProposalText.ParseIke(text));
        Assert.Equal(2, problem.ExitCode);
        Assert.NotNull(problem.Hint);
    }

    [Fact]
    public void Ranges_are_sorted_once_and_may_be_separated_by_commas()
    {
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/16", "10.9.0.0/24"], Options.ParseRanges("--local-range", ["10.9.0.0/24, 10.1.0.0/16", "10.2.0.0/16,10.1.0.0/16"]).Select(range => range.ToString()));
        Assert.Empty(Options.ParseRanges("--local-range", null));
    }

    [Theory]
    [InlineData("10.1.0.1/16")]
    [InlineData("10.1.0.0")]
    [InlineData("everything")]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.1.0.0/16,::/0")]
    public void What_is_no_range_is_a_wrong_call(string text)
    {
        var problem = Assert.Throws<CliException>(() => Options.ParseRanges("--local-range", [text]));
        Assert.Equal(2, problem.ExitCode);
        Assert.Contains("--local-range", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Differences_name_what_changes_and_show_no_key()
    {
        var before = Desired(Fixtures.Connection(Routing.Bgp));
        Assert.Empty(UpCommand.Differences(null, before));
        Assert.Equal("vpn-0a1b2c3d4e5f60718 is in service with these values already", Assert.Single(UpCommand.Differences(before, before)));
        var other = Fixtures.Connection(Routing.Bgp);
        other = other with
        {
            Tunnels = other.Tunnels.Select(tunnel => tunnel.Number == 2
                ? tunnel with { Ike = tunnel.Ike with { PreSharedKey = new PreSharedKey("Another.Secret.NobodyKnows"), Version = IkeVersion.V1 }, MtuBytes = 1300, CloudOutside = Ipv4Address.Parse("52.18.33.9") }
                : tunnel).ToValueList(),
        };
        var lines = UpCommand.Differences(before, Desired(other, "10.7.0.0/16", 1)).ToList();
        Assert.Contains("is changed", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("10.1.0.0/16 → 10.7.0.0/16", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("preferred tunnel: none → 1", StringComparison.Ordinal));
        var second = Assert.Single(lines, line => line.Contains("tunnel 2:", StringComparison.Ordinal));
        Assert.All((string[])["another pre-shared key", "52.18.33.2 → 52.18.33.9", "IKEv2", "IKEv1", "MTU or MSS"], words => Assert.Contains(words, second, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("tunnel 1:", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("NobodyKnows", StringComparison.Ordinal));
    }

    [Fact]
    public void The_status_in_words()
    {
        var since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var up = new TunnelStatus(
            1, "up", since, "tw1-e5f60718", "52.18.33.1", new IkeStatus(2, "established", "AES_CBC-256", 90, 28000, NatT: true), new ChildStatus("AES_GCM_16-256", 1234, 56_789_000, 1, 2, 3000),
            new ProbeStatus(12.345, 0.02), new SessionStatus("established", 3, 1, null), null);
        var down = new TunnelStatus(2, "down", since, null, "52.18.33.2", null, null, null, null, new LastDown(since, "dpd-timeout"));
        using var text = new StringWriter();
        StatusText.Write(text, new StatusDocument([new ConnectionStatus("vpn-1", "degraded", "bgp", 1, ["10.1.0.0/16"], ["10.8.2.0/24"], [up, down]) { Sending = [1] }], "userspace", [new StatusProblem("port-in-use", "UDP port 500 is taken", "stop it")], 1, false));
        string[] expected =
        [
            "vpn-1  degraded  BGP, ESP in userspace", "10.1.0.0/16 ↔ 10.8.2.0/24, sending through tunnel 1", "IKEv2 for 90 s, in UDP", "AES_GCM_16-256, 1234 B in, 56 MB out", "12.3 ms, 2 % loss",
            "BGP established, 3 in, 1 out", "last down 2026-01-02 03:04:05 UTC: dpd-timeout", "problem: UDP port 500 is taken (stop it)", "no interface",
        ];
        Assert.All(expected, words => Assert.Contains(words, text.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Options_kept_beside_a_file_that_cannot_be_are_named()
    {
        Assert.Contains("'tomorrow'", Assert.Throws<CliException>(() => new StoredOptions { CustomerAsn = "tomorrow" }.ToCustomerOptions()).Message, StringComparison.Ordinal);
        Assert.Contains("'10.0.0'", Assert.Throws<CliException>(() => new StoredOptions { CustomerAddress = "10.0.0" }.ToCustomerOptions()).Message, StringComparison.Ordinal);
        Assert.Equal(new Asn(65000), new StoredOptions { CustomerAsn = "65000" }.ToCustomerOptions().CustomerAsn);
    }

    [Fact]
    public void What_neither_file_nor_options_say_is_an_error_that_names_the_option()
    {
        var connection = Fixtures.Connection(Routing.Bgp);
        connection = connection with { Tunnels = connection.Tunnels.Select(tunnel => tunnel with { Bgp = tunnel.Bgp! with { CustomerAsn = null } }).ToValueList() };
        var problem = Assert.Throws<CliException>(() => new StoredConnection("file", connection, new StoredOptions()).Desire());
        Assert.Contains("--customer-asn", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", problem.Message, StringComparison.Ordinal);
    }

    private static DesiredGateway Desired(VpnConnection connection, string range = "10.1.0.0/16", int? prefer = null) => new()
    {
        Name = "default",
        Connections = [CustomerGateway.Desire(connection, new CustomerOptions { LocalRanges = [Cidr.Parse(range)], Prefer = prefer })],
    };
}
