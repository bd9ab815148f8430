namespace Tunnelwright.Vici.Protocol;

/// <summary>The first byte of a packet (strongSwan, src/libcharon/plugins/vici/README.md, "Packet layer").</summary>
internal enum ViciPacketType : byte
{
    CommandRequest = 0,
    CommandResponse = 1,
    CommandUnknown = 2,
    EventRegister = 3,
    EventUnregister = 4,
    EventConfirm = 5,
    EventUnknown = 6,
    Event = 7,
}

/// <summary>The first byte of an element of a message ("Message format").</summary>
internal enum ViciElementType : byte
{
    SectionStart = 1,
    SectionEnd = 2,
    KeyValue = 3,
    ListStart = 4,
    ListItem = 5,
    ListEnd = 6,
}

/// <summary>Limits of the protocol and of this reader of it.</summary>
internal static class ViciLimits
{
    /// <summary>The longest packet in bytes, without its length field.</summary>
    public const int PacketLength = 512 * 1024;

    /// <summary>The bytes of the length field before a packet.</summary>
    public const int HeaderLength = 4;

    /// <summary>How deep sections may nest. The daemon's own messages nest five deep.</summary>
    public const int Depth = 64;
}
