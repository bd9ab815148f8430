using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Linux;

/// <summary>An ICMP error about a packet of this host's, whoever of its programs sent it (RFC 792).</summary>
/// <param name="From">Who sent the error.</param>
/// <param name="Type">3 destination unreachable, 11 time exceeded, 12 parameter problem.</param>
/// <param name="Code">What exactly; 3 of type 3 is "port unreachable".</param>
/// <param name="Destination">Where the packet went.</param>
/// <param name="Protocol">Its protocol: 17 UDP, 50 ESP …</param>
/// <param name="DestinationPort">Its destination port with TCP and UDP, else 0.</param>
public sealed record OverheardError(IPAddress From, int Type, int Code, IPAddress Destination, int Protocol, int DestinationPort);

/// <summary>Listens for ICMP errors (IPv4). It sends nothing.</summary>
public static class IcmpListener
{
    private const int ProtocolIcmp = 1;
    private const int ShortestIpHeader = 20;

    /// <summary>Listens for a while.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each different error once, in the order in which they came.</returns>
    /// <exception cref="KernelException">No raw socket (EPERM).</exception>
    public static async Task<IReadOnlyList<OverheardError>> ListenAsync(TimeSpan duration, CancellationToken cancellationToken = default)
    {
        using var socket = EchoProbe.Open(new EchoOptions());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(duration);
        var heard = new HashSet<OverheardError>();
        var order = new List<OverheardError>();
        var buffer = new byte[2048];
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), limit.Token);
                if (Read(buffer.AsSpan(0, received.ReceivedBytes)) is { } error && heard.Count < 1000 && heard.Add(error)) order.Add(error);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return order;
            }
            catch (SocketException)
            {
                // An error of the socket's own says nothing about others' packets.
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
            }
        }
    }

    /// <summary>Reads what a raw ICMP socket delivers: total on any bytes.</summary>
    internal static OverheardError? Read(ReadOnlySpan<byte> packet)
    {
        if (Payload(packet) is not { } start || packet[9] != ProtocolIcmp || packet.Length < start + 8) return null;
        var message = packet[start..];
        if (message[0] is not (3 or 11 or 12)) return null;
        var quoted = message[8..];
        if (Payload(quoted) is not { } inner) return null;
        int protocol = quoted[9];
        var port = protocol is 6 or 17 && quoted.Length >= inner + 4 ? BinaryPrimitives.ReadUInt16BigEndian(quoted[(inner + 2)..]) : 0;
        return new OverheardError(new IPAddress(packet.Slice(12, 4)), message[0], message[1], new IPAddress(quoted.Slice(16, 4)), protocol, port);
    }

    private static int? Payload(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < ShortestIpHeader || packet[0] >> 4 != 4) return null;
        var length = (packet[0] & 0xf) * 4;
        return length >= ShortestIpHeader && length <= packet.Length ? length : null;
    }
}
