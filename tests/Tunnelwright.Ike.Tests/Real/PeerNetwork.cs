using System.Diagnostics;
using System.Net.Sockets;
using Tunnelwright.Linux;

namespace Tunnelwright.Ike.Tests.Real;

/// <summary>All tests of this collection share the network and its daemons, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedPeers : ICollectionFixture<PeerNetwork>
{
    public const string Name = "peers";
}

/// <summary>
/// A client, a router and two strongSwan daemons in network namespaces of their own. What the router does to a packet depends on the address alone, so nothing is switched
/// between tests. A guard process takes all of it away, also when this process is killed: it waits for the end of its standard input.
/// </summary>
public sealed class PeerNetwork : IAsyncLifetime
{
    public const string Client = "10.77.1.2";
    public const string TranslatedClient = "10.77.1.3";
    public const string Router = "198.51.100.1";
    public const string Version2 = "198.51.100.2";
    public const string Version1 = "198.51.100.5";
    public const string BothVersions = "198.51.100.6";
    public const string Picky = "198.51.100.7";
    public const string NoConnection = "198.51.100.8";
    public const string Filtered = "198.51.100.3";
    public const string Filtered4500 = "198.51.100.4";
    public const string Unreachable = "198.51.100.77";
    public const string NoNeighbour = "198.51.100.99";
    public const string TranslatedPeer = "203.0.113.9";
    public const string Cautious = "198.51.101.2";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _id = $"twt-i{Environment.ProcessId}";
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"twt-ike-{Environment.ProcessId}");
    private readonly List<Process> _daemons = [];
    private string? _problem;
    private Process? _guard;

    private string ClientSpace => $"{_id}c";

    private string RouterSpace => $"{_id}r";

    private string ServerSpace => $"{_id}s";

    private string CautiousSpace => $"{_id}k";

    public async ValueTask InitializeAsync()
    {
        if (!RootCheck.IsRoot)
        {
            _problem = "needs root: starts private strongSwan daemons in network namespaces";
            return;
        }

        try
        {
            await StartAsync();
        }
        catch (Exception error)
        {
            _problem = $"the peers could not be started: {error.Message}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
        {
            daemon.Kill();
            await daemon.WaitForExitAsync().WaitAsync(Limit);
            daemon.Dispose();
        }

        if (_guard is null) return;
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync().WaitAsync(Limit);
        _guard.Dispose();
    }

    /// <summary>Options whose sockets are the client's.</summary>
    internal IkeProbeOptions Options()
    {
        if (_problem is not null) Assert.Fail(_problem);
        var space = new NetworkNamespace(ClientSpace);
        // Longer than the default: the machine may be busy. What is silent on purpose says its own time.
        return new IkeProbeOptions { Timeout = TimeSpan.FromSeconds(12), OpenSocket = family => space.RunInsideAsync(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp)) };
    }

    /// <summary>Half-open SAs at a daemon, as it counts them itself.</summary>
    internal async Task<int> HalfOpenAsync(bool cautious = false)
    {
        var text = await RunAsync("swanctl", "--stats", "--raw", "--uri", $"unix://{Folder(cautious ? CautiousSpace : ServerSpace)}/vici");
        var at = text.IndexOf("half-open=", StringComparison.Ordinal);
        return at < 0 ? throw new InvalidOperationException(text) : int.Parse(text.AsSpan(at + 10, text.AsSpan(at + 10).IndexOfAnyExceptInRange('0', '9')));
    }

    /// <summary>The daemon's log.</summary>
    internal Task<string> LogAsync(bool cautious = false) => File.ReadAllTextAsync($"{Folder(cautious ? CautiousSpace : ServerSpace)}/log");

    private string Folder(string space) => Path.Combine(_folder, space);

    private async Task StartAsync()
    {
        Directory.CreateDirectory(_folder);
        var cleaning = $$"""
            trap '' INT TERM HUP
            read _
            for n in {{ClientSpace}} {{RouterSpace}} {{ServerSpace}} {{CautiousSpace}}; do
              for p in $(ip netns pids $n 2>/dev/null); do kill -9 $p; done
              ip netns del $n 2>/dev/null
            done
            rm -rf {{_folder}}
            """;
        _guard = Process.Start(new ProcessStartInfo("sh", ["-c", cleaning]) { RedirectStandardInput = true, UseShellExecute = false });
        foreach (var space in (string[])[ClientSpace, RouterSpace, ServerSpace, CautiousSpace]) await RunAsync("ip", "netns", "add", space);
        await BatchAsync(ClientSpace, $"link add wire type veth peer name client netns {RouterSpace}", "link set lo up", "link set wire up", $"addr add {Client}/24 dev wire", $"addr add {TranslatedClient}/24 dev wire");
        await BatchAsync(ServerSpace, $"link add wire type veth peer name server netns {RouterSpace}", "link set lo up", "link set wire up");
        await BatchAsync(ServerSpace, [.. ((string[])[Version2, Version1, BothVersions, Picky, NoConnection, Filtered, Filtered4500]).Select(address => $"addr add {address}/24 dev wire"), $"route add default via {Router}"]);
        await BatchAsync(CautiousSpace, $"link add wire type veth peer name cautious netns {RouterSpace}", "link set lo up", "link set wire up", $"addr add {Cautious}/24 dev wire", "route add default via 198.51.101.1");
        await BatchAsync(RouterSpace, "link set lo up", "link set client up", "link set server up", "link set cautious up", "addr add 10.77.1.1/24 dev client", $"addr add {Router}/24 dev server", "addr add 198.51.101.1/24 dev cautious", $"route add unreachable {Unreachable}/32");
        await BatchAsync(ClientSpace, "route add default via 10.77.1.1");
        await RunAsync("ip", "netns", "exec", RouterSpace, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        await RunAsync("ip", "netns", "exec", RouterSpace, "nft", $$"""
            table ip test {
              chain forward { type filter hook forward priority 0; ip daddr {{Filtered}} drop; ip daddr {{Filtered4500}} udp dport 4500 drop; }
              chain before { type nat hook prerouting priority -100; ip daddr {{TranslatedPeer}} dnat to {{Version2}}; }
              chain after { type nat hook postrouting priority 100; ip saddr {{TranslatedClient}} masquerade; }
            }
            """);
        await Task.WhenAll(
            StartDaemonAsync(ServerSpace, "cookie_threshold = 0\n  cookie_threshold_ip = 1000\n  block_threshold = 1000", $$"""
                {{Connection("two", Version2, 2, "aes256-sha256-modp2048,aes128gcm16-prfsha256-ecp256")}}
                {{Connection("one", Version1, 1, "aes128-sha1-modp1024")}}
                {{Connection("both", BothVersions, 0, "aes128-sha1-modp1024,aes256-sha256-modp2048")}}
                {{Connection("picky", Picky, 2, "aes256-sha512-modp4096")}}
                """),
            StartDaemonAsync(CautiousSpace, "cookie_threshold = 1\n  cookie_threshold_ip = 1000\n  block_threshold = 1000", Connection("cautious", Cautious, 2, "aes256-sha256-modp2048"))).WaitAsync(Limit);
    }

    private static string Connection(string name, string address, int version, string proposals) =>
        $"{name} {{ version = {version} \n local_addrs = {address} \n proposals = {proposals} \n local {{ auth = psk }} \n remote {{ auth = psk }} \n children {{ net {{ mode = tunnel }} }} }}";

    private async Task StartDaemonAsync(string space, string settings, string connections)
    {
        var folder = Folder(space);
        Directory.CreateDirectory($"{folder}/run");
        Directory.CreateDirectory($"{folder}/swanctl");
        await File.WriteAllTextAsync($"{folder}/strongswan.conf", $$"""
            charon {
              load = random nonce openssl aes sha1 sha2 hmac kdf gcm pem pkcs1 pkcs8 x509 pubkey constraints kernel-netlink socket-default vici
              {{settings}}
              filelog { log { path = {{folder}}/log
                  flush_line = yes
                  default = 1
                } }
              plugins { vici { socket = unix://{{folder}}/vici
                } }
            }
            """);
        await File.WriteAllTextAsync($"{folder}/swanctl/swanctl.conf", $"connections {{\n{connections}\n}}\nsecrets {{ ike-test {{ secret = nobody-gets-so-far }} }}\n");
        // charon writes its pid file to /run whatever it is told, so it gets a /run of its own.
        var command = $"mount --bind {folder}/run /run && STRONGSWAN_CONF={folder}/strongswan.conf exec /usr/lib/ipsec/charon </dev/null >{folder}/output 2>&1";
        var daemon = Process.Start("ip", ["netns", "exec", space, "sh", "-c", command]);
        _daemons.Add(daemon);
        while (!File.Exists($"{folder}/vici"))
        {
            if (daemon.HasExited) throw new InvalidOperationException($"charon ended: {await File.ReadAllTextAsync($"{folder}/output")}");
            await Task.Delay(20);
        }

        await RunAsync("env", $"STRONGSWAN_CONF={folder}/strongswan.conf", $"SWANCTL_DIR={folder}/swanctl", "swanctl", "--load-all", "--uri", $"unix://{folder}/vici");
    }

    private static async Task BatchAsync(string space, params string[] commands)
    {
        foreach (var command in commands) await RunAsync("ip", ["-n", space, .. command.Split(' ')]);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(Limit);
        await process.WaitForExitAsync().WaitAsync(Limit);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Trim()}");
    }
}
