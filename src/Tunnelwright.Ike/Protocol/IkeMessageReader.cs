using System.Buffers.Binary;

namespace Tunnelwright.Ike;

/// <summary>One payload of a message: its type and what follows its generic header (RFC 7296 section 3.2, RFC 2408 section 3.2).</summary>
public readonly ref struct IkePayload
{
    internal IkePayload(IkePayloadType type, int majorVersion, bool isCritical, ReadOnlySpan<byte> body, int offset)
    {
        Type = type;
        MajorVersion = majorVersion;
        IsCritical = isCritical;
        Body = body;
        Offset = offset;
    }

    /// <summary>The type; a number without a name is a type that is not known here.</summary>
    public IkePayloadType Type { get; }

    /// <summary>The message's version, 1 or 2: the bodies of the two versions differ.</summary>
    public int MajorVersion { get; }

    /// <summary>IKEv2: whether a receiver that does not know the type must refuse the message.</summary>
    public bool IsCritical { get; }

    /// <summary>The payload without its generic header. For <see cref="IkePayloadType.Encrypted"/> and fragments it is what cannot be read without keys.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Where the body begins in the message.</summary>
    public int Offset { get; }
}

/// <summary>
/// Reads the payloads of a message one by one, IKEv2 (RFC 7296) and IKEv1 (RFC 2408), without allocating. Any input ends in payloads, and then either the
/// message's end or one <see cref="Fault"/>.
/// </summary>
public ref struct IkeMessageReader
{
    private const int GenericHeaderBytes = 4;

    private readonly ReadOnlySpan<byte> _message;
    private int _position;
    private IkePayloadType _next;

    /// <summary>Reads the header.</summary>
    /// <param name="message">The message from its first byte on (after a non-ESP marker). What follows the length that its header tells is left alone.</param>
    public IkeMessageReader(ReadOnlySpan<byte> message)
    {
        if (!IkeHeader.TryRead(message, out var header, out var fault))
        {
            Fault = fault;
            return;
        }

        Header = header;
        if (header.MajorVersion is not (1 or 2))
        {
            Fault = new IkeFault(17, $"version {header.MajorVersion} is not known");
            return;
        }

        var cut = header.Length > message.Length;
        _message = cut ? message : message[..(int)header.Length];
        IsCutShort = cut;
        TrailingBytes = message.Length - _message.Length;
        _position = IkeHeader.Bytes;
        _next = header.IsEncrypted ? IkePayloadType.None : header.NextPayload;
    }

    /// <summary>The header; all zero when it could not be read.</summary>
    public IkeHeader Header { get; }

    /// <summary>The payload that was read last.</summary>
    public IkePayload Current { get; private set; }

    /// <summary>What is wrong with the message, or null as long as nothing was found.</summary>
    public IkeFault? Fault { get; private set; }

    /// <summary>Whether the header tells of more octets than there are: a fault once the payloads that are there were read.</summary>
    public bool IsCutShort { get; }

    /// <summary>Octets behind the end that the header tells.</summary>
    public int TrailingBytes { get; }

    /// <summary>Reads the next payload; false at the end, at a fault, and at once for an encrypted IKEv1 message.</summary>
    public bool Read()
    {
        Current = default;
        if (Fault is not null) return false;
        if (_next == IkePayloadType.None) return End();
        var rest = _message[_position..];
        if (rest.Length < GenericHeaderBytes) return Fail(_position, "a payload's header is cut short");
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length < GenericHeaderBytes) return Fail(_position + 2, "a payload is shorter than its header");
        if (length > rest.Length) return Fail(_position + 2, "a payload is longer than the message");
        var type = _next;
        Current = new IkePayload(type, Header.MajorVersion, Header.MajorVersion == 2 && rest[1] >> 7 != 0, rest[GenericHeaderBytes..length], _position + GenericHeaderBytes);
        // The next-payload field of an encrypted payload names what is inside (RFC 7296 section 3.14, RFC 7383 section 2.5).
        _next = Header.MajorVersion == 2 && type is IkePayloadType.Encrypted or IkePayloadType.EncryptedFragment ? IkePayloadType.None : (IkePayloadType)rest[0];
        _position += length;
        return true;
    }

    private bool End()
    {
        if (IsCutShort) return Fail(_message.Length, "the message is shorter than its header says");
        if (!Header.IsEncrypted && _position < _message.Length) return Fail(_position, "bytes follow the last payload");
        return false;
    }

    private bool Fail(int offset, string reason)
    {
        Fault = new IkeFault(Math.Min(offset, _message.Length), reason);
        return false;
    }
}
