using System.Buffers.Binary;

namespace Tunnelwright.Diagnosis;

/// <summary>Takes the IP packet out of a frame (tcpdump.org, "Link-layer header types").</summary>
internal static class LinkLayer
{
    private const int EthernetBytes = 14;
    private const int MaximumTags = 4;
    private const ushort Ipv4 = 0x0800;
    private const ushort Ipv6 = 0x86DD;
    private const ushort PppoeSession = 0x8864;

    /// <summary>Whether frames of a link type are read at all.</summary>
    public static bool IsKnown(int linkType) => linkType is 0 or 1 or 12 or 14 or 101 or 108 or 113 or 228 or 229 or 276;

    /// <summary>The IP packet; empty when the frame holds none.</summary>
    /// <param name="linkType">The interface's link type.</param>
    /// <param name="frame">The frame.</param>
    public static ReadOnlySpan<byte> Packet(int linkType, ReadOnlySpan<byte> frame) => linkType switch
    {
        1 => Ethernet(frame),
        12 or 14 or 101 or 228 or 229 => frame, // raw IP, as the BSDs, OpenBSD and LINKTYPE_RAW number it
        113 when frame.Length >= 16 => Behind(BinaryPrimitives.ReadUInt16BigEndian(frame[14..]), frame[16..]), // Linux cooked
        276 when frame.Length >= 20 => Behind(BinaryPrimitives.ReadUInt16BigEndian(frame), frame[20..]), // Linux cooked, version 2
        0 or 108 when frame.Length >= 4 => Loopback(frame),
        _ => [],
    };

    private static ReadOnlySpan<byte> Ethernet(ReadOnlySpan<byte> frame) =>
        frame.Length < EthernetBytes ? [] : Behind(BinaryPrimitives.ReadUInt16BigEndian(frame[12..]), frame[EthernetBytes..]);

    /// <summary>What stands behind an EtherType: an IP packet, perhaps behind VLAN tags or PPPoE.</summary>
    private static ReadOnlySpan<byte> Behind(ushort type, ReadOnlySpan<byte> rest)
    {
        for (var tags = 0; type is 0x8100 or 0x88A8 or 0x9100 && tags < MaximumTags && rest.Length >= 4; tags++)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            rest = rest[4..];
        }

        if (type == PppoeSession && rest.Length >= 8 && BinaryPrimitives.ReadUInt16BigEndian(rest[6..]) is 0x0021 or 0x0057) return rest[8..];
        return type is Ipv4 or Ipv6 ? rest : [];
    }

    /// <summary>The address family in the byte order of the host (type 0) or of the network (type 108): small either way.</summary>
    private static ReadOnlySpan<byte> Loopback(ReadOnlySpan<byte> frame)
    {
        var family = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(frame), BinaryPrimitives.ReadUInt32LittleEndian(frame));
        return family is 2 or 10 or 24 or 28 or 30 ? frame[4..] : [];
    }
}
