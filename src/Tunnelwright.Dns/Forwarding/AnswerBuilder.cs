using System.Buffers.Binary;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>
/// Makes of a server's response the answer for the client: the records of the chain and of the type asked for, nothing else. What else a
/// server adds is not believed. One for each thread; its buffers are used again.
/// </summary>
internal sealed class AnswerBuilder(CacheOptions cache, Func<ForwardingRule, Chain, bool> leavesRule)
{
    /// <summary>No message has more records: the shortest takes 11 bytes.</summary>
    private const int MaximumRecords = 5957;

    /// <summary>Seconds that public addresses are kept where private ones are wanted: the private ones are looked for again soon, and as long as there are none it is told.</summary>
    private const uint PublicSeconds = 60;

    private readonly ResourceRecord[] _records = new ResourceRecord[MaximumRecords];
    private readonly byte[] _buffer = new byte[ushort.MaxValue];
    private readonly ushort[] _ttls = new ushort[MaximumRecords];
    private int _length;
    private int _ttlCount;
    private int _count;
    private int _extendedCode;

    /// <summary>The answer: header, question, records.</summary>
    public ReadOnlySpan<byte> Message => _buffer.AsSpan(0, _length);

    /// <summary>Where its TTLs stand.</summary>
    public ReadOnlySpan<ushort> Ttls => _ttls.AsSpan(0, _ttlCount);

    /// <summary>Seconds until it expires; 0 when it may not be kept.</summary>
    public uint Lifetime { get; private set; }

    public ResponseCode Code { get; private set; }

    /// <summary>The name does not exist, and no alias led to it.</summary>
    public bool DeniesQuestion { get; private set; }

    /// <summary>The rule's names must have private addresses, and these are all public.</summary>
    public bool IsPublicOnly { get; private set; }

    /// <summary>An answer that says no more than a code.</summary>
    public void Fail(ReadOnlySpan<byte> question, RecordType type, ResponseCode code)
    {
        var writer = new MessageWriter(_buffer, _ttls, question, type);
        Finish(ref writer, 0, 0, code, isAuthentic: false);
        (Lifetime, DeniesQuestion, IsPublicOnly) = (0, false, false);
    }

    /// <summary>Denies a name, because one above it was denied.</summary>
    /// <param name="denial">The answer for the name above.</param>
    /// <param name="question">The name.</param>
    public void Deny(ReadOnlySpan<byte> denial, ReadOnlySpan<byte> question)
    {
        var writer = new MessageWriter(_buffer, _ttls, question, RecordType.None);
        var reader = new MessageReader(denial);
        while (reader.NextRecord(out var record)) writer.WriteRecord(denial, record, record.Ttl);
        Finish(ref writer, 0, writer.Records, ResponseCode.NonExistentDomain, isAuthentic: false);
    }

    /// <summary>Takes a response in.</summary>
    /// <param name="response">The message; its question is checked already.</param>
    /// <param name="chain">How far the chain has come; goes on with what the response holds.</param>
    /// <param name="rule">The rule whose server it is from.</param>
    /// <param name="flatten">Answer the final records under the name that was asked.</param>
    /// <param name="ignoreTruncation">It came over TCP.</param>
    public ChainStep Build(ReadOnlySpan<byte> response, Chain chain, ForwardingRule rule, bool flatten, bool ignoreTruncation)
    {
        if (response.Length < DnsHeader.Size) return ChainStep.Malformed;
        var flags = DnsHeader.Flags(response);
        Code = (ResponseCode)(flags & DnsHeader.CodeMask);
        (Lifetime, DeniesQuestion, IsPublicOnly) = (0, false, false);
        if ((flags & DnsHeader.Truncated) != 0 && !ignoreTruncation) return ChainStep.Truncated;
        if (!ReadRecords(response)) return ChainStep.Malformed;
        Code = (ResponseCode)((int)Code | (_extendedCode << 4));
        if (Code is not (ResponseCode.NoError or ResponseCode.NonExistentDomain)) return ChainStep.ServerFailed;

        var follows = chain.Type is not (RecordType.Cname or RecordType.Any or RecordType.Rrsig or RecordType.Dname);
        flatten &= follows;
        var lifetime = Math.Min(chain.Lifetime, cache.MaximumTtlSeconds);
        var writer = new MessageWriter(_buffer, _ttls, chain.Question, chain.Type);
        if (!chain.Partial.IsEmpty) CopyPartial(ref writer, chain.Partial);
        var firstHop = chain.Hops;
        var leaves = false;
        while (follows && !leaves && FindAlias(response, chain.Current) is var alias and >= 0)
        {
            lifetime = Math.Min(lifetime, WriteAlias(ref writer, response, chain, alias, flatten));
            if (!chain.TryMove(response, _records[alias].Data)) return ChainStep.Loop;
            leaves = leavesRule(rule, chain);
        }

        var isAuthentic = chain.IsAuthentic && (flags & DnsHeader.AuthenticData) != 0;
        var answers = leaves ? 0 : WriteFinal(ref writer, response, chain, rule, flatten, ref lifetime);
        if (writer.HasOverflowed) return ChainStep.Malformed;
        if (answers == 0 && (leaves || (chain.Hops > firstHop && Code == ResponseCode.NoError && FindSoa(response, chain.Current) < 0)))
        {
            Finish(ref writer, writer.Records, 0, ResponseCode.NoError, isAuthentic);
            chain.Keep(Message, lifetime, isAuthentic);
            return ChainStep.Continue;
        }

        if (answers == 0 && chain.Hops == firstHop && Code == ResponseCode.NoError && IsReferral(flags)) return ChainStep.ServerFailed;
        var authority = answers == 0 ? WriteNegative(ref writer, response, chain, rule, flatten, ref lifetime) : chain.DnssecOk && !flatten ? WriteProof(ref writer, response, ref lifetime) : 0;
        if (writer.HasOverflowed) return ChainStep.Malformed;
        DeniesQuestion = Code == ResponseCode.NonExistentDomain && chain.Hops == 0;
        Lifetime = lifetime;
        Finish(ref writer, writer.Records - authority, authority, Code, isAuthentic && !flatten && !rule.Private);
        return ChainStep.Complete;
    }

    private bool ReadRecords(ReadOnlySpan<byte> response)
    {
        (_count, _extendedCode) = (0, 0);
        var reader = new MessageReader(response);
        Span<byte> owner = stackalloc byte[DomainName.MaximumLength];
        while (reader.NextRecord(out var record))
        {
            if (_count == MaximumRecords) return false;
            var isQuestion = BinaryPrimitives.ReadUInt16BigEndian(response[record.Owner..]) == (0xC000 | DnsHeader.Size);
            if (!isQuestion && DomainName.Expand(response, record.Owner, owner, out _) == 0) return false;
            if (record is { Type: RecordType.Opt, Section: 3 }) _extendedCode = (int)(record.Ttl >> 24);
            _records[_count++] = record;
        }

        return !reader.IsMalformed;
    }

    private static void CopyPartial(ref MessageWriter writer, ReadOnlySpan<byte> partial)
    {
        var reader = new MessageReader(partial);
        while (reader.NextRecord(out var record)) writer.WriteRecord(partial, record, record.Ttl);
    }

    private int FindAlias(ReadOnlySpan<byte> response, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _count && _records[i].Section == 1; i++)
        {
            if (_records[i].Type == RecordType.Cname && _records[i].Class == 1 && DomainName.EqualsAt(response, _records[i].Owner, name)) return i;
        }

        return -1;
    }

    /// <summary>Writes an alias, the DNAME that it was made from, and their signatures when they were asked for.</summary>
    private uint WriteAlias(ref MessageWriter writer, ReadOnlySpan<byte> response, Chain chain, int alias, bool flatten)
    {
        var lifetime = Clamp(_records[alias].Ttl);
        if (flatten) return lifetime;
        Span<byte> owner = stackalloc byte[DomainName.MaximumLength];
        for (var i = 0; i < _count && _records[i].Section == 1; i++)
        {
            ref readonly var record = ref _records[i];
            if (Subject(response, record, chain.DnssecOk) != RecordType.Dname) continue;
            var length = DomainName.Expand(response, record.Owner, owner, out _);
            DomainName.ToLower(owner[..length]);
            if (length == 0 || length >= chain.Current.Length || !DomainName.IsUnder(chain.Current, owner[..length])) continue;
            lifetime = Math.Min(lifetime, Clamp(record.Ttl));
            writer.WriteRecord(response, record, Clamp(record.Ttl));
        }

        writer.WriteRecord(response, _records[alias], Clamp(_records[alias].Ttl), chain.Current);
        for (var i = 0; i < _count && chain.DnssecOk && _records[i].Section == 1; i++)
        {
            if (_records[i].Type == RecordType.Rrsig && Subject(response, _records[i], true) == RecordType.Cname && DomainName.EqualsAt(response, _records[i].Owner, chain.Current))
                writer.WriteRecord(response, _records[i], Clamp(_records[i].Ttl), chain.Current);
        }

        return lifetime;
    }

    /// <summary>Writes the records of the type asked for at the chain's end.</summary>
    /// <returns>How many there are.</returns>
    private int WriteFinal(ref MessageWriter writer, ReadOnlySpan<byte> response, Chain chain, ForwardingRule rule, bool flatten, ref uint lifetime)
    {
        var addresses = chain.Type is RecordType.A or RecordType.Aaaa;
        var (found, privates) = (0, 0);
        for (var i = 0; i < _count && _records[i].Section == 1; i++)
        {
            ref readonly var record = ref _records[i];
            if (!IsFinal(response, record, chain)) continue;
            lifetime = Math.Min(lifetime, Clamp(record.Ttl));
            if (record.Type == RecordType.Rrsig && chain.Type != RecordType.Rrsig) continue;
            found++;
            if (addresses && PrivateAddresses.IsPrivate(response.Slice(record.Data, record.DataLength))) privates++;
        }

        if (found == 0) return 0;
        IsPublicOnly = rule.Private && addresses && privates == 0;
        var most = IsPublicOnly ? PublicSeconds : uint.MaxValue;
        lifetime = Math.Min(lifetime, most);
        var onlyPrivates = rule.Private && privates > 0 && privates < found;
        for (var i = 0; i < _count && _records[i].Section == 1; i++)
        {
            ref readonly var record = ref _records[i];
            if (!IsFinal(response, record, chain)) continue;
            var isSignature = record.Type == RecordType.Rrsig && chain.Type is not (RecordType.Rrsig or RecordType.Any);
            if (isSignature && (flatten || onlyPrivates)) continue;
            if (onlyPrivates && record.Type == chain.Type && !PrivateAddresses.IsPrivate(response.Slice(record.Data, record.DataLength))) continue;
            writer.WriteRecord(response, record, flatten ? lifetime : Math.Min(Clamp(record.Ttl), most), flatten ? chain.Question : chain.Current);
        }

        return onlyPrivates ? privates : found;
    }

    private static bool IsFinal(ReadOnlySpan<byte> response, in ResourceRecord record, Chain chain) =>
        record.Class == 1 && (chain.Type == RecordType.Any || record.Type == chain.Type || (chain.DnssecOk && record.Type == RecordType.Rrsig && Subject(response, record, true) == chain.Type)) && DomainName.EqualsAt(response, record.Owner, chain.Current);

    /// <summary>Writes what tells how long the absence holds (RFC 2308) and, when asked for, its proof.</summary>
    /// <returns>How many records.</returns>
    private int WriteNegative(ref MessageWriter writer, ReadOnlySpan<byte> response, Chain chain, ForwardingRule rule, bool flatten, ref uint lifetime)
    {
        var soa = FindSoa(response, chain.Current);
        if (soa < 0)
        {
            lifetime = 0;
            return 0;
        }

        var before = writer.Records;
        ref readonly var record = ref _records[soa];
        var ttl = Math.Min(record.Ttl, record.DataLength >= 22 ? BinaryPrimitives.ReadUInt32BigEndian(response[(record.Data + record.DataLength - 4)..]) : 0);
        ttl = Math.Min(ttl, cache.NegativeTtlSeconds);
        lifetime = Math.Min(lifetime, ttl);
        // A flattened answer's SOA of the target's zone would be of no use to who does not know of the target.
        writer.WriteRecord(response, record, lifetime, flatten && chain.Hops > 0 ? rule.Domain : default);
        for (var i = 0; i < _count && chain.DnssecOk && !flatten; i++)
        {
            if (_records[i].Section == 2 && _records[i].Type is RecordType.Nsec or RecordType.Nsec3 or RecordType.Rrsig) writer.WriteRecord(response, _records[i], Math.Min(Clamp(_records[i].Ttl), Math.Max(lifetime, 1)));
        }

        return writer.Records - before;
    }

    /// <summary>Writes the proof that an answer was rightly made from a wildcard (RFC 4035, section 3.1.3.3); it holds as long as its shortest part.</summary>
    /// <returns>How many records.</returns>
    private int WriteProof(ref MessageWriter writer, ReadOnlySpan<byte> response, ref uint lifetime)
    {
        var before = writer.Records;
        for (var i = 0; i < _count; i++)
        {
            if (_records[i].Section != 2 || Subject(response, _records[i], true) is not (RecordType.Nsec or RecordType.Nsec3)) continue;
            lifetime = Math.Min(lifetime, Clamp(_records[i].Ttl));
            writer.WriteRecord(response, _records[i], Clamp(_records[i].Ttl));
        }

        return writer.Records - before;
    }

    /// <summary>The server names others to ask (RFC 2308, section 2.2): it does not look the name up itself, and says nothing about it.</summary>
    private bool IsReferral(ushort flags)
    {
        var namesServers = false;
        for (var i = 0; i < _count && (flags & DnsHeader.Authoritative) == 0; i++)
        {
            if (_records[i].Section != 2) continue;
            if (_records[i].Type == RecordType.Soa) return false;
            namesServers |= _records[i].Type == RecordType.Ns;
        }

        return namesServers;
    }

    /// <summary>The SOA of a zone that the name is in; another zone's says nothing about it.</summary>
    private int FindSoa(ReadOnlySpan<byte> response, ReadOnlySpan<byte> name)
    {
        Span<byte> owner = stackalloc byte[DomainName.MaximumLength];
        for (var i = 0; i < _count; i++)
        {
            if (_records[i].Section != 2 || _records[i].Type != RecordType.Soa) continue;
            var length = DomainName.Expand(response, _records[i].Owner, owner, out _);
            DomainName.ToLower(owner[..length]);
            if (length > 0 && DomainName.IsUnder(name, owner[..length])) return i;
        }

        return -1;
    }

    /// <summary>The record's type; of a signature, when those count, the type that it signs.</summary>
    private static RecordType Subject(ReadOnlySpan<byte> response, in ResourceRecord record, bool signatures) =>
        signatures && record.Type == RecordType.Rrsig && record.DataLength >= 2 ? (RecordType)BinaryPrimitives.ReadUInt16BigEndian(response[record.Data..]) : record.Type;

    private uint Clamp(uint ttl) => Math.Clamp(ttl, Math.Min(cache.MinimumTtlSeconds, cache.MaximumTtlSeconds), cache.MaximumTtlSeconds);

    private void Finish(ref MessageWriter writer, int answers, int authority, ResponseCode code, bool isAuthentic)
    {
        (_length, _ttlCount) = (writer.Length, writer.Records);
        DnsHeader.Write(_buffer, 0, (ushort)(DnsHeader.Response | DnsHeader.RecursionAvailable | (isAuthentic ? DnsHeader.AuthenticData : 0) | (int)code));
        DnsHeader.SetCount(_buffer, 1, answers);
        DnsHeader.SetCount(_buffer, 2, authority);
    }
}
