using System.Buffers.Binary;
using System.Net;

namespace Tunnelwright.Model;

/// <summary>An IPv4 address (RFC 791). The service and its customers address gateways and networks with IPv4 only.</summary>
/// <param name="Value">The address as a number in host byte order: 10.0.0.1 is 0x0A000001.</param>
public readonly record struct Ipv4Address(uint Value) : IComparable<Ipv4Address>
{
    /// <summary>Reads a dotted quad of exactly four decimal numbers from 0 to 255, without leading zeros (RFC 6943 section 3.1.1).</summary>
    /// <param name="text">The text; white space around it is not allowed.</param>
    /// <param name="address">The address when the text is one.</param>
    /// <returns>Whether the text is an address.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Address address)
    {
        address = default;
        uint value = 0;
        for (var part = 0; part < 4; part++)
        {
            var length = part < 3 ? text.IndexOf('.') : text.Length;
            if (length is < 1 or > 3) return false;
            var digits = text[..length];
            uint octet = 0;
            foreach (var c in digits)
            {
                if (!char.IsAsciiDigit(c)) return false;
                octet = (octet * 10) + (uint)(c - '0');
            }

            if (octet > 255 || (length > 1 && digits[0] == '0')) return false;
            value = (value << 8) | octet;
            text = part < 3 ? text[(length + 1)..] : [];
        }

        address = new Ipv4Address(value);
        return true;
    }

    /// <summary>Reads a dotted quad.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not an IPv4 address.</exception>
    public static Ipv4Address Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IPv4 address such as 198.51.100.2.");

    /// <summary>The address as the framework's type, for sockets.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Value);
        return new IPAddress(bytes);
    }

    /// <summary>The address that lies a number of addresses further.</summary>
    /// <param name="count">How far; negative goes back. Wraps at the ends of the address space.</param>
    public Ipv4Address Offset(long count) => new(unchecked((uint)(Value + count)));

    /// <inheritdoc/>
    public int CompareTo(Ipv4Address other) => Value.CompareTo(other.Value);

    /// <summary>Whether one address is below another in numeric order.</summary>
    /// <param name="left">One address.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Ipv4Address left, Ipv4Address right) => left.Value < right.Value;

    /// <summary>Whether one address is above another in numeric order.</summary>
    /// <param name="left">One address.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Ipv4Address left, Ipv4Address right) => left.Value > right.Value;

    /// <summary>Whether one address is below or equal to another in numeric order.</summary>
    /// <param name="left">One address.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Ipv4Address left, Ipv4Address right) => left.Value <= right.Value;

    /// <summary>Whether one address is above or equal to another in numeric order.</summary>
    /// <param name="left">One address.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Ipv4Address left, Ipv4Address right) => left.Value >= right.Value;

    /// <summary>The dotted quad.</summary>
    public override string ToString() => string.Create(null, stackalloc char[15], $"{Value >> 24}.{(Value >> 16) & 255}.{(Value >> 8) & 255}.{Value & 255}");
}
