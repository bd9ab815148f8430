using System.Buffers.Binary;

namespace Tunnelwright.Ike;

/// <summary>One attribute (RFC 7296 section 3.3.5, RFC 2408 section 3.3).</summary>
public readonly ref struct IkeAttributeValue
{
    internal IkeAttributeValue(int type, bool isFixed, ReadOnlySpan<byte> value)
    {
        Type = type;
        IsFixed = isFixed;
        Value = value;
    }

    /// <summary>The type, 0 to 32767.</summary>
    public int Type { get; }

    /// <summary>Whether it has the short form of two octets (type/value) instead of a length of its own (type/length/value).</summary>
    public bool IsFixed { get; }

    /// <summary>The value's octets, two in the short form.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The value as an unsigned number in network order; null when it is empty or longer than eight octets.</summary>
    public ulong? Number
    {
        get
        {
            if (Value.Length is 0 or > 8) return null;
            var number = 0ul;
            foreach (var octet in Value) number = number << 8 | octet;
            return number;
        }
    }
}

/// <summary>Reads attributes one by one: of transforms in both versions, and of IKEv1's configuration method.</summary>
public ref struct IkeAttributeReader
{
    private const int HeadBytes = 4;
    private const int ShortForm = 0x8000;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _offset;
    private readonly bool _hasShortForm;
    private int _position;

    internal IkeAttributeReader(ReadOnlySpan<byte> bytes, int offset, bool hasShortForm = true)
    {
        _bytes = bytes;
        _offset = offset;
        _hasShortForm = hasShortForm;
    }

    /// <summary>The attribute that was read last.</summary>
    public IkeAttributeValue Current { get; private set; }

    /// <summary>What is wrong, or null.</summary>
    public IkeFault? Fault { get; private set; }

    /// <summary>Reads the next attribute; false at the end and at a fault.</summary>
    public bool Read()
    {
        Current = default;
        if (Fault is not null || _position == _bytes.Length) return false;
        var rest = _bytes[_position..];
        if (rest.Length < HeadBytes) return Fail("an attribute is cut short");
        var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (_hasShortForm && (type & ShortForm) != 0)
        {
            Current = new IkeAttributeValue(type & ~ShortForm, isFixed: true, rest[2..HeadBytes]);
            _position += HeadBytes;
            return true;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length > rest.Length - HeadBytes) return Fail("an attribute's value is cut short");
        // The highest bit of a configuration attribute is reserved (RFC 7296 section 3.15.1).
        Current = new IkeAttributeValue(type & ~ShortForm, isFixed: false, rest.Slice(HeadBytes, length));
        _position += HeadBytes + length;
        return true;
    }

    private bool Fail(string reason)
    {
        Fault = new IkeFault(_offset + _position, reason);
        return false;
    }
}
