using System.Buffers.Binary;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>What servers answer: checked, and taken into the chain.</summary>
internal sealed partial class Worker
{
    private const int ResponseBatch = 64;
    private const int ResponseSize = 4096;
    private readonly DatagramBatch _responses = new(ResponseBatch, ResponseSize, hasControl: false);

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
            AskOverTcp(job, attempt.Place);
            return;
        }

        if (match == QuestionMatch.Other)
        {
            Counters.Forged++;
            return;
        }

        switch (job.WithoutEdns ? CookieCheck.Good : Check(message, attempt.Server))
        {
            case CookieCheck.Wrong:
                Counters.Forged++;
                return;
            case CookieCheck.Missing when attempt.Server.GivesCookies:
                // It has given one each time before (RFC 7873, section 5.3).
                Counters.Forged++;
                attempt.Server.CookieMissed();
                AskOverTcp(job, attempt.Place);
                return;
        }

        if (attempt.Server.Answered(_microseconds - attempt.SentMicroseconds)) Returned(attempt.Server);
        Take(job, message, attempt.Server, attempt.Place, isTcp: false);
    }

    private void TakeTcpAnswer(TcpAnswer answer)
    {
        var job = _jobs[answer.Job];
        if (!job.IsRunning || job.Generation != answer.Generation || job.Chain.Hops != answer.Hops) return;
        if (answer.Message is not { } message || DnsHeader.Id(message) != answer.Id || Match(message, job) == QuestionMatch.Other)
        {
            job.FailedServers |= 1u << answer.Place;
            // One that is asked over UDP may be well when its TCP port is blocked.
            if (job.Rule.Transport == UpstreamTransport.Udp) answer.Server.Failed();
            else if (answer.Server.TimedOut(_microseconds)) Down(answer.Server);
            if (job.Probe is not null) End(job);
            else Send(job);
            return;
        }

        if (answer.Server.Answered(_microseconds - answer.SentMicroseconds)) Returned(answer.Server);
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
            case ChainStep.Complete when _builder.IsPublicOnly && job.PublicRule is null && job.Rule.HasOtherUp(place):
                // Another of the rule's servers may know the private addresses.
                (job.PublicRule, job.PublicPlace, job.Rule) = (job.Rule, place, job.FirstRule);
                job.Chain.Begin(job.Key.AsSpan(0, job.KeyLength - 3), job.Chain.Type, job.DnssecOk);
                CloseAttempts(job);
                BeginHop(job);
                Send(job);
                break;
            case ChainStep.Complete:
                Complete(job, server);
                break;
            case ChainStep.Continue:
                CloseAttempts(job);
                if (LeavesRule(job.Rule, job.Chain)) job.Rule = _settings.Rules.Match(job.Chain.Current)!;
                BeginHop(job);
                Send(job);
                break;
            case ChainStep.Loop:
                Counters.Loops++;
                job.FailureCode = ResponseCode.ServerFailure;
                Fail(job, ResponseCode.ServerFailure, ExtendedError.Other);
                break;
            case ChainStep.Truncated:
            case ChainStep.ServerFailed when _builder.Code == ResponseCode.BadCookie && !isTcp:
                AskOverTcp(job, place);
                break;
            case ChainStep.ServerFailed when _builder.Code is ResponseCode.FormatError or ResponseCode.NotImplemented && !job.WithoutEdns:
                CloseAttempts(job);
                job.WithoutEdns = true;
                job.AttemptCount = Math.Min(job.AttemptCount, Job.MaximumAttempts - 1);
                SendTo(job, place);
                break;
            default:
                server.Failed();
                if (job.Chain.Hops == 0) job.FailureCode = IsForClients(_builder.Code) ? _builder.Code : ResponseCode.ServerFailure;
                job.FailedServers |= 1u << place;
                CloseAttempts(job);
                Send(job);
                break;
        }
    }

    /// <summary>Whether a failure's code says something of the client's question; that a server could not read ours does not.</summary>
    private static bool IsForClients(ResponseCode code) => code is not (ResponseCode.NoError or ResponseCode.FormatError or ResponseCode.NonExistentDomain or ResponseCode.NotImplemented or > (ResponseCode)DnsHeader.CodeMask);

    private void AskOverTcp(Job job, int place)
    {
        CloseAttempts(job);
        job.NeedsTcp = true;
        job.AttemptCount = Math.Min(job.AttemptCount, Job.MaximumAttempts - 1);
        SendTo(job, place);
    }

    /// <summary>Compares a message's question with what was sent: name, type, class.</summary>
    private static QuestionMatch Match(ReadOnlySpan<byte> message, Job job)
    {
        var flags = DnsHeader.Flags(message);
        if ((flags & (DnsHeader.Response | DnsHeader.OpcodeMask)) != DnsHeader.Response) return QuestionMatch.Other;
        if (DnsHeader.Count(message, 0) == 0 && message.Length == DnsHeader.Size && (ResponseCode)(flags & DnsHeader.CodeMask) is not (ResponseCode.NoError or ResponseCode.NonExistentDomain)) return QuestionMatch.CodeAlone;
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

    /// <summary>A response that gives a cookie gives back ours, and the server's half is shown to it from then on (RFC 7873, section 5.3).</summary>
    private static CookieCheck Check(ReadOnlySpan<byte> message, UpstreamServer server)
    {
        if (DnsHeader.Count(message, 3) == 0) return CookieCheck.Missing;
        // OPT is the last record in practice: a whole walk is needed only to be sure.
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Type != RecordType.Opt || record.DataLength < 4) continue;
            var data = message.Slice(record.Data, record.DataLength);
            if (!Edns.TryOption(data, Edns.CookieOption, out var offset, out var length)) continue;
            if (length < Edns.ClientCookieSize || !data.Slice(offset, Edns.ClientCookieSize).SequenceEqual(server.ClientCookie)) return CookieCheck.Wrong;
            if (length is >= Edns.ShortestCookie and <= Edns.LongestCookie) server.TakeCookie(data.Slice(offset, length));
            return CookieCheck.Good;
        }

        return CookieCheck.Missing;
    }

    private enum CookieCheck
    {
        /// <summary>Ours came back.</summary>
        Good,

        /// <summary>There is none.</summary>
        Missing,

        /// <summary>It is not ours.</summary>
        Wrong,
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
