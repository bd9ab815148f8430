using System.Buffers.Binary;
using System.Net.Sockets;
using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Tests.Fake;

/// <summary>The server's side of one connection.</summary>
internal sealed class FakeConnection(Socket socket, CancellationToken ending) : IDisposable
{
    public CancellationToken Ending => ending;

    /// <summary>Reads one packet; a client that hangs up ends the script.</summary>
    public async Task<ViciPacket> ReceiveAsync()
    {
        var head = await ReadAsync(4);
        return ViciPacket.Decode(await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(head)));
    }

    public async Task SendAsync(ViciPacketType type, string? name = null, ViciSection? message = null)
    {
        using var packet = ViciPacket.Encode(type, name, message);
        await SendRawAsync(packet.Written);
    }

    public Task RespondAsync(ViciSection? message = null) => SendAsync(ViciPacketType.CommandResponse, name: null, message ?? []);

    public Task ConfirmAsync() => SendAsync(ViciPacketType.EventConfirm);

    public Task RaiseAsync(string name, ViciSection message) => SendAsync(ViciPacketType.Event, name, message);

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, ending)..];
    }

    /// <summary>Waits until the client closes its side.</summary>
    public async Task WaitForHangUpAsync()
    {
        var one = new byte[1];
        while (await socket.ReceiveAsync(one, ending) > 0)
        {
        }
    }

    public async Task<byte[]> ReadAsync(int count, int atOnce = int.MaxValue)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            var got = await socket.ReceiveAsync(bytes.AsMemory(have, Math.Min(atOnce, count - have)), ending);
            if (got == 0)
                throw new EndOfStreamException();
            have += got;
        }

        return bytes;
    }

    /// <summary>Answers every registration and every request as given, until the client hangs up.</summary>
    public async Task AnswerAsync(Func<ViciPacket, Task> respond)
    {
        while (true)
        {
            var packet = await ReceiveAsync();
            if (packet.Type is ViciPacketType.EventRegister or ViciPacketType.EventUnregister)
                await ConfirmAsync();
            else
                await respond(packet);
        }
    }

    public void Dispose() => socket.Dispose();
}
