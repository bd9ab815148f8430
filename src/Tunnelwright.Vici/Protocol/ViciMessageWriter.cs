using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tunnelwright.Vici.Protocol;

/// <summary>Writes the elements of a message.</summary>
internal readonly ref struct ViciMessageWriter(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> _output = output;

    /// <summary>Writes all entries of a section.</summary>
    public void Write(ViciSection section) => Write(section, 0);

    private void Write(ViciSection section, int depth)
    {
        if (depth > ViciLimits.Depth)
            throw new ViciProtocolException("Sections nest too deeply");
        foreach (var entry in section)
        {
            switch (entry.Kind)
            {
                case ViciEntryKind.Value:
                    WriteNamed(ViciElementType.KeyValue, entry.Key);
                    WriteValue(entry.Bytes.Span);
                    break;
                case ViciEntryKind.List:
                    WriteNamed(ViciElementType.ListStart, entry.Key);
                    foreach (var item in entry.RawItems)
                    {
                        WriteType(ViciElementType.ListItem);
                        WriteValue(item.Span);
                    }

                    WriteType(ViciElementType.ListEnd);
                    break;
                default:
                    WriteNamed(ViciElementType.SectionStart, entry.Key);
                    Write(entry.Section!, depth + 1);
                    WriteType(ViciElementType.SectionEnd);
                    break;
            }
        }
    }

    private void WriteType(ViciElementType type)
    {
        _output.GetSpan(1)[0] = (byte)type;
        _output.Advance(1);
    }

    private void WriteNamed(ViciElementType type, string name)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        if (length > ViciSection.MaximumKeyLength)
            throw new ViciProtocolException("A key is longer than 255 bytes");
        var span = _output.GetSpan(2 + length);
        span[0] = (byte)type;
        span[1] = (byte)length;
        Encoding.UTF8.GetBytes(name, span[2..]);
        _output.Advance(2 + length);
    }

    private void WriteValue(ReadOnlySpan<byte> value)
    {
        var span = _output.GetSpan(2 + value.Length);
        BinaryPrimitives.WriteUInt16BigEndian(span, checked((ushort)value.Length));
        value.CopyTo(span[2..]);
        _output.Advance(2 + value.Length);
    }
}
