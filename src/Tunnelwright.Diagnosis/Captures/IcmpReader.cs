using System.Buffers.Binary;

namespace Tunnelwright.Diagnosis;

/// <summary>Reads ICMP errors that quote IKE or ESP (RFC 792, RFC 4443).</summary>
internal static class IcmpReader
{
    private const byte Udp = 17;
    private const byte Esp = 50;
    private const int HeaderBytes = 8;

    /// <summary>Reads one.</summary>
    /// <param name="packet">An ICMP packet.</param>
    /// <param name="error">What it says.</param>
    /// <returns>Whether it is an error about IKE or ESP.</returns>
    public static bool TryRead(IpPacket packet, out IcmpError error)
    {
        error = default;
        var bytes = packet.Payload;
        if (packet.FragmentOffset > 0 || bytes.Length <= HeaderBytes) return false;
        var kind = KindOf(packet.Protocol == 58, bytes[0], bytes[1]);
        if (kind is null || !IpPacket.TryRead(bytes[HeaderBytes..], out var quoted) || quoted.FragmentOffset > 0) return false;
        if (quoted.Protocol == Esp)
        {
            error = new IcmpError(kind.Value, packet.Source, new PacketPath(quoted.Source, 0, quoted.Destination, 0), "ESP");
            return true;
        }

        if (quoted.Protocol != Udp || quoted.Payload.Length < 4) return false;
        var path = new PacketPath(quoted.Source, BinaryPrimitives.ReadUInt16BigEndian(quoted.Payload), quoted.Destination, BinaryPrimitives.ReadUInt16BigEndian(quoted.Payload[2..]));
        if (path.DestinationPort is not (500 or 4500) && path.SourcePort is not (500 or 4500)) return false;
        error = new IcmpError(kind.Value, packet.Source, path, $"UDP {path.DestinationPort}");
        return true;
    }

    private static IcmpKind? KindOf(bool isV6, byte type, byte code) => (isV6, type, code) switch
    {
        (false, 3, 3) or (true, 1, 4) => IcmpKind.PortUnreachable,
        (false, 3, 2) => IcmpKind.ProtocolUnreachable,
        (false, 3, 4) or (true, 2, _) => IcmpKind.TooBig,
        (false, 3, 9 or 10 or 13) or (true, 1, 1 or 5 or 6) => IcmpKind.Prohibited,
        (false, 3, _) or (true, 1, _) => IcmpKind.HostUnreachable,
        (false, 11, 0) or (true, 3, 0) => IcmpKind.HostUnreachable,
        _ => null,
    };
}

/// <summary>What an ICMP error says.</summary>
internal enum IcmpKind
{
    PortUnreachable,
    ProtocolUnreachable,
    HostUnreachable,
    Prohibited,
    TooBig,
}

/// <summary>An ICMP error about a packet of ours.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Sender">Who says it.</param>
/// <param name="Quoted">Where the packet came from and went.</param>
/// <param name="What">What the packet was, in words.</param>
internal readonly record struct IcmpError(IcmpKind Kind, HostAddress Sender, PacketPath Quoted, string What);
