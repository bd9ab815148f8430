using System.Buffers.Binary;

namespace Tunnelwright.Dns.Wire;

/// <summary>The EDNS pseudo record (RFC 6891) and its options: cookies (RFC 7873) and extended errors (RFC 8914).</summary>
public static class Edns
{
    /// <summary>Bytes of the record without options.</summary>
    public const int RecordSize = 11;

    /// <summary>The option number of a cookie.</summary>
    public const ushort CookieOption = 10;

    /// <summary>The option number of an extended error.</summary>
    public const ushort ExtendedErrorOption = 15;

    /// <summary>Bytes of a client's cookie.</summary>
    public const int ClientCookieSize = 8;

    /// <summary>Least bytes of a cookie with the server's half (RFC 7873, section 4.1).</summary>
    public const int ShortestCookie = 16;

    /// <summary>Most bytes of a cookie with the server's half.</summary>
    public const int LongestCookie = 40;

    /// <summary>The DNSSEC OK bit in the record's TTL.</summary>
    public const uint DnssecOk = 0x8000;

    /// <summary>Writes the record without options; <see cref="AddOption"/> adds them.</summary>
    /// <param name="destination">At least <see cref="RecordSize"/> bytes.</param>
    /// <param name="udpSize">The largest UDP message that is taken, in bytes.</param>
    /// <param name="extendedCode">The upper eight bits of the response code.</param>
    /// <param name="dnssecOk">The DO bit.</param>
    public static void Write(Span<byte> destination, int udpSize, int extendedCode, bool dnssecOk)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)RecordType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], (ushort)udpSize);
        BinaryPrimitives.WriteUInt32BigEndian(destination[5..], ((uint)extendedCode << 24) | (dnssecOk ? DnssecOk : 0));
        destination[9] = 0;
        destination[10] = 0;
    }

    /// <summary>Adds an option to a record written before.</summary>
    /// <param name="record">The record with room for the option.</param>
    /// <param name="length">Bytes of the record so far; grows.</param>
    /// <param name="option">The option's number.</param>
    /// <param name="data">Its data.</param>
    public static void AddOption(Span<byte> record, ref int length, ushort option, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt16BigEndian(record[length..], option);
        BinaryPrimitives.WriteUInt16BigEndian(record[(length + 2)..], (ushort)data.Length);
        data.CopyTo(record[(length + 4)..]);
        length += 4 + data.Length;
        BinaryPrimitives.WriteUInt16BigEndian(record[9..], (ushort)(length - RecordSize));
    }

    /// <summary>Looks for an option in the record's data.</summary>
    /// <param name="data">The record's data.</param>
    /// <param name="option">The option's number.</param>
    /// <param name="offset">Where its data begins.</param>
    /// <param name="length">Bytes of its data.</param>
    /// <returns>Whether it is there; false also when the lengths before it lie.</returns>
    public static bool TryOption(ReadOnlySpan<byte> data, ushort option, out int offset, out int length)
    {
        for (offset = 0, length = 0; offset + 4 <= data.Length; offset += 4 + length)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(data[(offset + 2)..]);
            if (offset + 4 + length > data.Length) return false;
            if (BinaryPrimitives.ReadUInt16BigEndian(data[offset..]) != option) continue;
            offset += 4;
            return true;
        }

        return false;
    }
}
