using System.Net;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;

namespace Tunnelwright.Dns.Serving;

/// <summary>Another configuration while questions are on their way: those that have begun end by the rules that they began with.</summary>
internal sealed unsafe partial class Worker
{
    /// <summary>Sockets of addresses that are not listened on any more, while clients wait for answers through them.</summary>
    private readonly List<ClientSocket> _leaving = [];

    private void Serve(IPEndPoint endPoint, int descriptor)
    {
        var place = _clients.IndexOf(null);
        if (place < 0)
        {
            place = _clients.Count;
            _clients.Add(null);
        }

        _clients[place] = new ClientSocket(endPoint, descriptor, DatagramSocket.IsWildcard(endPoint.Address));
        Watch(descriptor, ClientBase + (ulong)place);
    }

    private void Take(Reconfiguration next)
    {
        var before = _settings;
        _settings = next.Settings;
        ForgetFailures();
        if (!ReferenceEquals(before.Cache, _settings.Cache)) _builder = new AnswerBuilder(_settings.Cache.Options, LeavesRule);
        foreach (var server in before.Rules.Servers.Except(_settings.Rules.Servers))
        {
            if (server.Index < _links.Count) _links[server.Index]?.Retire(_retired);
        }

        for (var i = 0; i < _clients.Count; i++)
        {
            if (_clients[i] is not { } client || !next.Removed.Contains(client.EndPoint)) continue;
            ServeClients(client);
            Unwatch(client.Descriptor);
            _clients[i] = null;
            _leaving.Add(client);
        }

        Leave();
        foreach (var (endPoint, sockets) in next.Added) Serve(endPoint, sockets[_number]);
        _nextSweep = _milliseconds;
        next.IsTaken();
    }

    /// <summary>Closes sockets through which no client waits any more.</summary>
    private void Leave()
    {
        for (var i = _leaving.Count - 1; i >= 0; i--)
        {
            var client = _leaving[i];
            client.Flush();
            if (IsAwaited(client)) continue;
            client.Dispose();
            _leaving.RemoveAt(i);
        }
    }

    private bool IsAwaited(ClientSocket client)
    {
        foreach (var job in _jobs)
        {
            if (!job.IsRunning) continue;
            for (var waiter = job.FirstWaiter; waiter >= 0; waiter = _waiters[waiter].Next)
            {
                if (_waiters[waiter].Socket == client) return true;
            }
        }

        return false;
    }

    private void Unwatch(int descriptor)
    {
        var nothing = stackalloc byte[16];
        _ = LibC.ControlPoll(_poll, LibC.PollRemove, descriptor, nothing);
    }
}

/// <summary>Another configuration for every thread.</summary>
/// <param name="settings">What counts from now on.</param>
/// <param name="added">Addresses to answer at from now on, with a socket for each thread.</param>
/// <param name="removed">Addresses to answer at no more.</param>
/// <param name="threads">How many threads take it.</param>
internal sealed class Reconfiguration(WorkerSettings settings, IReadOnlyList<(IPEndPoint EndPoint, int[] Sockets)> added, IReadOnlyCollection<IPEndPoint> removed, int threads)
{
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = threads;

    public WorkerSettings Settings { get; } = settings;

    public IReadOnlyList<(IPEndPoint EndPoint, int[] Sockets)> Added { get; } = added;

    public IReadOnlyCollection<IPEndPoint> Removed { get; } = removed;

    /// <summary>When every thread works by it.</summary>
    public Task Taken => _taken.Task;

    public void IsTaken()
    {
        if (Interlocked.Decrement(ref _left) == 0) _taken.SetResult();
    }
}
