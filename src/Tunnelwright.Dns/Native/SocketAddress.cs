using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Native;

/// <summary>struct sockaddr_in and sockaddr_in6 as the kernel sees them (ip(7), ipv6(7)).</summary>
internal static class SocketAddress
{
    /// <summary>Bytes of the longer of the two.</summary>
    public const int Size = 28;

    /// <summary>Bytes of sockaddr_in.</summary>
    public const int Ipv4Size = 16;

    /// <summary>Writes an address and a port.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)endPoint.Port);
        if (endPoint.AddressFamily == AddressFamily.InterNetwork)
        {
            MemoryMarshal.Write(destination, (ushort)LibC.FamilyIpv4);
            endPoint.Address.TryWriteBytes(destination[4..], out _);
            return Ipv4Size;
        }

        MemoryMarshal.Write(destination, (ushort)LibC.FamilyIpv6);
        endPoint.Address.TryWriteBytes(destination[8..], out _);
        MemoryMarshal.Write(destination[24..], (uint)endPoint.Address.ScopeId);
        return Size;
    }

    /// <summary>The address's bytes, 4 or 16.</summary>
    public static ReadOnlySpan<byte> AddressOf(ReadOnlySpan<byte> socketAddress) =>
        MemoryMarshal.Read<ushort>(socketAddress) == LibC.FamilyIpv4 ? socketAddress.Slice(4, 4) : socketAddress.Slice(8, 16);

    /// <summary>The port.</summary>
    public static int PortOf(ReadOnlySpan<byte> socketAddress) => BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);

    /// <summary>As an object, for logs.</summary>
    public static IPEndPoint Read(ReadOnlySpan<byte> socketAddress) => new(new IPAddress(AddressOf(socketAddress)), PortOf(socketAddress));
}

/// <summary>Room for an address.</summary>
[InlineArray(SocketAddress.Size)]
internal struct AddressBytes
{
    private byte _first;
}
