using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Node.Control;
using Tunnelwright.Node.Customers;
using Tunnelwright.Node.Edge;

namespace Tunnelwright.Node;

/// <summary>
/// The node's agent: takes the desired state from the service, realises each customer in a namespace of its own, drops what is not wanted any more, and
/// reports. It works on what it sees, so it may be ended at any instant; tunnels, daemons and routes stay.
/// </summary>
public sealed partial class NodeAgent : IDisposable
{
    /// <summary>The longest pause between two passes.</summary>
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    /// <summary>The pause after a pass that failed.</summary>
    private static readonly TimeSpan QuickPulse = TimeSpan.FromMilliseconds(250);

    /// <summary>How often addresses, filter and leftovers are looked at although nothing has changed.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);

    /// <summary>Customers whose time is so near are looked at together: at rest a node with a thousand of them makes a few passes a second, not one for each.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(125);

    private const int AtOnce = 8;

    /// <summary>Customers that a pass looks at for no other reason than that a second is over: those of whom something else is wanted wait for no more than these.</summary>
    private const int Regulars = 128;

    private readonly NodeSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly EdgeAnnouncer _edge;
    private readonly NodeFilter _filter;
    private readonly ConcurrentDictionary<string, CustomerSite> _sites = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private string? _problem;
    private Ground? _ground;

    /// <summary>A node's agent.</summary>
    /// <param name="settings">What it is told.</param>
    /// <param name="loggers">Takes what it says.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public NodeAgent(NodeSettings settings, ILoggerFactory loggers, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        (_settings, _time, _log) = (settings, time ?? TimeProvider.System, loggers.CreateLogger("tunnelwright"));
        (_edge, _filter) = (new EdgeAnnouncer(settings), new NodeFilter(settings));
    }

    /// <summary>Runs until it is cancelled. Everything stays up when it ends.</summary>
    /// <returns>Whether it ran; false when another process runs this node.</returns>
    /// <exception cref="KernelException">The machine refuses what every node needs.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        NodePaths.Create();
        using var held = FileLock.TryAcquire(NodePaths.Lock);
        if (held is null) return false;
        if (ProcessStatistics.TryRead(Environment.ProcessId) is { } self)
            AtomicFile.Write(NodePaths.Process, string.Create(CultureInfo.InvariantCulture, $"{self.Pid} {self.StartTime}\n"));
        using var service = new ServiceClient(_settings.Service);
        var identity = new NodeIdentity(_settings, service, NodePaths.Credential);
        var store = DesiredStore.Open(NodePaths.Desired);
        using var reporter = new Reporter(service, identity, _time, _log);
        var watch = new DesiredWatch(service, identity, store, Wake, _time, _log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new[] { watch.RunAsync(stop.Token), reporter.RunAsync(stop.Token), RealiseAsync(store, reporter, stop.Token) };
        try
        {
            await await Task.WhenAny(tasks);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The asked-for end.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(tasks).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var site in _sites.Values) site.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (Exception problem) when (problem is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or ended.
        }
    }

    private async Task RealiseAsync(DesiredStore store, Reporter reporter, CancellationToken cancellationToken)
    {
        while (true)
        {
            var pause = Pulse;
            if (store.Current is { } desired)
            {
                var passed = await PassAsync(desired, cancellationToken);
                var done = passed && _sites.Values.All(site => site.Applied);
                reporter.Offer(new NodeReport(done ? desired.Version : 0, Complete: true, [.. _sites.OrderBy(site => site.Key, StringComparer.Ordinal).SelectMany(site => site.Value.Report())]));
                pause = passed ? _sites.Values.Select(site => site.DueIn).Append(Pulse).Min() : QuickPulse;
                if (pause < Together) pause = Together;
            }

            // A change, and an agent that calls, end the pause.
            await _wake.WaitAsync(pause, cancellationToken);
        }
    }

    /// <summary>One pass: over everything that has changed or should be looked at again.</summary>
    /// <returns>Whether it came to its end.</returns>
    private async Task<bool> PassAsync(NodeDesiredState desired, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = desired.Customers.Where(customer => customer.Tunnels.Count > 0).ToDictionary(customer => customer.Id, StringComparer.Ordinal);
            var ground = await GroundAsync(cancellationToken);
            await WithdrawAsync(desired, ground.Uplink, cancellationToken);
            await DropAsync(_sites.Keys.Union(ground.There, StringComparer.Ordinal).Where(customer => !wanted.ContainsKey(customer)), cancellationToken);
            await Parallel.ForEachAsync(Due(wanted.Values), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (customer, stop) => await SiteOf(customer).PassAsync(customer, ground.Fabric, stop));
            await AnnounceAsync(wanted.Values, ground.Uplink, cancellationToken);
            _ground = ground with { There = [] };
            Say(null);
            return true;
        }
        catch (Exception problem) when (problem is KernelException or NftablesException or CommandFailedException or BatchFailedException or BirdException or IOException or UnauthorizedAccessException or TimeoutException or UnreadableOutputException)
        {
            _ground = null;
            Say(problem.Message);
            return false;
        }
    }

    private CustomerSite SiteOf(NodeCustomer customer) => _sites.GetOrAdd(customer.Id, id => new CustomerSite(_settings, id, _time, _log, Wake));

    /// <summary>The customers that this pass looks at, those first of whom something else is wanted or whose agent has called.</summary>
    private IEnumerable<NodeCustomer> Due(IEnumerable<NodeCustomer> wanted)
    {
        var urgent = wanted.ToLookup(customer => SiteOf(customer).IsUrgent(customer));
        return [.. urgent[true], .. urgent[false].Where(customer => SiteOf(customer).DueIn <= Together).Take(Regulars)];
    }

    /// <summary>What every customer stands on: the node's addresses, filter and forwarding, as of a look a few seconds ago at most.</summary>
    private async Task<Ground> GroundAsync(CancellationToken cancellationToken)
    {
        if (_ground is { } known && _time.GetElapsedTime(known.At) < LookAgain) return known;
        var filter = _filter.EnsureAsync(cancellationToken);
        var there = CustomerNamespace.ThereAsync(cancellationToken);
        var addresses = await new IpTool(NetworkNamespace.Current).GetAddressesAsync(cancellationToken: cancellationToken);
        await filter;
        new Sysctl(NetworkNamespace.Current).Set("net.ipv4.ip_forward", "1");
        return new Ground(_time.GetTimestamp(), AddressOf(addresses, _settings.Uplink), AddressOf(addresses, _settings.Fabric), await there);
    }

    /// <summary>What has gone is not announced any more before it is taken down.</summary>
    private Task WithdrawAsync(NodeDesiredState desired, InterfaceAddress uplink, CancellationToken cancellationToken)
    {
        var announced = _edge.Announced();
        var kept = desired.Customers.SelectMany(customer => customer.Tunnels).Select(Of).Where(announcement => announced.Contains(announcement.Address)).ToList();
        return kept.Count == announced.Count ? Task.CompletedTask : _edge.EnsureAsync(kept, uplink, cancellationToken);
    }

    /// <summary>Addresses whose tunnels are in place, and those that were announced already: a pass that fails takes nothing off the internet.</summary>
    private Task AnnounceAsync(IEnumerable<NodeCustomer> wanted, InterfaceAddress uplink, CancellationToken cancellationToken)
    {
        var announced = _edge.Announced();
        var announcements = wanted.SelectMany(customer => customer.Tunnels.Select(Of).Where(announcement => announced.Contains(announcement.Address) || (_sites.TryGetValue(customer.Id, out var site) && site.Applied)));
        return _edge.EnsureAsync([.. announcements], uplink, cancellationToken);
    }

    private static Announcement Of(NodeTunnel tunnel) => new(Ipv4Address.Parse(tunnel.CloudAddress), tunnel.Generation);

    /// <summary>Takes away customers that have nothing here any more, also those of an earlier run.</summary>
    private async Task DropAsync(IEnumerable<string> customers, CancellationToken cancellationToken)
    {
        foreach (var customer in customers.ToList())
        {
            await CustomerNamespace.RemoveAsync(customer, cancellationToken);
            if (_sites.TryRemove(customer, out var site)) site.Dispose();
            Dropped(customer);
        }
    }

    private static InterfaceAddress AddressOf(IReadOnlyList<Linux.InterfaceAddress> addresses, string device) =>
        addresses.FirstOrDefault(address => address.Device == device && address.Family == System.Net.Sockets.AddressFamily.InterNetwork) is { } found
            ? new InterfaceAddress(Ipv4Address.Parse(found.Address), found.PrefixLength)
            : throw new IOException($"the interface {device} has no IPv4 address");

    private void Say(string? problem)
    {
        if (problem is not null && problem != _problem) Failed(problem);
        _problem = problem;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Words}")]
    private partial void Failed(string words);

    [LoggerMessage(Level = LogLevel.Information, Message = "customer {Customer} has nothing on this node any more")]
    private partial void Dropped(string customer);

    /// <summary>What was seen of the node itself.</summary>
    /// <param name="At">When.</param>
    /// <param name="Uplink">Its address on the uplink.</param>
    /// <param name="Fabric">Its address on the fabric.</param>
    /// <param name="There">Customers of whom there was something.</param>
    private sealed record Ground(long At, InterfaceAddress Uplink, InterfaceAddress Fabric, IReadOnlyList<string> There);
}
