using System.Globalization;
using System.Text.RegularExpressions;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed partial class SwanctlWriterTests
{
    private static readonly IConfigurationWriter Writer = ConfigurationWriters.Find("swanctl")!;

    [Fact]
    public void A_tunnel_is_written_as_strongSwan_wants_it()
    {
        var text = Writer.Write(WriterSamples.Bgp, WriterSettings.Default).Content("swanctl.conf");
        Assert.Contains("""
                vpn-0a1b2c3d4e5f60718-1 {
                    version = 2
                    local_addrs = 203.0.113.2
                    remote_addrs = 198.51.100.11
                    proposals = aes256-sha256-modp2048
                    # Phase 1 lives 28800 s at most: rekeyed after 28260 to 28530 s.
                    rekey_time = 28530s
                    over_time = 270s
                    rand_time = 270s
                    dpd_delay = 10s
                    # The cloud only answers: try for ever.
                    keyingtries = 0
                    unique = replace
                    mobike = no
                    fragmentation = yes
                    local {
                        auth = psk
                        id = 203.0.113.2
                    }
                    remote {
                        auth = psk
                        id = 198.51.100.11
                    }
                    children {
                        vpn-0a1b2c3d4e5f60718-1 {
                            mode = tunnel
                            local_ts = 0.0.0.0/0
                            remote_ts = 0.0.0.0/0
                            if_id_in = 101
                            if_id_out = 101
                            esp_proposals = aes256gcm16-modp2048
                            # Phase 2 lives 3600 s at most: rekeyed after 2790 to 3060 s.
                            life_time = 3600s
                            rekey_time = 3060s
                            rand_time = 270s
                            replay_window = 1024
                            copy_df = no
                            # Started at once, started again by traffic, by a dead peer and by a peer that closes it.
                            start_action = trap|start
                            dpd_action = restart
                            close_action = start
                        }
                    }
                }
            """, text, StringComparison.Ordinal);
        Assert.Contains($$"""
                ike-vpn-0a1b2c3d4e5f60718-2 {
                    # Only the peer's identity: the customer's is shared by both tunnels.
                    id = 198.51.100.22
                    secret = "{{WriterSamples.SecondKey}}"
                }
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_daemon_takes_every_file_and_understands_its_numbers()
    {
        using var charon = new PrivateCharon();
        var connections = new List<VpnConnection> { WriterSamples.Bgp, WriterSamples.Static, WriterSamples.Old };
        connections.AddRange(Enumerable.Range(1, 12).Select(WriterSamples.Random));
        foreach (var connection in connections)
        {
            var (exitCode, output) = charon.Load(Writer.Write(connection, WriterSettings.Default).Content("swanctl.conf"));
            Assert.True(exitCode == 0 && output.Contains($"successfully loaded {connection.Tunnels.Count} connections", StringComparison.Ordinal), output);
            Assert.Equal(connection.Tunnels.Count, Regex.Count(output, "^loaded ike secret", RegexOptions.Multiline, TimeSpan.FromSeconds(1)));
            var listed = charon.Swanctl("--list-conns").Output;
            foreach (var tunnel in connection.Tunnels)
            {
                var section = Sections().Split(listed).Single(part => part.Contains($"remote: {tunnel.CloudOutside}\n", StringComparison.Ordinal) || part.Contains($"remote:  {tunnel.CloudOutside}\n", StringComparison.Ordinal));
                Assert.Contains(tunnel.Ike.Version == IkeVersion.V1 ? "IKEv1" : "IKEv2", section, StringComparison.Ordinal);
                var renewing = tunnel.Ike.Version == IkeVersion.V1 ? "reauthentication" : "rekeying";
                Assert.Contains($"{renewing} every {RekeyTimes.OfIke(tunnel, RequirementProfile.Default).RekeySeconds}s", section, StringComparison.Ordinal);
                Assert.Contains($"rekeying every {RekeyTimes.OfIpsec(tunnel, RequirementProfile.Default).RekeySeconds}s", section, StringComparison.Ordinal);
                Assert.Contains($"dpd delay {tunnel.DeadPeerDetection.IntervalSeconds}s", section, StringComparison.Ordinal);
                Assert.Contains("TUNNEL", section, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Odd_ids_load_as_names_and_nothing_else()
    {
        using var charon = new PrivateCharon();
        foreach (var id in WriterSamples.HostileIds)
        {
            var (exitCode, output) = charon.Load(Writer.Write(WriterSamples.Bgp with { Id = id }, WriterSettings.Default).Content("swanctl.conf"));
            Assert.True(exitCode == 0 && output.Contains("successfully loaded 2 connections", StringComparison.Ordinal), $"{id}: {output}");
        }
    }

    [Fact]
    public void Odd_keys_arrive_as_they_are()
    {
        using var charon = new PrivateCharon();
        foreach (var key in new[] { "0x414243444546", "0sQUJDREVG", "#no{comment}=here", "a=b;c|d&e$f", "include.d", "%any" })
        {
            var connection = WriterSamples.Bgp.WithTunnels(t => t with { Ike = t.Ike with { PreSharedKey = new PreSharedKey(key) } });
            var (exitCode, output) = charon.Load(Writer.Write(connection, WriterSettings.Default).Content("swanctl.conf"));
            Assert.True(exitCode == 0 && Regex.Count(output, "^loaded ike secret", RegexOptions.Multiline, TimeSpan.FromSeconds(1)) == 2, output);
        }

        var hexadecimal = WriterSamples.Bgp.WithTunnels(t => t with { Ike = t.Ike with { PreSharedKey = new PreSharedKey("0x41") } });
        Assert.Contains("secret = 0x30783431", Writer.Write(hexadecimal, WriterSettings.Default).Content("swanctl.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_51_minute_rule_is_for_IKEv2_with_3600_seconds_only()
    {
        Assert.Equal(new RekeyTimes(3600, 3060, 270), Times(IkeVersion.V2, 3600));
        Assert.Equal(new RekeyTimes(3600, 3330, 270), Times(IkeVersion.V1, 3600));
        Assert.Equal(new RekeyTimes(3500, 3230, 270), Times(IkeVersion.V2, 3500));
        Assert.Equal(new RekeyTimes(900, 675, 225), Times(IkeVersion.V2, 900));
        foreach (var life in new[] { 1, 2, 3, 4, 5, 59, 60, 900, int.MaxValue })
        {
            var times = Times(IkeVersion.V2, life);
            Assert.InRange(times.RekeySeconds - times.RandomSeconds, 1, life);
        }

        static RekeyTimes Times(IkeVersion version, int life)
        {
            var tunnel = WriterSamples.Bgp.Tunnels[0];
            return RekeyTimes.OfIpsec(tunnel with { Ike = tunnel.Ike with { Version = version }, Ipsec = tunnel.Ipsec with { Lifetime = new Lifetime(life) } }, RequirementProfile.Default);
        }
    }

    [Fact]
    public void Behind_NAT_the_identity_stays_public()
    {
        var settings = WriterSettings.Parse(Writer, ["local-address=10.0.0.5", "tunnel-interface=wan1,wan2", "interface-id=500", "outside-interface=ens5"]);
        var files = Writer.Write(WriterSamples.Bgp, settings);
        var text = files.Content("swanctl.conf");
        Assert.Contains("local_addrs = 10.0.0.5", text, StringComparison.Ordinal);
        Assert.Contains("id = 203.0.113.2", text, StringComparison.Ordinal);
        Assert.Contains("if_id_in = 502", text, StringComparison.Ordinal);
        var script = files.Content("interfaces.sh");
        Assert.Contains("ip link add wan2 type xfrm dev ens5 if_id 502", script, StringComparison.Ordinal);
        Assert.Contains("ip address replace 169.254.20.2/30 dev wan2", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Static_routes_follow_the_preference()
    {
        var script = Writer.Write(WriterSamples.Static, WriterSettings.Parse(Writer, ["prefer=2"])).Content("interfaces.sh");
        Assert.Contains("ip route replace 10.8.2.0/24 dev vpn2 metric 100\n", script, StringComparison.Ordinal);
        Assert.Contains("ip route replace 10.8.2.0/24 dev vpn1 metric 200\n", script, StringComparison.Ordinal);
        Assert.DoesNotContain("ip route", Writer.Write(WriterSamples.Bgp, WriterSettings.Default).Content("interfaces.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_placeholder_leaves_the_identity_to_the_daemon()
    {
        var text = Writer.Write(WriterSamples.Old, WriterSettings.Default).Content("swanctl.conf");
        Assert.DoesNotContain("local_addrs", text, StringComparison.Ordinal);
        Assert.Contains("id = 9.8.7.6", Writer.Write(WriterSamples.Old, WriterSettings.Parse(Writer, ["customer-address=9.8.7.6"])).Content("swanctl.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_interface_script_is_sound_shell()
    {
        using var folder = new TemporaryFolder();
        foreach (var connection in WriterSamples.HostileIds.Select(id => WriterSamples.Static with { Id = id }))
        {
            foreach (var target in new[] { "swanctl", "ipsec-conf" })
            {
                var script = folder.Write("interfaces.sh", ConfigurationWriters.Find(target)!.Write(connection, WriterSettings.Default).Content("interfaces.sh"));
                var (exitCode, output) = RealProgram.Run("/bin/sh", "dash", "-n", script);
                Assert.True(exitCode == 0, output);
                Assert.All(File.ReadAllLines(script).Where(line => !line.StartsWith('#')), line => Assert.DoesNotContain("reboot", line, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void What_cannot_be_written_is_said()
    {
        Assert.Contains("no pre-shared key", Fails(t => t with { Ike = t.Ike with { PreSharedKey = null } }), StringComparison.Ordinal);
        Assert.Contains("certificate", Fails(t => t with { Ike = t.Ike with { Authentication = AuthenticationMethod.Certificate } }), StringComparison.Ordinal);
        Assert.Contains("group 99", Fails(t => t with { Ike = t.Ike with { Proposal = t.Ike.Proposal with { Group = new DhGroup(99) } } }), StringComparison.Ordinal);
        Assert.Contains("no integrity", Fails(t => t with { Ike = t.Ike with { Proposal = t.Ike.Proposal with { Integrity = null } } }), StringComparison.Ordinal);
        Assert.Contains("no tunnel", Assert.Throws<WriterException>(() => Writer.Write(WriterSamples.Bgp with { Tunnels = [] }, WriterSettings.Default)).Message, StringComparison.Ordinal);

        static string Fails(Func<Tunnel, Tunnel> change) => Assert.Throws<WriterException>(() => Writer.Write(WriterSamples.Bgp.WithTunnels(change), WriterSettings.Default)).Message;
    }

    [Fact]
    public void The_dead_peer_time_of_IKEv2_is_the_tunnels()
    {
        var text = Writer.Write(WriterSamples.Bgp, WriterSettings.Default).Content("strongswan.conf");
        double Setting(string name) => double.Parse(Regex.Match(text, $"{name} = ([0-9.]+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value, CultureInfo.InvariantCulture);
        var total = Enumerable.Range(0, (int)Setting("retransmit_tries") + 1).Sum(i => Setting("retransmit_timeout") * Math.Pow(Setting("retransmit_base"), i));
        Assert.InRange(total, 29.5, 30.5);
    }

    [GeneratedRegex("^(?=\\S+: IKE)", RegexOptions.Multiline, 1000)]
    private static partial Regex Sections();
}
