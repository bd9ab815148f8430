using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>What is missing, unreadable, doubled or not offered is told with its line.</summary>
public sealed class GenericTextDefectsTests
{
    [Fact]
    public void Another_authentication_method_is_an_error()
    {
        var problem = Assert.Single(ProviderFile.Read(Texts.Oldest.WithFirst(": Pre-Shared Key\n", ": Kerberos\n")).Problems);
        Assert.Equal((Severity.Error, Causes.AuthMethodUnsupported, "ike.authentication", 15), Shape(problem));
    }

    [Theory]
    [InlineData("aes-128-cbc", "rot13", "ike.encryption", "aes-256-cbc")]
    [InlineData("hmac-sha1-96", "hmac-tiger", "ipsec.integrity", "sha2-256")]
    [InlineData("Diffie-Hellman Group 2\n\n#2", "Group 99\n\n#2", "ike.dhGroup", "14 to 24")]
    [InlineData("198.51.100.21", "198.51.100.999", "outside.cloud", "IPv4 address")]
    [InlineData("169.254.21.2/30", "169.254.21.2/33", "inside.customer", "169.254.10.2/30")]
    [InlineData("7224", "many", "bgp.cloudAsn", "4294967295")]
    public void An_unreadable_essential_value_names_its_line_and_what_is_allowed(string old, string with, string field, string allowed)
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(old, with));
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, Causes.ConfigSyntax, field, Texts.Oldest.LineOf(old)), Shape(problem));
        Assert.Contains(allowed, problem.Message, StringComparison.Ordinal);
        Assert.Equal([2], result.Connection!.Tunnels.Select(tunnel => tunnel.Number));
    }

    [Theory]
    [InlineData("28800 seconds", "soon", "ike.lifetimeSeconds")]
    [InlineData("3600 seconds", "0 seconds", "ipsec.lifetimeSeconds")]
    [InlineData("1396 bytes", "large", "mssBytes")]
    [InlineData("DPD Interval             : 10", "DPD Interval             : often", "dpd.intervalSeconds")]
    [InlineData(": enabled", ": perhaps", "clearDf")]
    [InlineData(": Before encryption", ": sometimes", "fragmentBeforeEncryption")]
    [InlineData(": main", ": quick", "ike.mode")]
    public void An_unreadable_value_with_a_default_is_an_error_and_the_tunnel_stays(string old, string with, string field)
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(old, with));
        Assert.Equal((Severity.Error, Causes.ConfigSyntax, field, Texts.Oldest.LineOf(old)), Shape(Assert.Single(result.Problems)));
        Assert.Equal(2, result.Connection!.Tunnels.Count);
    }

    [Theory]
    [InlineData("  - Encryption Algorithm     : aes-128-cbc\n", "ike.encryption", "#1 Internet Key Exchange")]
    [InlineData("  - Authentication Algorithm : hmac-sha1-96\n", "ipsec.integrity", "#2 IPsec")]
    [InlineData("  - VPN Gateway              : 198.51.100.21\n", "outside.cloud", "#3 Tunnel Interface")]
    [InlineData("  - Customer Gateway         : 169.254.21.2/30\n", "inside.customer", "#3 Tunnel Interface")]
    [InlineData("  - VPN Gateway ASN          : 7224\n", "bgp.cloudAsn", "#4 BGP")]
    public void A_missing_essential_value_leaves_the_tunnel_out(string line, string field, string section)
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(line, ""));
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, Causes.ConfigSyntax, 1, field), (problem.Severity, problem.Cause, problem.Tunnel, problem.Field));
        Assert.Contains("Tunnel 1", problem.Message, StringComparison.Ordinal);
        Assert.Contains(section, problem.Message, StringComparison.Ordinal);
        Assert.Equal([2], result.Connection!.Tunnels.Select(tunnel => tunnel.Number));
    }

    [Theory]
    [InlineData("  - Lifetime                 : 28800 seconds\n", "ike.lifetimeSeconds")]
    [InlineData("  - Lifetime                 : 3600 seconds\n", "ipsec.lifetimeSeconds")]
    [InlineData("  - DPD Interval             : 10\n", "dpd.intervalSeconds")]
    [InlineData("  - DPD Retries              : 3\n", "dpd.retries")]
    [InlineData("  - Neighbor Hold Time       : 30\n", "bgp.holdSeconds")]
    [InlineData("  - Neighbor IP Address      : 169.254.21.1\n", "bgp.neighbor")]
    public void A_missing_value_with_a_default_is_a_warning(string line, string field)
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(line, ""));
        Assert.Equal(Texts.OldestConnection, result.Connection);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Warning, Causes.ConfigSyntax, 1, field), (problem.Severity, problem.Cause, problem.Tunnel, problem.Field));
    }

    [Fact]
    public void A_value_given_twice_names_both_lines()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst("  - Lifetime                 : 28800 seconds\n", "  - Lifetime                 : 28800 seconds\n  - Lifetime                 : 7200 seconds\n"));
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, Causes.ConfigSyntax, "ike.lifetimeSeconds", 20), Shape(problem));
        Assert.Contains("line 19", problem.Message, StringComparison.Ordinal);
        Assert.Contains("line 20", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_different_keys_are_not_shown()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst("  - Authentication Algorithm ", $"  - Pre-Shared Key           : {Texts.SecondKey}\n  - Authentication Algorithm "));
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, Causes.ConfigSyntax, "ike.preSharedKey", 17), Shape(problem));
        Assert.DoesNotContain("Nobody", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mode                     : tunnel", "Mode                     : transport", "ipsec.mode")]
    [InlineData("Protocol                 : esp", "Protocol                 : ah", "ipsec.protocol")]
    public void Transport_mode_and_ah_are_refused_by_name(string old, string with, string field)
    {
        var problem = Assert.Single(ProviderFile.Read(Texts.Oldest.WithFirst(old, with)).Problems);
        Assert.Equal((Severity.Error, Causes.EncapsulationModeMismatch, field), (problem.Severity, problem.Cause, problem.Field));
    }

    [Fact]
    public void Aggressive_mode_is_read_for_the_rules_to_judge()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(": main", ": Aggressive"));
        Assert.Equal(IkeMode.Aggressive, result.Connection!.Tunnels[0].Ike.Mode);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void One_tunnel_is_a_connection()
    {
        var result = ProviderFile.Read(Texts.Oldest[..Texts.Oldest.IndexOf("IPSec Tunnel #2", StringComparison.Ordinal)]);
        Assert.Equal(Texts.OldestConnection with { Tunnels = [Texts.OldestConnection.Tunnels[0]] }, result.Connection);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void A_heading_without_values_is_an_error()
    {
        var result = ProviderFile.Read(Texts.Oldest[..(Texts.Oldest.IndexOf("IPSec Tunnel #2", StringComparison.Ordinal) + 15)]);
        Assert.Single(result.Connection!.Tunnels);
        Assert.Equal((Severity.Error, 2), (Assert.Single(result.Problems).Severity, result.Problems[0].Tunnel));
    }

    [Fact]
    public void A_third_tunnel_is_an_error()
    {
        var result = ProviderFile.Read(Texts.Oldest + Texts.Oldest[Texts.Oldest.IndexOf("IPSec Tunnel #2", StringComparison.Ordinal)..].Replace("#2\n===", "#3\n==="));
        Assert.Equal(Texts.OldestConnection, result.Connection);
        Assert.Equal(Severity.Error, Assert.Single(result.Problems).Severity);
    }

    [Fact]
    public void A_second_connection_is_a_warning()
    {
        var result = ProviderFile.Read(Texts.Oldest + Texts.Oldest.Replace("vpn-1a2b3c4d", "vpn-ffffffff").Replace("198.51", "203.0"));
        Assert.Equal(Texts.OldestConnection, result.Connection);
        Assert.Equal(Severity.Warning, Assert.Single(result.Problems).Severity);
    }

    [Fact]
    public void The_same_file_twice_is_the_same_connection()
    {
        var result = ProviderFile.Read(Texts.Oldest + Texts.Oldest);
        Assert.Equal(Texts.OldestConnection, result.Connection);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void A_missing_first_heading_is_a_warning()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst("IPSec Tunnel #1\n", ""));
        Assert.Equal(Texts.OldestConnection, result.Connection);
        Assert.Equal(Severity.Warning, Assert.Single(result.Problems).Severity);
    }

    [Fact]
    public void A_missing_second_heading_is_an_error() => Assert.True(ProviderFile.Read(Texts.Oldest.WithFirst("IPSec Tunnel #2\n", "")).HasErrors);

    private static (Severity Severity, string Cause, string? Field, int Line) Shape(Problem problem) => (problem.Severity, problem.Cause, problem.Field, problem.Line ?? 0);
}
