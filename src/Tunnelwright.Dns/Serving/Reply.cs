using System.Buffers.Binary;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>Makes of an answer, from the cache or fresh, the message for one client.</summary>
internal static class Reply
{
    /// <summary>The largest UDP message that is sent and taken, in bytes: passes everywhere without fragments (DNS Flag Day 2020).</summary>
    public const int UdpSize = 1232;

    /// <summary>Room that a reply needs beyond the answer: OPT with a cookie and an extended error.</summary>
    public const int MaximumEdns = Edns.RecordSize + 4 + ServerCookie.Size + 4 + 2;

    private const ushort Echoed = DnsHeader.RecursionDesired | DnsHeader.CheckingDisabled;

    /// <summary>Finishes a reply in place.</summary>
    /// <param name="message">Holds the answer, header and all, and has room for OPT.</param>
    /// <param name="length">Bytes of the answer; more than fits stands for an answer that was left out.</param>
    /// <param name="limit">Most bytes of the reply.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="name">The name with the letters as they were asked.</param>
    /// <param name="cookie">The cookie to give, or nothing.</param>
    /// <param name="error">The extended error, or none.</param>
    /// <param name="truncated">Whether the answer did not fit.</param>
    /// <returns>Bytes of the reply.</returns>
    public static int Finish(Span<byte> message, int length, int limit, in ClientQuery query, ReadOnlySpan<byte> name, ReadOnlySpan<byte> cookie, ExtendedError error, out bool truncated)
    {
        var edns = query.HasEdns ? Edns.RecordSize + (cookie.IsEmpty ? 0 : 4 + cookie.Length) + (error == ExtendedError.None ? 0 : 6) : 0;
        var flags = (ushort)((DnsHeader.Flags(message) & ~Echoed) | (query.Flags & Echoed));
        if (!query.DnssecOk && (query.Flags & DnsHeader.AuthenticData) == 0) flags &= unchecked((ushort)~DnsHeader.AuthenticData);
        truncated = length + edns > limit;
        var question = DnsHeader.Size + name.Length;
        if (truncated)
        {
            flags |= DnsHeader.Truncated;
            BinaryPrimitives.WriteUInt64BigEndian(message[4..], 0x0001_0000_0000_0000);
            length = question + 4;
        }

        BinaryPrimitives.WriteUInt16BigEndian(message, query.Id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], flags);
        name.CopyTo(message[DnsHeader.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[question..], (ushort)query.Type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(question + 2)..], query.Class);
        return query.HasEdns ? length + AddEdns(message, length, query, 0, cookie, error) : length;
    }

    /// <summary>A reply of a code: with the question when there was one that could be read, else the header alone.</summary>
    /// <param name="message">Room of at least 512 bytes.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="name">The name as it was asked; nothing when it could not be read.</param>
    /// <param name="code">The code.</param>
    /// <param name="cookie">The cookie to give, or nothing.</param>
    /// <param name="error">The extended error, or none.</param>
    /// <returns>Bytes of the reply.</returns>
    public static int Fail(Span<byte> message, in ClientQuery query, ReadOnlySpan<byte> name, ResponseCode code, ReadOnlySpan<byte> cookie, ExtendedError error)
    {
        var opcode = query.Flags & DnsHeader.OpcodeMask;
        DnsHeader.Write(message, query.Id, (ushort)(DnsHeader.Response | opcode | (query.Flags & Echoed) | DnsHeader.RecursionAvailable | ((int)code & DnsHeader.CodeMask)), (ushort)(name.IsEmpty ? 0 : 1));
        var length = DnsHeader.Size;
        if (!name.IsEmpty)
        {
            name.CopyTo(message[length..]);
            length += name.Length;
            BinaryPrimitives.WriteUInt16BigEndian(message[length..], (ushort)query.Type);
            BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], query.Class);
            length += 4;
        }

        // Without a name OPT would make the answer longer than what was sent; who asks for a cookie alone gets it.
        return query.HasEdns && (!name.IsEmpty || code == ResponseCode.NoError) ? length + AddEdns(message, length, query, (int)code >> 4, cookie, error) : length;
    }

    private static int AddEdns(Span<byte> message, int length, in ClientQuery query, int extendedCode, ReadOnlySpan<byte> cookie, ExtendedError error)
    {
        var record = message[length..];
        var size = Edns.RecordSize;
        Edns.Write(record, UdpSize, extendedCode, query.DnssecOk);
        if (!cookie.IsEmpty) Edns.AddOption(record, ref size, Edns.CookieOption, cookie);
        if (error != ExtendedError.None)
        {
            Span<byte> code = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(code, (ushort)error);
            Edns.AddOption(record, ref size, Edns.ExtendedErrorOption, code);
        }

        DnsHeader.SetCount(message, 3, 1);
        return size;
    }
}
