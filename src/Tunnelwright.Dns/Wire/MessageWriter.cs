using System.Buffers.Binary;

namespace Tunnelwright.Dns.Wire;

/// <summary>
/// Writes a message into a buffer, with compression, and keeps where every TTL stands. When the buffer is full, <see cref="HasOverflowed"/> is
/// set and nothing more is written; a record is written whole or not at all.
/// </summary>
public ref struct MessageWriter
{
    private const int MaximumNames = 64;
    private readonly Span<byte> _buffer;
    private readonly Span<ushort> _ttls;
    private NameOffsets _names;
    private int _nameCount;

    /// <summary>Begins after a header and a question, which the writer writes.</summary>
    /// <param name="buffer">At most 65,535 bytes are used.</param>
    /// <param name="ttls">Room for the place of each record's TTL; records beyond it overflow.</param>
    /// <param name="question">The question's name without compression.</param>
    /// <param name="type">Its type.</param>
    /// <param name="questionClass">Its class.</param>
    public MessageWriter(Span<byte> buffer, Span<ushort> ttls, ReadOnlySpan<byte> question, RecordType type, ushort questionClass = 1)
    {
        _buffer = buffer.Length > ushort.MaxValue ? buffer[..ushort.MaxValue] : buffer;
        _ttls = ttls;
        if (_buffer.Length < DnsHeader.Size + question.Length + 4)
        {
            HasOverflowed = true;
            return;
        }

        DnsHeader.Write(_buffer, 0, DnsHeader.Response);
        Length = DnsHeader.Size;
        WriteName(question, compress: true);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 2)..], questionClass);
        Length += 4;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Records written, and so places of TTLs.</summary>
    public int Records { get; private set; }

    /// <summary>Something did not fit.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>Copies a record out of another message; names in its data are expanded and compressed again.</summary>
    /// <param name="source">The message that the record is in.</param>
    /// <param name="record">The record.</param>
    /// <param name="ttl">The TTL to write, in seconds.</param>
    /// <param name="owner">Another owner than the record's, without compression; nothing keeps the record's.</param>
    /// <returns>False when it did not fit or its names are malformed.</returns>
    public bool WriteRecord(ReadOnlySpan<byte> source, in ResourceRecord record, uint ttl, scoped ReadOnlySpan<byte> owner = default)
    {
        if (HasOverflowed || Records >= _ttls.Length) return Fail(Length);
        var start = Length;
        Span<byte> name = stackalloc byte[DomainName.MaximumLength];
        if (owner.IsEmpty)
        {
            var length = DomainName.Expand(source, record.Owner, name, out _);
            if (length == 0) return Fail(start);
            owner = name[..length];
        }

        if (!WriteName(owner, compress: true) || Length + 10 > _buffer.Length) return Fail(start);
        var head = _buffer[Length..];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], record.Class);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], ttl);
        var ttlAt = Length + 4;
        Length += 10;
        var data = Length;
        if (!WriteData(source, record)) return Fail(start);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(data - 2)..], (ushort)(Length - data));
        _ttls[Records++] = (ushort)ttlAt;
        return true;
    }

    /// <summary>Writes a record of given data.</summary>
    /// <param name="owner">The owner's name without compression.</param>
    /// <param name="type">The type; the class is IN.</param>
    /// <param name="ttl">Seconds.</param>
    /// <param name="data">The data, copied as it is.</param>
    /// <returns>False when it did not fit.</returns>
    public bool WriteRecord(ReadOnlySpan<byte> owner, RecordType type, uint ttl, ReadOnlySpan<byte> data)
    {
        if (HasOverflowed || Records >= _ttls.Length) return Fail(Length);
        var start = Length;
        if (!WriteName(owner, compress: true) || Length + 10 + data.Length > _buffer.Length) return Fail(start);
        var head = _buffer[Length..];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(head[8..], (ushort)data.Length);
        data.CopyTo(head[10..]);
        _ttls[Records++] = (ushort)(Length + 4);
        Length += 10 + data.Length;
        return true;
    }

    private bool WriteData(ReadOnlySpan<byte> source, in ResourceRecord record)
    {
        var layout = RecordDataLayout.Of(record.Type);
        var at = record.Data;
        var end = record.Data + record.DataLength;
        if (layout.Names == 0) return Copy(source, at, end);
        var fixedEnd = at + layout.Prefix;
        for (var i = 0; i < layout.Strings && fixedEnd < end; i++) fixedEnd += 1 + source[fixedEnd];
        if (fixedEnd > end || !Copy(source, at, fixedEnd)) return false;
        at = fixedEnd;
        Span<byte> name = stackalloc byte[DomainName.MaximumLength];
        for (var i = 0; i < layout.Names; i++)
        {
            var length = DomainName.Expand(source[..end], at, name, out at);
            if (length == 0 || !WriteName(name[..length], layout.MayCompress)) return false;
        }

        return Copy(source, at, end);
    }

    private bool Copy(ReadOnlySpan<byte> source, int from, int to)
    {
        if (Length + to - from > _buffer.Length) return false;
        source[from..to].CopyTo(_buffer[Length..]);
        Length += to - from;
        return true;
    }

    /// <summary>Writes a name; the longest end of it that stands in the message already becomes a pointer. What is written new is remembered.</summary>
    private bool WriteName(scoped ReadOnlySpan<byte> name, bool compress)
    {
        while (name.Length > 1)
        {
            if (compress && Find(name) is var found and > 0)
            {
                if (Length + 2 > _buffer.Length) return false;
                BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)(0xC000 | found));
                Length += 2;
                return true;
            }

            var label = 1 + name[0];
            if (Length + label > _buffer.Length) return false;
            if (_nameCount < MaximumNames && Length < 0x4000) _names[_nameCount++] = (ushort)Length;
            name[..label].CopyTo(_buffer[Length..]);
            Length += label;
            name = name[label..];
        }

        if (Length + 1 > _buffer.Length) return false;
        _buffer[Length++] = 0;
        return true;
    }

    /// <summary>Letters count here as they stand: 0x20 and the case of a name's owner stay as they were.</summary>
    private readonly int Find(scoped ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _nameCount; i++)
        {
            if (Matches(_names[i], name)) return _names[i];
        }

        return 0;
    }

    private readonly bool Matches(int offset, scoped ReadOnlySpan<byte> name)
    {
        while (true)
        {
            // The name that is being written ends here: what stands behind is of an earlier message.
            if (offset >= Length) return false;
            var length = _buffer[offset];
            if (length >= 0xC0)
            {
                if (offset + 2 > Length) return false;
                offset = BinaryPrimitives.ReadUInt16BigEndian(_buffer[offset..]) & 0x3FFF;
                continue;
            }

            if (length != name[0] || offset + 1 + length > Length || !_buffer.Slice(offset, 1 + length).SequenceEqual(name[..(1 + length)])) return false;
            if (length == 0) return true;
            offset += 1 + length;
            name = name[(1 + length)..];
        }
    }

    private bool Fail(int start)
    {
        HasOverflowed = true;
        Length = start;
        while (_nameCount > 0 && _names[_nameCount - 1] >= start) _nameCount--;
        return false;
    }

    [System.Runtime.CompilerServices.InlineArray(MaximumNames)]
    private struct NameOffsets
    {
        private ushort _first;
    }
}
