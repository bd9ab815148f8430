using System.Runtime.InteropServices;
using System.Text;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>Questions on their way: joined when they are the same, followed along the chain, kept in the cache at the end.</summary>
internal sealed partial class Worker
{
    private const int MaximumJobs = 16_384;
    private const int MaximumWaiters = 65_536;

    /// <summary>How long a client waits at most while no server of the rule answers: long enough for traffic to move to another tunnel, short enough for a client that knows another forwarder.</summary>
    private const long AllDownMilliseconds = 2000;
    private readonly TimerWheel _timers;
    private AnswerBuilder _builder;
    private readonly List<Job> _jobs = [];
    private readonly Stack<Job> _freeJobs = new();
    private readonly Dictionary<ulong, Job> _running = [];
    private readonly byte[] _staleAnswer = new byte[ushort.MaxValue];
    private readonly WaiterPool _waiters = new();

    private int NewWaiter(ReadOnlySpan<byte> packet, in ClientQuery query)
    {
        var number = _waiters.Take();
        ref var waiter = ref _waiters[number];
        waiter.Query = query;
        waiter.Next = -1;
        waiter.Since = _microseconds;
        waiter.Connection = null;
        waiter.Socket = null;
        packet.Slice(DnsHeader.Size, query.NameLength).CopyTo(waiter.Name);
        if (query.CookieLength != 0) waiter.ClientCookie = MemoryMarshal.Read<ulong>(packet[query.CookieAt..]);
        return number;
    }

    /// <summary>Asks the servers what the key in <see cref="_key"/> says, for a client; joins the same question when it is on its way already.</summary>
    private void Ask(int waiter, bool hasStale)
    {
        ref readonly var query = ref _waiters[waiter].Query;
        var key = _key.AsSpan(0, query.KeyLength);
        var hash = _settings.Cache.Hash(key);
        if (_running.TryGetValue(hash, out var job) && job.Key.AsSpan(0, job.KeyLength).SequenceEqual(key))
        {
            Counters.Joined++;
            _waiters[waiter].Next = job.FirstWaiter;
            job.FirstWaiter = waiter;
            if (hasStale) OfferStale(job);
            return;
        }

        if (!hasStale && TryFail(waiter, key, hash)) return;
        Counters.Misses++;
        // What had an answer of this type exists, whatever was said of another type.
        if (!hasStale && TryDeny(waiter, key)) return;
        var rule = _settings.Rules.Match(key[..query.NameLength]);
        if (rule is null || _running.Count >= MaximumJobs || _waiters.InUse > MaximumWaiters)
        {
            _builder.Fail(key[..query.NameLength], query.Type, rule is null ? ResponseCode.Refused : ResponseCode.ServerFailure);
            AnswerWaiter(ref _waiters[waiter], _builder.Message, "refused"u8, rule is null ? ExtendedError.NotAuthoritative : ExtendedError.Other);
            _waiters.Free(waiter);
            return;
        }

        job = Begin(query, hash, rule);
        job.FirstWaiter = waiter;
        if (hasStale) OfferStale(job);
        Send(job);
    }

    private void OfferStale(Job job) => job.StaleAt = Math.Min(job.StaleAt, _milliseconds + _settings.Cache.Options.StaleAfterMilliseconds);

    /// <summary>Asks for a name again that has an answer still.</summary>
    private bool Renew(in ClientQuery query, ulong hash, ForwardingRule rule)
    {
        if (_running.Count >= MaximumJobs / 2 || _running.ContainsKey(hash) || FailedLately(hash)) return false;
        Send(Begin(query, hash, rule));
        return true;
    }

    /// <summary>A name that does not exist has no type at all (RFC 2308), and by option nothing below it (RFC 8020).</summary>
    private bool TryDeny(int waiter, ReadOnlySpan<byte> key)
    {
        if (!_settings.Cache.HasDenials) return false;
        var nameLength = _waiters[waiter].Query.NameLength;
        if (!TryDenied(key[..nameLength], key[^1], out var length, out var rule))
        {
            if (!_settings.Cache.Options.NonExistentCut || !TryDeniedAbove(key[..nameLength], key[^1], out length, out rule)) return false;
        }

        AnswerWaiter(ref _waiters[waiter], _staleAnswer.AsSpan(0, length), "cache"u8, ExtendedError.None);
        _waiters.Free(waiter);
        Counters.Hit(rule);
        return true;
    }

    private bool TryDenied(ReadOnlySpan<byte> name, byte flags, out int length, out int rule)
    {
        Span<byte> key = stackalloc byte[ClientQuery.KeySize];
        name.CopyTo(key);
        (key[name.Length], key[name.Length + 1], key[name.Length + 2]) = (0, 0, flags);
        key = key[..(name.Length + 3)];
        var found = _settings.Cache.TryGet(_settings.Cache.Hash(key), key, _seconds, _staleAnswer, out var hit);
        (length, rule) = (hit.Length, hit.Rule);
        return found && !hit.IsExpired;
    }

    private bool TryDeniedAbove(ReadOnlySpan<byte> name, byte flags, out int length, out int number)
    {
        (length, number) = (0, 0);
        var question = name;
        var rule = _settings.Rules.Match(name);
        while (name.Length > 1 && name[(1 + name[0])..] is { Length: > 1 } above)
        {
            name = above;
            if (_settings.Rules.Match(name) != rule) return false;
            if (!TryDenied(name, flags, out length, out number)) continue;
            _builder.Deny(_staleAnswer.AsSpan(0, length), question);
            _builder.Message.CopyTo(_staleAnswer);
            length = _builder.Message.Length;
            return true;
        }

        return false;
    }

    private Job Begin(in ClientQuery query, ulong hash, ForwardingRule rule)
    {
        var job = Take(rule);
        _key.AsSpan(0, query.KeyLength).CopyTo(job.Key);
        (job.KeyLength, job.Hash) = (query.KeyLength, hash);
        (job.DnssecOk, job.CheckingDisabled) = (query.DnssecOk, (query.Flags & DnsHeader.CheckingDisabled) != 0);
        job.Chain.Begin(_key.AsSpan(0, query.NameLength), query.Type, query.DnssecOk);
        _running.TryAdd(hash, job);
        _timers.Set(job.Number, job.Deadline); // Whatever happens to it: it has an end.
        rule.Counters.Asked();
        return job;
    }

    private Job Take(ForwardingRule rule)
    {
        if (!_freeJobs.TryPop(out var job)) _jobs.Add(job = new Job(_jobs.Count));
        job.Generation++;
        (job.IsRunning, job.FirstWaiter, job.Probe, job.PublicRule) = (true, -1, null, null);
        (job.KeyLength, job.Hash) = (0, 0);
        job.Deadline = _milliseconds + (rule.AllDown ? Math.Min(1000L * _settings.Options.PatienceSeconds, AllDownMilliseconds) : 1000L * _settings.Options.PatienceSeconds);
        job.StaleAt = long.MaxValue;
        (job.Rule, job.FirstRule, job.Flatten) = (rule, rule, rule.Flatten);
        BeginHop(job);
        return job;
    }

    /// <summary>A new name of the chain is to be asked for.</summary>
    private static void BeginHop(Job job)
    {
        (job.FailedServers, job.AttemptCount, job.SentLength, job.NeedsTcp, job.WithoutEdns) = (0, 0, 0, false, false);
        job.Tried = job.PublicRule == job.Rule ? 1u << job.PublicPlace : 0;
        job.FailureCode = ResponseCode.ServerFailure;
        job.CloseAttempts();
    }

    private void End(Job job)
    {
        _timers.Cancel(job.Number);
        CloseAttempts(job);
        if (job.KeyLength > 0 && _running.TryGetValue(job.Hash, out var running) && running == job) _running.Remove(job.Hash);
        job.IsRunning = false;
        job.Generation++;
        _freeJobs.Push(job);
    }

    private bool LeavesRule(ForwardingRule rule, Chain chain) => rule.IsDefault && _settings.Rules.Match(chain.Current) is { IsDefault: false };

    private void Complete(Job job, UpstreamServer server)
    {
        if (_builder.Lifetime > 0)
        {
            var key = job.Key.AsSpan(0, job.KeyLength);
            _settings.Cache.Put(job.Hash, key, _builder.Message, _builder.Ttls, _seconds, _builder.Lifetime, job.FirstRule.Counters.Number);
            if (_builder.DeniesQuestion)
            {
                Span<byte> any = stackalloc byte[ClientQuery.KeySize];
                key.CopyTo(any);
                (any[key.Length - 3], any[key.Length - 2]) = (0, 0);
                any = any[..key.Length];
                _settings.Cache.PutDenial(any, _builder.Message, _builder.Ttls, _seconds, _builder.Lifetime, job.FirstRule.Counters.Number);
            }
        }

        if (_builder.IsPublicOnly) ReportPublic(job, server);
        AnswerAll(job, _builder.Message, _settings.Log.LogsQueries ? Encoding.ASCII.GetBytes(server.EndPoint.ToString()) : default, ExtendedError.None);
        End(job);
    }

    /// <summary>Tells of public addresses where private ones are wanted. A name may have public IPv6 addresses beside private IPv4 ones: those go around the tunnel, and are no sign of a forwarder that is missing.</summary>
    private void ReportPublic(Job job, UpstreamServer server)
    {
        var name = DomainName.ToText(job.Chain.Question);
        var (isIpv4, escapes) = (job.Chain.Type == RecordType.A, job.Chain.Hops > 0);
        job.Rule.Counters.AnsweredPublic(isIpv4 ? new PublicAnswer(name, server.EndPoint.ToString(), escapes, _settings.Time.GetUtcNow()) : null);
        _settings.Log.Write($"warning: {(!isIpv4 ? "IPv6 around the tunnel" : escapes ? "dns-cname-escapes" : "dns-no-forwarder")}: {server.EndPoint} answers {name} with public addresses, but the rule {job.Rule.Name} wants private ones");
    }

    private void AnswerAll(Job job, ReadOnlySpan<byte> message, ReadOnlySpan<byte> from, ExtendedError error)
    {
        for (var waiter = job.FirstWaiter; waiter >= 0;)
        {
            var next = _waiters[waiter].Next;
            AnswerWaiter(ref _waiters[waiter], message, from, error);
            _waiters.Free(waiter);
            waiter = next;
        }

        job.FirstWaiter = -1;
    }

    /// <summary>Gives the clients an expired answer, when there is one.</summary>
    private bool AnswerStale(Job job)
    {
        job.StaleAt = long.MaxValue;
        if (job.FirstWaiter < 0 || !_settings.Cache.TryGet(job.Hash, job.Key.AsSpan(0, job.KeyLength), _seconds, _staleAnswer, out var hit)) return false;
        for (var waiter = job.FirstWaiter; waiter >= 0; waiter = _waiters[waiter].Next)
        {
            Counters.StaleAnswers++;
            job.Rule.Counters.AnsweredStale();
        }

        AnswerAll(job, _staleAnswer.AsSpan(0, hit.Length), "stale"u8, hit.IsExpired ? StaleError(_staleAnswer) : ExtendedError.None);
        return true;
    }

    private void Fail(Job job, ResponseCode code, ExtendedError error)
    {
        if (job.Probe is null)
        {
            job.Rule.Counters.Failed();
            Counters.Failures++;
            RememberFailure(job, code);
            if (!AnswerStale(job))
            {
                _builder.Fail(job.Chain.Question, job.Chain.Type, code);
                AnswerAll(job, _builder.Message, "failure"u8, error);
            }
        }

        End(job);
    }

    private void FireTimers()
    {
        while (_timers.TryTake(_milliseconds, out var number))
        {
            var job = _jobs[number];
            if (!job.IsRunning) continue;
            if (job.Probe is not null) End(job);
            else if (_milliseconds >= job.Deadline) Fail(job, ResponseCode.ServerFailure, ExtendedError.NoReachableAuthority);
            else Advance(job);
        }
    }

    /// <summary>A job's timer is over: its clients wait too long, or its server does not answer.</summary>
    private void Advance(Job job)
    {
        if (_milliseconds >= job.StaleAt) AnswerStale(job);
        if (_milliseconds >= job.RetryAt)
        {
            TimeOut(job);
            if (job.Rule.AllDown) job.Deadline = Math.Min(job.Deadline, _milliseconds + AllDownMilliseconds);
            Counters.Retries++;
            Send(job);
        }
        else
        {
            SetTimer(job);
        }
    }

    private void SetTimer(Job job) => _timers.Set(job.Number, Math.Min(Math.Min(job.Deadline, job.StaleAt), job.RetryAt));
}
