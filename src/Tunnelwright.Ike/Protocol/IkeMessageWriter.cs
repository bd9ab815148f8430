using System.Buffers.Binary;

namespace Tunnelwright.Ike;

/// <summary>Writes a message into a buffer: header, payloads, proposals (RFC 7296 section 3, RFC 2408 section 3). Lengths and next-payload fields come by themselves.</summary>
public ref struct IkeMessageWriter
{
    private const int NextPayloadAt = 16;
    private const int LengthAt = 24;
    private const int NoPlace = -1;

    private readonly Span<byte> _buffer;
    private readonly bool _isV1;
    private int _length;
    private int _nextAt;
    private int _payloadAt;
    private int _proposalAt;
    private int _transformAt;

    /// <summary>Writes the header.</summary>
    /// <param name="buffer">Room for the whole message.</param>
    /// <param name="header">The header; its length and next payload are filled in.</param>
    /// <exception cref="InvalidOperationException">The buffer is too small, here and in every other method.</exception>
    public IkeMessageWriter(Span<byte> buffer, IkeHeader header)
    {
        _buffer = buffer;
        _isV1 = header.MajorVersion == 1;
        _payloadAt = _proposalAt = _transformAt = NoPlace;
        (header with { NextPayload = IkePayloadType.None, Length = 0 }).Write(Take(IkeHeader.Bytes));
        _nextAt = NextPayloadAt;
    }

    /// <summary>What has been written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Ends the payload before, if one is open, and begins the next.</summary>
    /// <param name="type">Its type.</param>
    public void BeginPayload(IkePayloadType type)
    {
        EndPayload();
        _buffer[_nextAt] = (byte)type;
        _payloadAt = _nextAt = _length;
        Take(4).Clear();
    }

    /// <summary>Appends octets to the open payload.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Appends one octet.</summary>
    public void WriteByte(int value) => Take(1)[0] = checked((byte)value);

    /// <summary>Appends two octets in network order.</summary>
    public void WriteUInt16(int value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), checked((ushort)value));

    /// <summary>Appends four octets in network order.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    /// <summary>A whole payload.</summary>
    public void WritePayload(IkePayloadType type, scoped ReadOnlySpan<byte> body)
    {
        BeginPayload(type);
        Write(body);
    }

    /// <summary>A whole IKEv2 notify payload about the IKE SA, without an SPI (RFC 7296 section 3.10).</summary>
    public void WriteNotify(int type, scoped ReadOnlySpan<byte> data)
    {
        BeginPayload(IkePayloadType.Notify);
        WriteByte(0);
        WriteByte(0);
        WriteUInt16(type);
        Write(data);
    }

    /// <summary>Begins a proposal of the open SA payload, for IKE and without an SPI.</summary>
    /// <param name="number">From 1 on.</param>
    public void BeginProposal(int number)
    {
        EndProposal();
        if (_proposalAt != NoPlace) _buffer[_proposalAt] = (byte)IkePayloadType.ProposalV1;
        _proposalAt = _length;
        Take(4).Clear();
        WriteByte(number);
        WriteByte((int)IkeProtocol.Ike);
        WriteByte(0);
        WriteByte(0);
    }

    /// <summary>Begins a transform of the open proposal.</summary>
    /// <param name="typeOrNumber">IKEv2: the transform type. IKEv1: the transform's number.</param>
    /// <param name="id">Its number in the registry.</param>
    public void BeginTransform(int typeOrNumber, int id)
    {
        EndTransform();
        if (_transformAt != NoPlace) _buffer[_transformAt] = (byte)IkePayloadType.TransformV1;
        _transformAt = _length;
        _buffer[_proposalAt + 7] = checked((byte)(_buffer[_proposalAt + 7] + 1));
        Take(4).Clear();
        WriteByte(typeOrNumber);
        WriteByte(_isV1 ? id : 0);
        WriteUInt16(_isV1 ? 0 : id);
    }

    /// <summary>Appends an attribute in the short form to the open transform.</summary>
    public void WriteAttribute(int type, int value)
    {
        WriteUInt16(type | 0x8000);
        WriteUInt16(value);
    }

    /// <summary>Appends an attribute of four octets in the long form to the open transform.</summary>
    public void WriteLongAttribute(int type, uint value)
    {
        WriteUInt16(type);
        WriteUInt16(4);
        WriteUInt32(value);
    }

    /// <summary>Ends the message.</summary>
    /// <returns>Its octets.</returns>
    public int Finish()
    {
        EndPayload();
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[LengthAt..], (uint)_length);
        return _length;
    }

    private void EndPayload()
    {
        EndProposal();
        _proposalAt = NoPlace;
        if (_payloadAt != NoPlace) EndAt(_payloadAt);
    }

    private void EndProposal()
    {
        EndTransform();
        _transformAt = NoPlace;
        if (_proposalAt != NoPlace) EndAt(_proposalAt);
    }

    private readonly void EndTransform()
    {
        if (_transformAt != NoPlace) EndAt(_transformAt);
    }

    private readonly void EndAt(int start) => BinaryPrimitives.WriteUInt16BigEndian(_buffer[(start + 2)..], checked((ushort)(_length - start)));

    private Span<byte> Take(int count)
    {
        if (count > _buffer.Length - _length) throw new InvalidOperationException("The buffer is too small for the message.");
        var taken = _buffer.Slice(_length, count);
        _length += count;
        return taken;
    }
}
