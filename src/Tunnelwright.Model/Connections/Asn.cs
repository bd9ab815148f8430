using System.Globalization;

namespace Tunnelwright.Model;

/// <summary>A BGP autonomous system number, 0 to 4,294,967,295 (RFC 6793).</summary>
/// <param name="Value">The number.</param>
public readonly record struct Asn(uint Value)
{
    /// <summary>Whether it fits 16 bits, as the original service demands.</summary>
    public bool Is16Bit => Value <= ushort.MaxValue;

    /// <summary>Private use: 64512–65534 and 4200000000–4294967294 (RFC 6996).</summary>
    public bool IsPrivate => Value is (>= 64512 and <= 65534) or (>= 4_200_000_000 and <= 4_294_967_294);

    /// <summary>Never usable by a peer: 0 (RFC 7607), 23456 (RFC 6793), 64496–64511 and 65536–65551 (documentation, RFC 5398), 65535 and 4294967295 (RFC 7300), 65552–131071 (IANA reserved).</summary>
    public bool IsReserved => Value is 0 or 23456 or (>= 64496 and <= 64511) or 65535 or (>= 65536 and <= 131071) or uint.MaxValue;

    /// <summary>Reads a number in asplain (65000) or asdot (1.10) notation (RFC 5396).</summary>
    /// <param name="text">The text.</param>
    /// <param name="asn">The number when the text is one.</param>
    /// <returns>Whether the text is an AS number.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Asn asn)
    {
        asn = default;
        var dot = text.IndexOf('.');
        if (dot >= 0)
        {
            if (!ushort.TryParse(text[..dot], NumberStyles.None, null, out var high) || !ushort.TryParse(text[(dot + 1)..], NumberStyles.None, null, out var low)) return false;
            asn = new Asn(((uint)high << 16) | low);
            return true;
        }

        if (!uint.TryParse(text, NumberStyles.None, null, out var value)) return false;
        asn = new Asn(value);
        return true;
    }

    /// <summary>Reads a number.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not an AS number.</exception>
    public static Asn Parse(string text) =>
        TryParse(text, out var asn) ? asn : throw new FormatException($"'{text}' is not an AS number from 0 to 4294967295.");

    /// <summary>The number in asplain notation.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
