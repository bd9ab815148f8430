using System.Buffers.Binary;

namespace Tunnelwright.Dns.Wire;

/// <summary>Reads a message section by section over the bytes as they came. Total: any bytes end in entries or in <see cref="IsMalformed"/>.</summary>
public ref struct MessageReader
{
    private readonly ReadOnlySpan<byte> _message;
    private int _section;
    private int _left;

    /// <summary>Begins at the question section.</summary>
    /// <param name="message">The whole message.</param>
    public MessageReader(ReadOnlySpan<byte> message)
    {
        _message = message;
        Offset = DnsHeader.Size;
        IsMalformed = message.Length < DnsHeader.Size;
        _left = IsMalformed ? 0 : DnsHeader.Count(message, 0);
    }

    /// <summary>Where the next entry begins.</summary>
    public int Offset { get; private set; }

    /// <summary>The bytes do not hold what the header counts: a length or a pointer lies.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next question.</summary>
    /// <param name="name">Offset of its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="questionClass">Its class.</param>
    /// <returns>False after the last, and when malformed.</returns>
    public bool NextQuestion(out int name, out RecordType type, out ushort questionClass)
    {
        (name, type, questionClass) = (Offset, RecordType.None, 0);
        if (_section != 0 || _left == 0 || IsMalformed) return false;
        var end = DomainName.Skip(_message, Offset);
        if (end < 0 || end + 4 > _message.Length) return Fail();
        type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(_message[end..]);
        questionClass = BinaryPrimitives.ReadUInt16BigEndian(_message[(end + 2)..]);
        Offset = end + 4;
        _left--;
        return true;
    }

    /// <summary>Reads the next record of any section; questions that were not read are passed over.</summary>
    /// <param name="record">The record.</param>
    /// <returns>False after the last, and when malformed.</returns>
    public bool NextRecord(out ResourceRecord record)
    {
        record = default;
        while (_section == 0 && _left > 0)
        {
            if (!NextQuestion(out _, out _, out _)) return false;
        }

        while (_left == 0)
        {
            if (_section == 3 || IsMalformed) return false;
            _left = DnsHeader.Count(_message, ++_section);
        }

        if (!TryRecord(_message, Offset, _section, out record, out var next)) return Fail();
        Offset = next;
        _left--;
        return true;
    }

    /// <summary>Reads one record at a place.</summary>
    /// <param name="message">The bytes.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="section">The section that it is said to be of.</param>
    /// <param name="record">The record.</param>
    /// <param name="next">Where it ends.</param>
    /// <returns>False when it does not fit.</returns>
    public static bool TryRecord(ReadOnlySpan<byte> message, int offset, int section, out ResourceRecord record, out int next)
    {
        record = default;
        next = -1;
        var end = DomainName.Skip(message, offset);
        if (end < 0 || end + 10 > message.Length) return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(message[(end + 8)..]);
        if (end + 10 + length > message.Length) return false;
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(end + 4)..]);
        var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[end..]);
        record = new ResourceRecord(offset, type, BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]), ttl > int.MaxValue && type != RecordType.Opt ? 0 : ttl, end + 10, length, section);
        next = end + 10 + length;
        return true;
    }

    private bool Fail()
    {
        IsMalformed = true;
        _left = 0;
        _section = 3;
        return false;
    }
}
