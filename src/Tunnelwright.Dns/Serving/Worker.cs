using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;

namespace Tunnelwright.Dns.Serving;

/// <summary>
/// A thread that answers: it waits on its sockets, takes questions and answers in batches, and keeps everything that is on its way. What it shares
/// with other threads is the cache, the rules and what is known of the servers. After its first minutes it allocates nothing for UDP.
/// </summary>
internal sealed unsafe partial class Worker : IDisposable
{
    private const int Events = 64;
    private const int RoundsOfBatches = 8;
    private const long SweepMilliseconds = 250;
    private const ulong WakeUp = ulong.MaxValue;
    private const ulong ClientBase = 1UL << 32;
    private WorkerSettings _settings;
    private readonly int _number;
    private readonly int _poll;
    private readonly int _event;
    private readonly byte* _events;
    private readonly ConcurrentQueue<object> _inbox = new();
    private readonly List<ClientSocket?> _clients = [];
    private readonly RandomBits _random = new();
    private readonly Thread _thread;
    private readonly Lock _waking = new();
    private bool _isClosed;
    private int _isWoken;
    private volatile bool _isStopping;
    private long _microseconds;
    private long _milliseconds;
    private long _nextSweep;
    private uint _seconds;

    public Worker(WorkerSettings settings, int number, IReadOnlyList<int> sockets)
    {
        (_settings, _number) = (settings, number);
        _poll = LibC.CreatePoll(LibC.CloseOnExec);
        _event = LibC.CreateEvent(0, LibC.CloseOnExec | LibC.NonBlocking);
        if (_poll < 0 || _event < 0) throw new IOException($"no descriptor is free: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        _events = (byte*)NativeMemory.Alloc((nuint)(Events * LibC.PollEventSize));
        Watch(_event, WakeUp);
        for (var i = 0; i < sockets.Count; i++) Serve(settings.Listen[i], sockets[i]);

        _builder = new AnswerBuilder(settings.Cache.Options, LeavesRule);
        _opened = OnOpened;
        _retired = OnRetired;
        ReadClock();
        _timers = new TimerWheel(_milliseconds);
        _thread = new Thread(Run) { IsBackground = true, Name = $"dns {number}" };
    }

    public WorkerCounters Counters { get; } = new();

    public void Start() => _thread.Start();

    /// <summary>Hands the thread something that came over TCP.</summary>
    public void Post(object message)
    {
        _inbox.Enqueue(message);
        Wake();
    }

    public void Stop()
    {
        _isStopping = true;
        Wake();
        if (_thread.IsAlive) _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        foreach (var client in _clients.Concat(_leaving)) client?.Dispose();
        foreach (var socket in _sockets)
        {
            if (socket is not null) _ = LibC.Close(socket.Descriptor);
        }

        foreach (var link in _links) link?.Dispose();
        _received.Dispose();
        _receivedWithControl?.Dispose();
        _responses.Dispose();
        _ = LibC.Close(_poll);
        lock (_waking)
        {
            _isClosed = true;
            _ = LibC.Close(_event);
        }

        NativeMemory.Free(_events);
    }

    private void Run()
    {
        while (!_isStopping)
        {
            var ready = LibC.WaitPoll(_poll, _events, Events, WaitTime());
            ReadClock();
            try
            {
                for (var i = 0; i < ready; i++) Dispatch(Tag(i));
                FireTimers();
                if (_milliseconds >= _nextSweep) Sweep();
                FlushLinks();
                foreach (var client in _clients) client?.Flush();
                foreach (var client in _leaving) client.Flush();
            }
            catch (Exception problem)
            {
                // A fault of ours must not take the service away from everybody else. Tests hold the count at zero.
                Counters.Faults++;
                _settings.Log.Write($"warning: a fault in the forwarder: {problem.GetType().Name}: {problem.Message}");
            }
        }
    }

    private ulong Tag(int i) => *(ulong*)(_events + i * LibC.PollEventSize + LibC.PollEventData);

    private void Dispatch(ulong tag)
    {
        if (tag == WakeUp) ReadInbox();
        else if (tag >= ClientBase && _clients[(int)(tag - ClientBase)] is { } client) ServeClients(client);
        else if (tag >= ClientBase) return;
        else if (_sockets[(int)tag] is { } socket) ReadResponses(socket);
    }

    /// <summary>Until the next slot of the wheel while a job is on its way; else until somebody wakes the thread, or the next sweep that has work to do.</summary>
    private int WaitTime() => _timers.Count > 0 ? TimerWheel.SlotMilliseconds : NeedsSweeps ? (int)SweepMilliseconds : 5000;

    private void ReadClock()
    {
        _microseconds = (long)_settings.Time.GetElapsedTime(_settings.Epoch).TotalMicroseconds;
        _milliseconds = _microseconds / 1000;
        _seconds = (uint)(_milliseconds / 1000) + 1;
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) != 0) return;
        ulong one = 1;
        lock (_waking)
        {
            // The descriptor's number may be somebody else's after the end.
            if (!_isClosed) _ = LibC.Write(_event, &one, sizeof(ulong));
        }
    }

    private void ReadInbox()
    {
        ulong count;
        _ = LibC.Read(_event, &count, sizeof(ulong));
        Volatile.Write(ref _isWoken, 0);
        Thread.MemoryBarrier();
        while (_inbox.TryDequeue(out var message))
        {
            if (message is TcpQuestion question) ServeTcp(question);
            else if (message is TcpAnswer answer) TakeTcpAnswer(answer);
            else if (message is Reconfiguration next) Take(next);
            else if (message is StrongBox<long> allocated) Volatile.Write(ref allocated.Value, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    private void Watch(int descriptor, ulong tag)
    {
        var watched = stackalloc byte[16];
        *(uint*)watched = LibC.PollIn;
        *(ulong*)(watched + LibC.PollEventData) = tag;
        _ = LibC.ControlPoll(_poll, LibC.PollAdd, descriptor, watched);
    }
}
