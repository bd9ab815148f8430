using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>Packets of any kind, with any source: what somebody can send who is root on a machine.</summary>
internal static class Forged
{
    private const int HeaderBytes = 20;

    /// <summary>IP protocols (IANA).</summary>
    public const byte Icmp = 1, IpInIp = 4, Udp = 17, Gre = 47, Esp = 50, Ah = 51;

    /// <summary>An IPv4 packet (RFC 791); the kernel puts length and checksum in when it is sent.</summary>
    public static byte[] Ip(string from, string to, byte protocol, ReadOnlySpan<byte> payload)
    {
        var packet = new byte[HeaderBytes + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = protocol;
        IPAddress.Parse(from).TryWriteBytes(packet.AsSpan(12), out _);
        IPAddress.Parse(to).TryWriteBytes(packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, HeaderBytes)));
        payload.CopyTo(packet.AsSpan(HeaderBytes));
        return packet;
    }

    /// <summary>A UDP datagram (RFC 768) without a checksum.</summary>
    public static byte[] Datagram(string from, string to, ushort port, ReadOnlySpan<byte> payload)
    {
        var datagram = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram.AsSpan(8));
        return Ip(from, to, Udp, datagram);
    }

    /// <summary>An echo request (RFC 792).</summary>
    public static byte[] Echo(string from, string to, ReadOnlySpan<byte> payload)
    {
        var echo = new byte[8 + payload.Length + (payload.Length & 1)];
        echo[0] = 8;
        payload.CopyTo(echo.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), Checksum(echo));
        return Ip(from, to, Icmp, echo);
    }

    /// <summary>What VXLAN (RFC 7348) carries to an Ethernet address of a segment: the datagram's payload to port 4789.</summary>
    public static byte[] Vxlan(int segment, string hardware, ReadOnlySpan<byte> packet)
    {
        var frame = new byte[8 + 14 + packet.Length];
        frame[0] = 0x08;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), segment << 8);
        Convert.FromHexString(hardware.Replace(":", "", StringComparison.Ordinal)).CopyTo(frame, 8);
        frame[14] = 0x02;
        frame[20] = 0x08;
        packet.CopyTo(frame.AsSpan(22));
        return frame;
    }

    /// <summary>Sends packets from a host.</summary>
    /// <param name="from">The host.</param>
    /// <param name="device">The interface that they leave by.</param>
    /// <param name="packets">The packets.</param>
    /// <returns>How many the kernel took.</returns>
    public static Task<int> SendAsync(LabHost from, string device, IReadOnlyList<byte[]> packets) => new NetworkNamespace(from.Namespace).RunInsideAsync(() =>
    {
        const int socketLevel = 1;
        const int bindToDevice = 25;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        socket.SetRawSocketOption(socketLevel, bindToDevice, Encoding.ASCII.GetBytes(device + "\0"));
        var sent = 0;
        foreach (var packet in packets)
        {
            try
            {
                socket.SendTo(packet, new IPEndPoint(new IPAddress(packet.AsSpan(16, 4)), 0));
                sent++;
            }
            catch (SocketException)
            {
                // No way there by this interface.
            }

            // A tunnel's device has a short queue.
            if (sent % 20 == 0) Thread.Sleep(2);
        }

        return sent;
    });

    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (var i = 0; i + 1 < data.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(data[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}

/// <summary>Notes the marks of all packets that a host sees on its interfaces (packet(7)).</summary>
internal sealed class MarkWatch : IAsyncDisposable
{
    private const string Start = "isolation-mark[";

    private static readonly byte[] StartBytes = Encoding.ASCII.GetBytes(Start);

    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private volatile bool _stop;

    private MarkWatch(Socket socket)
    {
        _socket = socket;
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The marks seen so far.</summary>
    public IReadOnlyList<string> Seen
    {
        get
        {
            lock (_seen) return [.. _seen.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>The first packet with a mark, for people: Ethernet and IP header in hexadecimal digits.</summary>
    public string FirstOf(string mark)
    {
        lock (_seen) return _seen[mark];
    }

    /// <summary>A packet's payload with a mark.</summary>
    public static byte[] Mark(string mark) => Encoding.ASCII.GetBytes($"{Start}{mark}]");

    public static async Task<MarkWatch> StartAsync(LabHost host) => new(await new NetworkNamespace(host.Namespace).RunInsideAsync(() =>
    {
        // ETH_P_ALL in network order.
        const ProtocolType all = (ProtocolType)0x0300;
        return new Socket(AddressFamily.Packet, SocketType.Raw, all) { ReceiveTimeout = 100, ReceiveBufferSize = 4 << 20 };
    }));

    public ValueTask DisposeAsync()
    {
        _stop = true;
        _thread.Join();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Watch()
    {
        var buffer = new byte[65536];
        while (!_stop)
        {
            try
            {
                var frame = buffer.AsSpan(0, _socket.Receive(buffer));
                var header = frame[..Math.Min(34, frame.Length)];
                for (var at = frame.IndexOf(StartBytes); at >= 0; at = frame.IndexOf(StartBytes))
                {
                    frame = frame[(at + StartBytes.Length)..];
                    var end = frame.IndexOf((byte)']');
                    if (end < 0) break;
                    lock (_seen) _seen.TryAdd(Encoding.ASCII.GetString(frame[..end]), Convert.ToHexString(header));
                }
            }
            catch (SocketException)
            {
                // Nothing within the time limit.
            }
        }
    }
}
