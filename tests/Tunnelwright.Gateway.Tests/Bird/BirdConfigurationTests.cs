using System.Diagnostics;
using System.Text.RegularExpressions;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests;

/// <summary>BIRD's configuration: what it says, and that BIRD itself can read it.</summary>
public sealed partial class BirdConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_customers_session()
    {
        var text = Render(Samples.Customer(Routing.Bgp));
        var session = Session(text, 1);
        Assert.Contains("local 169.254.10.6 as 65000;", session, StringComparison.Ordinal);
        Assert.Contains("neighbor 169.254.10.5 as 64512;", session, StringComparison.Ordinal);
        Assert.Contains("interface \"tw1\";", session, StringComparison.Ordinal);
        Assert.Contains("hold time 30;", session, StringComparison.Ordinal);
        Assert.Contains("keepalive time 10;", session, StringComparison.Ordinal);
        Assert.Contains("next hop self;", session, StringComparison.Ordinal);
        Assert.DoesNotContain("receive limit", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bgp_med", text, StringComparison.Ordinal);
        Assert.Contains("interface \"tw2\";", Session(text, 2), StringComparison.Ordinal);
        Assert.Contains("route 10.1.0.0/16 unreachable;", text, StringComparison.Ordinal);
        Assert.Contains("router id 10.1.0.1;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_preference_both_sessions_are_alike()
    {
        var text = Render(Samples.Customer(Routing.Bgp));
        Assert.DoesNotContain("bgp_local_pref = 200", text, StringComparison.Ordinal);
        Assert.DoesNotContain("prepend", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_preferred_tunnel_has_the_local_preference_and_the_other_prepends(int preferred)
    {
        var text = Render(Samples.Customer(Routing.Bgp, prefer: preferred));
        Assert.Contains("bgp_local_pref = 200; ", Session(text, preferred), StringComparison.Ordinal);
        Assert.DoesNotContain("prepend", Session(text, preferred), StringComparison.Ordinal);
        Assert.DoesNotContain("bgp_local_pref = 200", Session(text, 3 - preferred), StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(Session(text, 3 - preferred), Regex.Escape("bgp_path.prepend(65000);"), RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void The_clouds_end_tells_a_MED_and_limits_prefixes()
    {
        var (first, second) = (Render(Samples.Cloud(Routing.Bgp)), Render(Samples.Cloud(Routing.Bgp, 2)));
        Assert.Contains("receive limit 100 action disable;", first, StringComparison.Ordinal);
        Assert.Contains("bgp_med = 100; accept;", first, StringComparison.Ordinal);
        Assert.Contains("bgp_med = 200; accept;", second, StringComparison.Ordinal);
        Assert.Contains("local 169.254.10.5 as 64512;", first, StringComparison.Ordinal);
        Assert.Contains("neighbor 169.254.10.6 as 65000;", first, StringComparison.Ordinal);
    }

    [Fact]
    public void With_ranges_only_they_and_their_parts_are_accepted()
    {
        var text = Render(Samples.Customer(Routing.Bgp) with { RemoteRanges = [Cidr.Parse("10.8.2.0/24"), Cidr.Parse("10.9.0.0/16")] });
        Assert.Contains("import filter { if net ~ [ 10.8.2.0/24+, 10.9.0.0/16+ ] then { ", text, StringComparison.Ordinal);
        Assert.Contains(
            $"export filter {{ if net ~ [ 10.1.0.0/16 ] || proto = \"{BirdConfiguration.HalvesName(Samples.Id, 1)}\" || proto = \"{BirdConfiguration.QuartersName(Samples.Id, 1)}\" then {{ accept; }} reject; }};",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ranges_halves_wait_disabled_at_the_customers_end()
    {
        var text = Render(Samples.Customer(Routing.Bgp) with { LocalRanges = [Cidr.Parse("10.1.0.0/24"), Cidr.Parse("10.2.0.1/32"), Cidr.Parse("10.255.255.254/31")] });
        Assert.Contains(
            $"protocol static {BirdConfiguration.HalvesName(Samples.Id, 2)} {{\n  disabled;\n  ipv4;\n  route 10.1.0.0/25 unreachable;\n  route 10.1.0.128/25 unreachable;\n  route 10.255.255.254/32 unreachable;\n  route 10.255.255.255/32 unreachable;\n}}",
            text, StringComparison.Ordinal);
        Assert.Contains(
            $"protocol static {BirdConfiguration.QuartersName(Samples.Id, 2)} {{\n  disabled;\n  ipv4;\n  route 10.1.0.0/26 unreachable;\n  route 10.1.0.64/26 unreachable;\n  route 10.1.0.128/26 unreachable;\n  route 10.1.0.192/26 unreachable;\n}}",
            text, StringComparison.Ordinal);
        AssertBirdAccepts(text);
        Assert.DoesNotContain("halves", Render(Samples.Cloud(Routing.Bgp)), StringComparison.Ordinal);
        Assert.DoesNotContain("quarters", Render(Samples.Cloud(Routing.Bgp)), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_tunnel_has_a_hold_down_that_makes_its_routes_the_last_choice()
    {
        var text = Render(Samples.Customer(Routing.Bgp));
        Assert.Contains($"protocol static {BirdConfiguration.HoldDownName(Samples.Id, 1)} {{\n  disabled;\n  roa4 {{ table hold_downs; }};", text, StringComparison.Ordinal);
        Assert.Matches(@"then \{ if roa_check\(hold_downs, 169\.254\.10\.\d+/32, 1\) = ROA_VALID then bgp_local_pref = 50; accept; \}", Session(text, 1));
        AssertBirdAccepts(text);
        Assert.DoesNotContain("hold_downs", Render(Samples.Cloud(Routing.Bgp)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2, 4)]
    [InlineData(14, 28, 56)]
    [InlineData(20, 40, 40)]
    [InlineData(33, 66, 0)]
    [InlineData(34, 66, 0)]
    [InlineData(60, 40, 0)]
    [InlineData(100, 0, 0)]
    public void Ranges_halves_and_quarters_together_stay_within_the_prefix_limit(int ranges, int halves, int quarters)
    {
        var connection = Samples.Customer(Routing.Bgp) with { LocalRanges = Enumerable.Range(0, ranges).Select(number => Cidr.Parse($"10.{number}.0.0/16")).ToValueList() };
        Assert.Equal((halves, quarters), (BirdConfiguration.Halves(connection).Count, BirdConfiguration.Quarters(connection).Count));
    }

    [Fact]
    public void Without_ranges_everything_harmless_is_accepted()
    {
        var text = Render(Samples.Customer(Routing.Bgp) with { RemoteRanges = [] });
        Assert.Contains("if ! (net ~ [ 0.0.0.0/0, 10.1.0.0/16+, 169.254.0.0/16+ ]) then", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_announce_is_nothing_announced()
    {
        var text = Render(Samples.Customer(Routing.Bgp) with { LocalRanges = [] });
        Assert.DoesNotContain("unreachable;", text, StringComparison.Ordinal);
        Assert.Contains("export filter { if false then", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_own_address_is_the_source_of_learnt_routes()
    {
        Assert.Contains("krt_prefsrc = 10.1.0.1; accept;", Render(Samples.Customer(Routing.Bgp), source: Ipv4Address.Parse("10.1.0.1")), StringComparison.Ordinal);
        Assert.DoesNotContain("krt_prefsrc", Render(Samples.Customer(Routing.Bgp)), StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_costs_are_merged_into_one_route()
    {
        var text = Render(Samples.Customer(Routing.Bgp) with { EqualCost = true });
        Assert.Contains("merge paths on;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("merge paths", Render(Samples.Customer(Routing.Bgp)), StringComparison.Ordinal);
        AssertBirdAccepts(text);
    }

    [Fact]
    public void The_router_behind_an_endpoint_learns_customers_routes_and_not_the_clouds()
    {
        var gateway = WithUpstream(Samples.Gateway(Samples.Cloud(Routing.Bgp)));
        var text = Render(gateway);
        var upstream = text[text.IndexOf("protocol bgp upstream", StringComparison.Ordinal)..];
        Assert.Contains("neighbor 10.8.0.1 as 64513;", upstream, StringComparison.Ordinal);
        Assert.Contains("bgp_med = 120;", upstream, StringComparison.Ordinal);
        Assert.Contains("if proto = \"announced\" then reject;", upstream, StringComparison.Ordinal);
        Assert.Contains("import none;", upstream, StringComparison.Ordinal);
        Assert.Contains($"import where krt_source = {GatewayNames.RouteProtocol};", text, StringComparison.Ordinal);
        Assert.DoesNotContain("learn", Render(Samples.Customer(Routing.Bgp)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_router_is_told_the_endpoints_own_addresses_and_the_customer_is_not()
    {
        var gateway = WithUpstream(Samples.Gateway(Samples.Cloud(Routing.Bgp)));
        Assert.DoesNotContain("static own", Render(gateway), StringComparison.Ordinal);
        var text = Render(gateway with { Upstream = gateway.Upstream! with { OwnAddresses = [Ipv4Address.Parse("10.8.2.4"), Ipv4Address.Parse("10.8.2.5")] } });
        Assert.Contains("protocol static own {\n  ipv4;\n  route 10.8.2.4/32 unreachable;\n  route 10.8.2.5/32 unreachable;\n}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"own\"", text, StringComparison.Ordinal);
        AssertBirdAccepts(text);
    }

    [Theory]
    [MemberData(nameof(OddIds))]
    public void An_odd_id_cannot_break_out(string id)
    {
        var text = Render(Samples.Customer(Routing.Bgp, id));
        var protocols = Protocols(text);
        Assert.Equal(["bfd", "bgp", "bgp", "device", "kernel", "static", "static", "static", "static", "static", "static", "static"], protocols.Order(StringComparer.Ordinal));
        AssertBirdAccepts(text);
    }

    [Theory]
    [InlineData("a-b", "a_b")]
    [InlineData("a b", "a.b")]
    public void Ids_that_differ_have_protocols_that_differ(string one, string other)
    {
        Assert.NotEqual(BirdConfiguration.ProtocolName(one, 1), BirdConfiguration.ProtocolName(other, 1));
        AssertBirdAccepts(Render(Samples.Gateway(Samples.Customer(Routing.Bgp, one), Samples.Customer(Routing.Bgp, other))));
    }

    [Fact]
    public void The_providers_ids_are_readable_in_the_protocols_name() => Assert.Equal("tunnel1_vpn_0a1b2c3d4e5f60718", BirdConfiguration.ProtocolName(Samples.Id, 1));

    [Fact]
    public void BIRD_accepts_what_any_gateway_needs()
    {
        var seen = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var gateway = RandomGateways.Gateway(new Random(seed));
            if (gateway.Upstream is null && !gateway.AllTunnels().Any(item => item.Tunnel.Bgp is not null)) continue;
            seen++;
            AssertBirdAccepts(Render(gateway), $"seed {seed}");
        }

        Assert.InRange(seen, 15, 40);
    }

    [Fact]
    public void BIRD_accepts_the_variants()
    {
        AssertBirdAccepts(Render(Samples.Customer(Routing.Bgp, prefer: 1) with { RemoteRanges = [], LocalRanges = [] }));
        AssertBirdAccepts(Render(Samples.Customer(Routing.Bgp), source: Ipv4Address.Parse("10.1.0.1")));
        AssertBirdAccepts(Render(WithUpstream(Samples.Gateway(Samples.Cloud(Routing.Bgp)))));
        AssertBirdAccepts(Render(WithUpstream(Samples.Gateway())));
    }

    [Fact]
    public void Routes_of_a_tunnel_have_its_own_discriminator_upstream()
    {
        var gateway = WithUpstream(Samples.Gateway(Samples.Cloud(Routing.Bgp)));
        var text = BirdConfiguration.Render(gateway, [], _folder, null, Ipv4Address.Parse("10.1.0.1"), [new UpstreamDiscriminator("ipsec0", 100), new UpstreamDiscriminator("ipsec1", 1200)]);
        Assert.Contains("if ifname = \"ipsec0\" then bgp_med = 100;", text, StringComparison.Ordinal);
        Assert.Contains("if ifname = \"ipsec1\" then bgp_med = 1200;", text, StringComparison.Ordinal);
        AssertBirdAccepts(text);
    }

    [Fact]
    public void This_check_can_fail()
    {
        var text = Render(Samples.Customer(Routing.Bgp)).Replace("hold time 30;", "hold time soon;", StringComparison.Ordinal);
        Assert.NotEqual("", Complaint(text));
    }

    public static TheoryData<string> OddIds() =>
    [
        "vpn\"; } protocol static evil { ipv4; route 0.0.0.0/0 unreachable; } #",
        "vpn\n} protocol static evil { ipv4; route 0.0.0.0/0 unreachable; }\n#",
        "vpn # comment",
        "vpn/* comment",
        "vpn\\\"",
        "vpn\r\nlog stderr all;",
        "verbindung-ä-€",
        "1",
        "",
        new string('a', 64),
        new string('x', 300),
    ];

    private static DesiredGateway WithUpstream(DesiredGateway gateway) => gateway with
    {
        Upstream = new UpstreamSession(Ipv4Address.Parse("10.8.0.2"), new Asn(64512), Ipv4Address.Parse("10.8.0.1"), new Asn(64513), 120),
    };

    private string Render(DesiredConnection connection, Ipv4Address? source = null) => Render(Samples.Gateway(connection), source);

    private string Render(DesiredGateway gateway, Ipv4Address? source = null)
    {
        var tunnels = gateway.AllTunnels().Where(item => item.Tunnel.Bgp is not null).Select(item => new BirdTunnel(item.Connection, item.Tunnel, $"tw{item.Tunnel.Number}")).ToList();
        return BirdConfiguration.Render(gateway, tunnels, _folder, source, Ipv4Address.Parse("10.1.0.1"));
    }

    /// <summary>The session of a tunnel, from its head to the next protocol.</summary>
    private static string Session(string text, int tunnel)
    {
        var start = text.IndexOf($"protocol bgp {BirdConfiguration.ProtocolName(Samples.Id, tunnel)}", StringComparison.Ordinal);
        Assert.True(start >= 0, text);
        var end = text.IndexOf("\nprotocol ", start, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }

    /// <summary>The kinds of the protocols, as BIRD's own lexer would see them: without strings and comments.</summary>
    private static List<string> Protocols(string text)
    {
        var bare = StringsAndComments().Replace(text, " ");
        return [.. ProtocolHead().Matches(bare).Select(match => match.Groups["kind"].Value)];
    }

    private void AssertBirdAccepts(string text, string because = "")
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/bird"), "BIRD (package bird2) is not installed");
        var complaint = Complaint(text);
        Assert.True(complaint.Length == 0, $"{because} {complaint}\n{text}");
    }

    /// <summary>What "bird -p" says about a configuration; empty when it accepts it.</summary>
    private string Complaint(string text)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/bird"), "BIRD (package bird2) is not installed");
        var file = Path.Combine(_folder, "bird.conf");
        File.WriteAllText(file, text);
        using var process = Process.Start(new ProcessStartInfo("/usr/sbin/bird", ["-p", "-c", file]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var words = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            process.Kill();
            return "BIRD did not end within 20 s";
        }

        return process.ExitCode == 0 ? "" : $"status {process.ExitCode}: {words.Result}{output.Result}";
    }

    [GeneratedRegex("\"[^\"]*\"|#[^\n]*|/\\*.*?\\*/", RegexOptions.Singleline, 1000)]
    private static partial Regex StringsAndComments();

    [GeneratedRegex(@"\bprotocol\s+(?<kind>[a-z]+)", RegexOptions.None, 1000)]
    private static partial Regex ProtocolHead();
}
