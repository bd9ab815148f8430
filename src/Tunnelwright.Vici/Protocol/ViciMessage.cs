namespace Tunnelwright.Vici.Protocol;

/// <summary>Turns the bytes of a message into a tree.</summary>
internal static class ViciMessage
{
    /// <summary>Decodes the message that begins at a byte of a packet and takes its rest. Values point into the packet.</summary>
    /// <exception cref="ViciProtocolException">The bytes are no message.</exception>
    public static ViciSection Decode(ReadOnlyMemory<byte> packet, int start)
    {
        var reader = new ViciMessageReader(packet.Span, start);
        var section = new ViciSection();
        Stack<ViciSection>? parents = null;
        var listName = "";
        List<ReadOnlyMemory<byte>> items = [];
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case ViciElementType.KeyValue:
                    section.AddEntry(new ViciEntry(ViciNames.Get(reader.Name), packet[reader.Value]));
                    break;
                case ViciElementType.SectionStart:
                    var child = new ViciSection();
                    section.AddEntry(new ViciEntry(ViciNames.Get(reader.Name), child));
                    (parents ??= new()).Push(section);
                    section = child;
                    break;
                case ViciElementType.SectionEnd:
                    section = parents!.Pop();
                    break;
                case ViciElementType.ListStart:
                    listName = ViciNames.Get(reader.Name);
                    items.Clear();
                    break;
                case ViciElementType.ListItem:
                    items.Add(packet[reader.Value]);
                    break;
                case ViciElementType.ListEnd:
                    section.AddEntry(new ViciEntry(listName, items.ToArray()));
                    break;
            }
        }

        return section;
    }
}
