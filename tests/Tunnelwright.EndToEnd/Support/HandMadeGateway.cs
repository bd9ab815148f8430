using Tunnelwright.Lab;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.EndToEnd;

/// <summary>How a person sets the customer's gateway up.</summary>
internal sealed record HandMadeGatewaySettings
{
    /// <summary>The tunnels that are set up.</summary>
    public IReadOnlyList<int> Tunnels { get; init; } = [1, 2];

    /// <summary>Phase 1 in strongSwan's notation.</summary>
    public string IkeProposal { get; init; } = "aes256-sha256-modp2048";

    public string StartAction { get; init; } = "start";

    public string LifeTime { get; init; } = "3600s";

    /// <summary>The key of a tunnel; null: the one of the provider's file.</summary>
    public Func<int, string>? Key { get; init; }

    /// <summary>The peer's address of a tunnel; null: the one of the provider's file.</summary>
    public Func<int, string>? Peer { get; init; }

    /// <summary>The if_id of a tunnel's interface on the kernel plane; null: the one of its SAs.</summary>
    public Func<int, int>? InterfaceId { get; init; }

    /// <summary>Whether charon has the plugin that answers swanctl and the doctor.</summary>
    public bool Vici { get; init; } = true;

    /// <summary>Whether one charon carries both tunnels, each for its inside addresses alone, as one with ESP in userspace has to; the log of both is one.</summary>
    public bool OneDaemon { get; init; }

    /// <summary>Who, also set up by hand, speaks BGP in the tunnels.</summary>
    public BgpDaemon Bgp { get; init; }

    /// <summary>The AS that the cloud's end is believed to have.</summary>
    public Asn PeerAs { get; init; } = LabAddresses.CloudAsn;

    /// <summary>Whether the tunnels are expected to come up.</summary>
    public bool ComesUp { get; init; } = true;
}

/// <summary>
/// The customer's gateway without a line of our own product: strongSwan with files in /etc written by hand, addresses and routes made with ip(8). On the kernel plane one
/// charon and an XFRM interface for each tunnel; in userspace a charon for each tunnel, because one carries only one, and the second has a strongswan.conf and a control
/// socket where nobody would look by default.
/// </summary>
internal sealed class HandMadeGateway : IAsyncDisposable
{
    public const string Configuration = "/etc/swanctl/conf.d";
    private const string Host = TestLab.Gateway;

    private readonly TestLab _lab;
    private readonly HandMadeGatewaySettings _settings;
    private readonly Dictionary<int, Background> _charons = [];

    private readonly HandMadeBgp _bgp;

    private HandMadeGateway(TestLab lab, HandMadeGatewaySettings settings) => (_lab, _settings, _bgp) = (lab, settings, new HandMadeBgp(lab, settings));

    private static bool IsKernel => TestMachine.DataPlane == "kernel";

    private bool IsOneDaemon => IsKernel || _settings.OneDaemon;

    private string Root => _lab.Host(Host).Root;

    /// <summary>Gives the host an /etc of its own, once; what stood in /etc/swanctl goes.</summary>
    public static Task PrivateEtcAsync(TestLab lab) => lab.OutputAsync(
        Host, "sh", "-c", "[ -d /run/etc ] || { mkdir /run/etc && cp -a /etc/. /run/etc/ && mount --bind /run/etc /etc; }; rm -rf /etc/swanctl /etc/ipsec.conf /etc/ipsec.secrets; mkdir -p /etc/swanctl/conf.d; echo 'include conf.d/*.conf' >/etc/swanctl/swanctl.conf");

    /// <summary>Writes the files and, unless the daemons are not wanted, starts them.</summary>
    public static async Task<HandMadeGateway> SetUpAsync(TestLab lab, HandMadeGatewaySettings? settings = null, bool starts = true)
    {
        var gateway = new HandMadeGateway(lab, settings ?? new HandMadeGatewaySettings());
        try
        {
            await PrivateEtcAsync(lab);
            foreach (var number in gateway._settings.Tunnels) gateway.Write(number);
            if (starts) await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public static string NameOf(int number) => $"office-{number}";

    public static string FileOf(int number) => $"{Configuration}/{NameOf(number)}.conf";

    /// <summary>The line of a setting in a tunnel's file, as evidence names it.</summary>
    public string PlaceOf(int number, string setting) =>
        $"{FileOf(number)}:{File.ReadLines($"{Root}{FileOf(number)}").Select((line, index) => (line, index)).First(item => item.line.TrimStart().StartsWith(setting, StringComparison.Ordinal)).index + 1}";

    /// <summary>Waits until every daemon has begun to negotiate and has had nothing more to say for a while: then what is wrong has shown.</summary>
    public async Task SettleAsync(TimeSpan calm)
    {
        foreach (var number in _charons.Keys.Where(_ => _settings.StartAction == "start"))
            await Eventually.HoldsAsync($"charon {number} initiates", TestMachine.Patience, () => !File.Exists($"{Root}{LogOf(number)}") || File.ReadAllText($"{Root}{LogOf(number)}").Contains("initiating ", StringComparison.Ordinal));
        var (size, since) = (0L, DateTimeOffset.UtcNow);
        await Eventually.HoldsAsync("the daemons are calm", TestMachine.Patience, () =>
        {
            var now = _charons.Keys.Select(number => new FileInfo($"{Root}{LogOf(number)}")).Sum(log => log.Exists ? log.Length : 0);
            if (now != size) (size, since) = (now, DateTimeOffset.UtcNow);
            return DateTimeOffset.UtcNow - since >= calm;
        });
    }

    /// <summary>Ends the BGP daemon (SIGKILL).</summary>
    public Task KillBgpAsync() => _bgp.KillAsync();

    /// <summary>Ends the daemons (SIGKILL), as a crash would.</summary>
    public async Task KillAsync()
    {
        await KillBgpAsync();
        foreach (var charon in _charons.Values) await charon.DisposeAsync();
        _charons.Clear();
        await _lab.KillAsync("charon-systemd");
    }

    /// <summary>Ends the daemons as an administrator does: they take leave of their peers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lab.RunAsync(Host, "sh", "-c", $"for pid in {string.Join(' ', _charons.Values.Select(charon => charon.Pid))}; do kill -TERM $pid; done; for n in $(seq 50); do ls /run/charon*.vici >/dev/null 2>&1 || break; sleep 0.1; done");
        await KillAsync();
        await _lab.RunAsync(Host, "sh", "-c", $"ip route flush root 10.8.2.0/24; {(IsKernel ? "ip link del ipsec0; ip link del ipsec1; " : "")}rm -f /run/charon*.log /run/charon*.vici /etc/swanctl/conf.d/* /etc/ipsec.conf");
    }

    private async Task StartAsync()
    {
        await _lab.OutputAsync(Host, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        if (IsKernel) foreach (var number in _settings.Tunnels) await _lab.OutputAsync(Host, "ip", "link", "add", DeviceOf(number), "type", "xfrm", "dev", "uplink", "if_id", $"{_settings.InterfaceId?.Invoke(number) ?? number}");
        if (IsOneDaemon) await StartAsync(1, _settings.Tunnels);
        else foreach (var number in _settings.Tunnels) await StartAsync(number, [number]);
        await _bgp.StartAsync();
    }

    private async Task StartAsync(int number, IReadOnlyList<int> tunnels)
    {
        var socket = SocketOf(number);
        var charon = _lab.Start(Host, ["env", .. number == 1 ? Array.Empty<string>() : [$"STRONGSWAN_CONF={ConfOf(number)}"], "charon-systemd"]);
        _charons[number] = charon;
        await Eventually.HoldsAsync($"charon {number} has its interface", TestMachine.Patience, async () =>
        {
            Assert.False(charon.HasEnded, $"charon {number} ended: {charon.Error}{charon.Output}");
            return (!_settings.Vici || File.Exists($"{Root}{socket}")) && (await _lab.RunAsync(Host, "ip", "link", "show", DeviceOf(number))).Succeeded;
        });
        if (!_settings.Vici) return;
        var file = IsOneDaemon ? "/etc/swanctl/swanctl.conf" : FileOf(number);
        if (IsOneDaemon) await NetworkAsync(tunnels);
        await Eventually.HoldsAsync($"charon {number} takes its keys", TestMachine.Patience, async () => (await _lab.RunAsync(Host, "swanctl", "--load-creds", "--uri", $"unix://{socket}", "--file", file)).Succeeded);
        var loaded = await _lab.RunAsync(Host, "swanctl", "--load-conns", "--uri", $"unix://{socket}", "--file", file);
        Assert.True(loaded.Succeeded || !_settings.ComesUp, $"{loaded.Error}{loaded.Output}");
        if (!IsOneDaemon) await NetworkAsync(tunnels);
        if (!_settings.ComesUp || _settings.InterfaceId is not null) return;
        foreach (var tunnel in tunnels)
        {
            await Eventually.HoldsAsync($"tunnel {tunnel} passes packets", TestMachine.Patience, async () =>
            {
                if ((await _lab.RunAsync(Host, "ping", "-n", "-c", "1", "-W", "1", "-I", Inside(tunnel).Customer, Inside(tunnel).Cloud)).Succeeded) return true;
                Assert.False(charon.HasEnded, $"charon {number} ended: {Log(number)}");
                return false;
            });
        }
    }

    private async Task NetworkAsync(IReadOnlyList<int> tunnels)
    {
        foreach (var number in tunnels) await _lab.OutputAsync(Host, "ip", "address", "add", $"{Inside(number).Customer}/32", "peer", $"{Inside(number).Cloud}/32", "dev", Carrying(number));
        foreach (var number in tunnels.Where(number => IsKernel || number == tunnels[0]))
        {
            await _lab.OutputAsync(Host, "ip", "link", "set", DeviceOf(number), "mtu", "1400", "up");
            await _lab.OutputAsync(Host, "sysctl", "-qw", $"net.ipv4.conf.{DeviceOf(number)}.rp_filter=2");
            if (_settings.Bgp == BgpDaemon.None) await _lab.OutputAsync(Host, "ip", "route", "add", $"{LabAddresses.Cloud}", "dev", DeviceOf(number), "metric", $"{10 + number}");
        }

        // One charon with ESP in userspace has one device for all of its tunnels.
        string Carrying(int number) => DeviceOf(IsKernel ? number : tunnels[0]);
    }

    private string Log(int number) => File.Exists($"{Root}{LogOf(number)}") ? string.Join('\n', File.ReadLines($"{Root}{LogOf(number)}").TakeLast(30)) : "no log";

    private static (string Cloud, string Customer) Inside(int number) => HandConfiguredNetwork.Inside(number);

    private static string DeviceOf(int number) => $"ipsec{number - 1}";

    private static string ConfOf(int number) => number == 1 ? "/etc/strongswan.conf" : $"/etc/strongswan-{number}.conf";

    private static string SocketOf(int number) => number == 1 ? "/run/charon.vici" : $"/run/charon-{number}.vici";

    private static string LogOf(int number) => $"/run/charon-{number}.log";

    private void Write(int number)
    {
        AtomicFile.Write($"{Root}{ConfOf(number)}", StrongswanConf(number));
        AtomicFile.Write($"{Root}{FileOf(number)}", SwanctlConf(number));
    }

    /// <summary>strongswan.conf(5), with a plain log: no names of connections, the time of day only.</summary>
    private string StrongswanConf(int number) => $$"""
        charon-systemd {
          load = random nonce openssl aes sha1 sha2 hmac kdf gcm gmp {{(IsKernel ? "" : "kernel-libipsec ")}}kernel-netlink socket-default {{(_settings.Vici ? "vici" : "")}}
          {{(number == 1 ? "" : "port = 1500\n  port_nat_t = 14500")}}
          {{(IsKernel ? "install_routes = no\n  " : "")}}routing_table = {{220 + number}}
          routing_table_prio = {{220 + number}}
          filelog {
            file {
              path = {{LogOf(number)}}
              time_format = %T
              default = 1
              flush_line = yes
            }
          }
          plugins {
            {{(number == 1 ? "" : $"vici {{ socket = unix://{SocketOf(number)} }}")}}
            {{(IsKernel ? "" : $"kernel-netlink {{ fwmark = 0x424{number} }}")}}
          }
        }

        """;

    /// <summary>swanctl.conf(5).</summary>
    private string SwanctlConf(int number)
    {
        var peer = _settings.Peer?.Invoke(number) ?? HandConfiguredNetwork.Outside(number);
        return $$"""
            connections {
              {{NameOf(number)}} {
                version = 2
                local_addrs = {{HandConfiguredNetwork.CustomerOutside}}
                remote_addrs = {{peer}}{{(number == 1 || IsOneDaemon ? "" : "\n    local_port = 14500\n    remote_port = 4500")}}
                proposals = {{_settings.IkeProposal}}
                mobike = no
                dpd_delay = 10s
                local {
                  auth = psk
                  id = {{HandConfiguredNetwork.CustomerOutside}}
                }
                remote {
                  auth = psk
                  id = {{peer}}
                }
                children {
                  net {{{(IsKernel ? $"\n        if_id_in = {number}\n        if_id_out = {number}" : "")}}
                    local_ts = {{(_settings.OneDaemon ? $"{Inside(number).Customer}/32" : "0.0.0.0/0")}}
                    remote_ts = {{(_settings.OneDaemon ? $"{Inside(number).Cloud}/32" : "0.0.0.0/0")}}
                    esp_proposals = aes256gcm16-modp2048
                    life_time = {{_settings.LifeTime}}
                    rekey_time = 3060s
                    start_action = {{_settings.StartAction}}
                    dpd_action = restart
                  }
                }
              }
            }
            secrets {
              ike-{{NameOf(number)}} {
                id = {{peer}}
                secret = "{{_settings.Key?.Invoke(number) ?? _lab.Keys[number - 1]}}"
              }
            }

            """;
    }
}
