using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

public sealed class IpsecConfWriterTests
{
    private static readonly IConfigurationWriter Writer = ConfigurationWriters.Find("ipsec-conf")!;

    [Fact]
    public void A_tunnel_is_a_conn_with_a_mark()
    {
        var files = Writer.Write(WriterSamples.Old, WriterSettings.Parse(Writer, ["customer-address=203.0.113.2"]));
        Assert.Contains("""
            conn vpn-0a1b2c3d4e5f60718-1
                keyexchange=ikev1
                type=tunnel
                left=203.0.113.2
                leftid=203.0.113.2
                leftauth=psk
                leftsubnet=0.0.0.0/0
                right=198.51.100.11
                rightid=198.51.100.11
                rightauth=psk
                rightsubnet=0.0.0.0/0
                ike=aes128-sha1-modp1024!
                ikelifetime=28800s
                esp=aes128-sha1-modp1024!
                lifetime=3600s
                # Rekeyed after 3060 to 3330 s.
                margintime=270s
                rekeyfuzz=100%
                keyingtries=%forever
                dpddelay=10s
                dpdtimeout=30s
                dpdaction=restart
                closeaction=restart
                replay_window=1024
                mobike=no
                fragmentation=yes
                # The key of the tunnel's VTI.
                mark=101
                auto=start
            """, files.Content("ipsec.conf"), StringComparison.Ordinal);
        Assert.Contains($"198.51.100.11 : PSK \"{WriterSamples.FirstKey}\"\n198.51.100.22 : PSK \"{WriterSamples.SecondKey}\"\n", files.Content("ipsec.secrets"), StringComparison.Ordinal);
        Assert.Contains("ip link add vpn1 type vti local 203.0.113.2 remote 198.51.100.11 key 101", files.Content("interfaces.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_51_minute_rule_is_kept()
    {
        var text = Writer.Write(WriterSamples.Bgp, WriterSettings.Default).Content("ipsec.conf");
        Assert.Contains("lifetime=3600s\n    # Rekeyed after 2790 to 3060 s.\n    margintime=540s\n    rekeyfuzz=50%\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_in_the_secrets_file_only()
    {
        var files = Writer.Write(WriterSamples.Bgp, WriterSettings.Default);
        foreach (var file in files)
        {
            Assert.Equal(file.Name == "ipsec.secrets", file.HoldsSecrets);
            Assert.Equal(file.HoldsSecrets, file.Content.Contains(WriterSamples.FirstKey, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_starter_parses_every_file()
    {
        using var folder = new TemporaryFolder();
        var connections = new List<VpnConnection> { WriterSamples.Bgp, WriterSamples.Static, WriterSamples.Old };
        connections.AddRange(WriterSamples.HostileIds.Select(id => WriterSamples.Bgp with { Id = id }));
        connections.AddRange(Enumerable.Range(1, 8).Select(WriterSamples.Random));
        foreach (var connection in connections)
        {
            var (exitCode, output) = Parse(folder, Writer.Write(connection, WriterSettings.Default).Content("ipsec.conf"));
            Assert.True(exitCode == 0 && output.Trim() == "config OK", output);
        }

        var broken = Writer.Write(WriterSamples.Bgp, WriterSettings.Default).Content("ipsec.conf").Replace("mark=", "quark=", StringComparison.Ordinal);
        Assert.Contains("unknown keyword 'quark'", Parse(folder, broken).Output, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output) Parse(TemporaryFolder folder, string text) =>
        RealProgram.Run("/usr/lib/ipsec/starter", "strongswan-starter", "--conftest", "--conf", folder.Write("ipsec.conf", text));
}
