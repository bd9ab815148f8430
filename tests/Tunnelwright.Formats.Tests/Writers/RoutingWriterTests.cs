using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed class RoutingWriterTests
{
    private static readonly IConfigurationWriter Bird = ConfigurationWriters.Find("bird")!;
    private static readonly IConfigurationWriter Frr = ConfigurationWriters.Find("frr")!;

    [Fact]
    public void Bird_gets_a_session_for_each_tunnel()
    {
        var text = Bird.Write(WriterSamples.Bgp, WriterSettings.Parse(Bird, ["prefer=1"])).Content("bird.conf");
        Assert.Contains("""
            protocol bgp vpn_0a1b2c3d4e5f60718_2 {
                local 169.254.20.2 as 65000;
                neighbor 169.254.20.1 as 64512;
                interface "vpn2";
                direct;
                hold time 30;
                keepalive time 10;
                connect delay time 1;
                connect retry time 5;
                error wait time 3, 10;
                ipv4 {
                    import filter {
                        if !(net ~ [ 10.8.2.0/24+ ]) then reject;
                        bgp_local_pref = 100;
                        accept;
                    };
                    export filter {
                        if proto != "announced" then reject;
                        bgp_path.prepend(65000);
                        bgp_path.prepend(65000);
                        bgp_path.prepend(65000);
                        accept;
                    };
                    next hop self;
                };
            }
            """, text, StringComparison.Ordinal);
        Assert.Contains("    route 10.1.0.0/16 unreachable;\n    route 192.168.7.0/24 unreachable;\n", text, StringComparison.Ordinal);
        Assert.Contains("bgp_local_pref = 200;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_preference_the_clouds_choice_counts()
    {
        var text = Bird.Write(WriterSamples.Bgp, WriterSettings.Default).Content("bird.conf");
        Assert.DoesNotContain("prepend", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bgp_local_pref = 200", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Bird_prefers_static_routes_in_order()
    {
        var text = Bird.Write(WriterSamples.Static, WriterSettings.Parse(Bird, ["prefer=2", "cloud-range=10.9.0.0/24"])).Content("bird.conf");
        Assert.Contains("ipv4 { preference 210; };\n    route 10.9.0.0/24 via 169.254.20.1%'vpn2';", text, StringComparison.Ordinal);
        Assert.Contains("ipv4 { preference 200; };\n    route 10.9.0.0/24 via 169.254.10.1%'vpn1';", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Bird_parses_every_file()
    {
        using var folder = new TemporaryFolder();
        foreach (var (connection, settings) in Connections(Bird))
        {
            var file = folder.Write("bird.conf", Bird.Write(connection, settings).Content("bird.conf"));
            var (exitCode, output) = RealProgram.Run("/usr/sbin/bird", "bird2", "-p", "-c", file);
            Assert.True(exitCode == 0 && output.Length == 0, $"{output}\n{File.ReadAllText(file)}");
        }

        var watched = BirdConfiguration.Write(
            new BirdSettings(Ipv4Address.Parse("192.0.2.1"), [], [], [new BirdSession("t1", null, Ipv4Address.Parse("169.254.10.2"), new Asn(65000), Ipv4Address.Parse("169.254.10.1"), new Asn(64512), 0, Bfd: true)], []),
            "BFD");
        Assert.Equal((0, ""), RealProgram.Run("/usr/sbin/bird", "bird2", "-p", "-c", folder.Write("bfd.conf", watched)));
    }

    [Fact]
    public void The_bird_parser_of_this_test_finds_errors()
    {
        using var folder = new TemporaryFolder();
        var broken = Bird.Write(WriterSamples.Bgp, WriterSettings.Default).Content("bird.conf").Replace("direct;", "sideways;", StringComparison.Ordinal);
        Assert.NotEqual(0, RealProgram.Run("/usr/sbin/bird", "bird2", "-p", "-c", folder.Write("bird.conf", broken)).ExitCode);
    }

    [Fact]
    public void Frr_gets_a_neighbour_for_each_tunnel()
    {
        var text = Frr.Write(WriterSamples.Bgp, WriterSettings.Parse(Frr, ["prefer=2"])).Content("frr.conf");
        Assert.Contains("""
            router bgp 65000
             bgp router-id 169.254.10.2
             no bgp network import-check
             neighbor 169.254.10.1 remote-as 64512
             neighbor 169.254.10.1 description vpn-0a1b2c3d4e5f60718-1
             neighbor 169.254.10.1 timers 10 30
             neighbor 169.254.10.1 timers connect 5
             neighbor 169.254.10.1 update-source 169.254.10.2
            """, text, StringComparison.Ordinal);
        Assert.Contains(" set as-path prepend 65000 65000 65000\n", text, StringComparison.Ordinal);
        Assert.Contains("route-map from-vpn-0a1b2c3d4e5f60718-2 permit 10\n match ip address prefix-list accepted\n set local-preference 200\n", text, StringComparison.Ordinal);
        Assert.Contains("  network 192.168.7.0/24\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Frr_prefers_static_routes_by_distance()
    {
        var text = Frr.Write(WriterSamples.Static, WriterSettings.Default).Content("frr.conf");
        Assert.Contains("ip route 10.8.2.0/24 169.254.10.1 vpn1 10\nip route 10.8.2.0/24 169.254.20.1 vpn2 20\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Frr_parses_every_file()
    {
        using var folder = new TemporaryFolder();
        foreach (var (connection, settings) in Connections(Frr))
        {
            var file = folder.Write("frr.conf", Frr.Write(connection, settings).Content("frr.conf"));
            var (exitCode, output) = RealProgram.Run("/usr/bin/vtysh", "frr", "-C", "-f", file);
            Assert.True(exitCode == 0 && !output.Contains("Unknown", StringComparison.OrdinalIgnoreCase) && !output.Contains("line ", StringComparison.Ordinal), $"{output}\n{File.ReadAllText(file)}");
        }
    }

    [Fact]
    public void The_frr_parser_of_this_test_finds_errors()
    {
        using var folder = new TemporaryFolder();
        var broken = Frr.Write(WriterSamples.Bgp, WriterSettings.Default).Content("frr.conf").Replace("remote-as", "remote-zoo", StringComparison.Ordinal);
        var (exitCode, output) = RealProgram.Run("/usr/bin/vtysh", "frr", "-C", "-f", folder.Write("frr.conf", broken));
        Assert.True(exitCode != 0 || output.Contains("Unknown", StringComparison.OrdinalIgnoreCase), output);
    }

    [Fact]
    public void A_missing_AS_number_is_asked_for()
    {
        var unknown = WriterSamples.Bgp.WithTunnels(t => t with { Bgp = t.Bgp! with { CustomerAsn = null } });
        foreach (var writer in new[] { Bird, Frr })
        {
            var error = Assert.Throws<WriterException>(() => writer.Write(unknown, WriterSettings.Default));
            Assert.Contains("customer-asn", error.Hint, StringComparison.Ordinal);
            Assert.Contains("65123", writer.Write(unknown, WriterSettings.Parse(writer, ["customer-asn=65123"]))[0].Content, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_number_of_the_session_is_the_models()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var connection = WriterSamples.Random(seed);
            if (connection.Routing == Routing.Static) continue;
            var bird = Bird.Write(connection, WriterSettings.Default)[0].Content;
            var frr = Frr.Write(connection.WithTunnels(t => t with { Bgp = t.Bgp! with { CustomerAsn = connection.Tunnels[0].Bgp!.CustomerAsn } }), WriterSettings.Default)[0].Content;
            foreach (var tunnel in connection.Tunnels)
            {
                var bgp = tunnel.Bgp!;
                Assert.Contains($"neighbor {bgp.Neighbor} as {bgp.CloudAsn};", bird, StringComparison.Ordinal);
                Assert.Contains($"local {tunnel.CustomerInside.Address} as {bgp.CustomerAsn};", bird, StringComparison.Ordinal);
                Assert.Contains($"hold time {bgp.HoldSeconds};", bird, StringComparison.Ordinal);
                Assert.Contains($"neighbor {bgp.Neighbor} remote-as {bgp.CloudAsn}\n", frr, StringComparison.Ordinal);
                Assert.Contains($"neighbor {bgp.Neighbor} timers {bgp.HoldSeconds / 3} {bgp.HoldSeconds}\n", frr, StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<(VpnConnection Connection, WriterSettings Settings)> Connections(IConfigurationWriter writer)
    {
        foreach (var prefer in new[] { "prefer=1", "prefer=2", "prefer=none" })
        {
            var settings = WriterSettings.Parse(writer, [prefer]);
            yield return (WriterSamples.Bgp, settings);
            yield return (WriterSamples.Static, settings);
            yield return (WriterSamples.Old, settings);
            yield return (WriterSamples.Bgp with { CustomerRanges = [], CloudRanges = [] }, settings);
        }

        foreach (var id in WriterSamples.HostileIds)
        {
            yield return (WriterSamples.Bgp with { Id = id }, WriterSettings.Default);
            yield return (WriterSamples.Static with { Id = id, CloudRanges = [] }, WriterSettings.Default);
        }

        for (var seed = 1; seed <= 10; seed++)
        {
            var connection = WriterSamples.Random(seed);
            yield return (connection, WriterSettings.Default with { CustomerAsn = new Asn(4_200_000_000) });
        }
    }
}
