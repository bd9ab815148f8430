using System.Collections.Concurrent;
using System.Globalization;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>Looks at the host: processes, charon, links, routes, filter, BIRD. It changes nothing.</summary>
/// <param name="patience">How long charon may take for an answer; null: 10 s.</param>
/// <param name="unseen">Told what could not be looked at and why, where the rest is to be seen all the same; null: that is an error.</param>
internal sealed class Observer(TimeSpan? patience = null, Action<string, string>? unseen = null) : IAsyncDisposable
{
    private static readonly TimeSpan ViciPatience = TimeSpan.FromSeconds(3);

    private readonly IpTool _ip = new(NetworkNamespace.Current);
    private readonly Nftables _nft = new(NetworkNamespace.Current);
    private readonly Sysctl _sysctl = new(NetworkNamespace.Current);
    private readonly ConcurrentDictionary<(int Pid, long StartTime), IkeAges> _ages = [];
    private readonly Dictionary<string, ViciClient> _clients = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private static readonly Lock EspGate = new();
    private static Task<KernelEspSupport>? _esp;

    /// <summary>One look at the host.</summary>
    /// <param name="desired">What is wanted, to know where to look.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="KernelException">The kernel or one of its tools refused; the message holds its words.</exception>
    public async Task<ObservedGateway> ObserveAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        var taken = TimeProvider.System.GetTimestamp();
        var peers = desired.AllTunnels().Where(item => item.Tunnel.LocalOutside is null).Select(item => item.Tunnel.RemoteOutside).Distinct().ToList();
        var network = _ip.LookAsync([.. peers.Select(peer => peer.ToString())], cancellationToken);
        var filter = SeenAsync("packet filter", () => FilterFingerprintAsync(desired.Name, cancellationToken), null);
        var plane = SeenAsync("data plane", () => ResolvePlaneAsync(desired, cancellationToken), DataPlane.Automatic);
        var refusal = SeenAsync("data plane", () => KernelRefusalAsync(desired, cancellationToken), null);
        var processes = await Task.Run(() => FindProcesses(desired.Name), cancellationToken);
        var charons = Task.WhenAll(ParseCharons(desired.Name, processes).Select(seen => ObserveCharonAsync(seen, cancellationToken)));
        var bird = ObserveBirdAsync(desired.Name, processes, cancellationToken);
        var dns = new DnsProcess(desired.Name).ObserveAsync(processes, cancellationToken);
        var holders = PortHoldersAsync(desired, processes, cancellationToken);
        var look = await network;
        var charonList = await charons;
        return new ObservedGateway
        {
            Taken = taken,
            Plane = await plane,
            KernelRefusal = await refusal,
            Forwarding = _sysctl.TryGet("net.ipv4.ip_forward")?.Trim() == "1",
            Charons = [.. charonList.OrderBy(charon => charon.Instance.Slot)],
            Links = look.Links,
            Addresses = look.Addresses,
            Routes = look.Routes,
            FilterFingerprint = await filter,
            ReversePathFilters = ReversePathFilters(look.Links, charonList),
            Bird = await bird,
            Dns = await dns,
            SourceOf = peers.ToDictionary(peer => peer, peer => Ipv4Address.TryParse(look.Ways.GetValueOrDefault(peer.ToString())?.Source, out var source) ? source : (Ipv4Address?)null),
            PortHolders = await holders,
        };
    }

    /// <summary>An earlier look with fresh SAs, interfaces, routes and BGP sessions.</summary>
    public async Task<ObservedGateway> RefreshAsync(ObservedGateway seen, string gateway, CancellationToken cancellationToken)
    {
        var taken = TimeProvider.System.GetTimestamp();
        var network = _ip.LookAsync([], cancellationToken);
        var charons = Task.WhenAll(seen.Charons.Select(charon => ObserveCharonAsync(charon with { Answers = false }, cancellationToken)));
        var bird = seen.Bird is null ? null : await ObserveBirdAsync(gateway, [seen.Bird.Process], cancellationToken);
        var dns = seen.Dns is null ? null : await new DnsProcess(gateway).ObserveAsync([seen.Dns.Process], cancellationToken);
        var look = await network;
        return seen with { Taken = taken, Charons = await charons, Links = look.Links, Addresses = look.Addresses, Routes = look.Routes, Bird = bird, Dns = dns };
    }

    /// <summary>An earlier look with the fresh SAs of one charon: no process is started for it.</summary>
    public async Task<ObservedGateway> RefreshAsync(ObservedGateway seen, ObservedCharon charon, CancellationToken cancellationToken)
    {
        if (seen.Charons.FirstOrDefault(candidate => candidate.Process.Equals(charon.Process)) is not { } known) return seen;
        var fresh = await ObserveCharonAsync(known with { Answers = false }, cancellationToken);
        return seen with { Charons = [.. seen.Charons.Select(each => ReferenceEquals(each, known) ? fresh : each)] };
    }

    /// <summary>The client of a charon.</summary>
    public ViciClient Client(CharonInstance instance)
    {
        lock (_gate)
        {
            if (!_clients.TryGetValue(instance.ViciSocket, out var client))
                _clients[instance.ViciSocket] = client = new ViciClient(instance.ViciSocket, new ViciClientOptions { ConnectTimeout = ViciPatience, RequestTimeout = patience ?? TimeSpan.FromSeconds(10) });
            return client;
        }
    }

    /// <summary>Our processes in this network namespace, whoever started them.</summary>
    public static IReadOnlyList<ServiceProcess> FindProcesses(string gateway)
    {
        var here = NamespaceOf("self");
        return [.. ServiceProcess.FindByMark(GatewayNames.ProcessMark(gateway, "")).Where(process => NamespaceOf(process.Pid.ToString(CultureInfo.InvariantCulture)) == here)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) await client.DisposeAsync();
    }

    /// <summary>What a look gives, or, where a right or a program is missing and that is to be no error, something else.</summary>
    private async Task<T> SeenAsync<T>(string what, Func<Task<T>> look, T otherwise)
    {
        try
        {
            return await look();
        }
        catch (Exception problem) when (unseen is not null && problem is KernelException or CommandFailedException or ProgramMissingException or UnreadableOutputException or NftablesException)
        {
            unseen?.Invoke(what, problem.Message);
            return otherwise;
        }
    }

    private static string? NamespaceOf(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/net").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<DataPlane> ResolvePlaneAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        if (desired.DataPlane != DataPlane.Automatic) return desired.DataPlane;
        return (await KernelSupportAsync().WaitAsync(cancellationToken)).IsComplete ? DataPlane.Kernel : DataPlane.Userspace;
    }

    /// <summary>What the kernel can do: tried once a process.</summary>
    internal static Task<KernelEspSupport> KernelSupportAsync()
    {
        lock (EspGate) return _esp is { IsFaulted: false } tried ? tried : _esp = KernelEsp.ProbeAsync(CancellationToken.None);
    }

    /// <summary>What the kernel said when the kernel plane was asked for and cannot be had; null when all is well.</summary>
    private static async Task<string?> KernelRefusalAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        if (desired.DataPlane != DataPlane.Kernel || !desired.AllTunnels().Any()) return null;
        var support = await KernelSupportAsync().WaitAsync(cancellationToken);
        return support.IsComplete ? null : string.Join("; ", support.Words.Distinct());
    }

    private async Task<string?> FilterFingerprintAsync(string gateway, CancellationToken cancellationToken)
    {
        var table = await _nft.ListTableAsync("inet", GatewayNames.FilterTable(gateway), cancellationToken);
        return table is null ? null : table.Counters.FirstOrDefault(counter => counter.Name == "fingerprint")?.Comment ?? "";
    }

    /// <summary>The marks read tunnelwright/NAME/charon/SLOT/PLANE/TUNNEL; TUNNEL is * in the kernel plane.</summary>
    private static IEnumerable<ObservedCharon> ParseCharons(string gateway, IReadOnlyList<ServiceProcess> processes)
    {
        foreach (var process in processes)
        {
            var parts = process.Mark.Split('/');
            if (parts.Length != 6 || parts[2] != "charon" || !int.TryParse(parts[3], NumberStyles.None, null, out var slot)) continue;
            var devices = TunDevices.HeldBy(process.Pid);
            yield return new ObservedCharon
            {
                Instance = new CharonInstance(gateway, slot, parts[4] == "userspace"),
                Process = process,
                Carries = parts[5] == "*" ? null : parts[5],
                Answers = false,
                TunDevice = devices.Count > 0 ? devices[0] : null,
            };
        }
    }

    private async Task<ObservedCharon> ObserveCharonAsync(ObservedCharon seen, CancellationToken cancellationToken)
    {
        var client = Client(seen.Instance);
        try
        {
            var keys = client.GetSharedIdsAsync(cancellationToken);
            var connections = client.GetConnectionNamesAsync(cancellationToken);
            var sas = client.ListSasAsync(cancellationToken: cancellationToken);
            return seen with { Answers = true, KeyNames = await keys, ConnectionNames = await connections, Sas = Ages(seen.Process).Complete(await sas) };
        }
        catch (ViciException)
        {
            return seen;
        }
    }

    private IkeAges Ages(ServiceProcess charon)
    {
        foreach (var gone in _ages.Keys.Where(known => known.Pid != charon.Pid && !Directory.Exists($"/proc/{known.Pid}"))) _ages.TryRemove(gone, out _);
        return _ages.GetOrAdd((charon.Pid, charon.StartTime), _ => new IkeAges(TimeProvider.System));
    }

    private static async Task<ObservedBird?> ObserveBirdAsync(string gateway, IReadOnlyList<ServiceProcess> processes, CancellationToken cancellationToken)
    {
        var process = processes.FirstOrDefault(candidate => candidate.Mark == GatewayNames.ProcessMark(gateway, "bird"));
        if (process is null) return null;
        var folder = new GatewayPaths(gateway).BirdFolder;
        string? configuration;
        try
        {
            configuration = await File.ReadAllTextAsync($"{folder}/bird.conf", cancellationToken);
        }
        catch (IOException)
        {
            configuration = null;
        }

        try
        {
            var shown = await new BirdControl($"{folder}/bird.ctl").SendAsync("show protocols all", cancellationToken);
            return new ObservedBird { Process = process, Configuration = configuration, Sessions = BirdProtocol.Parse(shown), EnabledStatics = BirdProtocol.ParseStatics(shown) };
        }
        catch (BirdException)
        {
            return new ObservedBird { Process = process, Configuration = configuration, Sessions = null };
        }
    }

    private static async Task<IReadOnlyList<PortHolder>> PortHoldersAsync(DesiredGateway desired, IReadOnlyList<ServiceProcess> ours, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var needed = new List<(PortKind Kind, int Port)>();
        if (desired.AllTunnels().Any() && !ours.Any(process => process.Mark.Contains("/charon/0/", StringComparison.Ordinal))) needed.AddRange([(PortKind.Udp, 500), (PortKind.Udp, 4500)]);
        if (desired.AllTunnels().Any(item => item.Tunnel.Bgp is not null) && !ours.Any(process => process.Mark == GatewayNames.ProcessMark(desired.Name, "bird"))) needed.Add((PortKind.TcpListening, 179));
        var holders = new List<PortHolder>();
        foreach (var (kind, port) in needed)
        {
            foreach (var holder in await LocalPorts.HoldersAsync(kind, port, NetworkNamespace.Current))
            {
                if (!ours.Any(process => process.Pid == holder.Pid)) holders.Add(new PortHolder(port, holder.Pid, holder.Program));
            }
        }

        return holders;
    }

    private Dictionary<string, string> ReversePathFilters(IReadOnlyList<Link> links, IReadOnlyList<ObservedCharon> charons)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in links.Where(link => link.Kind == "xfrm").Select(link => link.Name).Concat(charons.Select(charon => charon.TunDevice).OfType<string>()))
        {
            if (_sysctl.TryGet($"net/ipv4/conf/{name}/rp_filter")?.Trim() is { } value) found[name] = value;
        }

        return found;
    }
}
