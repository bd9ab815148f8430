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
    private const int PortAttempts = 16;
    private readonly List<Worker> _workers = [];
    private readonly List<Listener> _listeners = [];
    private readonly ServerPool _pool;
    private readonly SemaphoreSlim _reloading = new(1, 1);
    private WorkerSettings _settings;
    private int _nextWorker;
    private bool _isDisposed;

    private DnsForwarder(WorkerSettings settings, ServerPool pool) => (_settings, _pool) = (settings, pool);

    /// <summary>The addresses and ports it answers at.</summary>
    public IReadOnlyList<IPEndPoint> Listening => [.. _listeners.Select(listener => listener.EndPoint)];

    /// <summary>Binds all sockets and begins to answer.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="log">Takes lines: servers that fall silent or come back, questions when they are logged. Called by one thread at a time.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <returns>The forwarder at work.</returns>
    /// <exception cref="IOException">An address cannot be bound; the message says which and why.</exception>
    public static DnsForwarder Start(ForwarderOptions options, Action<string>? log = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var pool = new ServerPool();
        var rules = new RuleTable(options, pool);
        var clock = time ?? TimeProvider.System;
        var forwarder = new DnsForwarder(
            new WorkerSettings(
                options,
                new AnswerCache(options.Cache),
                rules,
                new AccessList(options.Allow),
                new RateLimiter(options.RateLimit),
                new ServerCookie(),
                rules.Servers.ToDictionary(server => server, server => new TcpUpstream(server)),
                new ForwarderLog(log, options.QueryLog),
                clock,
                clock.GetTimestamp(),
                options.Listen),
            pool);
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var sockets = new List<int[]>();
        try
        {
            foreach (var asked in options.Listen)
            {
                var (listener, ofAddress) = forwarder.Listen(asked, threads, forwarder._settings);
                forwarder._listeners.Add(listener);
                sockets.Add(ofAddress);
            }

            for (var i = 0; i < threads; i++) forwarder._workers.Add(new Worker(forwarder._settings, i, [.. sockets.Select(ofAddress => ofAddress[i])]));
        }
        catch
        {
            foreach (var ofAddress in sockets) Close(ofAddress.AsSpan(forwarder._workers.Count));
            forwarder.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }

        foreach (var worker in forwarder._workers) worker.Start();
        foreach (var listener in forwarder._listeners) listener.FrontEnd.Start();
        return forwarder;
    }

    /// <summary>
    /// Goes on by another configuration, without a question lost: at addresses that stay nothing is closed, questions on their way end by the rules that they began
    /// with, and what is known of servers stays known. Answers are kept unless rules or the cache's settings change. The number of threads stays.
    /// </summary>
    /// <param name="options">What to do from now on.</param>
    /// <exception cref="IOException">An address cannot be bound; everything goes on as before.</exception>
    public async Task ReloadAsync(ForwarderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        await _reloading.WaitAsync();
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await TakeAsync(options);
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>What it has done so far.</summary>
    /// <returns>Numbers since the start.</returns>
    public ForwarderMetrics Metrics() => ForwarderMetrics.From(_workers.Select(worker => worker.Counters), Volatile.Read(ref _settings));

    /// <summary>A line for every question from now on, besides what the configuration wants, until the result is disposed of.</summary>
    /// <param name="take">Takes the lines; called by one thread at a time.</param>
    public IDisposable WatchQueries(Action<string> take) => _settings.Log.Watch(take);

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
        await _reloading.WaitAsync();
        var first = !_isDisposed;
        _isDisposed = true;
        _reloading.Release();
        if (!first) return;
        foreach (var listener in _listeners) await listener.FrontEnd.DisposeAsync();
        foreach (var worker in _workers) worker.Dispose();
        foreach (var tcp in _settings.Tcp.Values) await tcp.DisposeAsync();
        await _settings.Log.DisposeAsync();
        _settings.Cache.Dispose();
    }

    private async Task TakeAsync(ForwarderOptions options)
    {
        var before = _settings;
        var removed = _listeners.Where(listener => !options.Listen.Contains(listener.Asked)).ToList();
        var added = new List<(Listener Listener, int[] Sockets)>();
        var rules = new RuleTable(options, _pool, before.Rules);
        var keepsCache = before.Options.Cache == options.Cache && before.Rules.SaysTheSameAs(rules);
        var tcp = before.Tcp.ToDictionary();
        foreach (var server in rules.Servers) tcp.TryAdd(server, new TcpUpstream(server));
        var next = before with
        {
            Options = options,
            Cache = keepsCache ? before.Cache : new AnswerCache(options.Cache),
            Rules = rules,
            Access = new AccessList(options.Allow),
            Limiter = before.Options.RateLimit == options.RateLimit ? before.Limiter : new RateLimiter(options.RateLimit),
            Tcp = tcp,
            Listen = options.Listen,
        };

        // A TCP listener on all addresses keeps others from its port.
        foreach (var listener in removed) await listener.FrontEnd.DisposeAsync();
        try
        {
            foreach (var asked in options.Listen.Where(asked => !_listeners.Exists(listener => listener.Asked.Equals(asked))))
            {
                added.Add(Listen(asked, _workers.Count, next));
            }
        }
        catch
        {
            foreach (var (listener, sockets) in added)
            {
                Close(sockets);
                await listener.FrontEnd.DisposeAsync();
            }

            if (!keepsCache) next.Cache.Dispose();
            foreach (var listener in removed) Replace(listener, listener with { FrontEnd = Reopen(listener.EndPoint, before) });
            throw;
        }

        var change = new Reconfiguration(next, [.. added.Select(item => (item.Listener.Asked, item.Sockets))], [.. removed.Select(listener => listener.Asked)], _workers.Count);
        Volatile.Write(ref _settings, next);
        before.Log.LogsAll = options.QueryLog;
        foreach (var listener in _listeners) listener.FrontEnd.Take(next);
        foreach (var worker in _workers) worker.Post(change);
        await change.Taken;
        if (!keepsCache) before.Cache.Dispose();
        foreach (var listener in removed) _listeners.Remove(listener);
        foreach (var (listener, _) in added)
        {
            _listeners.Add(listener);
            listener.FrontEnd.Start();
        }
    }

    private void Replace(Listener old, Listener with) => _listeners[_listeners.IndexOf(old)] = with;

    private TcpFrontEnd Reopen(IPEndPoint endPoint, WorkerSettings settings)
    {
        var frontEnd = new TcpFrontEnd(endPoint, settings, NextWorker);
        frontEnd.Start();
        return frontEnd;
    }

    /// <summary>Binds an address. A port of the kernel's choice that is free for UDP may be taken for TCP: then another one is tried.</summary>
    private (Listener Listener, int[] Sockets) Listen(IPEndPoint asked, int threads, WorkerSettings settings)
    {
        for (var attempt = 1; asked.Port == 0 && attempt < PortAttempts; attempt++)
        {
            try
            {
                return ListenOnce(asked, threads, settings);
            }
            catch (IOException problem) when (problem.InnerException is System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AddressAlreadyInUse })
            {
                // The next port.
            }
        }

        return ListenOnce(asked, threads, settings);
    }

    private (Listener Listener, int[] Sockets) ListenOnce(IPEndPoint asked, int threads, WorkerSettings settings)
    {
        var sockets = new int[threads];
        Array.Fill(sockets, -1);
        try
        {
            var endPoint = asked;
            for (var i = 0; i < threads; i++)
            {
                sockets[i] = DatagramSocket.Listen(endPoint);
                if (i == 0) endPoint = new IPEndPoint(asked.Address, DatagramSocket.PortOf(sockets[0]));
            }

            return (new Listener(asked, endPoint, new TcpFrontEnd(endPoint, settings, NextWorker)), sockets);
        }
        catch
        {
            Close(sockets);
            throw;
        }
    }

    private static void Close(ReadOnlySpan<int> sockets)
    {
        foreach (var socket in sockets) _ = LibC.Close(socket);
    }

    private Worker NextWorker() => _workers[(int)((uint)Interlocked.Increment(ref _nextWorker) % (uint)_workers.Count)];

    /// <summary>An address that it answers at.</summary>
    /// <param name="Asked">As the configuration says; port 0 takes a free one.</param>
    /// <param name="EndPoint">As it is.</param>
    /// <param name="FrontEnd">Its TCP side.</param>
    private sealed record Listener(IPEndPoint Asked, IPEndPoint EndPoint, TcpFrontEnd FrontEnd);
}
