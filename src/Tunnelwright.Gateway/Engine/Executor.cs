using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>What came of a plan's changes.</summary>
/// <param name="Partial">Whether processes were started or ended, so that the rest has to be planned again.</param>
/// <param name="Started">The charons that were started, when nothing else has to be looked at for the next plan; otherwise null.</param>
internal sealed record ApplyResult(bool Partial, IReadOnlyList<ObservedCharon>? Started);

/// <summary>Carries changes out. Each is idempotent, so that a pass that was cut short is simply done again.</summary>
internal sealed partial class Executor(string gateway, Observer observer, ILogger logger)
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EmptyingTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private readonly GatewayPaths _paths = new(gateway);
    private readonly DnsProcess _dns = new(gateway);
    private readonly IpTool _ip = new(NetworkNamespace.Current);
    private readonly Nftables _nft = new(NetworkNamespace.Current);
    private readonly InitiationPace _pace = new(TimeProvider.System);
    private readonly Sysctl _sysctl = new(NetworkNamespace.Current);

    /// <summary>Carries out what can be done now.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="failures">Takes what failed, in words for people.</param>
    /// <param name="cancellationToken">Ends the work between two changes.</param>
    /// <param name="beforeNames">Called when everything but the DNS forwarder is carried out, which then comes last; null: it comes with the others.</param>
    /// <returns>What came of it.</returns>
    public async Task<ApplyResult> ApplyAsync(GatewayPlan plan, List<string> failures, CancellationToken cancellationToken, Func<Task>? beforeNames = null)
    {
        var last = beforeNames is null ? [] : plan.Changes.Where(change => change is StartDns or ReconfigureDns).ToList();
        await Together(plan.Changes.Where(change => change is StopCharon or StopBird or StopDns or UnloadTunnel or EnableForwarding), failures, cancellationToken);
        var started = new ConcurrentBag<ObservedCharon>();
        await Together(plan.Changes.OfType<StartCharon>(), failures, cancellationToken, async start => started.Add(await StartAsync((StartCharon)start, cancellationToken)));
        if (plan.Changes.Any(change => change is StartCharon or StopCharon))
            return new ApplyResult(Partial: true, plan.Changes.Any(change => change is StopCharon) || failures.Count > 0 ? null : [.. started]);

        // Interfaces before SAs: a packet that arrives with the first SA finds its interface.
        var interfaces = InOneGo(plan.Changes.Where(change => change is DeleteInterface or CreateXfrmInterface or ConfigureInterface), failures, cancellationToken);
        var filter = Together(plan.Changes.Where(change => change is ReplaceFilter or DeleteFilter), failures, cancellationToken);
        var bird = Together(plan.Changes.Where(change => change is StartBird or ReconfigureBird or StartDns or ReconfigureDns).Except(last), failures, cancellationToken);
        await interfaces;
        if (plan.Changes.Any(change => change is LoadTunnel { OldIkeSas.Count: > 0 } or RenewTunnel { Carries: true }))
        {
            // Tunnels that are replaced are emptied first: what is on its way gets the time to arrive.
            await InOneGo(plan.Changes.Where(change => change is SetRoute or DeleteRoute), failures, cancellationToken);
            await Together(plan.Changes.Where(change => change is SwitchProtocol), failures, cancellationToken);
            await Task.Delay(EmptyingTime, cancellationToken);
        }

        var security = LoadAllAsync([.. plan.Changes.OfType<LoadTunnel>()], failures, cancellationToken);
        var routes = InOneGo(plan.Changes.Where(change => change is SetRoute or DeleteRoute), failures, cancellationToken);
        await security;
        await Together(plan.Changes.Where(change => change is Initiate or RenewTunnel or EndPairs), failures, cancellationToken);
        await Task.WhenAll(filter, bird, routes);
        await Together(plan.Changes.Where(change => change is SwitchProtocol), failures, cancellationToken);
        if (last.Count > 0 && beforeNames is not null)
        {
            await beforeNames();
            await Together(last, failures, cancellationToken);
        }

        return new ApplyResult(Partial: false, null);
    }

    /// <summary>An SA pair of a tunnel has come up: the next attempt, whenever it is, may start at once.</summary>
    public void CameUp(string connection) => _pace.CameUp(connection);

    private Task Together(IEnumerable<Change> changes, List<string> failures, CancellationToken cancellationToken, Func<Change, Task>? apply = null) =>
        Task.WhenAll(changes.Select(change => TryAsync(change, failures, apply ?? (one => ApplyAsync(one, cancellationToken)))));

    /// <summary>Only what leads traffic: routes, BGP sessions and what they announce. For a verdict that cannot wait for a look at the whole host.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="failures">Takes what failed, in words for people.</param>
    /// <param name="cancellationToken">Ends the work between two changes.</param>
    public Task DivertAsync(GatewayPlan plan, List<string> failures, CancellationToken cancellationToken) => Task.WhenAll(
        InOneGo(plan.Changes.Where(change => change is SetRoute or DeleteRoute), failures, cancellationToken),
        Together(plan.Changes.Where(change => change is SwitchProtocol), failures, cancellationToken));

    /// <summary>Interfaces and routes with one process, in order; a refused line does not hold up the others.</summary>
    private async Task InOneGo(IEnumerable<Change> changes, List<string> failures, CancellationToken cancellationToken)
    {
        var lines = changes.SelectMany(change => Lines(change).Select(line => (Change: change, Line: line))).ToList();
        if (lines.Count == 0) return;
        foreach (var change in lines.Select(line => line.Change).Distinct()) Applying(change.Kind, change.Subject, change.Detail);
        try
        {
            foreach (var refusal in await _ip.TryBatchAsync(lines.Select(line => line.Line), cancellationToken))
            {
                var change = lines[refusal.Line - 1].Change;
                if (change is DeleteRoute or DeleteInterface && refusal.ErrorName is "ESRCH" or "ENODEV" or "ENOENT" or "ENETUNREACH") continue;
                Failed(change, refusal, failures);
            }
        }
        catch (Exception problem) when (problem is KernelException or CommandFailedException or ProgramMissingException)
        {
            Failed(lines[0].Change, problem, failures);
        }

        foreach (var configure in lines.Select(line => line.Change).OfType<ConfigureInterface>().Distinct())
            await TryAsync(configure, failures, _ => { _sysctl.Set($"net/ipv4/conf/{configure.Interface}/rp_filter", "2"); return Task.CompletedTask; });
    }

    private async Task TryAsync(Change change, List<string> failures, Func<Change, Task> apply)
    {
        using var span = Tracing.Change(change);
        try
        {
            if (change is not ConfigureInterface) Applying(change.Kind, change.Subject, change.Detail);
            await apply(change);
        }
        catch (Exception problem) when (problem is KernelException or CommandFailedException or ProgramMissingException or ViciException or BirdException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            Failed(change, problem, failures);
        }
    }

    private void Failed(Change change, Exception problem, List<string> failures)
    {
        ChangeFailed(change.Subject, change.Detail, problem.Message);
        lock (failures) failures.Add($"{change.Subject}: {problem.Message}");
    }

    private Task ApplyAsync(Change change, CancellationToken cancellationToken) => change switch
    {
        EnableForwarding => EnableForwardingAsync(cancellationToken),
        StopCharon stop => stop.Process.StopAsync(StopGrace, cancellationToken),
        UnloadTunnel unload => UnloadAsync(unload, cancellationToken),
        LoadTunnel load => ReplaceAsync(load, cancellationToken),
        Initiate initiate => InitiateAsync(initiate, cancellationToken),
        RenewTunnel renew => RenewAsync(renew, cancellationToken),
        EndPairs end => EndAsync(end, cancellationToken),
        ReplaceFilter filter => _nft.ApplyAsync(filter.Ruleset, cancellationToken),
        DeleteFilter filter => _nft.DeleteTableAsync("inet", filter.Table, cancellationToken),
        StartBird start => StartAsync(start, cancellationToken),
        ReconfigureBird reconfigure => ReconfigureAsync(reconfigure, cancellationToken),
        StopBird stop => stop.Process.StopAsync(StopGrace, cancellationToken),
        StartDns start => _dns.StartAsync(start.Configuration, cancellationToken),
        ReconfigureDns reconfigure => _dns.ReloadAsync(reconfigure.Configuration, cancellationToken),
        StopDns stop => stop.Process.StopAsync(StopGrace, cancellationToken),
        SwitchProtocol protocol => EnableAsync(protocol.Protocol, protocol.Enabled, cancellationToken),
        _ => Task.CompletedTask,
    };

    private Task EnableForwardingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // The kernel turns accept_redirects of all interfaces over whenever ip_forward changes (ip-sysctl, "ip_forward"), so it is set back after it.
        foreach (var name in new[] { "net.ipv4.ip_forward", "net.ipv4.conf.all.accept_redirects" }) HostBefore.Remember(_paths, name, _sysctl.Get(name).Trim());
        _sysctl.Set("net.ipv4.ip_forward", "1");
        return Task.CompletedTask;
    }

    private async Task<ObservedCharon> StartAsync(StartCharon start, CancellationToken cancellationToken)
    {
        var instance = start.Instance;
        Directory.CreateDirectory(instance.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Delete(instance.ViciSocket);
        AtomicFile.Write(instance.ConfigurationFile, instance.Configuration());
        var process = await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = "charon-systemd",
                Environment = new Dictionary<string, string> { ["STRONGSWAN_CONF"] = instance.ConfigurationFile },
                MarkValue = GatewayNames.ProcessMark(gateway, $"charon/{instance.Slot}/{(instance.Userspace ? "userspace" : "kernel")}/{start.Carries ?? "*"}"),
                LogFile = instance.OutputFile,
            },
            cancellationToken);
        await UntilAsync(() => File.Exists(instance.ViciSocket), process, $"charon did not come up; see {instance.LogFile}", cancellationToken);
        return new ObservedCharon { Instance = instance, Process = process, Carries = start.Carries, Answers = true, TunDevice = TunDevices.HeldBy(process.Pid) is [var device, ..] ? device : null };
    }

    /// <summary>
    /// A peer that refuses is not asked at every look. What it refuses within an IKE SA it may grant with a new one: the second attempt in a row makes
    /// that, too.
    /// </summary>
    private async Task InitiateAsync(Initiate initiate, CancellationToken cancellationToken)
    {
        if (!_pace.MayStart(initiate.Connection, out var again)) return;
        var client = observer.Client(initiate.Instance);
        if (again)
        {
            foreach (var id in initiate.Childless) await TerminateAsync(client, id, cancellationToken);
        }

        await BeginAsync(client, initiate.Connection, cancellationToken);
    }

    /// <summary>Does not wait for the end.</summary>
    private static Task BeginAsync(ViciClient client, string connection, CancellationToken cancellationToken) => client.InitiateAsync(
        new InitiateRequest { Ike = connection, Child = connection, Timeout = TimeSpan.Zero }, cancellationToken: cancellationToken);

    /// <summary>The peer is told that the SA ends, as far as it can be reached: it moves its traffic then as well.</summary>
    private async Task RenewAsync(RenewTunnel renew, CancellationToken cancellationToken)
    {
        var client = observer.Client(renew.Instance);
        foreach (var id in renew.IkeSas) await TerminateAsync(client, id, cancellationToken);
        _pace.Forget(renew.Connection);
        if (_pace.MayStart(renew.Connection)) await BeginAsync(client, renew.Connection, cancellationToken);
    }

    private async Task EndAsync(EndPairs end, CancellationToken cancellationToken)
    {
        foreach (var pair in end.Pairs)
        {
            try
            {
                await observer.Client(end.Instance).TerminateAsync(new TerminateRequest { ChildId = pair, Timeout = TimeSpan.Zero }, cancellationToken: cancellationToken);
            }
            catch (ViciCommandFailedException)
            {
                // It ended by itself in between: that is what was wanted.
            }
        }
    }

    private Task<IReadOnlyList<string>> EnableAsync(string protocol, bool enabled, CancellationToken cancellationToken) =>
        Bird.SendAsync($"{(enabled ? "enable" : "disable")} {protocol}", cancellationToken);

    /// <summary>The connection goes last: as long as its name is there, a pass that was cut short is seen as not done.</summary>
    private async Task UnloadAsync(UnloadTunnel unload, CancellationToken cancellationToken)
    {
        var client = observer.Client(unload.Instance);
        foreach (var key in unload.KeyNames) await client.UnloadSharedAsync(key, cancellationToken);
        foreach (var id in unload.IkeSas) await TerminateAsync(client, id, cancellationToken);
        await client.UnloadConnectionAsync(unload.Connection, cancellationToken);
    }

    private static async Task TerminateAsync(ViciClient client, uint id, CancellationToken cancellationToken)
    {
        try
        {
            await client.TerminateAsync(new TerminateRequest { IkeId = id, Force = true, Timeout = TimeSpan.FromSeconds(1) }, cancellationToken: cancellationToken);
        }
        catch (ViciCommandFailedException)
        {
            // It ended by itself in between: that is what was wanted.
        }
    }

    /// <summary>What ip is told for a change of an interface or a route.</summary>
    private static IEnumerable<string[]> Lines(Change change) => change switch
    {
        CreateXfrmInterface create => [IpArguments.AddLink(new XfrmLinkSpec(create.Interface, create.InterfaceId))],
        ConfigureInterface { Interface: { } device } configure =>
        [
            .. configure.StrayAddresses.Select(stray => stray.Split(" peer ")).Select(parts => IpArguments.DeleteAddress(device, parts[0], parts.Length > 1 ? parts[1] : null)),
            IpArguments.SetLink(device, new LinkChange { Up = true, Mtu = configure.Mtu, Alias = configure.Alias }),
            IpArguments.ReplaceAddress(device, configure.Address, configure.Peer),
        ],
        DeleteInterface delete => [IpArguments.DeleteLink(delete.Interface)],
        SetRoute set => [IpArguments.ReplaceRoute(set.Route)],
        DeleteRoute delete => [IpArguments.DeleteRoute(delete.Route)],
        _ => [],
    };

    private static async Task UntilAsync(Func<bool> ready, ServiceProcess process, string otherwise, CancellationToken cancellationToken)
    {
        var limit = TimeProvider.System.GetTimestamp();
        while (!ready())
        {
            if (!process.IsAlive || TimeProvider.System.GetElapsedTime(limit) > StartPatience) throw new TimeoutException(otherwise);
            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Kind}: {Subject}: {Detail}")]
    private partial void Applying(ChangeKind kind, string subject, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "failed: {Subject}: {Detail}: {Words}")]
    private partial void ChangeFailed(string subject, string detail, string words);
}
