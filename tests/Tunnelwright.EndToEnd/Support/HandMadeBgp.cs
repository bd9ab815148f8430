using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>The BGP daemon of a gateway that a person set up.</summary>
public enum BgpDaemon
{
    None,
    Bird,
    Frr,
}

/// <summary>BGP in the tunnels of a gateway set up by hand: BIRD or FRR where Debian's packages have them, with configuration files as short as they can be.</summary>
internal sealed class HandMadeBgp(TestLab lab, HandMadeGatewaySettings settings)
{
    private const string Host = TestLab.Gateway;

    /// <summary>What the daemon says of a session in the end.</summary>
    private string Expected => (settings.Bgp, settings.PeerAs == LabAddresses.CloudAsn) switch
    {
        (BgpDaemon.Bird, true) => "Established",
        (BgpDaemon.Bird, false) => "Bad peer AS",
        (_, true) => "BGP state = Established",
        _ => "Bad Peer AS",
    };

    private string Root => lab.Host(Host).Root;

    public Task StartAsync() => settings.Bgp switch
    {
        BgpDaemon.Bird => BirdAsync(),
        BgpDaemon.Frr => FrrAsync(),
        _ => Task.CompletedTask,
    };

    /// <summary>Ends the daemon (SIGKILL).</summary>
    public async Task KillAsync()
    {
        foreach (var name in settings.Bgp switch { BgpDaemon.Bird => ["bird"], BgpDaemon.Frr => new[] { "bgpd", "zebra" }, _ => [] }) await lab.KillAsync(name);
    }

    private async Task BirdAsync()
    {
        Directory.CreateDirectory($"{Root}/run/bird");
        AtomicFile.Write($"{Root}/run/bird/bird.conf", BirdConf());
        await lab.OutputAsync(Host, "bird", "-c", "/run/bird/bird.conf", "-s", "/run/bird/bird.ctl", "-P", "/run/bird/bird.pid");
        await Eventually.HoldsAsync($"BIRD's sessions: {Expected}", TestMachine.Patience, async () => Has(await lab.RunAsync(Host, "birdc", "-s", "/run/bird/bird.ctl", "show", "protocols")));
    }

    /// <summary>zebra(8) and bgpd(8), which vtysh(1) reaches through their sockets under /run/frr.</summary>
    private async Task FrrAsync()
    {
        Directory.CreateDirectory($"{Root}/run/frr");
        AtomicFile.Write($"{Root}/run/frr/frr.conf", FrrConf());
        await lab.OutputAsync(Host, "chown", "-R", "frr:frr", "/run/frr");
        foreach (var program in new[] { "zebra", "bgpd" })
            await lab.OutputAsync(Host, $"/usr/lib/frr/{program}", "-d", "-f", "/run/frr/frr.conf", "-i", $"/run/frr/{program}.pid", "-A", "127.0.0.1");
        await Eventually.HoldsAsync($"FRR's sessions: {Expected}", TestMachine.Patience, async () => Has(await lab.RunAsync(Host, "vtysh", "-c", "show bgp neighbors")));
    }

    /// <summary>Whether it stands there for the session of every tunnel.</summary>
    private bool Has(CommandResult sessions) => sessions.Output.Split(Expected, StringSplitOptions.None).Length > settings.Tunnels.Count;

    /// <summary>bird.conf(5).</summary>
    private string BirdConf() => $$"""
        router id 10.1.0.1;
        protocol device { }
        protocol direct { ipv4; interface "lan"; }
        protocol kernel { ipv4 { export where source = RTS_BGP; }; }
        {{string.Join('\n', settings.Tunnels.Select(number => $$"""
        protocol bgp office{{number}} {
          local {{HandConfiguredNetwork.Inside(number).Customer}} as {{LabAddresses.CustomerAsn}};
          neighbor {{HandConfiguredNetwork.Inside(number).Cloud}} as {{settings.PeerAs}};
          connect delay time 1;
          error wait time 1, 3;
          ipv4 { import all; export where source = RTS_DEVICE; };
        }
        """))}}

        """;

    /// <summary>FRR's configuration: no policy for routes of external peers is asked for, as RFC 8212 would have it.</summary>
    private string FrrConf() => $$"""
        router bgp {{LabAddresses.CustomerAsn}}
         bgp router-id 10.1.0.1
         no bgp ebgp-requires-policy
        {{string.Join('\n', settings.Tunnels.Select(number => $" neighbor {HandConfiguredNetwork.Inside(number).Cloud} remote-as {settings.PeerAs}\n neighbor {HandConfiguredNetwork.Inside(number).Cloud} timers connect 1"))}}
         address-family ipv4 unicast
          network {{LabAddresses.Customer}}
         exit-address-family

        """;
}
