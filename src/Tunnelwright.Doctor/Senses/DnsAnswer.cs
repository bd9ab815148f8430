using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Tunnelwright.Doctor;

/// <summary>The few bytes of DNS (RFC 1035) that it takes to ask for a name's IPv4 addresses. Reading is total on any bytes.</summary>
internal static class DnsAnswer
{
    private const int TypeA = 1;
    private const int HeaderBytes = 12;

    /// <summary>A question for a name's addresses.</summary>
    public static byte[] Question(ushort id, string name)
    {
        var message = new List<byte> { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            var bytes = Encoding.ASCII.GetBytes(label);
            message.Add((byte)Math.Min(bytes.Length, 63));
            message.AddRange(bytes.Take(63));
        }

        message.AddRange([0, 0, TypeA, 0, 1]);
        return [.. message];
    }

    /// <summary>The addresses in an answer, whatever name they belong to (a chain of aliases ends in them); null when it is no answer to the question.</summary>
    public static IReadOnlyList<IPAddress>? Addresses(ReadOnlySpan<byte> message, ushort id)
    {
        if (message.Length < HeaderBytes || BinaryPrimitives.ReadUInt16BigEndian(message) != id || (message[2] & 0x80) == 0) return null;
        var found = new List<IPAddress>();
        var at = HeaderBytes;
        for (int question = BinaryPrimitives.ReadUInt16BigEndian(message[4..]); question > 0; question--)
        {
            if (SkipName(message, at) is not { } end) return found;
            at = end + 4;
        }

        for (int record = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); record > 0; record--)
        {
            if (SkipName(message, at) is not { } end || end + 10 > message.Length) return found;
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[end..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(end + 8)..]);
            at = end + 10 + length;
            if (at > message.Length) return found;
            if (type == TypeA && length == 4) found.Add(new IPAddress(message.Slice(end + 10, 4)));
        }

        return found;
    }

    /// <summary>Where a name ends: at a zero, or at a pointer (RFC 1035 section 4.1.4); null when it does not.</summary>
    private static int? SkipName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length)
        {
            var length = message[at];
            if (length == 0) return at + 1;
            if (length >= 0xc0) return at + 2 <= message.Length ? at + 2 : null;
            at += length + 1;
        }

        return null;
    }
}
