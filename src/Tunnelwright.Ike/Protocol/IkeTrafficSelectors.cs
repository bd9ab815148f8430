using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Tunnelwright.Ike;

/// <summary>One traffic selector (RFC 7296 section 3.13.1): a range of addresses and ports.</summary>
public readonly ref struct IkeTrafficSelector
{
    internal IkeTrafficSelector(int type, int protocol, int firstPort, int lastPort, ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        Type = type;
        Protocol = protocol;
        FirstPort = firstPort;
        LastPort = lastPort;
        First = first;
        Last = last;
    }

    /// <summary>7: IPv4 range, 8: IPv6 range; of any other type nothing but the type and <see cref="Protocol"/> is read.</summary>
    public int Type { get; }

    /// <summary>The IP protocol, 0 for any.</summary>
    public int Protocol { get; }

    /// <summary>The first port (for ICMP type and code).</summary>
    public int FirstPort { get; }

    /// <summary>The last port.</summary>
    public int LastPort { get; }

    /// <summary>Octets of the first address, in network order.</summary>
    public ReadOnlySpan<byte> First { get; }

    /// <summary>Octets of the last address.</summary>
    public ReadOnlySpan<byte> Last { get; }

    /// <summary>"10.0.0.0..10.0.0.255", with protocol and ports where they are not any.</summary>
    public override string ToString()
    {
        if (First.IsEmpty) return $"selector type {Type}";
        var range = $"{new IPAddress(First)}..{new IPAddress(Last)}";
        return Protocol == 0 && FirstPort == 0 && LastPort == ushort.MaxValue ? range : $"{range}[{Protocol}/{FirstPort}-{LastPort}]";
    }
}

/// <summary>Reads the traffic selectors of a TSi or TSr payload one by one (RFC 7296 section 3.13).</summary>
public ref struct IkeTrafficSelectorReader
{
    private const int HeadBytes = 4;
    private const int FixedBytes = 8;

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _offset;
    private int _position;
    private int _left;

    /// <summary>Begins at the payload's start.</summary>
    /// <param name="payload">A TSi or TSr payload.</param>
    public IkeTrafficSelectorReader(IkePayload payload)
    {
        _body = payload.Body;
        _offset = payload.Offset;
        if (_body.Length < HeadBytes)
        {
            Fault = new IkeFault(_offset + _body.Length, "a traffic selector payload is cut short");
            return;
        }

        _left = _body[0];
        _position = HeadBytes;
    }

    /// <summary>The selector that was read last.</summary>
    public IkeTrafficSelector Current { get; private set; }

    /// <summary>What is wrong, or null.</summary>
    public IkeFault? Fault { get; private set; }

    /// <summary>Reads the next selector; false at the end and at a fault.</summary>
    public bool Read()
    {
        Current = default;
        if (Fault is not null) return false;
        var rest = _body[_position..];
        if (_left == 0) return rest.IsEmpty ? false : Fail("bytes follow the last traffic selector");
        if (rest.Length < FixedBytes) return Fail("a traffic selector is cut short");
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length < FixedBytes || length > rest.Length) return Fail("a traffic selector's length does not fit");
        var addressBytes = rest[0] switch { 7 => 4, 8 => 16, _ => 0 };
        if (addressBytes > 0 && length != FixedBytes + 2 * addressBytes) return Fail("a traffic selector's length does not fit its type");
        Current = new IkeTrafficSelector(
            rest[0],
            rest[1],
            BinaryPrimitives.ReadUInt16BigEndian(rest[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(rest[6..]),
            rest.Slice(FixedBytes, addressBytes),
            rest.Slice(FixedBytes + addressBytes, addressBytes));
        _position += length;
        _left--;
        return true;
    }

    private bool Fail(string reason)
    {
        Fault = new IkeFault(_offset + _position, reason);
        return false;
    }
}

/// <summary>A configuration payload (RFC 7296 section 3.15) or IKEv1's attributes payload (draft-dukes-ike-mode-cfg-02 section 3.2).</summary>
public readonly ref struct IkeConfigurationPayload
{
    private readonly ReadOnlySpan<byte> _attributes;
    private readonly int _offset;
    private readonly int _majorVersion;

    private IkeConfigurationPayload(int majorVersion, int type, int identifier, ReadOnlySpan<byte> attributes, int offset)
    {
        _majorVersion = majorVersion;
        Type = type;
        Identifier = identifier;
        _attributes = attributes;
        _offset = offset;
    }

    /// <summary>1 request, 2 reply, 3 set, 4 acknowledgement.</summary>
    public int Type { get; }

    /// <summary>IKEv1: the transaction's number.</summary>
    public int Identifier { get; }

    /// <summary>Reads the attributes.</summary>
    public IkeAttributeReader ReadAttributes() => new(_attributes, _offset, hasShortForm: _majorVersion == 1);

    /// <summary>Reads it.</summary>
    /// <param name="payload">A configuration payload of either version.</param>
    /// <param name="configuration">What it says.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static bool TryRead(IkePayload payload, out IkeConfigurationPayload configuration, [NotNullWhen(false)] out IkeFault? fault)
    {
        configuration = default;
        fault = null;
        var body = payload.Body;
        if (body.Length < 4)
        {
            fault = new IkeFault(payload.Offset + body.Length, "a configuration payload is cut short");
            return false;
        }

        var identifier = payload.MajorVersion == 1 ? BinaryPrimitives.ReadUInt16BigEndian(body[2..]) : 0;
        configuration = new IkeConfigurationPayload(payload.MajorVersion, body[0], identifier, body[4..], payload.Offset + 4);
        return true;
    }
}
