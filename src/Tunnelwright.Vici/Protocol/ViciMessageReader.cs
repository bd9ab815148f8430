using System.Buffers.Binary;

namespace Tunnelwright.Vici.Protocol;

/// <summary>
/// Reads the elements of a message one by one and holds them to the grammar: sections balanced and not too deep, items only in lists,
/// nothing but items in lists. Any input ends in elements or in one <see cref="ViciProtocolException"/>.
/// </summary>
internal ref struct ViciMessageReader
{
    private readonly ReadOnlySpan<byte> _packet;
    private int _position;
    private int _depth;
    private bool _inList;

    /// <summary>Starts at the byte of the packet where the message begins.</summary>
    public ViciMessageReader(ReadOnlySpan<byte> packet, int start)
    {
        _packet = packet;
        _position = start;
    }

    /// <summary>The type of the element that was read last.</summary>
    public ViciElementType Type { get; private set; }

    /// <summary>The name of the element, when its type has one.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Where in the packet the value of the element is, when its type has one.</summary>
    public Range Value { get; private set; }

    /// <summary>Reads the next element; false at the end of the message.</summary>
    public bool Read()
    {
        Name = default;
        Value = default;
        if (_position == _packet.Length)
        {
            if (_inList)
                throw new ViciProtocolException("The message ends in a list", _position);
            if (_depth > 0)
                throw new ViciProtocolException("The message ends in a section", _position);
            return false;
        }

        var at = _position;
        Type = (ViciElementType)_packet[_position++];
        if (_inList && Type is not (ViciElementType.ListItem or ViciElementType.ListEnd))
            throw new ViciProtocolException("A list holds something that is no item", at);
        switch (Type)
        {
            case ViciElementType.SectionStart:
                if (++_depth > ViciLimits.Depth)
                    throw new ViciProtocolException("Sections nest too deeply", at);
                Name = ReadName();
                break;
            case ViciElementType.SectionEnd:
                if (--_depth < 0)
                    throw new ViciProtocolException("A section ends that did not begin", at);
                break;
            case ViciElementType.KeyValue:
                Name = ReadName();
                Value = ReadValue();
                break;
            case ViciElementType.ListStart:
                Name = ReadName();
                _inList = true;
                break;
            case ViciElementType.ListItem when _inList:
                Value = ReadValue();
                break;
            case ViciElementType.ListEnd when _inList:
                _inList = false;
                break;
            case ViciElementType.ListItem or ViciElementType.ListEnd:
                throw new ViciProtocolException("A list item or list end stands outside of a list", at);
            default:
                throw new ViciProtocolException($"There is no element type {(byte)Type}", at);
        }

        return true;
    }

    private ReadOnlySpan<byte> ReadName()
    {
        if (_position >= _packet.Length || _packet.Length - _position - 1 < _packet[_position])
            throw new ViciProtocolException("A name is cut short", _position);
        var length = _packet[_position++];
        var name = _packet.Slice(_position, length);
        _position += length;
        return name;
    }

    private Range ReadValue()
    {
        var rest = _packet[_position..];
        if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(rest))
            throw new ViciProtocolException("A value is cut short", _position);
        var start = _position + 2;
        _position = start + BinaryPrimitives.ReadUInt16BigEndian(rest);
        return start.._position;
    }
}
