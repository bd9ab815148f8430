using System.Buffers.Binary;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>Questions to servers, and what they answer.</summary>
internal sealed partial class Worker
{
    private const int ResponseBatch = 64;
    private const int ResponseSize = 4096;
    private const int ExploreEvery = 64;
    private const long DrainMilliseconds = 5000;
    private readonly DatagramBatch _responses = new(ResponseBatch, ResponseSize, hasControl: false);
    private readonly ServerLink[] _links;
    private readonly List<LinkSocket?> _sockets = [];
    private readonly List<LinkSocket> _draining = [];
    private readonly Dictionary<uint, Job> _open = [];
    private readonly Action<LinkSocket> _opened;
    private readonly Action<LinkSocket> _retired;
    private int _explore;

    private bool NeedsSweeps => _draining.Count > 0 || (_number == 0 && Array.Exists(_settings.Rules.Servers, server => server.IsDown));

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

        var link = _links[server.Index];
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
        Edns.AddOption(edns, ref size, Edns.CookieOption, server.ClientCookie);
        DnsHeader.SetCount(message, 3, 1);
        return length + size;
    }

    private void ReadResponses(LinkSocket socket)
    {
        for (var round = 0; round < RoundsOfBatches; round++)
        {
            var count = _responses.Receive(socket.Descriptor);
            if (count < 0)
            {
                Broken(socket);
                return;
            }

            for (var i = 0; i < count; i++) TakeResponse(socket, _responses.Received(i));
            if (count < ResponseBatch) return;
            FlushLinks();
        }
    }

    private void TakeResponse(LinkSocket socket, Span<byte> message)
    {
        if (message.Length < DnsHeader.Size || !_open.TryGetValue(((uint)socket.Number << 16) | DnsHeader.Id(message), out var job)) return;
        var attempt = FindAttempt(job, ((uint)socket.Number << 16) | DnsHeader.Id(message));
        var match = Match(message, job);
        if (match == QuestionMatch.OtherCase && attempt.Server.KeepsCase)
        {
            // Right but for the letters: forged, or a server that does not keep them. Over TCP nobody forges.
            Counters.Forged++;
            attempt.Server.CaseMismatched();
            CloseAttempts(job);
            job.NeedsTcp = true;
            job.AttemptCount = Math.Min(job.AttemptCount, Job.MaximumAttempts - 1);
            SendTo(job, attempt.Place);
            return;
        }

        if (match == QuestionMatch.Other)
        {
            Counters.Forged++;
            return;
        }

        if (!CookieMatches(message, attempt.Server))
        {
            Counters.Forged++;
            return;
        }

        if (attempt.Server.Answered(_microseconds - attempt.SentMicroseconds)) _settings.Log.Write($"{attempt.Server.EndPoint} answers again");
        Take(job, message, attempt.Server, attempt.Place, isTcp: false);
    }

    private void TakeTcpAnswer(TcpAnswer answer)
    {
        var job = _jobs[answer.Job];
        if (!job.IsRunning || job.Generation != answer.Generation || job.Chain.Hops != answer.Hops) return;
        if (answer.Message is not { } message || DnsHeader.Id(message) != answer.Id || Match(message, job) == QuestionMatch.Other)
        {
            job.FailedServers |= 1u << answer.Place;
            if (answer.Server.TimedOut()) Down(answer.Server);
            if (job.Probe is not null) End(job);
            else Send(job);
            return;
        }

        if (answer.Server.Answered(_microseconds - answer.SentMicroseconds)) _settings.Log.Write($"{answer.Server.EndPoint} answers again");
        Take(job, message, answer.Server, answer.Place, isTcp: true);
    }

    private void Take(Job job, Span<byte> message, UpstreamServer server, int place, bool isTcp)
    {
        if (job.Probe is not null)
        {
            End(job);
            return;
        }

        // Names that point at the question would carry on the letters' case that was sent.
        if (DnsHeader.Count(message, 0) == 1) job.Chain.Current.CopyTo(message[DnsHeader.Size..]);
        switch (_builder.Build(message, job.Chain, job.Rule, job.Flatten, isTcp))
        {
            case ChainStep.Complete when _builder.IsPublicOnly && !job.SawPublic && job.Rule.Servers.Length > 1:
                // Another of the rule's servers may know the private addresses.
                job.SawPublic = true;
                job.Chain.Begin(job.Key.AsSpan(0, job.KeyLength - 3), job.Chain.Type, job.DnssecOk);
                CloseAttempts(job);
                BeginHop(job);
                job.Tried = 1u << place;
                Send(job);
                break;
            case ChainStep.Complete:
                Complete(job, server);
                break;
            case ChainStep.Continue:
                CloseAttempts(job);
                BeginHop(job);
                if (LeavesRule(job.Rule, job.Chain)) job.Rule = _settings.Rules.Match(job.Chain.Current)!;
                Send(job);
                break;
            case ChainStep.Loop:
                Counters.Loops++;
                job.FailureCode = ResponseCode.ServerFailure;
                Fail(job, ResponseCode.ServerFailure, ExtendedError.Other);
                break;
            case ChainStep.Truncated:
                CloseAttempts(job);
                job.NeedsTcp = true;
                job.AttemptCount = Math.Min(job.AttemptCount, Job.MaximumAttempts - 1);
                SendTo(job, place);
                break;
            case ChainStep.ServerFailed when _builder.Code == ResponseCode.FormatError && !job.WithoutEdns:
                CloseAttempts(job);
                job.WithoutEdns = true;
                job.AttemptCount = Math.Min(job.AttemptCount, Job.MaximumAttempts - 1);
                SendTo(job, place);
                break;
            default:
                server.Failed();
                if (job.Chain.Hops == 0) job.FailureCode = _builder.Code is ResponseCode.NoError or ResponseCode.NonExistentDomain ? ResponseCode.ServerFailure : _builder.Code;
                job.FailedServers |= 1u << place;
                CloseAttempts(job);
                Send(job);
                break;
        }
    }

    /// <summary>Compares a message's question with what was sent: name, type, class.</summary>
    private static QuestionMatch Match(ReadOnlySpan<byte> message, Job job)
    {
        var flags = DnsHeader.Flags(message);
        if ((flags & (DnsHeader.Response | DnsHeader.OpcodeMask)) != DnsHeader.Response) return QuestionMatch.Other;
        if (DnsHeader.Count(message, 0) == 0 && message.Length == DnsHeader.Size && (flags & DnsHeader.CodeMask) != 0) return QuestionMatch.CodeAlone;
        var end = DnsHeader.Size + job.SentLength;
        if (DnsHeader.Count(message, 0) != 1 || message.Length < end + 4) return QuestionMatch.Other;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[end..]) != (ushort)job.Chain.Type || BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]) != 1) return QuestionMatch.Other;
        var name = message[DnsHeader.Size..end];
        if (name.SequenceEqual(job.Sent.AsSpan(0, job.SentLength))) return QuestionMatch.Exact;
        Span<byte> lowered = stackalloc byte[DomainName.MaximumLength];
        name.CopyTo(lowered);
        DomainName.ToLower(lowered[..name.Length]);
        return lowered[..name.Length].SequenceEqual(job.Chain.Current) ? QuestionMatch.OtherCase : QuestionMatch.Other;
    }

    /// <summary>A response that gives a cookie gives back ours (RFC 7873, section 5.3).</summary>
    private static bool CookieMatches(ReadOnlySpan<byte> message, UpstreamServer server)
    {
        if (DnsHeader.Count(message, 3) == 0) return true;
        // OPT is the last record in practice: a whole walk is needed only to be sure.
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Type != RecordType.Opt || record.DataLength < 4) continue;
            var data = message.Slice(record.Data, record.DataLength);
            if (Edns.TryOption(data, Edns.CookieOption, out var offset, out var length)) return length >= Edns.ClientCookieSize && data.Slice(offset, Edns.ClientCookieSize).SequenceEqual(server.ClientCookie);
        }

        return true;
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
        if (last.Server.TimedOut()) Down(last.Server);
    }

    private void Unreachable(UpstreamServer server)
    {
        if (server.Unreachable()) Down(server);
    }

    private void Down(UpstreamServer server)
    {
        _settings.Log.Write($"warning: {server.EndPoint} does not answer");
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

    private void FlushLinks()
    {
        foreach (var link in _links)
        {
            if (link.HasPending) FlushLink(link);
        }
    }

    private void FlushLink(ServerLink link)
    {
        var (socket, error) = link.Flush();
        if (error is LibC.ConnectionRefused or LibC.HostUnreachable or LibC.NetworkUnreachable && socket is not null) Broken(socket);
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
        var job = Take(rule);
        job.Chain.Begin(rule.Domain, rule.IsDefault ? RecordType.Ns : RecordType.Soa, dnssecOk: false);
        (job.Probe, job.DnssecOk, job.CheckingDisabled) = (rule.Servers[place], false, false);
        job.Deadline = _milliseconds + 2 * SweepMilliseconds;
        if (!SendTo(job, place)) End(job);
        else _timers.Set(job.Number, job.Deadline);
    }

    private enum QuestionMatch
    {
        /// <summary>Another question, or no response at all.</summary>
        Other,

        /// <summary>The same but for the case of the letters.</summary>
        OtherCase,

        /// <summary>The header alone, with an error: some servers answer so what they cannot read.</summary>
        CodeAlone,

        /// <summary>Exactly the same.</summary>
        Exact,
    }
}
