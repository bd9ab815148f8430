using System.Buffers.Binary;
using System.Text;

namespace Tunnelwright.Vici.Protocol;

/// <summary>One packet: its type, the name when its type has one, and the message when its type has one.</summary>
internal readonly record struct ViciPacket(ViciPacketType Type, string Name, ViciSection Message)
{
    /// <summary>Encodes a packet with its length field in front. The caller disposes of the buffer.</summary>
    public static ViciPacketBuffer Encode(ViciPacketType type, string? name = null, ViciSection? message = null)
    {
        var buffer = new ViciPacketBuffer();
        try
        {
            var nameLength = name is null ? 0 : Encoding.UTF8.GetByteCount(name);
            if (nameLength > byte.MaxValue)
                throw new ArgumentException("The name of a command or event has at most 255 bytes.", nameof(name));
            var head = buffer.GetSpan(ViciLimits.HeaderLength + 2 + nameLength);
            var length = ViciLimits.HeaderLength;
            head[length++] = (byte)type;
            if (name is not null)
            {
                head[length++] = (byte)nameLength;
                length += Encoding.UTF8.GetBytes(name, head[length..]);
            }

            buffer.Advance(length);
            if (message is not null)
                new ViciMessageWriter(buffer).Write(message);
            BinaryPrimitives.WriteInt32BigEndian(buffer.WrittenSpan, buffer.WrittenSpan.Length - ViciLimits.HeaderLength);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Decodes a packet without its length field. The values of the message point into the given bytes.</summary>
    /// <exception cref="ViciProtocolException">The bytes are no packet.</exception>
    public static ViciPacket Decode(ReadOnlyMemory<byte> packet)
    {
        var span = packet.Span;
        if (span.IsEmpty)
            throw new ViciProtocolException("A packet is empty", 0);
        if (span.Length > ViciLimits.PacketLength)
            throw new ViciProtocolException($"A packet of {span.Length} bytes passes the limit of {ViciLimits.PacketLength}", 0);
        var type = (ViciPacketType)span[0];
        switch (type)
        {
            case ViciPacketType.CommandResponse:
                return new(type, "", ViciMessage.Decode(packet, 1));
            case ViciPacketType.CommandUnknown or ViciPacketType.EventConfirm or ViciPacketType.EventUnknown:
                if (span.Length > 1)
                    throw new ViciProtocolException("A packet without a message carries one", 1);
                return new(type, "", []);
            case ViciPacketType.CommandRequest or ViciPacketType.Event or ViciPacketType.EventRegister or ViciPacketType.EventUnregister:
                if (span.Length < 2 || span.Length - 2 < span[1])
                    throw new ViciProtocolException("The name in a packet is cut short", 1);
                var start = 2 + span[1];
                return new(type, ViciNames.Get(span[2..start]), ViciMessage.Decode(packet, start));
            default:
                throw new ViciProtocolException($"There is no packet type {(byte)type}", 0);
        }
    }
}
