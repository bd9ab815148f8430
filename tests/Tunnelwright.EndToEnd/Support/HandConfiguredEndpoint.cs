using System.Globalization;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>How a person who knows strongSwan sets the cloud's end up.</summary>
/// <param name="Version">IKE version.</param>
/// <param name="IkeProposal">Phase 1 in strongSwan's notation (swanctl.conf(5), "proposals").</param>
/// <param name="EspProposal">Phase 2 in the same notation ("esp_proposals").</param>
internal sealed record HandConfiguration(int Version, string IkeProposal, string EspProposal);

/// <summary>
/// The cloud's end of one tunnel without a line of our own product: strongSwan with files written by hand, its interface, and routes made with
/// ip(8). It only responds.
/// </summary>
internal sealed class HandConfiguredEndpoint : IAsyncDisposable
{
    private const string Folder = "/run/by-hand";
    private const string Socket = $"unix://{Folder}/vici";
    private const string Interface = "ipsec0";

    private readonly TestLab _lab;
    private readonly int _number;
    private readonly string _host;
    private Background? _charon;

    private HandConfiguredEndpoint(TestLab lab, int number)
    {
        _lab = lab;
        _number = number;
        _host = HandConfiguredNetwork.Endpoint(number);
    }

    /// <summary>The connection's and its child's name in swanctl.conf.</summary>
    private string Name => $"customer-{_number}";

    private string LogFile => $"{_lab.Host(_host).Root}{Folder}/charon.log";

    /// <summary>Sets an endpoint up and waits until it listens.</summary>
    public static async Task<HandConfiguredEndpoint> StartAsync(TestLab lab, int number, HandConfiguration configuration)
    {
        var endpoint = new HandConfiguredEndpoint(lab, number);
        try
        {
            await endpoint.StartAsync(configuration);
            return endpoint;
        }
        catch
        {
            await endpoint.DisposeAsync();
            throw;
        }
    }

    /// <summary>What swanctl --list-sas prints here.</summary>
    public Task<string> ListSasAsync() => SwanctlAsync("--list-sas");

    /// <summary>Renews the CHILD SA from this side.</summary>
    public Task RekeyChildAsync() => SwanctlAsync("--rekey", "--child", Name);

    /// <summary>Deletes the CHILD SA from this side; the IKE SA stays.</summary>
    public Task DeleteChildAsync() => SwanctlAsync("--terminate", "--child", Name, "--timeout", "10");

    /// <summary>Deletes the IKE SA from this side, and with it its child.</summary>
    public Task DeleteIkeAsync() => SwanctlAsync("--terminate", "--ike", Name, "--timeout", "10");

    /// <summary>The last lines of charon's log, for a test that fails.</summary>
    public string Log => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(40)) : "";

    public async ValueTask DisposeAsync()
    {
        if (_charon is not null) await _charon.DisposeAsync();
    }

    private async Task StartAsync(HandConfiguration configuration)
    {
        var folder = $"{_lab.Host(_host).Root}{Folder}";
        Directory.CreateDirectory($"{folder}/swanctl");
        AtomicFile.Write($"{folder}/strongswan.conf", StrongswanConf());
        AtomicFile.Write($"{folder}/swanctl/swanctl.conf", SwanctlConf(configuration));
        if (IsKernel) await _lab.OutputAsync(_host, "ip", "link", "add", Interface, "type", "xfrm", "dev", "uplink", "if_id", "1");
        _charon = _lab.Start(_host, "env", $"STRONGSWAN_CONF={Folder}/strongswan.conf", "charon-systemd");
        await Eventually.HoldsAsync($"charon of {_host} listens", TestMachine.Patience, () =>
        {
            Assert.False(_charon.HasEnded, $"charon of {_host} ended: {_charon.Error}{_charon.Output}");
            return File.Exists($"{folder}/vici");
        });
        await SwanctlAsync("--load-all");
        var inside = HandConfiguredNetwork.Inside(_number);
        await _lab.OutputAsync(_host, "ip", "address", "add", $"{inside.Cloud}/32", "peer", $"{inside.Customer}/32", "dev", Interface);
        await _lab.OutputAsync(_host, "ip", "link", "set", Interface, "mtu", "1400", "up");
        await HandConfiguredNetwork.RouteToCustomerAsync(_lab, _number, Interface);
    }

    private static bool IsKernel => TestMachine.DataPlane == "kernel";

    private Task<string> SwanctlAsync(params string[] arguments) =>
        _lab.OutputAsync(_host, ["env", $"STRONGSWAN_CONF={Folder}/strongswan.conf", $"SWANCTL_DIR={Folder}/swanctl", "swanctl", .. arguments, "--uri", Socket]);

    /// <summary>
    /// strongswan.conf(5). In userspace kernel-libipsec puts a default route into charon's routing table; the mark, which no packet carries,
    /// keeps that table from being looked into.
    /// </summary>
    private static string StrongswanConf() => $$"""
        charon-systemd {
          load = random nonce openssl aes sha1 sha2 hmac kdf gcm gmp {{(IsKernel ? "" : "kernel-libipsec ")}}kernel-netlink socket-default vici
          install_routes = no
          install_virtual_ip = no
          routing_table = 220
          routing_table_prio = 220
          filelog {
            log {
              path = {{Folder}}/charon.log
              time_format = %T
              default = 1
              flush_line = yes
            }
          }
          plugins {
            vici {
              socket = {{Socket}}
            }
            {{(IsKernel ? "" : "kernel-netlink { fwmark = 0x4242 }")}}
          }
        }

        """;

    /// <summary>swanctl.conf(5).</summary>
    private string SwanctlConf(HandConfiguration configuration)
    {
        var outside = HandConfiguredNetwork.Outside(_number);
        var interfaceId = IsKernel ? "if_id_in = 1\n        if_id_out = 1" : "";
        return string.Create(CultureInfo.InvariantCulture, $$"""
            connections {
              {{Name}} {
                version = {{configuration.Version}}
                local_addrs = {{outside}}
                remote_addrs = {{HandConfiguredNetwork.CustomerOutside}}
                proposals = {{configuration.IkeProposal}}
                mobike = no
                dpd_delay = 10s
                dpd_timeout = 30s
                local {
                  auth = psk
                  id = {{outside}}
                }
                remote {
                  auth = psk
                  id = {{HandConfiguredNetwork.CustomerOutside}}
                }
                children {
                  {{Name}} {
                    local_ts = 0.0.0.0/0
                    remote_ts = 0.0.0.0/0
                    esp_proposals = {{configuration.EspProposal}}
                    start_action = none
                    close_action = none
                    dpd_action = clear
                    {{interfaceId}}
                  }
                }
              }
            }
            secrets {
              ike-{{Name}} {
                id = {{HandConfiguredNetwork.CustomerOutside}}
                secret = "{{_lab.Keys[_number - 1]}}"
              }
            }

            """);
    }
}
