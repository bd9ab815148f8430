using System.Buffers.Binary;
using System.Net;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Support;

/// <summary>A question that a fake server got, and answers to it.</summary>
internal sealed class Query(byte[] message, bool isTcp, IPEndPoint from)
{
    public byte[] Message { get; } = message;

    public bool IsTcp { get; } = isTcp;

    public IPEndPoint From { get; } = from;

    /// <summary>With the letters as they were sent.</summary>
    public string Name { get; } = NameOf(message);

    public RecordType Type { get; } = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(DomainName.Skip(message, 12)));

    public bool HasEdns => DnsHeader.Count(Message, 3) > 0;

    public bool DnssecOk => HasEdns && (Message[DomainName.Skip(Message, 12) + 4 + 7] & 0x80) != 0;

    public bool Is(string name, RecordType type = RecordType.A) => Type == type && Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>An EDNS option's data; null when there is none.</summary>
    public byte[]? Option(ushort option)
    {
        var reader = new MessageReader(Message);
        while (reader.NextRecord(out var record))
        {
            if (record.Type == RecordType.Opt && Edns.TryOption(Message.AsSpan(record.Data, record.DataLength), option, out var offset, out var length)) return Message[(record.Data + offset)..(record.Data + offset + length)];
        }

        return null;
    }

    public Response Answer() => new(this);

    public byte[] Code(ResponseCode code) => new Response(this).Code(code).Build();

    private static string NameOf(byte[] message)
    {
        var name = new byte[255];
        return DomainName.ToText(name.AsSpan(0, DomainName.Expand(message, 12, name, out _)));
    }
}

/// <summary>An answer as a test writes it: no compression but the pointer to the question, where asked for.</summary>
internal sealed class Response
{
    private readonly List<byte> _bytes;
    private readonly int[] _counts = new int[4];
    private ushort _flags = DnsHeader.Response | DnsHeader.RecursionAvailable;

    public Response(Query query)
    {
        _bytes = [.. query.Message[..(DomainName.Skip(query.Message, 12) + 4)]];
        _counts[0] = 1;
    }

    public Response Code(ResponseCode code)
    {
        _flags = (ushort)((_flags & ~DnsHeader.CodeMask) | (int)code);
        return this;
    }

    public Response Flag(ushort flag)
    {
        _flags |= flag;
        return this;
    }

    public Response A(string owner, string address, uint ttl = 60) => Record(owner, RecordType.A, ttl, IPAddress.Parse(address).GetAddressBytes());

    public Response Cname(string owner, string target, uint ttl = 60) => Record(owner, RecordType.Cname, ttl, Name(target));

    public Response Soa(string owner, uint minimum, uint ttl = 3600) =>
        Record(owner, RecordType.Soa, ttl, [.. Name("ns." + owner), .. Name("root." + owner), 0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 14, 16, .. BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(minimum))], section: 2);

    public Response Record(string owner, RecordType type, uint ttl, byte[] data, int section = 1)
    {
        _bytes.AddRange(Name(owner));
        _bytes.AddRange([(byte)((ushort)type >> 8), (byte)type, 0, 1, (byte)(ttl >> 24), (byte)(ttl >> 16), (byte)(ttl >> 8), (byte)ttl, (byte)(data.Length >> 8), (byte)data.Length, .. data]);
        _counts[section]++;
        return this;
    }

    /// <summary>OPT with the upper bits of the code and a cookie.</summary>
    public Response Edns(int extendedCode, params byte[] cookie) =>
        Raw([0, 0, 41, 4, 208, (byte)extendedCode, 0, 0, 0, .. cookie.Length == 0 ? (byte[])[0, 0] : [0, (byte)(cookie.Length + 4), 0, 10, 0, (byte)cookie.Length, .. cookie]]).Count(3, 1);

    public Response Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Response Count(int section, int count)
    {
        _counts[section] = count;
        return this;
    }

    public byte[] Build()
    {
        var message = _bytes.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), _flags);
        for (var i = 0; i < 4; i++) DnsHeader.SetCount(message, i, _counts[i]);
        return message;
    }

    public static byte[] Name(string text) => DomainName.TryParse(text, out var name) ? name : throw new ArgumentException("not a name", nameof(text));
}
