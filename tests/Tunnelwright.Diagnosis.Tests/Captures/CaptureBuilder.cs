using System.Buffers.Binary;
using System.Net;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Writes captures byte by byte, as the formats' documents say: classic in both byte orders and precisions, and in blocks.</summary>
internal sealed class CaptureBuilder(CaptureStyle style = CaptureStyle.Little)
{
    private readonly List<(double Seconds, byte[] Frame, int Interface)> _packets = [];

    public static DateTime Start { get; } = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    public int LinkType { get; init; } = 1;

    /// <summary>Blocks only: the second interface's link type, which has a clock of nanoseconds.</summary>
    public int SecondLinkType { get; init; } = 101;

    public int SnapLength { get; init; } = 262_144;

    public CaptureBuilder Add(double seconds, byte[] ip, int vlans = 0) => AddFrame(seconds, Frames.Wrap(LinkType, ip, vlans), 0);

    public CaptureBuilder AddSecond(double seconds, byte[] ip) => AddFrame(seconds, Frames.Wrap(SecondLinkType, ip, 0), 1);

    public CaptureBuilder AddFrame(double seconds, byte[] frame, int where = 0)
    {
        _packets.Add((seconds, frame, where));
        return this;
    }

    /// <summary>Every packet once more a little later, as a capture of all interfaces shows it.</summary>
    public CaptureBuilder Doubled(double later)
    {
        _packets.AddRange(_packets.Select(packet => (packet.Seconds + later, packet.Frame, packet.Interface)).ToList());
        return this;
    }

    public byte[] Build() => style == CaptureStyle.BlocksBig || style == CaptureStyle.BlocksLittle ? Blocks(style == CaptureStyle.BlocksBig) : Classic();

    private byte[] Classic()
    {
        var big = style is CaptureStyle.Big or CaptureStyle.BigNano;
        var nano = style is CaptureStyle.LittleNano or CaptureStyle.BigNano;
        var bytes = new List<byte>();
        Number(bytes, nano ? 0xA1B23C4D : style == CaptureStyle.Kuznetzov ? 0xA1B2CD34 : 0xA1B2C3D4, 4, big);
        Number(bytes, 2, 2, big);
        Number(bytes, 4, 2, big);
        Number(bytes, 0, 8, big);
        Number(bytes, (uint)SnapLength, 4, big);
        Number(bytes, (uint)LinkType, 4, big);
        foreach (var (seconds, frame, _) in _packets.OrderBy(packet => packet.Seconds))
        {
            var time = (decimal)(Start - DateTime.UnixEpoch).TotalSeconds + (decimal)seconds;
            var kept = frame.AsSpan(0, Math.Min(frame.Length, SnapLength));
            Number(bytes, (uint)time, 4, big);
            Number(bytes, (uint)((time - decimal.Truncate(time)) * (nano ? 1_000_000_000 : 1_000_000)), 4, big);
            Number(bytes, (uint)kept.Length, 4, big);
            Number(bytes, (uint)frame.Length, 4, big);
            if (style == CaptureStyle.Kuznetzov) Number(bytes, 0, 8, big);
            bytes.AddRange(kept);
        }

        return [.. bytes];
    }

    private byte[] Blocks(bool big)
    {
        var bytes = new List<byte>();
        Block(bytes, 0x0A0D0D0A, big, body =>
        {
            Number(body, 0x1A2B3C4D, 4, big);
            Number(body, 1, 2, big);
            Number(body, 0, 2, big);
            Number(body, ulong.MaxValue, 8, big);
        });
        Block(bytes, 1, big, body =>
        {
            Number(body, (uint)LinkType, 2, big);
            Number(body, 0, 2, big);
            Number(body, (uint)SnapLength, 4, big);
        });
        Block(bytes, 1, big, body =>
        {
            Number(body, (uint)SecondLinkType, 2, big);
            Number(body, 0, 2, big);
            Number(body, 0, 4, big);
            Number(body, 9, 2, big);
            Number(body, 1, 2, big);
            body.AddRange([9, 0, 0, 0]);
        });
        Block(bytes, 4, big, body => body.AddRange(new byte[8]));
        foreach (var (seconds, frame, where) in _packets.OrderBy(packet => packet.Seconds))
        {
            var kept = frame[..Math.Min(frame.Length, SnapLength)];
            Block(bytes, 6, big, body =>
            {
                var units = (ulong)(((decimal)(Start - DateTime.UnixEpoch).TotalSeconds + (decimal)seconds) * (where == 1 ? 1_000_000_000 : 1_000_000));
                Number(body, (uint)where, 4, big);
                Number(body, units >> 32, 4, big);
                Number(body, units & uint.MaxValue, 4, big);
                Number(body, (uint)kept.Length, 4, big);
                Number(body, (uint)frame.Length, 4, big);
                body.AddRange(kept);
                while (body.Count % 4 != 0) body.Add(0);
            });
        }

        return [.. bytes];
    }

    private static void Block(List<byte> bytes, uint type, bool big, Action<List<byte>> write)
    {
        var body = new List<byte>();
        write(body);
        while (body.Count % 4 != 0) body.Add(0);
        Number(bytes, type, 4, big);
        Number(bytes, (uint)body.Count + 12, 4, big);
        bytes.AddRange(body);
        Number(bytes, (uint)body.Count + 12, 4, big);
    }

    private static void Number(List<byte> bytes, ulong value, int length, bool big)
    {
        for (var i = 0; i < length; i++) bytes.Add((byte)(value >> (8 * (big ? length - 1 - i : i))));
    }
}

internal enum CaptureStyle
{
    Little,
    Big,
    LittleNano,
    BigNano,
    Kuznetzov,
    BlocksLittle,
    BlocksBig,
}

/// <summary>Frames and packets, with nothing but the fields that readers look at.</summary>
internal static class Frames
{
    public static byte[] Wrap(int linkType, byte[] ip, int vlans)
    {
        byte[] type = ip[0] >> 4 == 6 ? [0x86, 0xDD] : [0x08, 0x00];
        IEnumerable<byte> tags = Enumerable.Range(0, vlans).SelectMany(index => (byte[])[(byte)(index + 1 < vlans ? 0x88 : 0x81), (byte)(index + 1 < vlans ? 0xA8 : 0x00), 0, 42]);
        return linkType switch
        {
            1 => [.. new byte[12], .. tags, .. type, .. ip],
            113 => [.. new byte[14], .. tags, .. type, .. ip],
            276 => [.. type, .. new byte[18], .. ip],
            0 => [(byte)(ip[0] >> 4 == 6 ? 30 : 2), 0, 0, 0, .. ip],
            108 => [0, 0, 0, (byte)(ip[0] >> 4 == 6 ? 30 : 2), .. ip],
            _ => ip,
        };
    }

    public static byte[] Ip(string source, string destination, byte protocol, byte[] payload, int fragment = 0, ushort id = 1, int? total = null)
    {
        byte[] from = IPAddress.Parse(source).GetAddressBytes(), to = IPAddress.Parse(destination).GetAddressBytes();
        if (from.Length == 16) return [0x60, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, protocol, 64, .. from, .. to, .. payload];
        var length = total ?? payload.Length + 20;
        return [0x45, 0, (byte)(length >> 8), (byte)length, (byte)(id >> 8), (byte)id, (byte)(fragment >> 8), (byte)fragment, 64, protocol, 0, 0, .. from, .. to, .. payload];
    }

    public static byte[] UdpHead(int from, int to, int length) => [(byte)(from >> 8), (byte)from, (byte)(to >> 8), (byte)to, (byte)((length + 8) >> 8), (byte)(length + 8), 0, 0];

    public static byte[] Udp(string source, int from, string destination, int to, byte[] payload) => Ip(source, destination, 17, [.. UdpHead(from, to, payload.Length), .. payload]);

    /// <summary>Two IPv4 fragments of a UDP datagram.</summary>
    public static (byte[] First, byte[] Second) Cut(string source, int from, string destination, int to, byte[] payload, ushort id)
    {
        byte[] whole = [.. UdpHead(from, to, payload.Length), .. payload];
        return (Ip(source, destination, 17, whole[..1480], 0x2000, id), Ip(source, destination, 17, whole[1480..], 1480 / 8, id));
    }

    public static byte[] Esp(string source, string destination, uint spi, uint sequence)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, spi);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), sequence);
        return Ip(source, destination, 50, bytes);
    }

    public static byte[] EspInUdp(string source, int from, string destination, int to, uint spi, uint sequence)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, spi);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), sequence);
        return Udp(source, from, destination, to, bytes);
    }

    public static byte[] Unreachable(string sender, string receiver, byte code, byte[] quoted) => Ip(sender, receiver, 1, [3, code, 0, 0, 0, 0, 0, 0, .. quoted[..Math.Min(quoted.Length, 28)]]);
}
