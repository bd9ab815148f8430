using System.Buffers.Binary;

namespace Tunnelwright.Ike;

/// <summary>One proposal of an SA payload (RFC 7296 section 3.3.1, RFC 2408 section 3.5).</summary>
public readonly ref struct IkeProposal
{
    private readonly ReadOnlySpan<byte> _transforms;
    private readonly int _transformsOffset;
    private readonly int _majorVersion;

    internal IkeProposal(int majorVersion, ReadOnlySpan<byte> body, int spiBytes, int offset)
    {
        _majorVersion = majorVersion;
        Number = body[0];
        Protocol = (IkeProtocol)body[1];
        TransformCount = body[3];
        Spi = body.Slice(4, spiBytes);
        _transforms = body[(4 + spiBytes)..];
        _transformsOffset = offset + 4 + spiBytes;
    }

    /// <summary>Its number, from 1 on.</summary>
    public int Number { get; }

    /// <summary>What it is for.</summary>
    public IkeProtocol Protocol { get; }

    /// <summary>The sender's SPI: empty in the first exchange, eight octets when an IKE SA is rekeyed, four for AH and ESP.</summary>
    public ReadOnlySpan<byte> Spi { get; }

    /// <summary>How many transforms it says that it has.</summary>
    public int TransformCount { get; }

    /// <summary>Reads its transforms.</summary>
    public IkeTransformReader ReadTransforms() => new(_majorVersion, _transforms, TransformCount, _transformsOffset);
}

/// <summary>Reads the proposals of an SA payload of either version one by one.</summary>
public ref struct IkeProposalReader
{
    private const int HeadBytes = 4;
    private const int FixedBytes = 4;
    private const uint IpsecDoi = 1;
    private const uint LabelledSituation = 6; // SIT_SECRECY | SIT_INTEGRITY, RFC 2407 section 4.2

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _offset;
    private readonly int _majorVersion;
    private int _position;
    private bool _ended;

    /// <summary>Begins at the payload's start.</summary>
    /// <param name="payload">An SA payload of either version.</param>
    /// <exception cref="ArgumentException">It is another payload.</exception>
    public IkeProposalReader(IkePayload payload)
    {
        if (payload.Type is not (IkePayloadType.Sa or IkePayloadType.SaV1)) throw new ArgumentException("The payload is no security association.", nameof(payload));
        _body = payload.Body;
        _offset = payload.Offset;
        _majorVersion = payload.Type == IkePayloadType.SaV1 ? 1 : 2;
        if (_majorVersion == 2) return;
        if (_body.Length < 8)
        {
            Fault = new IkeFault(_offset + _body.Length, "an SA payload is cut short");
            return;
        }

        Doi = BinaryPrimitives.ReadUInt32BigEndian(_body);
        Situation = BinaryPrimitives.ReadUInt32BigEndian(_body[4..]);
        if (Doi > IpsecDoi) Fault = new IkeFault(_offset, $"domain of interpretation {Doi} is not known");
        else if (Doi == IpsecDoi && (Situation & LabelledSituation) != 0) Fault = new IkeFault(_offset + 4, "a situation with security labels is not read");
        _position = 8;
    }

    /// <summary>IKEv1: the domain of interpretation, 1 for IPsec (RFC 2407).</summary>
    public uint Doi { get; }

    /// <summary>IKEv1: the situation, 1 for identity only (RFC 2407 section 4.2).</summary>
    public uint Situation { get; }

    /// <summary>The proposal that was read last.</summary>
    public IkeProposal Current { get; private set; }

    /// <summary>What is wrong, or null.</summary>
    public IkeFault? Fault { get; private set; }

    /// <summary>Reads the next proposal; false at the end and at a fault.</summary>
    public bool Read()
    {
        Current = default;
        if (Fault is not null) return false;
        var rest = _body[_position..];
        if (rest.IsEmpty) return _ended ? false : Fail(_position, _position is 0 or 8 ? "an SA payload without a proposal" : "a proposal is missing");
        if (_ended) return Fail(_position, "bytes follow the last proposal");
        if (rest.Length < HeadBytes + FixedBytes) return Fail(_position, "a proposal is cut short");
        // The last one says 0; the others name the type of the next: 2.
        if (rest[0] is not (0 or (byte)IkePayloadType.ProposalV1)) return Fail(_position, "a proposal is followed by something else");
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length < HeadBytes + FixedBytes || length > rest.Length) return Fail(_position + 2, "a proposal's length does not fit");
        var spiBytes = rest[HeadBytes + 2];
        if (spiBytes > length - HeadBytes - FixedBytes) return Fail(_position + HeadBytes + 2, "a proposal's SPI is cut short");
        Current = new IkeProposal(_majorVersion, rest[HeadBytes..length], spiBytes, _offset + _position + HeadBytes);
        _ended = rest[0] == 0;
        _position += length;
        return true;
    }

    private bool Fail(int position, string reason)
    {
        Fault = new IkeFault(_offset + position, reason);
        return false;
    }
}

/// <summary>One transform of a proposal. IKEv2: one algorithm (RFC 7296 section 3.3.2). IKEv1: a whole choice, told by its attributes (RFC 2408 section 3.6).</summary>
public readonly ref struct IkeTransform
{
    private const int KeyLengthAttribute = 14;

    private readonly ReadOnlySpan<byte> _attributes;
    private readonly int _attributesOffset;

    internal IkeTransform(int majorVersion, ReadOnlySpan<byte> body, int offset)
    {
        // IKEv2: type, reserved, id (2). IKEv1: number, id, reserved (2).
        Type = majorVersion == 2 ? (IkeTransformType)body[0] : IkeTransformType.None;
        Number = majorVersion == 1 ? body[0] : 0;
        Id = majorVersion == 2 ? BinaryPrimitives.ReadUInt16BigEndian(body[2..]) : body[1];
        _attributes = body[4..];
        _attributesOffset = offset + 4;
    }

    /// <summary>IKEv2: what kind of algorithm. IKEv1: none.</summary>
    public IkeTransformType Type { get; }

    /// <summary>IKEv1: its number, from 1 on. IKEv2: 0.</summary>
    public int Number { get; }

    /// <summary>The algorithm's number in the registry of its type; IKEv1 phase 1 knows one, KEY_IKE (1).</summary>
    public int Id { get; }

    /// <summary>IKEv2: bits of the key (RFC 7296 section 3.3.5), or null when it is not told or the attributes cannot be read.</summary>
    public int? KeyBits
    {
        get
        {
            var attributes = ReadAttributes();
            while (attributes.Read())
                if (attributes.Current.Type == KeyLengthAttribute && attributes.Current.IsFixed)
                    return (int?)attributes.Current.Number;
            return null;
        }
    }

    /// <summary>Reads its attributes.</summary>
    public IkeAttributeReader ReadAttributes() => new(_attributes, _attributesOffset);
}

/// <summary>Reads the transforms of a proposal one by one.</summary>
public ref struct IkeTransformReader
{
    private const int HeadBytes = 4;
    private const int FixedBytes = 4;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _offset;
    private readonly int _majorVersion;
    private readonly int _count;
    private int _position;
    private int _seen;
    private bool _ended;

    internal IkeTransformReader(int majorVersion, ReadOnlySpan<byte> bytes, int count, int offset)
    {
        _majorVersion = majorVersion;
        _bytes = bytes;
        _count = count;
        _offset = offset;
    }

    /// <summary>The transform that was read last.</summary>
    public IkeTransform Current { get; private set; }

    /// <summary>What is wrong, or null.</summary>
    public IkeFault? Fault { get; private set; }

    /// <summary>Reads the next transform; false at the end and at a fault.</summary>
    public bool Read()
    {
        Current = default;
        if (Fault is not null) return false;
        var rest = _bytes[_position..];
        if (rest.IsEmpty)
        {
            if (_seen != _count) return Fail(_position, "a proposal has another number of transforms than it says");
            return _ended || _count == 0 ? false : Fail(_position, "a transform is missing");
        }

        if (_ended) return Fail(_position, "bytes follow the last transform");
        if (rest.Length < HeadBytes + FixedBytes) return Fail(_position, "a transform is cut short");
        if (rest[0] is not (0 or (byte)IkePayloadType.TransformV1)) return Fail(_position, "a transform is followed by something else");
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length < HeadBytes + FixedBytes || length > rest.Length) return Fail(_position + 2, "a transform's length does not fit");
        Current = new IkeTransform(_majorVersion, rest[HeadBytes..length], _offset + _position + HeadBytes);
        _ended = rest[0] == 0;
        _position += length;
        _seen++;
        return true;
    }

    private bool Fail(int position, string reason)
    {
        Fault = new IkeFault(_offset + position, reason);
        return false;
    }
}
