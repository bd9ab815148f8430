using System.Buffers.Binary;

namespace Tunnelwright.Diagnosis;

/// <summary>The parts of an IPv4 or IPv6 packet that matter here (RFC 791, RFC 8200).</summary>
internal readonly ref struct IpPacket
{
    private const int MaximumExtensions = 8;

    /// <summary>From whom.</summary>
    public HostAddress Source { get; private init; }

    /// <summary>To whom.</summary>
    public HostAddress Destination { get; private init; }

    /// <summary>The protocol of the payload.</summary>
    public byte Protocol { get; private init; }

    /// <summary>The payload as far as it was captured.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Bytes of the payload on the wire; 0 when the header does not say (segmentation by the card).</summary>
    public int PayloadBytes { get; private init; }

    /// <summary>Whether it is a part of a packet.</summary>
    public bool IsFragment => HasMore || FragmentOffset > 0;

    /// <summary>Whether more parts follow.</summary>
    public bool HasMore { get; private init; }

    /// <summary>Where in the whole payload this part begins, in bytes.</summary>
    public int FragmentOffset { get; private init; }

    /// <summary>The number that the parts of a packet share.</summary>
    public uint Identification { get; private init; }

    /// <summary>Reads a packet; false when it is none, or cut off in its header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out IpPacket packet)
    {
        packet = default;
        if (bytes.IsEmpty) return false;
        return (bytes[0] >> 4) switch
        {
            4 => TryReadV4(bytes, out packet),
            6 => TryReadV6(bytes, out packet),
            _ => false,
        };
    }

    private static bool TryReadV4(ReadOnlySpan<byte> bytes, out IpPacket packet)
    {
        packet = default;
        var header = (bytes[0] & 0xF) * 4;
        if (header < 20 || bytes.Length < header) return false;
        var total = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (total != 0 && total < header) return false;
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        var payload = bytes[header..];
        if (total != 0 && payload.Length > total - header) payload = payload[..(total - header)];
        packet = new IpPacket
        {
            Source = HostAddress.Read(bytes[12..16]),
            Destination = HostAddress.Read(bytes[16..20]),
            Protocol = bytes[9],
            Payload = payload,
            PayloadBytes = total == 0 ? payload.Length : total - header,
            HasMore = (fragment & 0x2000) != 0,
            FragmentOffset = (fragment & 0x1FFF) * 8,
            Identification = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
        };
        return true;
    }

    private static bool TryReadV6(ReadOnlySpan<byte> bytes, out IpPacket packet)
    {
        packet = default;
        if (bytes.Length < 40) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        var payload = bytes[40..];
        if (length != 0 && payload.Length > length) payload = payload[..length];
        if (length == 0) length = payload.Length;
        var next = bytes[6];
        var hasMore = false;
        var offset = 0;
        var identification = 0u;
        for (var i = 0; i < MaximumExtensions && next is 0 or 43 or 44 or 60; i++)
        {
            if (payload.Length < 8) return false;
            var bytesOfThis = next == 44 ? 8 : (payload[1] + 1) * 8;
            if (next == 44)
            {
                var field = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
                (hasMore, offset, identification) = ((field & 1) != 0, field & 0xFFF8, BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
            }

            next = payload[0];
            if (payload.Length < bytesOfThis || length < bytesOfThis) return false;
            payload = payload[bytesOfThis..];
            length -= bytesOfThis;
            if (offset > 0) break;
        }

        packet = new IpPacket
        {
            Source = HostAddress.Read(bytes[8..24]),
            Destination = HostAddress.Read(bytes[24..40]),
            Protocol = next,
            Payload = payload,
            PayloadBytes = length,
            HasMore = hasMore,
            FragmentOffset = offset,
            Identification = identification,
        };
        return true;
    }
}
