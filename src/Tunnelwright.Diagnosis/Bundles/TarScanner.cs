using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// Reads the members of a tar archive one after the other (POSIX.1-2017 pax, "ustar Interchange Format"; GNU's long names), in constant memory whatever the archive says.
/// Links and devices are passed over; nothing is ever written under a member's name.
/// </summary>
internal sealed class TarScanner(Stream stream)
{
    private const int Block = 512;
    private const int LongestName = 4096;
    private const int LargestHeader = 64 << 10;

    private readonly byte[] _header = new byte[Block];
    private long _unread;

    /// <summary>What is wrong with the archive; null as long as nothing was found.</summary>
    public string? Fault { get; private set; }

    /// <summary>The member's name, without anything that could forge a line.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Its size in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Whether a file that begins so is a tar archive.</summary>
    /// <param name="head">Its first bytes.</param>
    public static bool Recognises(ReadOnlySpan<byte> head) => head.Length >= Block && head.Slice(257, 5).SequenceEqual("ustar"u8) && IsSound(head[..Block]);

    /// <summary>Goes to the next regular file; false at the end and at a fault.</summary>
    public bool Next()
    {
        string? longName = null;
        long? longSize = null;
        while (Fault is null)
        {
            if (!Skip(_unread)) return Fail("the archive breaks off");
            _unread = 0;
            var read = stream.ReadAtLeast(_header, Block, throwOnEndOfStream: false);
            if (read == 0 || _header.AsSpan().IndexOfAnyExcept((byte)0) < 0) return false;
            if (read < Block) return Fail("the archive breaks off");
            if (!IsSound(_header)) return Fail("the archive has a broken header");
            if (Number(_header.AsSpan(124, 12)) is not { } size) return Fail("the archive has a member of no size");
            var kind = (char)_header[156];
            _unread = Padded(size);
            switch (kind)
            {
                case 'L' or 'x':
                    if (size > LargestHeader) continue;
                    var content = new byte[size];
                    if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length) return Fail("the archive breaks off");
                    _unread -= size;
                    if (kind == 'L') longName = Text(content.AsSpan(0, Math.Min(content.Length, LongestName)));
                    else (longName, longSize) = (Pax(content, "path") ?? longName, long.TryParse(Pax(content, "size"), out var given) && given >= 0 ? given : longSize);
                    continue;
                case '0' or '\0' or '7':
                    if (longSize is { } larger) _unread = Padded(size = larger);
                    Name = Clean(longName ?? Plain());
                    Size = size;
                    return true;
                default:
                    (longName, longSize) = (null, null);
                    continue;
            }
        }

        return false;
    }

    /// <summary>Reads on in the member.</summary>
    /// <param name="target">Room.</param>
    /// <returns>Bytes read; 0 at the member's end.</returns>
    public int Read(Span<byte> target)
    {
        var left = _unread - (Padded(Size) - Size);
        if (left <= 0 || target.IsEmpty) return 0;
        var read = stream.Read(target[..(int)Math.Min(left, target.Length)]);
        _unread -= read;
        if (read == 0) Fault ??= "the archive breaks off";
        return read;
    }

    private static long Padded(long size) => size > long.MaxValue - Block ? long.MaxValue : (size + Block - 1) / Block * Block;

    private bool Skip(long count)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (count > 0)
        {
            var read = stream.Read(buffer[..(int)Math.Min(count, buffer.Length)]);
            if (read == 0) return false;
            count -= read;
        }

        return true;
    }

    private string Plain()
    {
        var name = Text(_header.AsSpan(0, 100));
        var prefix = _header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(_header.AsSpan(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    /// <summary>A record of a pax header: "length key=value\n".</summary>
    private static string? Pax(ReadOnlySpan<byte> content, string key)
    {
        string? found = null;
        while (content.Length > 0)
        {
            var space = content.IndexOf((byte)' ');
            if (space is <= 0 or > 9 || !int.TryParse(content[..space], out var length) || length <= space + 1 || length > content.Length) break;
            var record = Encoding.UTF8.GetString(content[(space + 1)..(length - 1)]);
            if (record.StartsWith(key, StringComparison.Ordinal) && record.Length > key.Length && record[key.Length] == '=') found = record[(key.Length + 1)..Math.Min(record.Length, key.Length + 1 + LongestName)];
            content = content[length..];
        }

        return found;
    }

    /// <summary>Octal digits, or GNU's binary form for large sizes.</summary>
    private static long? Number(ReadOnlySpan<byte> field)
    {
        long number = 0;
        if ((field[0] & 0x80) != 0)
        {
            foreach (var octet in field[4..]) number = (number << 8) | octet;
            return field[0] == 0x80 && field[1..4].IndexOfAnyExcept((byte)0) < 0 && number >= 0 ? number : null;
        }

        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7') return null;
            number = (number * 8) + digit - '0';
        }

        return number;
    }

    /// <summary>Whether the header's checksum is right.</summary>
    private static bool IsSound(ReadOnlySpan<byte> header)
    {
        if (Number(header.Slice(148, 8)) is not { } told) return false;
        long sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
        {
            if (i is < 148 or >= 156) sum += header[i];
        }

        return sum == told;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    private static string Clean(string name) => string.Concat(name.Take(300).Select(c => char.IsControl(c) ? '?' : c));

    private bool Fail(string reason)
    {
        Fault = reason;
        return false;
    }
}
