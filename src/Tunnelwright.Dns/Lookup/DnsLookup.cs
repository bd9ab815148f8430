using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Text;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Lookup;

/// <summary>Asks a server for a name and follows the chain of CNAMEs with that server, whatever domain it leads to.</summary>
public static class DnsLookup
{
    /// <summary>Looks a name up.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The name without compression.</param>
    /// <param name="type">The type.</param>
    /// <param name="timeout">Longest wait for each question; a datagram is sent again after a third of it.</param>
    /// <param name="source">The local address to ask from; null lets the route decide.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <returns>What the server said, also when it said nothing.</returns>
    public static async Task<LookupAnswer> RunAsync(IPEndPoint server, byte[] name, RecordType type, TimeSpan timeout, IPAddress? source = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(name);
        var watch = Stopwatch.StartNew();
        var chain = new Chain();
        var question = name.ToArray();
        DomainName.ToLower(question);
        chain.Begin(question, type, dnssecOk: false);
        var records = new List<LookupRecord>();
        var (questions, usedTcp) = (0, false);
        while (true)
        {
            var before = chain.Hops;
            questions++;
            var (message, overTcp, problem) = await LookupExchange.AskAsync(server, source, chain.Current.ToArray(), type, timeout, cancellationToken);
            usedTcp |= overTcp;
            if (message is null) return new LookupAnswer(type, server, null, null, records, false, false, usedTcp, watch.Elapsed, problem);
            var code = (ResponseCode)(DnsHeader.Flags(message) & DnsHeader.CodeMask);
            var found = Collect(message, chain, records, out var loops);
            var zone = Zone(message);
            if (loops || found > 0 || code != ResponseCode.NoError || chain.Hops == before || zone is not null)
                return new LookupAnswer(type, server, code, Error(message), records, questions == 1, loops, usedTcp, watch.Elapsed, null) { Zone = zone };
        }
    }

    /// <summary>Takes the aliases and the final records out of an answer.</summary>
    /// <returns>How many final records there are.</returns>
    private static int Collect(byte[] message, Chain chain, List<LookupRecord> records, out bool loops)
    {
        loops = false;
        while (chain.Type is not (RecordType.Cname or RecordType.Any) && Find(message, chain.Current, RecordType.Cname) is { } alias)
        {
            records.Add(Record(message, alias));
            if (chain.TryMove(message, alias.Data)) continue;
            loops = true;
            return 0;
        }

        var found = 0;
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Section != 1 || (record.Type != chain.Type && chain.Type != RecordType.Any) || !DomainName.EqualsAt(message, record.Owner, chain.Current)) continue;
            records.Add(Record(message, record));
            found++;
        }

        return found;
    }

    private static ResourceRecord? Find(byte[] message, ReadOnlySpan<byte> owner, RecordType type)
    {
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Section == 1 && record.Type == type && DomainName.EqualsAt(message, record.Owner, owner)) return record;
        }

        return null;
    }

    private static string? Zone(byte[] message)
    {
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record is { Section: 2, Type: RecordType.Soa }) return $"{Name(message, record.Owner)} {Name(message, record.Data)}";
        }

        return null;
    }

    private static int? Error(byte[] message)
    {
        var reader = new MessageReader(message);
        while (reader.NextRecord(out var record))
        {
            if (record.Type == RecordType.Opt && Edns.TryOption(message.AsSpan(record.Data, record.DataLength), Edns.ExtendedErrorOption, out var offset, out var length) && length >= 2)
                return BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(record.Data + offset));
        }

        return null;
    }

    private static LookupRecord Record(byte[] message, in ResourceRecord record)
    {
        var data = message.AsSpan(record.Data, record.DataLength);
        var address = record.Type is RecordType.A && data.Length == 4 || record.Type is RecordType.Aaaa && data.Length == 16 ? new IPAddress(data) : null;
        return new LookupRecord(Name(message, record.Owner), record.Type, record.Ttl, address?.ToString() ?? Text(message, record), address);
    }

    private static string Text(byte[] message, in ResourceRecord record)
    {
        var data = message.AsSpan(record.Data, record.DataLength);
        switch (record.Type)
        {
            case RecordType.Cname or RecordType.Ns or RecordType.Ptr or RecordType.Dname:
                return Name(message, record.Data);
            case RecordType.Mx when data.Length > 2:
                return $"{BinaryPrimitives.ReadUInt16BigEndian(data)} {Name(message, record.Data + 2)}";
            case RecordType.Srv when data.Length > 6:
                return $"{BinaryPrimitives.ReadUInt16BigEndian(data)} {BinaryPrimitives.ReadUInt16BigEndian(data[2..])} {BinaryPrimitives.ReadUInt16BigEndian(data[4..])} {Name(message, record.Data + 6)}";
            case RecordType.Txt:
                var text = new StringBuilder();
                for (var at = 0; at < data.Length && at + 1 + data[at] <= data.Length; at += 1 + data[at])
                    text.Append(text.Length > 0 ? " " : "").Append('"').Append(string.Concat(Encoding.Latin1.GetString(data.Slice(at + 1, data[at])).Select(c => c is < ' ' or '"' or '\\' or > '~' ? $"\\{(int)c:D3}" : c.ToString()))).Append('"');
                return text.ToString();
            default:
                return $"\\# {data.Length} {Convert.ToHexString(data)}";
        }
    }

    private static string Name(byte[] message, int offset)
    {
        Span<byte> name = stackalloc byte[DomainName.MaximumLength];
        var length = DomainName.Expand(message, offset, name, out _);
        return length == 0 ? "?" : DomainName.ToText(name[..length]);
    }
}
