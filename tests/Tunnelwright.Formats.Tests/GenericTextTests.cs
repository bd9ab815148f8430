using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The generic text as eras, regions, mail programs and people have changed it.</summary>
public sealed class GenericTextTests
{
    [Fact]
    public void The_oldest_manner()
    {
        var result = ProviderFile.Read(Texts.Oldest);
        Assert.Equal("aws-generic-text", result.Format);
        Assert.Equal(Texts.OldestConnection, result.Connection);
        Assert.Empty(result.Problems);
    }

    public static TheoryData<string, string> Disguises => new()
    {
        { "CR LF", Texts.Oldest.Replace("\n", "\r\n") },
        { "CR", Texts.Oldest.Replace("\n", "\r") },
        { "byte order mark", "\uFEFF" + Texts.Oldest },
        { "tabs", Texts.Oldest.Replace("  - ", "\t-\t").Replace(" : ", "\t:\t") },
        { "no-break spaces", Texts.Oldest.Replace("  ", " \u00A0") },
        { "no bullets", Texts.Oldest.Replace("  - ", "") },
        { "other bullets", Texts.Oldest.Replace("  - ", " • ") },
        { "asterisk bullets", Texts.Oldest.Replace("  - ", "* ") },
        { "single spaces", Squeezed(Texts.Oldest) },
        { "no spaces before colons", Squeezed(Texts.Oldest).Replace(" :", ":") },
        { "mail quoting", "> " + Texts.Oldest.Replace("\n", "\n> ") },
        { "deep mail quoting", ">> > " + Texts.Oldest.Replace("\n", "\n>> > ") },
        { "Markdown fence", "Here is our file:\n\n```text\n" + Texts.Oldest + "```\n\nThanks\n" },
        { "Markdown headings", Texts.Oldest.Replace("IPSec Tunnel #", "## IPSec Tunnel #").Replace("#1: Inter", "### #1: Inter").Replace("\n#2: IPSec", "\n### 2. IPSec").Replace("#3: Tunnel", "### #3: Tunnel").Replace("#4: ", "### 4) ") },
        { "Markdown bold labels", Bold(Texts.Oldest, "**{0}** : {1}") },
        { "Markdown bold labels and colons", Bold(Texts.Oldest, "**{0}:** {1}") },
        { "Markdown bold lines", Bold(Texts.Oldest, "**{0} : {1}**") },
        { "Markdown code values", Bold(Texts.Oldest, "{0} : `{1}`") },
        { "Markdown tables", Bold(Texts.Oldest, "| {0} | {1} |") },
        { "upper-case labels", Bold(Texts.Oldest, "{0} : {1}", label => label.ToUpperInvariant()) },
        { "lower-case labels", Bold(Texts.Oldest, "{0} : {1}", label => label.ToLowerInvariant()) },
        { "equals signs", Bold(Texts.Oldest, "{0} = {1}") },
        { "tabs between label and value", Bold(Texts.Oldest, "{0}\t{1}") },
        { "web line ends", Texts.Oldest.Replace("\n", "<br>\n") },
        { "two units", Texts.Oldest.Replace("28800 seconds", "28800 seconds / 8 h") },
        { "wide colons", Bold(Texts.Oldest, "{0}：{1}") },
        { "IPsec with a small s", Texts.Oldest.Replace("IPSec", "IPsec") },
        { "IPSEC in capitals", Texts.Oldest.Replace("IPSec", "IPSEC") },
        { "spaced heading", Texts.Oldest.Replace("IPSec Tunnel #", "   IPSec   Tunnel  # ") },
        { "heading without a hash", Texts.Oldest.Replace("IPSec Tunnel #", "IPSec Tunnel ") },
        { "heading with a remark", Texts.Oldest.Replace("IPSec Tunnel #2", "IPSec Tunnel #2 (spare)") },
        { "Virtual Private Gateway", Texts.Oldest.Replace("VPN Gateway", "Virtual Private Gateway") },
        { "two spaces in a label", Texts.Oldest.Replace("VPN Gateway ASN ", "Virtual Private  Gateway ASN ") },
        { "Transit Gateway", Texts.Oldest.Replace("VPN Gateway", "Transit Gateway") },
        { "Diffie-Hellman label", Texts.Oldest.Replace("Phase 1 Negotiation Mode : main\n  - Perfect Forward Secrecy  : Diffie-Hellman Group 2", "Phase 1 Negotiation Mode : main\n  - Diffie-Hellman           : Group 2") },
        { "IKE version line", Texts.Oldest.Replace("  - Authentication Method ", "  - IKE version              : IKEv1\n  - Authentication Method ") },
        { "thousands separators", Texts.Oldest.Replace("28800", "28,800").Replace("3600", "3,600").Replace("1396", "1,396") },
        { "units", Texts.Oldest.Replace("28800 seconds", "8 hours").Replace("3600 seconds", "60 min").Replace(": 10\n", ": 10 seconds\n").Replace("1396 bytes", "1396") },
        { "remarks", Texts.Oldest.Replace("28800 seconds", "28800 seconds (8 hours)").Replace("3600 seconds", "3600 seconds   # unchanged").Replace("hmac-sha1-96", "hmac-sha1-96 (default)") },
        { "other spellings", Texts.Oldest.Replace("aes-128-cbc", "AES128").Replace("hmac-sha1-96", "HMAC_SHA1_96").Replace(": sha1", ": SHA-1").Replace("Diffie-Hellman Group 2", "group2") },
        { "other group spellings", Texts.Oldest.Replace("Diffie-Hellman Group 2", "modp1024") },
        { "typographic quotes", Texts.Oldest.Replace(Texts.FirstKey, $"“{Texts.FirstKey}”").Replace(Texts.SecondKey, $"\"{Texts.SecondKey}\"") },
        { "key on the next line", Texts.Oldest.Replace(": " + Texts.FirstKey, ":\n" + Texts.FirstKey) },
        { "leading notes with labels of the file", "Version : 7\nMode : production\nProtocol : none\nLifetime : 3 years\nIPSec Tunnel #2 is down since Monday\n\n" + Texts.Oldest },
        { "trailing notes with labels of the file", Texts.Oldest + "\nVersion : 7\nMode : production\nProtocol : none\nLifetime : 3 years\n" },
        { "the provider's own notes behind", Texts.Oldest + "\nAdditional Notes and Questions\n====\n\nEncryption : see the guide\nNext hop : the guide\n" },
        { "a sentence about static routing", Texts.Oldest.Replace("#4: Border", "Static routing is not used here.\n\n#4: Border") },
        { "leading notes", "# 24 Jan: sent by the provider\nTicket: 4711\nRoom : 12\n\n" + Texts.Oldest },
        { "trailing notes", Texts.Oldest + "\nAdditional Notes and Questions\n=====\n  - Guide:\n      https://example.com/guide\nRegards : Ann\n" },
        { "hard line ends of Markdown", Texts.Oldest.Replace("\n", "\\\n") },
        { "trailing blanks", Texts.Oldest.Replace("\n", "   \t\n") },
        { "blank lines doubled", Texts.Oldest.Replace("\n", "\n\n") },
        { "second tunnel first", TunnelsSwapped(Texts.Oldest) },
        { "section headings missing", Texts.Oldest.Replace("#1: Internet Key Exchange Configuration\n", "").Replace("Configure the IKE SA as follows\n", "").Replace("#2: IPSec Configuration\n", "").Replace("Configure the IPSec SA as follows:\n", "").Replace("#3: Tunnel Interface Configuration\n", "") },
        { "address headings missing", Texts.Oldest.Replace("Outside IP Addresses:\n", "").Replace("Inside IP Addresses\n", "") },
        { "IPv6 beside", Texts.Oldest.Replace("#4: Border", "Inside IPv6 Addresses\n  - Customer Gateway         : fd00:1:2:3::2/126\n  - VPN Gateway              : fd00:1:2:3::1/126\n\n#4: Border") },
        { "netmasks", Texts.Oldest.Replace("169.254.21.2/30", "169.254.21.2 255.255.255.252").Replace("169.254.21.5/30", "169.254.21.5/255.255.255.252") },
        { "network lines", Texts.Oldest.Replace("#4: Border", "  - Local IPv4 Network CIDR  : 0.0.0.0/0\n  - Remote IPv4 Network CIDR : 0.0.0.0/0\n\n#4: Border") },
    };

    [Theory]
    [MemberData(nameof(Disguises))]
    public void A_disguise_changes_nothing(string disguise, string text)
    {
        var result = ProviderFile.Read(text);
        Assert.Equal("aws-generic-text", result.Format);
        Assert.True(result.Problems.Count == 0, $"{disguise}: {result.Problems}");
        Assert.Equal(Texts.OldestConnection, result.Connection);
    }

    [Theory]
    [InlineData("IKEv2", 2)]
    [InlineData("ikev1", 1)]
    [InlineData("IKE v2", 2)]
    [InlineData("2", 2)]
    [InlineData("v1", 1)]
    public void The_ike_version_is_read(string value, int version)
    {
        var result = ProviderFile.Read(Texts.Oldest.Replace("  - Authentication Method ", $"  - IKE version              : {value}\n  - Authentication Method "));
        Assert.Equal(version, (int)result.Connection!.Tunnels[1].Ike.Version);
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void Both_ike_versions_give_the_second_and_a_warning()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst("  - Authentication Method ", "  - IKE Version: IKEv1/IKEv2\n  - Authentication Method "));
        Assert.Equal(IkeVersion.V2, result.Connection!.Tunnels[0].Ike.Version);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Warning, "ike.version", 15), (problem.Severity, problem.Field, problem.Line));
    }

    [Theory]
    [InlineData("aes-256-cbc", "sha2-256", "hmac-sha2-256-128", "aes256-sha256-modp1024", "aes256-sha256-modp1024")]
    [InlineData("AES256", "SHA2-384", "SHA2-384", "aes256-sha384-modp1024", "aes256-sha384-modp1024")]
    [InlineData("aes-128-cbc", "SHA-512", "hmac-sha2-512-256", "aes128-sha512-modp1024", "aes128-sha512-modp1024")]
    [InlineData("AES-256-GCM-16", "none", "none", "aes256gcm16-prfsha256-modp1024", "aes256gcm16-modp1024")]
    [InlineData("AES128-GCM-16", "SHA2-384", "SHA2-256", "aes128gcm16-prfsha384-modp1024", "aes128gcm16-modp1024")]
    public void Algorithms_in_the_spellings_of_the_service(string encryption, string phase1, string phase2, string ike, string esp)
    {
        var result = ProviderFile.Read(Texts.Oldest.Replace("aes-128-cbc", encryption).Replace(": sha1", $": {phase1}").Replace("hmac-sha1-96", phase2));
        Assert.Empty(result.Problems);
        Assert.Equal(ike, result.Connection!.Tunnels[0].Ike.Proposal.ToString());
        Assert.Equal(esp, result.Connection.Tunnels[1].Ipsec.Proposal.ToString());
    }

    [Theory]
    [InlineData("Diffie-Hellman Group 14", 14)]
    [InlineData("Group 20", 20)]
    [InlineData("group24", 24)]
    [InlineData("modp2048", 14)]
    [InlineData("21", 21)]
    public void Groups_in_any_spelling(string text, int number)
    {
        var tunnel = ProviderFile.Read(Texts.Oldest.Replace("Diffie-Hellman Group 2", text)).Connection!.Tunnels[0];
        Assert.Equal((number, number), (tunnel.Ike.Proposal.Group.Number, tunnel.Ipsec.Proposal.PfsGroup!.Value.Number));
    }

    [Theory]
    [InlineData("YOUR_UPLINK_ADDRESS")]
    [InlineData("<YOUR_PUBLIC_IP>")]
    [InlineData("<your address here>")]
    [InlineData("x.x.x.x")]
    [InlineData("")]
    public void A_placeholder_for_the_customer_address_is_null_and_a_warning(string placeholder)
    {
        var result = ProviderFile.Read(Texts.Oldest.Replace("192.0.2.9", placeholder));
        Assert.All(result.Connection!.Tunnels, tunnel => Assert.Null(tunnel.CustomerOutside));
        Assert.Equal([(Severity.Warning, Causes.ConfigSyntax, "outside.customer", 43), (Severity.Warning, Causes.ConfigSyntax, "outside.customer", 91)], result.Problems.Select(problem => (problem.Severity, problem.Cause, problem.Field, problem.Line ?? 0)));
    }

    [Theory]
    [InlineData("YOUR_BGP_ASN")]
    [InlineData("<YOUR_ASN>")]
    public void A_placeholder_for_the_customer_as_number_is_null_and_a_warning(string placeholder)
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst("65030", placeholder));
        Assert.Null(result.Connection!.Tunnels[0].Bgp!.CustomerAsn);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Warning, Causes.ConfigSyntax, "bgp.customerAsn", Texts.Oldest.LineOf("65030")), (problem.Severity, problem.Cause, problem.Field, problem.Line ?? 0));
    }

    [Theory]
    [InlineData("  - Pre-Shared Key           : First.Tunnel_Key.Nobody_Knows_12\n", "")]
    [InlineData("First.Tunnel_Key.Nobody_Knows_12", "")]
    [InlineData("First.Tunnel_Key.Nobody_Knows_12", "YOUR_PRE_SHARED_KEY")]
    [InlineData("First.Tunnel_Key.Nobody_Knows_12", "********")]
    [InlineData("First.Tunnel_Key.Nobody_Knows_12", "**hidden**")]
    public void A_key_that_is_missing(string old, string with)
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(old, with));
        Assert.Null(result.Connection!.Tunnels[0].Ike.PreSharedKey);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, Causes.PskMissing, 1), (problem.Severity, problem.Cause, problem.Tunnel));
    }

    [Fact]
    public void A_key_that_cannot_be_one_is_not_shown()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst(Texts.FirstKey, "two words"));
        Assert.Null(result.Connection!.Tunnels[0].Ike.PreSharedKey);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((Severity.Error, Causes.ConfigSyntax, 16), (problem.Severity, problem.Cause, problem.Line));
        Assert.DoesNotContain("two", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Certificate")]
    [InlineData("RSA signatures")]
    public void Certificates_need_no_key(string method)
    {
        var result = ProviderFile.Read(Texts.Oldest.Replace(": Pre-Shared Key\n", $": {method}\n").Replace(Texts.FirstKey, "").Replace(Texts.SecondKey, ""));
        Assert.All(result.Connection!.Tunnels, tunnel => Assert.Equal((AuthenticationMethod.Certificate, true), (tunnel.Ike.Authentication, tunnel.Ike.PreSharedKey is null)));
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void Static_routing_by_the_next_hop()
    {
        var text = Texts.Oldest;
        for (var tunnel = 0; tunnel < 2; tunnel++)
        {
            var start = text.IndexOf("#4: Border", StringComparison.Ordinal);
            var end = text.IndexOf(": 30\n", start, StringComparison.Ordinal) + 5;
            text = text[..start] + $"#4: Static Routing Configuration:\n\nStatic Route Configuration Options:\n\n  - Next hop       : 169.254.21.{(tunnel * 4) + 1}\n" + text[end..];
        }

        var result = ProviderFile.Read(text);
        Assert.Empty(result.Problems);
        Assert.Equal(Routing.Static, result.Connection!.Routing);
        Assert.Equal(["169.254.21.1", "169.254.21.5"], result.Connection.Tunnels.Select(tunnel => tunnel.StaticNextHop.ToString()));
        Assert.All(result.Connection.Tunnels, tunnel => Assert.Null(tunnel.Bgp));
    }

    [Fact]
    public void No_connection_id_gets_a_stand_in()
    {
        var result = ProviderFile.Read(Texts.Oldest[Texts.Oldest.IndexOf("IPSec Tunnel #1", StringComparison.Ordinal)..]);
        Assert.Equal("vpn-198-51-100-21", result.Connection!.Id);
        Assert.All(result.Problems, problem => Assert.Equal(Severity.Warning, problem.Severity));
    }

    [Fact]
    public void A_local_network_is_a_customer_range()
    {
        var result = ProviderFile.Read(Texts.Oldest.WithFirst("#4: Border", "  - Local IPv4 Network CIDR  : 10.20.0.0/16\n\n#4: Border"));
        Assert.Equal([Cidr.Parse("10.20.0.0/16")], result.Connection!.CustomerRanges);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n\n\t")]
    [InlineData("Dear Ann,\n\nthe lifetime : of a tunnel #1 is short.\nProtocol : none\nRegards\n")]
    [InlineData("<html><body><h1>VPN</h1></body></html>")]
    [InlineData("{\"name\":\"value\"}")]
    [InlineData("interface Tunnel1\n ip address 169.254.10.2 255.255.255.252\n!")]
    [InlineData("# Your VPN Connection ID : vpn-1\n# Your Customer Gateway ID : cgw-1\n# IPSec Tunnel #1\n# ----\nset security ike proposal one lifetime-seconds 28800\n")]
    [InlineData("\u0001\u0002\u0003\uD800")]
    public void What_is_not_a_configuration_has_no_format(string text)
    {
        var result = ProviderFile.Read(text);
        Assert.Null(result.Format);
        Assert.Null(result.Connection);
        Assert.Equal(Severity.Error, Assert.Single(result.Problems).Severity);
    }

    private static string Squeezed(string text)
    {
        while (text.Contains("  ", StringComparison.Ordinal)) text = text.Replace("  ", " ");
        return text;
    }

    private static string Bold(string text, string format, Func<string, string>? change = null) => string.Join('\n', text.Split('\n').Select(line =>
    {
        var colon = line.IndexOf(" : ", StringComparison.Ordinal);
        if (colon < 0 || !line.StartsWith("  - ", StringComparison.Ordinal)) return line;
        var label = line[4..colon].Trim().TrimEnd(':');
        return "- " + string.Format(null, format, change is null ? label : change(label), line[(colon + 3)..].Trim());
    }));

    private static string TunnelsSwapped(string text)
    {
        var first = text.IndexOf("IPSec Tunnel #1", StringComparison.Ordinal);
        var second = text.IndexOf("IPSec Tunnel #2", StringComparison.Ordinal);
        return text[..first] + text[second..] + "\n" + text[first..second];
    }
}
