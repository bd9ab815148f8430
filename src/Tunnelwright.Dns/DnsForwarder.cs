using System.Net;
using System.Runtime.CompilerServices;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Serving;

namespace Tunnelwright.Dns;

/// <summary>
/// A DNS forwarder: answers clients out of its cache and asks, by the name's rule, the servers that know. Chains of CNAMEs are followed with the
/// servers of the name's rule, whatever domain they lead to, and answered whole. It listens from <see cref="Start"/> until it is disposed of.
/// </summary>
public sealed class DnsForwarder : IAsyncDisposable
{
    private readonly List<Worker> _workers = [];
    private readonly List<TcpFrontEnd> _frontEnds = [];
    private readonly List<IPEndPoint> _listening = [];
    private readonly WorkerSettings _settings;
    private int _nextWorker;
    private bool _isDisposed;

    private DnsForwarder(WorkerSettings settings) => _settings = settings;

    /// <summary>The addresses and ports it answers at.</summary>
    public IReadOnlyList<IPEndPoint> Listening => _listening;

    /// <summary>Binds all sockets and begins to answer.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="log">Takes lines: servers that fall silent or come back, questions when they are logged. Called by one thread at a time.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <returns>The forwarder at work.</returns>
    /// <exception cref="IOException">An address cannot be bound; the message says which and why.</exception>
    public static DnsForwarder Start(ForwarderOptions options, Action<string>? log = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rules = new RuleTable(options);
        var forwarder = new DnsForwarder(new WorkerSettings(
            options,
            new AnswerCache(options.Cache),
            rules,
            new AccessList(options.Allow),
            new RateLimiter(options.RateLimit),
            new ServerCookie(),
            rules.Servers.ToDictionary(server => server, server => new TcpUpstream(server)),
            new ForwarderLog(log, options.QueryLog),
            time ?? TimeProvider.System,
            options.Listen));
        var sockets = new List<int>();
        try
        {
            forwarder.Bind(options, sockets);
        }
        catch
        {
            foreach (var socket in sockets) _ = LibC.Close(socket);
            forwarder.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }

        foreach (var worker in forwarder._workers) worker.Start();
        foreach (var frontEnd in forwarder._frontEnds) frontEnd.Start();
        return forwarder;
    }

    /// <summary>What it has done so far.</summary>
    /// <returns>Numbers since the start.</returns>
    public ForwarderMetrics Metrics() => ForwarderMetrics.From(_workers.Select(worker => worker.Counters), _settings);

    /// <summary>Bytes that the answering threads have allocated so far.</summary>
    internal async Task<long> AllocatedBytesAsync()
    {
        var bytes = 0L;
        foreach (var worker in _workers)
        {
            // Nothing that would make the thread allocate for telling it.
            var allocated = new StrongBox<long>(-1);
            worker.Post(allocated);
            while (Volatile.Read(ref allocated.Value) < 0) await Task.Delay(1);
            bytes += allocated.Value;
        }

        return bytes;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var frontEnd in _frontEnds) await frontEnd.DisposeAsync();
        foreach (var worker in _workers) worker.Dispose();
        foreach (var tcp in _settings.Tcp.Values) await tcp.DisposeAsync();
        await _settings.Log.DisposeAsync();
        _settings.Cache.Dispose();
    }

    private void Bind(ForwarderOptions options, List<int> sockets)
    {
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        foreach (var asked in options.Listen)
        {
            var first = DatagramSocket.Listen(asked);
            sockets.Add(first);
            var endPoint = new IPEndPoint(asked.Address, DatagramSocket.PortOf(first));
            _listening.Add(endPoint);
            _frontEnds.Add(new TcpFrontEnd(endPoint, _settings, NextWorker));
            for (var i = 1; i < threads; i++) sockets.Add(DatagramSocket.Listen(endPoint));
        }

        for (var i = 0; i < threads; i++) _workers.Add(new Worker(_settings, i, [.. Enumerable.Range(0, options.Listen.Count).Select(address => sockets[address * threads + i])]));
        sockets.Clear();
    }

    private Worker NextWorker() => _workers[(int)((uint)Interlocked.Increment(ref _nextWorker) % (uint)_workers.Count)];
}
