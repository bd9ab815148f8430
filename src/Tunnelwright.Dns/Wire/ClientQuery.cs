using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Wire;

/// <summary>What is to be done with a datagram or message from a client.</summary>
internal enum QueryVerdict
{
    /// <summary>A question to answer.</summary>
    Ask,

    /// <summary>Not a query at all: no answer, or two servers would talk forever.</summary>
    Drop,

    /// <summary>An answer of the header alone with the code.</summary>
    Reject,
}

/// <summary>A client's query, read in one pass. <see cref="Parse"/> also fills the cache's key.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ClientQuery
{
    /// <summary>Bytes that the key needs: the name, its type and a byte of flags, and what the hash reads beyond.</summary>
    public const int KeySize = DomainName.MaximumLength + 3 + 8;

    /// <summary>The DO bit in the key's last byte.</summary>
    public const byte KeyDnssecOk = 1;

    /// <summary>The CD bit in the key's last byte.</summary>
    public const byte KeyCheckingDisabled = 2;

    public ushort Id;
    public ushort Flags;
    public RecordType Type;
    public ushort Class;
    public int NameLength;
    public int KeyLength;
    public ResponseCode Code;
    public bool HasEdns;
    public bool DnssecOk;
    public int UdpSize;
    public int CookieAt;
    public int CookieLength;

    /// <summary>Reads a query and writes its key: the name in lower case, the type, DO and CD.</summary>
    public QueryVerdict Parse(ReadOnlySpan<byte> packet, Span<byte> key)
    {
        if (packet.Length < DnsHeader.Size) return QueryVerdict.Drop;
        Id = DnsHeader.Id(packet);
        Flags = DnsHeader.Flags(packet);
        Code = ResponseCode.NoError;
        HasEdns = DnssecOk = false;
        UdpSize = 512;
        CookieLength = 0;
        NameLength = 0;
        if ((Flags & DnsHeader.Response) != 0) return QueryVerdict.Drop;
        if ((Flags & DnsHeader.OpcodeMask) != 0) return Reject(ResponseCode.NotImplemented);
        // One question, no answer, no authority; the additional section holds OPT at most, and a signature that is not ours to check.
        var counts = BinaryPrimitives.ReadUInt64BigEndian(packet[4..]);
        if ((counts >> 16) != 0x0001_0000_0000) return Reject(AsksForCookie(packet, counts) ? ResponseCode.NoError : ResponseCode.FormatError);
        var at = DnsHeader.Size;
        while (true)
        {
            if ((uint)at >= (uint)packet.Length) return Reject(ResponseCode.FormatError);
            var label = packet[at];
            if (label == 0) break;
            if (label > 63) return Reject(ResponseCode.FormatError);
            at += 1 + label;
        }

        var length = at + 1 - DnsHeader.Size;
        if (length > DomainName.MaximumLength || at + 5 > packet.Length) return Reject(ResponseCode.FormatError);
        Type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 1)..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 3)..]);
        at += 5;
        if ((ushort)counts != 0 && !ParseAdditional(packet, at, (ushort)counts)) return Reject(ResponseCode.FormatError);
        NameLength = length;
        Lowering.Copy(packet, DnsHeader.Size, length, key);
        key[length] = (byte)((ushort)Type >> 8);
        key[length + 1] = (byte)Type;
        key[length + 2] = (byte)((DnssecOk ? KeyDnssecOk : 0) | ((Flags & DnsHeader.CheckingDisabled) != 0 ? KeyCheckingDisabled : 0));
        KeyLength = length + 3;
        return Code == ResponseCode.BadVersion ? QueryVerdict.Reject : QueryVerdict.Ask;
    }

    /// <summary>No question at all, but a cookie: the client wants to have our half (RFC 7873, section 5.4).</summary>
    private bool AsksForCookie(ReadOnlySpan<byte> packet, ulong counts) => counts is > 0 and <= ushort.MaxValue && ParseAdditional(packet, DnsHeader.Size, (int)counts) && CookieLength != 0 && Code == ResponseCode.NoError;

    private bool ParseAdditional(ReadOnlySpan<byte> packet, int at, int count)
    {
        for (; count > 0; count--)
        {
            if (!MessageReader.TryRecord(packet, at, 3, out var record, out at)) return false;
            if (record.Type != RecordType.Opt) continue;
            if (HasEdns || packet[record.Owner] != 0) return false;
            HasEdns = true;
            UdpSize = Math.Max((int)record.Class, 512);
            DnssecOk = (record.Ttl & Edns.DnssecOk) != 0;
            if (((record.Ttl >> 16) & 0xFF) != 0) Code = ResponseCode.BadVersion;
            if (record.DataLength == 0) continue;
            var data = packet.Slice(record.Data, record.DataLength);
            if (!Edns.TryOption(data, Edns.CookieOption, out var offset, out var length)) continue;
            if (length is not (Edns.ClientCookieSize or (>= Edns.ShortestCookie and <= Edns.LongestCookie))) return false;
            CookieAt = record.Data + offset;
            CookieLength = length;
        }

        return true;
    }

    private QueryVerdict Reject(ResponseCode code)
    {
        Code = code;
        return QueryVerdict.Reject;
    }
}
