using System.Net.Sockets;
using System.Text;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Ties sockets to a link.</summary>
internal static class SocketDevice
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int BindToDeviceOption = 25; // SO_BINDTODEVICE, socket(7)

    /// <summary>Sends and receives on one link only. Not through Socket.SetRawSocketOption, which does not know ENODEV and loses it.</summary>
    /// <exception cref="KernelException">No such link (ENODEV), or not permitted (EPERM).</exception>
    internal static unsafe void Bind(Socket socket, string device)
    {
        var name = Encoding.UTF8.GetBytes(LinkNames.Check(device));
        fixed (byte* start = name)
            LibC.Check(
                LibC.SetSocketOption((int)socket.SafeHandle.DangerousGetHandle(), SocketLevel, BindToDeviceOption, start, (uint)name.Length),
                $"bind to device {device}");
    }
}
