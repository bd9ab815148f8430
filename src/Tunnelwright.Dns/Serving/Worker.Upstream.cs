using System.Buffers.Binary;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>Questions to servers.</summary>
internal sealed partial class Worker
{
    private const int ExploreEvery = 64;
    private readonly List<ServerLink?> _links = [];
    private readonly List<LinkSocket?> _sockets = [];
    private readonly Dictionary<uint, Job> _open = [];
    private readonly Action<LinkSocket> _opened;
    private readonly Action<LinkSocket> _retired;
    private int _explore;

    /// <summary>Asks the next server for the name at the chain's end; fails the job when there is none left to ask.</summary>
    private void Send(Job job)
    {
        var all = (1u << job.Rule.Servers.Length) - 1;
        while (true)
        {
            if (job.AttemptCount >= Job.MaximumAttempts || (job.FailedServers & all) == all)
            {
                Fail(job, job.FailureCode, job.FailedServers == 0 ? ExtendedError.NoReachableAuthority : ExtendedError.NetworkError);
                return;
            }

            if ((job.Tried & all) == all) job.Tried = job.FailedServers;
            var explore = job.AttemptCount == 0 && job.Rule.Servers.Length > 1 && ++_explore % ExploreEvery == 0;
            if (SendTo(job, job.Rule.Choose(job.Tried, explore))) return;
        }
    }

    private bool SendTo(Job job, int place)
    {
        var server = job.Probe ?? job.Rule.Servers[place];
        job.Tried |= 1u << place;
        job.LastServer = place;
        var round = job.AttemptCount++ / job.Rule.Servers.Length;
        if (job.Rule.Transport == UpstreamTransport.Tcp || job.NeedsTcp)
        {
            SendOverTcp(job, server, place);
            return true;
        }

        var link = LinkTo(server);
        if (link.IsFull) FlushLink(link);
        var socket = link.Current(_milliseconds, _opened, _retired);
        if (socket is null)
        {
            Unreachable(server);
            job.FailedServers |= 1u << place;
            return false;
        }

        uint key;
        do key = ((uint)socket.Number << 16) | _random.NextUInt16();
        while (!_open.TryAdd(key, job));
        job.Open(new Job.Attempt { Key = key, SentMicroseconds = _microseconds, Server = server, Place = place });
        link.Add(WriteQuestion(job, server, (ushort)key, link.Next()));
        server.Asked();
        job.RetryAt = _milliseconds + server.Timeout(round);
        SetTimer(job);
        return true;
    }

    private void SendOverTcp(Job job, UpstreamServer server, int place)
    {
        var buffer = new byte[512];
        var id = _random.NextUInt16();
        var question = buffer.AsMemory(0, WriteQuestion(job, server, id, buffer));
        var patience = TimeSpan.FromMilliseconds(Math.Max(2 * server.Timeout(1), 1000));
        server.Asked();
        Counters.TcpRetries++;
        _ = AskOverTcpAsync(_settings.Tcp[server], question, patience, new TcpAnswer(job.Number, job.Generation, job.Chain.Hops, server, place, id, _microseconds, null));
        job.RetryAt = _milliseconds + (long)patience.TotalMilliseconds + TimerWheel.SlotMilliseconds;
        SetTimer(job);
    }

    private async Task AskOverTcpAsync(TcpUpstream upstream, ReadOnlyMemory<byte> question, TimeSpan patience, TcpAnswer answer) =>
        Post(answer with { Message = await upstream.AskAsync(question, patience) });

    private int WriteQuestion(Job job, UpstreamServer server, ushort id, Span<byte> message)
    {
        var name = job.Chain.Current;
        if (job.SentLength == 0)
        {
            // The same letters each time: the answer to an earlier sending may still come.
            name.CopyTo(job.Sent);
            job.SentLength = name.Length;
            _random.MixCase(job.Sent.AsSpan(0, name.Length));
        }

        DnsHeader.Write(message, id, (ushort)(DnsHeader.RecursionDesired | DnsHeader.AuthenticData | (job.CheckingDisabled ? DnsHeader.CheckingDisabled : 0)));
        job.Sent.AsSpan(0, name.Length).CopyTo(message[DnsHeader.Size..]);
        var length = DnsHeader.Size + name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], (ushort)job.Chain.Type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], 1);
        length += 4;
        if (job.WithoutEdns) return length;
        var edns = message[length..];
        var size = Edns.RecordSize;
        Edns.Write(edns, Reply.UdpSize, 0, job.DnssecOk);
        Edns.AddOption(edns, ref size, Edns.CookieOption, server.Cookie);
        DnsHeader.SetCount(message, 3, 1);
        return length + size;
    }

    private static Job.Attempt FindAttempt(Job job, uint key)
    {
        for (var i = 0; i < job.OpenAttempts; i++)
        {
            if (job[i].Key == key) return job[i];
        }

        throw new InvalidOperationException("an open question belongs to no attempt");
    }

    private void CloseAttempts(Job job)
    {
        for (var i = 0; i < job.OpenAttempts; i++) _open.Remove(job[i].Key);
        job.CloseAttempts();
    }

    private void TimeOut(Job job)
    {
        if (job.OpenAttempts == 0) return;
        ref var last = ref job[job.OpenAttempts - 1];
        if (last.HasTimedOut) return;
        last.HasTimedOut = true;
        if (last.Server.TimedOut(_microseconds)) Down(last.Server);
    }

    private void FlushLinks()
    {
        // A broken link's questions go to other servers, perhaps over links that are new in the list.
        for (var i = 0; i < _links.Count; i++)
        {
            if (_links[i] is { HasPending: true } link) FlushLink(link);
        }
    }

    private ServerLink LinkTo(UpstreamServer server)
    {
        while (_links.Count <= server.Index) _links.Add(null);
        return _links[server.Index] ??= new ServerLink(server, _random);
    }

    private void FlushLink(ServerLink link)
    {
        var (socket, error) = link.Flush();
        if (error is LibC.ConnectionRefused or LibC.HostUnreachable or LibC.NetworkUnreachable && socket is not null) Broken(socket);
    }
}
