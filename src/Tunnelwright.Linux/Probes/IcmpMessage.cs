using System.Buffers.Binary;
using System.Net;

namespace Tunnelwright.Linux;

/// <summary>Writes echo requests and reads what a raw ICMP socket delivers: IPv4 header first. Total on any bytes.</summary>
internal readonly record struct IcmpMessage(
    int Type, int Code, int Identifier, int Sequence, int TimeToLive, int NextHopMtu, ulong Token, int PayloadBytes)
{
    internal const int EchoReplyType = 0;
    internal const int UnreachableType = 3;
    internal const int EchoRequestType = 8;
    internal const int TimeExceededType = 11;
    internal const int ParameterProblemType = 12;
    internal const int HeaderBytes = 8;
    internal const int TokenBytes = 8;
    private const int FragmentationNeededCode = 4;
    private const int ProtocolIcmp = 1;
    private const int ShortestIpHeader = 20;

    /// <summary>Writes an echo request over the whole buffer; the payload starts with the token.</summary>
    internal static void WriteRequest(Span<byte> target, int identifier, int sequence, ulong token)
    {
        target.Clear();
        target[0] = EchoRequestType;
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)identifier);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)sequence);
        BinaryPrimitives.WriteUInt64BigEndian(target[HeaderBytes..], token);
        for (var index = HeaderBytes + TokenBytes; index < target.Length; index++)
            target[index] = (byte)index;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], Checksum(target));
    }

    /// <summary>
    /// Reads an echo reply, or an ICMP error about an echo request: then identifier and sequence are those of the request. The token of an
    /// error is 0 when the router quoted too little.
    /// </summary>
    internal static IcmpMessage? Read(ReadOnlySpan<byte> packet)
    {
        if (SkipIpHeader(packet) is not { } start || packet.Length - start < HeaderBytes)
            return null;
        var message = packet[start..];
        int type = message[0];
        if (type == EchoReplyType)
            return ReadEcho(message, type, message[1], packet[8], 0);
        if (type is not (UnreachableType or TimeExceededType or ParameterProblemType))
            return null;
        var quoted = message[HeaderBytes..];
        if (SkipIpHeader(quoted) is not { } inner || quoted[9] != ProtocolIcmp || quoted.Length - inner < HeaderBytes
            || quoted[inner] != EchoRequestType)
            return null;
        var mtu = type == UnreachableType && message[1] == FragmentationNeededCode ? BinaryPrimitives.ReadUInt16BigEndian(message[6..]) : 0;
        return ReadEcho(quoted[inner..], type, message[1], packet[8], mtu);
    }

    internal static IPAddress Source(ReadOnlySpan<byte> packet) => new(packet.Slice(12, 4));

    /// <summary>The Internet checksum (RFC 1071).</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> data)
    {
        var sum = 0u;
        for (var index = 0; index + 1 < data.Length; index += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(data[index..]);
        if (data.Length % 2 == 1)
            sum += (uint)data[^1] << 8;
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static IcmpMessage ReadEcho(ReadOnlySpan<byte> echo, int type, int code, int timeToLive, int mtu)
        => new(
            type,
            code,
            BinaryPrimitives.ReadUInt16BigEndian(echo[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(echo[6..]),
            timeToLive,
            mtu,
            echo.Length >= HeaderBytes + TokenBytes ? BinaryPrimitives.ReadUInt64BigEndian(echo[HeaderBytes..]) : 0,
            echo.Length - HeaderBytes);

    private static int? SkipIpHeader(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < ShortestIpHeader || packet[0] >> 4 != 4)
            return null;
        var length = (packet[0] & 0xf) * 4;
        return length >= ShortestIpHeader && length <= packet.Length ? length : null;
    }
}
