using System.Runtime.InteropServices;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>Questions of clients, and answers to them.</summary>
internal sealed partial class Worker
{
    private const int ClientBatch = 64;
    private const int QuerySize = 2048;
    private readonly DatagramBatch _received = new(ClientBatch, QuerySize, hasControl: false);
    private readonly byte[] _key = new byte[ClientQuery.KeySize];
    private readonly byte[] _cookie = new byte[ServerCookie.Size];
    private readonly byte[] _tcpReply = new byte[ushort.MaxValue + Reply.MaximumEdns];
    private DatagramBatch? _receivedWithControl;

    private void ServeClients(ClientSocket client)
    {
        var batch = client.HasControl ? _receivedWithControl ??= new DatagramBatch(ClientBatch, QuerySize, hasControl: true) : _received;
        for (var round = 0; round < RoundsOfBatches; round++)
        {
            var count = batch.Receive(client.Descriptor);
            for (var i = 0; i < count; i++)
            {
                if (!batch.WasTruncated(i)) ServeDatagram(client, batch, i);
            }

            client.Flush();
            if (count < ClientBatch) return;
            FlushLinks();
            ReadClock();
        }
    }

    private void ServeDatagram(ClientSocket client, DatagramBatch batch, int i)
    {
        var address = batch.Address(i);
        if (address.Length < SocketAddress.Ipv4Size) return;
        var source = SocketAddress.AddressOf(address);
        if (!_settings.Access.Allows(source))
        {
            Counters.Denied++;
            return;
        }

        var packet = batch.Received(i);
        var query = default(ClientQuery);
        var verdict = query.Parse(packet, _key);
        if (verdict == QueryVerdict.Drop)
        {
            Counters.Malformed++;
            return;
        }

        if (_settings.Limiter.IsOn && !HasValidCookie(packet, query, source) && !_settings.Limiter.Allows(source, _milliseconds))
        {
            Counters.Limited++;
            return;
        }

        Counters.Queries++;
        var reply = client.Outgoing.Next();
        var limit = Math.Min(query.UdpSize, Reply.UdpSize);
        var length = AnswerNow(packet, query, verdict, source, reply, limit, out var stale);
        if (length > 0)
        {
            client.Outgoing.Add(length, address, batch.Control(i));
            if (client.Outgoing.Count == client.Outgoing.Capacity) client.Flush();
            if (_settings.Log.LogsQueries) LogQuery(query, packet, source, DnsHeader.Flags(reply), stale ? "stale" : "cache", 0);
            return;
        }

        var waiter = NewWaiter(packet, query);
        ref var waiting = ref _waiters[waiter];
        address.CopyTo(waiting.Address);
        waiting.AddressLength = address.Length;
        batch.Control(i).CopyTo(waiting.Control);
        waiting.ControlLength = batch.HasControl ? batch.Control(i).Length : 0;
        waiting.Socket = client;
        Ask(waiter, stale);
    }

    private void ServeTcp(TcpQuestion question)
    {
        if (!_settings.Access.Allows(question.Connection.Address))
        {
            Counters.Denied++;
            question.Connection.Drop();
            return;
        }

        Counters.TcpQueries++;
        var packet = question.Message.AsSpan();
        var query = default(ClientQuery);
        var verdict = query.Parse(packet, _key);
        if (verdict == QueryVerdict.Drop)
        {
            Counters.Malformed++;
            question.Connection.Drop();
            return;
        }

        Counters.Queries++;
        var length = AnswerNow(packet, query, verdict, question.Connection.Address, _tcpReply, ushort.MaxValue, out var stale);
        if (length > 0)
        {
            question.Connection.Answer(_tcpReply.AsSpan(0, length));
            if (_settings.Log.LogsQueries) LogQuery(query, packet, question.Connection.Address, DnsHeader.Flags(_tcpReply), stale ? "stale" : "cache", 0);
            return;
        }

        var waiter = NewWaiter(packet, query);
        _waiters[waiter].Connection = question.Connection;
        Ask(waiter, stale);
    }

    /// <summary>
    /// Answers out of the cache, or with a refusal. When nothing is returned, servers have to be asked, and <paramref name="stale"/> says whether an
    /// expired answer is there, should none answer in time; else it says whether such a one was given.
    /// </summary>
    private int AnswerNow(ReadOnlySpan<byte> packet, in ClientQuery query, QueryVerdict verdict, ReadOnlySpan<byte> source, Span<byte> reply, int limit, out bool stale)
    {
        stale = false;
        var name = packet.Slice(DnsHeader.Size, query.NameLength);
        var cookie = CookieFor(packet, query, source);
        if (verdict == QueryVerdict.Reject)
        {
            if (query.Code != ResponseCode.NoError) Counters.Malformed++;
            return Reply.Fail(reply, query, name, query.Code, cookie, ExtendedError.None);
        }

        if (query.Class != 1 || !RecordTypes.IsForwarded(query.Type))
            return Reply.Fail(reply, query, name, ResponseCode.Refused, cookie, ExtendedError.NotSupported);

        var key = _key.AsSpan(0, query.KeyLength);
        var hash = _settings.Cache.Hash(key);
        if (!_settings.Cache.TryGet(hash, key, _seconds, reply[..limit], out var hit)) return 0;
        if (hit.IsExpired)
        {
            stale = true;
            // With no server left, or none that helped a moment ago, nobody waits: what was true a while ago is the best there is (RFC 8767).
            if (_settings.Rules.Match(key[..query.NameLength]) is not { } rule || !(rule.AllDown || FailedLately(hash))) return 0;
            Counters.StaleAnswers++;
            rule.Counters.AnsweredStale();
            Renew(query, hash, rule);
        }
        else
        {
            Counters.Hit(hit.Rule);
            if (hit.WantsPrefetch && _settings.Rules.Match(key[..query.NameLength]) is { } rule && Renew(query, hash, rule)) Counters.Prefetches++;
        }

        var length = Reply.Finish(reply, hit.Length, limit, query, name, cookie, stale ? StaleError(reply) : ExtendedError.None, out var truncated);
        if (truncated) Counters.Truncated++;
        return length;
    }

    private static ExtendedError StaleError(ReadOnlySpan<byte> message) =>
        (ResponseCode)(DnsHeader.Flags(message) & DnsHeader.CodeMask) == ResponseCode.NonExistentDomain ? ExtendedError.StaleNonExistentDomain : ExtendedError.StaleAnswer;

    private ReadOnlySpan<byte> CookieFor(ReadOnlySpan<byte> packet, in ClientQuery query, ReadOnlySpan<byte> source)
    {
        if (query.CookieLength == 0) return default;
        _settings.Cookie.Write(packet.Slice(query.CookieAt, Edns.ClientCookieSize), source, WallSeconds(), _cookie);
        return _cookie;
    }

    private bool HasValidCookie(ReadOnlySpan<byte> packet, in ClientQuery query, ReadOnlySpan<byte> source) =>
        query.CookieLength == ServerCookie.Size && _settings.Cookie.IsValid(packet.Slice(query.CookieAt, query.CookieLength), source, WallSeconds());

    private uint WallSeconds() => (uint)_settings.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Answers a waiting client with a message of the builder or of the cache.</summary>
    private void AnswerWaiter(ref Waiter waiter, ReadOnlySpan<byte> message, ReadOnlySpan<byte> from, ExtendedError error)
    {
        ReadOnlySpan<byte> address = waiter.Address;
        var source = waiter.Connection is { } tcp ? tcp.Address : SocketAddress.AddressOf(address);
        ReadOnlySpan<byte> cookie = default;
        if (waiter.Query.CookieLength != 0)
        {
            _settings.Cookie.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in waiter.ClientCookie)), source, WallSeconds(), _cookie);
            cookie = _cookie;
        }

        ReadOnlySpan<byte> name = waiter.Name;
        name = name[..waiter.Query.NameLength];
        var isTcp = waiter.Connection is not null;
        var limit = isTcp ? ushort.MaxValue : Math.Min(waiter.Query.UdpSize, Reply.UdpSize);
        var reply = isTcp ? _tcpReply : waiter.Socket!.Outgoing.Next();
        message[..(message.Length <= limit ? message.Length : DnsHeader.Size)].CopyTo(reply);
        var length = Reply.Finish(reply, message.Length, limit, waiter.Query, name, cookie, error, out var truncated);
        if (truncated) Counters.Truncated++;
        if (isTcp)
        {
            waiter.Connection!.Answer(reply[..length]);
        }
        else
        {
            ReadOnlySpan<byte> control = waiter.Control;
            waiter.Socket!.Outgoing.Add(length, address[..waiter.AddressLength], control[..waiter.ControlLength]);
            if (waiter.Socket.Outgoing.Count == waiter.Socket.Outgoing.Capacity) waiter.Socket.Flush();
        }

        if (_settings.Log.LogsQueries) LogQuery(waiter.Query, default, source, DnsHeader.Flags(reply), System.Text.Encoding.ASCII.GetString(from), _microseconds - waiter.Since, name);
    }

    private void LogQuery(in ClientQuery query, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> source, ushort flags, string from, long microseconds, ReadOnlySpan<byte> name = default)
    {
        if (name.IsEmpty) name = query.NameLength == 0 ? [0] : packet.Slice(DnsHeader.Size, query.NameLength);
        _settings.Log.WriteQuery($"{new System.Net.IPAddress(source)} {DomainName.ToText(name)} {RecordTypes.Name(query.Type)} {ResponseCodes.Name((ResponseCode)(flags & DnsHeader.CodeMask))} {from} {microseconds / 1000.0:0.0} ms");
    }
}
