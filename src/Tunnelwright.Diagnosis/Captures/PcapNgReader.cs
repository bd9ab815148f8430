namespace Tunnelwright.Diagnosis;

/// <summary>The block format (draft-ietf-opsawg-pcapng): sections of either byte order, several interfaces with their own link types and clocks.</summary>
internal sealed class PcapNgReader(CaptureStream stream) : CaptureReader(stream)
{
    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint InterfaceDescription = 1;
    private const uint OldPacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;
    private const int BlockHeadBytes = 8;
    private const int TrailerBytes = 4;
    private const int MaximumInterfaces = 4096;
    private const int ResolutionOption = 9;
    private const int OffsetOption = 14;

    private readonly List<Interface> _interfaces = [];
    private ByteOrder _order;

    public static new bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x0A, 0x0D, 0x0D, 0x0A]);

    public override bool Read(out CapturedPacket packet)
    {
        packet = default;
        while (Fault is null)
        {
            if (!PassOver()) return Fail("the last packet is cut short");
            var head = Stream.Take(BlockHeadBytes);
            if (head.IsEmpty) return false;
            if (head.Length < BlockHeadBytes) return Fail("the last block is cut short");

            // The section header is the same in both byte orders; its length is only known with what follows.
            if (Recognises(head))
            {
                if (!Section(head.ToArray())) return false;
                continue;
            }

            var type = _order.UInt32(head);
            long left = _order.UInt32(head[4..]);
            if (left < BlockHeadBytes + TrailerBytes) return Fail("a block is shorter than its header");
            left -= BlockHeadBytes;
            switch (type)
            {
                case EnhancedPacket or OldPacket or SimplePacket:
                    if (!Packet(type, left, out packet, out var isKnown)) return false;
                    if (isKnown) return true;
                    break;
                case InterfaceDescription when left <= CaptureStream.Largest:
                    var body = Stream.Take((int)left);
                    if (body.Length < left) return Fail("the last block is cut short");
                    if (body.Length >= 8 + TrailerBytes && _interfaces.Count < MaximumInterfaces) _interfaces.Add(Describe(body[..^TrailerBytes]));
                    break;
                default:
                    if (!Stream.Skip(left)) return Fail("the last block is cut short");
                    break;
            }
        }

        return false;
    }

    private bool Section(ReadOnlySpan<byte> head)
    {
        var magic = Stream.Take(4);
        if (magic.Length < 4) return Fail("a section's header is cut short");
        if (magic.SequenceEqual((ReadOnlySpan<byte>)[0x1A, 0x2B, 0x3C, 0x4D])) _order = new ByteOrder(true);
        else if (magic.SequenceEqual((ReadOnlySpan<byte>)[0x4D, 0x3C, 0x2B, 0x1A])) _order = new ByteOrder(false);
        else return Fail("a section has no byte order");
        long length = _order.UInt32(head[4..]);
        if (length < BlockHeadBytes + 4 + TrailerBytes) return Fail("a section's header is too short");
        _interfaces.Clear();
        return Stream.Skip(length - BlockHeadBytes - 4) || Fail("a section's header is cut short");
    }

    private Interface Describe(ReadOnlySpan<byte> body)
    {
        var made = new Interface(_order.UInt16(body), _order.UInt32(body[4..]), 1_000_000, 0);
        var options = body[8..];
        while (options.Length >= 4)
        {
            var code = _order.UInt16(options);
            var length = _order.UInt16(options[2..]);
            if (code == 0 || length > options.Length - 4) break;
            var value = options.Slice(4, length);
            if (code == ResolutionOption && length == 1) made = made with { UnitsEachSecond = Resolution(value[0]) };
            if (code == OffsetOption && length == 8) made = made with { OffsetSeconds = (long)(((ulong)_order.UInt32(value[(_order.IsBig ? 0 : 4)..]) << 32) | _order.UInt32(value[(_order.IsBig ? 4 : 0)..])) };
            var padded = 4 + ((length + 3) & ~3);
            options = padded <= options.Length ? options[padded..] : [];
        }

        return made;
    }

    /// <summary>Units in a second: a power of ten, or of two with the highest bit; what no clock has counts as microseconds.</summary>
    private static ulong Resolution(byte value)
    {
        var power = value & 0x7F;
        if ((value & 0x80) != 0) return power < 63 ? 1UL << power : 1_000_000;
        var units = 1UL;
        if (power > 18) return 1_000_000;
        for (; power > 0; power--) units *= 10;
        return units;
    }

    private bool Packet(uint type, long left, out CapturedPacket packet, out bool isKnown)
    {
        packet = default;
        isKnown = false;
        var fixedBytes = type == SimplePacket ? 4 : 20;
        if (left < fixedBytes + TrailerBytes) return Fail("a packet's block is too short");
        var head = Stream.Take(fixedBytes);
        if (head.Length < fixedBytes) return Fail("the last packet is cut short");
        left -= fixedBytes;
        var number = ++Packets;
        var index = type switch { SimplePacket => 0u, OldPacket => _order.UInt16(head), _ => _order.UInt32(head) };
        Interface? where = index < _interfaces.Count ? _interfaces[(int)index] : null;
        long length = type == SimplePacket ? _order.UInt32(head) : _order.UInt32(head[12..]);
        if (type == SimplePacket && where is { SnapLength: > 0 } limited) length = Math.Min(length, limited.SnapLength);
        if (type == SimplePacket) length = Math.Min(length, left - TrailerBytes);
        if (length > left - TrailerBytes || length > Unbelievable) return Fail($"packet {number} says that it has {length} bytes");
        var time = type == SimplePacket || where is null ? null : where.Time(((ulong)_order.UInt32(head[4..]) << 32) | _order.UInt32(head[8..]));
        var kept = (int)Math.Min(length, CaptureStream.Largest);
        var bytes = Stream.Take(kept);
        if (bytes.Length < kept) return Fail("the last packet is cut short");

        Unread = left - kept;
        isKnown = where is not null;
        packet = new CapturedPacket { Number = number, Time = time, LinkType = where?.LinkType ?? -1, Bytes = bytes };
        return true;
    }

    /// <summary>One interface of a section.</summary>
    private sealed record Interface(int LinkType, uint SnapLength, ulong UnitsEachSecond, long OffsetSeconds)
    {
        public DateTime? Time(ulong units)
        {
            var seconds = units / UnitsEachSecond;
            var fraction = (long)((UInt128)(units % UnitsEachSecond) * (ulong)TimeSpan.TicksPerSecond / UnitsEachSecond);
            return seconds < 250_000_000_000 && OffsetSeconds is > -250_000_000_000 and < 250_000_000_000 ? At((long)seconds + OffsetSeconds, fraction) : null;
        }
    }
}
