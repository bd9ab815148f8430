using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Tunnelwright.Dns.Wire;

/// <summary>
/// Names on the wire (RFC 1035, section 4.1.4): labels of 1 to 63 bytes, at most 255 bytes with the root's, and pointers backwards. All
/// functions are total: any bytes end in a value or in false.
/// </summary>
public static class DomainName
{
    /// <summary>The longest name on the wire, in bytes.</summary>
    public const int MaximumLength = 255;

    private const int MaximumLabel = 63;

    /// <summary>Passes over a name.</summary>
    /// <param name="message">The message.</param>
    /// <param name="offset">Where the name begins.</param>
    /// <returns>Where the name ends; -1 when the bytes are not a name. A pointer's target is not looked at.</returns>
    public static int Skip(ReadOnlySpan<byte> message, int offset)
    {
        var start = offset;
        while ((uint)offset < (uint)message.Length)
        {
            var length = message[offset];
            if (length == 0) return offset + 1 - start <= MaximumLength ? offset + 1 : -1;
            if (length >= 0xC0) return offset + 2 <= message.Length ? offset + 2 : -1;
            if (length > MaximumLabel) return -1;
            offset += 1 + length;
        }

        return -1;
    }

    /// <summary>Copies a name without compression. A pointer must point before everything read so far, so that no loop is possible.</summary>
    /// <param name="message">The message.</param>
    /// <param name="offset">Where the name begins.</param>
    /// <param name="name">At least <see cref="MaximumLength"/> bytes for the name.</param>
    /// <param name="next">Where the name ends in the message.</param>
    /// <returns>The name's length in bytes, the root's included; 0 when it is not a name.</returns>
    public static int Expand(ReadOnlySpan<byte> message, int offset, Span<byte> name, out int next)
    {
        next = -1;
        var written = 0;
        var lowest = offset;
        while ((uint)offset < (uint)message.Length)
        {
            var length = message[offset];
            if (length >= 0xC0)
            {
                if (offset + 2 > message.Length) return 0;
                if (next < 0) next = offset + 2;
                offset = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) & 0x3FFF;
                if (offset >= lowest) return 0;
                lowest = offset;
                continue;
            }

            if (length > MaximumLabel || offset + 1 + length > message.Length || written + 1 + length > MaximumLength - (length == 0 ? 0 : 1)) return 0;
            message.Slice(offset, 1 + length).CopyTo(name[written..]);
            written += 1 + length;
            offset += 1 + length;
            if (length != 0) continue;
            if (next < 0) next = offset;
            return written;
        }

        return 0;
    }

    /// <summary>Whether a name in a message, compressed or not, is another one; the case of letters does not count.</summary>
    /// <param name="message">The message.</param>
    /// <param name="offset">Where the name begins.</param>
    /// <param name="lowered">The other name, without compression, in lower case.</param>
    /// <returns>False also for bytes that are not a name.</returns>
    public static bool EqualsAt(ReadOnlySpan<byte> message, int offset, ReadOnlySpan<byte> lowered)
    {
        var at = 0;
        var lowest = offset;
        while ((uint)offset < (uint)message.Length)
        {
            var length = message[offset];
            if (length >= 0xC0)
            {
                if (offset + 2 > message.Length) return false;
                offset = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) & 0x3FFF;
                if (offset >= lowest) return false;
                lowest = offset;
                continue;
            }

            if (at >= lowered.Length || lowered[at] != length || offset + 1 + length > message.Length) return false;
            if (length == 0) return at + 1 == lowered.Length;
            for (var i = 1; i <= length; i++)
            {
                if (Lower(message[offset + i]) != lowered[at + i]) return false;
            }

            offset += 1 + length;
            at += 1 + length;
        }

        return false;
    }

    /// <summary>Puts a name without compression into lower case. A label's length is below every letter, so the whole is treated alike.</summary>
    /// <param name="name">The name, changed in place.</param>
    public static void ToLower(Span<byte> name)
    {
        for (var i = 0; i < name.Length; i++) name[i] = Lower(name[i]);
    }

    /// <summary>Whether a name is a domain or stands below it.</summary>
    /// <param name="name">A name without compression, in lower case.</param>
    /// <param name="domain">The domain, likewise.</param>
    /// <returns>True for the root as domain, whatever the name.</returns>
    public static bool IsUnder(ReadOnlySpan<byte> name, ReadOnlySpan<byte> domain)
    {
        while (name.Length > domain.Length) name = name[(1 + name[0])..];
        return name.SequenceEqual(domain);
    }

    /// <summary>A name as people read it, with \DDD for what is not printable (RFC 1035, section 5.1), without the dot at the end.</summary>
    /// <param name="name">A name without compression.</param>
    /// <returns>The text; a dot for the root.</returns>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        if (name.Length <= 1) return ".";
        var text = new StringBuilder(name.Length);
        while (name.Length > 0 && name[0] is > 0 and <= MaximumLabel && name[0] < name.Length)
        {
            if (text.Length > 0) text.Append('.');
            foreach (var value in name.Slice(1, name[0]))
            {
                if (value is (byte)'.' or (byte)'\\') text.Append('\\').Append((char)value);
                else if (value is > 32 and < 127) text.Append((char)value);
                else text.Append('\\').Append(value.ToString("D3", CultureInfo.InvariantCulture));
            }

            name = name[(1 + name[0])..];
        }

        return text.ToString();
    }

    /// <summary>Reads a name as people write it, with or without the dot at the end, with \DDD and \X.</summary>
    /// <param name="text">The text; a dot, or nothing, is the root. Letters beyond ASCII go through IDNA.</param>
    /// <param name="name">The name without compression, as written.</param>
    /// <returns>Whether it is a name: labels of 1 to 63 bytes, 255 bytes in all.</returns>
    public static bool TryParse(string text, out byte[] name)
    {
        ArgumentNullException.ThrowIfNull(text);
        name = [0];
        if (text is "." or "") return true;
        if (text.Any(c => c > 127))
        {
            try
            {
                text = new IdnMapping().GetAscii(text);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        var bytes = new List<byte>(text.Length + 2) { 0 };
        var label = 0;
        for (var i = 0; i < text.Length; i++)
        {
            int value = text[i];
            if (value == '.')
            {
                if (bytes.Count - label == 1) return false;
                if (i == text.Length - 1) break;
                label = bytes.Count;
                bytes.Add(0);
                continue;
            }

            if (value is <= 32 or 127) return false;
            if (value == '\\' && !TryUnescape(text, ref i, out value)) return false;
            if (bytes.Count - label > MaximumLabel) return false;
            bytes.Add((byte)value);
            bytes[label]++;
        }

        bytes.Add(0);
        if (bytes.Count > MaximumLength) return false;
        name = [.. bytes];
        return true;
    }

    private static bool TryUnescape(string text, ref int i, out int value)
    {
        value = 0;
        if (++i >= text.Length) return false;
        value = text[i];
        if (!char.IsAsciiDigit(text[i])) return true;
        if (i + 3 > text.Length || !byte.TryParse(text.AsSpan(i, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code)) return false;
        value = code;
        i += 2;
        return true;
    }

    private static byte Lower(byte value) => (uint)(value - 'A') <= 'Z' - 'A' ? (byte)(value | 0x20) : value;
}
