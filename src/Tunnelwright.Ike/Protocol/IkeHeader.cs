using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Tunnelwright.Ike;

/// <summary>The header of every message: RFC 7296 section 3.1 (IKEv2), RFC 2408 section 3.1 (IKEv1). The layout is the same, the flags are not.</summary>
public readonly record struct IkeHeader
{
    /// <summary>Octets of a header.</summary>
    public const int Bytes = 28;

    /// <summary>The initiator's SPI (IKEv1: cookie); never 0.</summary>
    public ulong InitiatorSpi { get; init; }

    /// <summary>The responder's SPI (IKEv1: cookie); 0 in the first message and in some refusals.</summary>
    public ulong ResponderSpi { get; init; }

    /// <summary>The type of the first payload.</summary>
    public IkePayloadType NextPayload { get; init; }

    /// <summary>1 or 2; a message of another version is a header and nothing else to us.</summary>
    public int MajorVersion { get; init; }

    /// <summary>0 in both versions.</summary>
    public int MinorVersion { get; init; }

    /// <summary>The kind of exchange.</summary>
    public IkeExchangeType Exchange { get; init; }

    /// <summary>The flags; which of them mean something depends on the version.</summary>
    public IkeHeaderBits Flags { get; init; }

    /// <summary>The number of the message (IKEv2) or of the phase 2 exchange (IKEv1; 0 in phase 1).</summary>
    public uint MessageId { get; init; }

    /// <summary>Octets of the whole message with this header.</summary>
    public uint Length { get; init; }

    /// <summary>IKEv2: whether it answers a request. IKEv1 has no such flag.</summary>
    public bool IsResponse => MajorVersion == 2 && Flags.HasFlag(IkeHeaderBits.Response);

    /// <summary>IKEv1: whether all payloads are encrypted. IKEv2 encrypts in a payload of its own.</summary>
    public bool IsEncrypted => MajorVersion == 1 && Flags.HasFlag(IkeHeaderBits.EncryptedV1);

    /// <summary>Reads a header. Its length field may not be smaller than a header; whether the message is all there is not judged here.</summary>
    /// <param name="message">The message from its first byte on (after a non-ESP marker).</param>
    /// <param name="header">The header.</param>
    /// <param name="fault">Why it is none.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, out IkeHeader header, [NotNullWhen(false)] out IkeFault? fault)
    {
        header = default;
        fault = null;
        if (message.Length < Bytes)
        {
            fault = new IkeFault(message.Length, "the header is cut short");
            return false;
        }

        header = new IkeHeader
        {
            InitiatorSpi = BinaryPrimitives.ReadUInt64BigEndian(message),
            ResponderSpi = BinaryPrimitives.ReadUInt64BigEndian(message[8..]),
            NextPayload = (IkePayloadType)message[16],
            MajorVersion = message[17] >> 4,
            MinorVersion = message[17] & 0xf,
            Exchange = (IkeExchangeType)message[18],
            Flags = (IkeHeaderBits)message[19],
            MessageId = BinaryPrimitives.ReadUInt32BigEndian(message[20..]),
            Length = BinaryPrimitives.ReadUInt32BigEndian(message[24..]),
        };
        if (header.InitiatorSpi == 0) fault = new IkeFault(0, "the initiator's SPI is zero");
        else if (header.Length < Bytes) fault = new IkeFault(24, "the length is less than a header");
        return fault is null;
    }

    internal void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, InitiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], ResponderSpi);
        target[16] = (byte)NextPayload;
        target[17] = (byte)(MajorVersion << 4 | MinorVersion & 0xf);
        target[18] = (byte)Exchange;
        target[19] = (byte)Flags;
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], MessageId);
        BinaryPrimitives.WriteUInt32BigEndian(target[24..], Length);
    }
}
