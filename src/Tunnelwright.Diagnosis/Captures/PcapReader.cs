using System.Buffers.Binary;

namespace Tunnelwright.Diagnosis;

/// <summary>The classic format (draft-ietf-opsawg-pcap): microseconds or nanoseconds, either byte order, and Kuznetzov's variant with longer records.</summary>
internal sealed class PcapReader(CaptureStream stream) : CaptureReader(stream)
{
    private const uint Microseconds = 0xA1B2C3D4;
    private const uint Nanoseconds = 0xA1B23C4D;
    private const uint Kuznetzov = 0xA1B2CD34;
    private const int HeaderBytes = 24;
    private const int RecordBytes = 16;
    private const int KuznetzovBytes = 24;

    private ByteOrder _order;
    private bool _isNano;
    private int _recordBytes;
    private int _linkType = -1;
    private bool _isOpen;

    public static new bool Recognises(ReadOnlySpan<byte> head) => head.Length >= 4 && (IsMagic(BinaryPrimitives.ReadUInt32BigEndian(head)) || IsMagic(BinaryPrimitives.ReadUInt32LittleEndian(head)));

    public override bool Read(out CapturedPacket packet)
    {
        packet = default;
        if (Fault is not null || (!_isOpen && !Open())) return false;
        if (!PassOver()) return Fail("the last record is cut short");
        var head = Stream.Take(_recordBytes);
        if (head.IsEmpty) return false;
        if (head.Length < _recordBytes) return Fail("the last record's header is cut short");
        var length = _order.UInt32(head[8..]);
        if (length > Unbelievable) return Fail($"record {Packets + 1} says that it has {length} bytes");
        var fraction = _order.UInt32(head[4..]);
        var time = At(_order.UInt32(head), _isNano ? fraction / 100 : fraction * 10L);
        var kept = (int)Math.Min(length, CaptureStream.Largest);
        var bytes = Stream.Take(kept);
        if (bytes.Length < kept) return Fail("the last record is cut short");
        packet = new CapturedPacket { Number = ++Packets, Time = time, LinkType = _linkType, Bytes = bytes };
        Unread = length - kept;
        return true;
    }

    private bool Open()
    {
        var head = Stream.Take(HeaderBytes);
        if (head.Length < HeaderBytes) return Fail("the file's header is cut short");
        _order = new ByteOrder(IsMagic(BinaryPrimitives.ReadUInt32BigEndian(head)));
        var magic = _order.UInt32(head);
        _isNano = magic == Nanoseconds;
        _recordBytes = magic == Kuznetzov ? KuznetzovBytes : RecordBytes;

        // The upper half holds the length of a frame check sequence.
        _linkType = (int)(_order.UInt32(head[20..]) & 0xFFFF);
        return _isOpen = true;
    }

    private static bool IsMagic(uint number) => number is Microseconds or Nanoseconds or Kuznetzov;
}
