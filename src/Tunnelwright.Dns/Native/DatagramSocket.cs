using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Native;

/// <summary>UDP sockets as the forwarder needs them.</summary>
internal static unsafe class DatagramSocket
{
    private const int BufferBytes = 4 << 20;

    /// <summary>A socket that clients ask at; several threads have one each on the same address, and the kernel shares the clients out (SO_REUSEPORT, socket(7)).</summary>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static int Listen(IPEndPoint endPoint)
    {
        var socket = Create(endPoint.AddressFamily);
        if (socket < 0) throw new IOException($"no UDP socket: {Marshal.GetPInvokeErrorMessage(-socket)}");
        LibC.Set(socket, LibC.LevelSocket, LibC.OptionReusePort, 1);
        LibC.Set(socket, LibC.LevelSocket, LibC.OptionReceiveBuffer, BufferBytes);
        LibC.Set(socket, LibC.LevelSocket, LibC.OptionSendBuffer, BufferBytes);
        if (IsWildcard(endPoint.Address))
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetwork) LibC.Set(socket, LibC.LevelIpv4, LibC.OptionPacketInfo, 1);
            else LibC.Set(socket, LibC.LevelIpv6, LibC.OptionIpv6ReceivePacketInfo, 1);
        }

        Bind(socket, endPoint);
        return socket;
    }

    /// <summary>A socket connected to a server from a port of its own: the kernel drops what others send to it.</summary>
    /// <param name="server">The server.</param>
    /// <param name="source">The local address; null lets the route decide.</param>
    /// <param name="port">Gives ports to try, 1024 to 65535.</param>
    /// <returns>The socket, or minus the error number.</returns>
    public static int Connect(IPEndPoint server, IPAddress? source, Func<int> port)
    {
        var socket = Create(server.AddressFamily);
        if (socket < 0) return socket;
        LibC.Set(socket, LibC.LevelSocket, LibC.OptionReceiveBuffer, BufferBytes);
        Span<byte> address = stackalloc byte[SocketAddress.Size];
        var local = source ?? (server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any);
        fixed (byte* bytes = address)
        {
            for (var attempt = 0; attempt < 16; attempt++)
            {
                var length = SocketAddress.Write(new IPEndPoint(local, port()), address);
                if (LibC.Bind(socket, bytes, length) == 0) break;
                if (Marshal.GetLastPInvokeError() is var refusal && refusal == LibC.AddressInUse) continue;
                if (source is null) break;
                LibC.Close(socket);
                return -refusal;
            }

            if (LibC.Connect(socket, bytes, SocketAddress.Write(server, address)) == 0) return socket;
            var error = Marshal.GetLastPInvokeError();
            LibC.Close(socket);
            return -error;
        }
    }

    /// <summary>The port that a socket is bound to.</summary>
    public static int PortOf(int socket)
    {
        Span<byte> address = stackalloc byte[SocketAddress.Size];
        int length = SocketAddress.Size;
        fixed (byte* bytes = address) LibC.GetSocketName(socket, bytes, &length);
        return SocketAddress.PortOf(address);
    }

    public static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <returns>The socket, or minus the error number.</returns>
    private static int Create(AddressFamily family)
    {
        var ipv6 = family == AddressFamily.InterNetworkV6;
        var socket = LibC.Socket(ipv6 ? LibC.FamilyIpv6 : LibC.FamilyIpv4, LibC.Datagram | LibC.CloseOnExec | LibC.NonBlocking, 0);
        if (socket < 0) return -Marshal.GetLastPInvokeError();
        if (ipv6) LibC.Set(socket, LibC.LevelIpv6, LibC.OptionIpv6Only, 1);
        // No path MTU is believed: forged "fragmentation needed" messages would open the way for forged fragments.
        else LibC.Set(socket, LibC.LevelIpv4, LibC.OptionMtuDiscover, LibC.MtuDiscoverOmit);
        return socket;
    }

    private static void Bind(int socket, IPEndPoint endPoint)
    {
        Span<byte> address = stackalloc byte[SocketAddress.Size];
        var length = SocketAddress.Write(endPoint, address);
        fixed (byte* bytes = address)
        {
            if (LibC.Bind(socket, bytes, length) == 0) return;
        }

        var error = Marshal.GetLastPInvokeError();
        LibC.Close(socket);
        throw new IOException($"cannot listen on {endPoint} over UDP: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
