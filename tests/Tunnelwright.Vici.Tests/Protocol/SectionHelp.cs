using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Tests.Protocol;

internal static class SectionHelp
{
    public static ViciSection RoundTrip(ViciSection section)
    {
        using var packet = ViciPacket.Encode(ViciPacketType.CommandResponse, message: section);
        return ViciPacket.Decode(packet.Written[4..].ToArray()).Message;
    }

    public static bool Same(ViciSection one, ViciSection other) =>
        one.Count == other.Count && one.Zip(other).All(pair => Same(pair.First, pair.Second));

    private static bool Same(ViciEntry one, ViciEntry other) =>
        one.Key == other.Key
        && one.Kind == other.Kind
        && one.Kind switch
        {
            ViciEntryKind.Value => one.Bytes.Span.SequenceEqual(other.Bytes.Span),
            ViciEntryKind.List => one.RawItems.Length == other.RawItems.Length
                && one.RawItems.Zip(other.RawItems).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span)),
            _ => Same(one.Section!, other.Section!),
        };
}
