using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>Servers that are down and come back, and the sockets to them.</summary>
internal sealed partial class Worker
{
    private const long DrainMilliseconds = 5000;
    private readonly List<LinkSocket> _draining = [];

    private bool NeedsSweeps => _draining.Count > 0 || _leaving.Count > 0 || (_number == 0 && Array.Exists(_settings.Rules.Servers, server => server.IsDown));

    private void Unreachable(UpstreamServer server)
    {
        if (server.Unreachable()) Down(server);
    }

    private void Down(UpstreamServer server)
    {
        _settings.Log.Write($"warning: {server.EndPoint} does not answer");
        server.RenewWay();
        _nextSweep = _milliseconds;
    }

    /// <summary>The kernel told an error: nobody listens there, or no way leads there. What was asked through the socket is asked elsewhere at once.</summary>
    private void Broken(LinkSocket socket)
    {
        Unreachable(socket.Link.Server);
        socket.Link.Forget(socket);
        OnRetired(socket);
        foreach (var job in _jobs)
        {
            if (!job.IsRunning || job.OpenAttempts == 0 || job[job.OpenAttempts - 1].Key >> 16 != (uint)socket.Number) continue;
            if (job.Probe is not null)
            {
                End(job);
                continue;
            }

            job[job.OpenAttempts - 1].HasTimedOut = true;
            Counters.Retries++;
            Send(job);
        }
    }

    private void OnOpened(LinkSocket socket)
    {
        var number = _sockets.IndexOf(null);
        if (number < 0)
        {
            number = _sockets.Count;
            _sockets.Add(null);
        }

        socket.Number = number;
        _sockets[number] = socket;
        Watch(socket.Descriptor, (ulong)number);
    }

    private void OnRetired(LinkSocket socket)
    {
        if (socket.ClosesAt != long.MaxValue) return;
        socket.ClosesAt = _milliseconds + DrainMilliseconds;
        _draining.Add(socket);
    }

    /// <summary>Closes sockets that nothing is waited for on any more, and asks servers that are down whether they are there again.</summary>
    private void Sweep()
    {
        _nextSweep = _milliseconds + SweepMilliseconds;
        for (var i = _draining.Count - 1; i >= 0; i--)
        {
            if (_milliseconds < _draining[i].ClosesAt) continue;
            _sockets[_draining[i].Number] = null;
            _ = LibC.Close(_draining[i].Descriptor);
            _draining.RemoveAt(i);
        }

        Leave();
        if (_number != 0) return;
        foreach (var rule in _settings.Rules.Rules)
        {
            for (var place = 0; place < rule.Servers.Length; place++)
            {
                if (rule.Servers[place].IsDown && !IsProbed(rule.Servers[place])) Probe(rule, place);
            }
        }
    }

    private bool IsProbed(UpstreamServer server)
    {
        foreach (var job in _jobs)
        {
            if (job.IsRunning && job.Probe == server) return true;
        }

        return false;
    }

    private void Probe(ForwardingRule rule, int place)
    {
        // The socket of before may hold a source address or a route that is gone.
        rule.Servers[place].RenewWay();
        var job = Take(rule);
        job.Chain.Begin(rule.Domain, rule.IsDefault ? RecordType.Ns : RecordType.Soa, dnssecOk: false);
        (job.Probe, job.DnssecOk, job.CheckingDisabled) = (rule.Servers[place], false, false);
        job.Deadline = _milliseconds + 2 * SweepMilliseconds;
        if (!SendTo(job, place)) End(job);
        else _timers.Set(job.Number, job.Deadline);
    }
}
