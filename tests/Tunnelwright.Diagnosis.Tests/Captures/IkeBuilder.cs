using System.Net;
using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>IKE messages as both ends would send them; what is encrypted is zeros of the right length.</summary>
internal static class IkeBuilder
{
    public const ulong Responder = 0x5566778899AABBCC;

    public static byte[] SaInit(ulong spi, bool response, int vendorBytes = 0, string? from = null, string? to = null, int fromPort = 500, int toPort = 500, int cipher = 12)
    {
        var writer = Begin(spi, response ? Responder : 0, IkeExchangeType.SaInit, response, 0, 9000);
        Sa(ref writer, cipher);
        writer.WritePayload(IkePayloadType.KeyExchange, [0, 14, 0, 0, .. new byte[256]]);
        writer.WritePayload(IkePayloadType.Nonce, new byte[32]);
        if (from is not null && to is not null)
        {
            writer.WriteNotify(IkeNotifyType.NatDetectionSourceIp, IkeNatDetection.Hash(spi, response ? Responder : 0, IPAddress.Parse(from), fromPort));
            writer.WriteNotify(IkeNotifyType.NatDetectionDestinationIp, IkeNatDetection.Hash(spi, response ? Responder : 0, IPAddress.Parse(to), toPort));
        }

        if (vendorBytes > 0) writer.WritePayload(IkePayloadType.VendorId, new byte[vendorBytes]);
        return End(ref writer);
    }

    public static byte[] Refusal(ulong spi, int notify, IkeExchangeType exchange = IkeExchangeType.SaInit, bool response = true, params byte[] data)
    {
        var writer = Begin(spi, 0, exchange, response, 0, 400);
        writer.WriteNotify(notify, data);
        return End(ref writer);
    }

    /// <summary>A message whose payloads have so many bytes, encrypted with AES-CBC and SHA-256.</summary>
    public static byte[] Sealed(ulong spi, IkeExchangeType exchange, uint id, bool response, int inside)
    {
        var padded = (inside + 1 + 15) / 16 * 16;
        var writer = Begin(spi, Responder, exchange, response, id, 8000);
        writer.WritePayload(IkePayloadType.Encrypted, new byte[16 + padded + 16]);
        return End(ref writer);
    }

    public static byte[] V1(ulong spi, bool answer, IkeExchangeType exchange, IkePayloadType first, bool encrypted = false, uint id = 0, byte[]? body = null)
    {
        var header = new IkeHeader { InitiatorSpi = spi, ResponderSpi = answer || encrypted || first == IkePayloadType.KeyExchangeV1 ? Responder : 0, MajorVersion = 1, Exchange = exchange, Flags = encrypted ? IkeHeaderBits.EncryptedV1 : IkeHeaderBits.None, MessageId = id };
        var writer = new IkeMessageWriter(new byte[2000], header);
        if (first == IkePayloadType.SaV1 && body is null)
        {
            writer.BeginPayload(IkePayloadType.SaV1);
            writer.WriteUInt32(1);
            writer.WriteUInt32(1);
            writer.BeginProposal(1);
            writer.BeginTransform(1, 1);
            writer.WriteAttribute(1, 7);
            writer.WriteAttribute(14, 256);
            writer.WriteAttribute(2, 4);
            writer.WriteAttribute(4, 14);
        }
        else
        {
            writer.WritePayload(first, body ?? new byte[60]);
        }

        return End(ref writer);
    }

    public static byte[] Marked(byte[] message) => [0, 0, 0, 0, .. message];

    private static void Sa(ref IkeMessageWriter writer, int cipher)
    {
        writer.BeginPayload(IkePayloadType.Sa);
        writer.BeginProposal(1);
        writer.BeginTransform(1, cipher);
        writer.WriteAttribute(14, 256);
        writer.BeginTransform(2, 5);
        writer.BeginTransform(3, 12);
        writer.BeginTransform(4, 14);
    }

    private static IkeMessageWriter Begin(ulong spi, ulong responder, IkeExchangeType exchange, bool response, uint id, int room) =>
        new(new byte[room], new IkeHeader { InitiatorSpi = spi, ResponderSpi = responder, MajorVersion = 2, Exchange = exchange, Flags = response ? IkeHeaderBits.Response : IkeHeaderBits.Initiator, MessageId = id });

    private static byte[] End(ref IkeMessageWriter writer)
    {
        writer.Finish();
        return writer.Written.ToArray();
    }
}
