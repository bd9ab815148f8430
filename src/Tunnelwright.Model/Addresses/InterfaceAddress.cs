namespace Tunnelwright.Model;

/// <summary>An address of an interface together with its on-link prefix length, such as 169.254.10.2/30.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the prefix, 0 to 32.</param>
public readonly record struct InterfaceAddress(Ipv4Address Address, int PrefixLength)
{
    /// <summary>The range that the address is on-link in.</summary>
    public Cidr Network => Cidr.Containing(Address, PrefixLength);

    /// <summary>Reads an address with its prefix length.</summary>
    /// <param name="text">The text, such as 169.254.10.2/30.</param>
    /// <param name="result">The address when the text is one.</param>
    /// <returns>Whether the text is an address with a prefix length of 0 to 32.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out InterfaceAddress result)
    {
        result = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !Ipv4Address.TryParse(text[..slash], out var address)) return false;
        var digits = text[(slash + 1)..];
        if (digits.Length is < 1 or > 2 || (digits.Length == 2 && digits[0] == '0')) return false;
        var length = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c)) return false;
            length = (length * 10) + (c - '0');
        }

        if (length > 32) return false;
        result = new InterfaceAddress(address, length);
        return true;
    }

    /// <summary>Reads an address with its prefix length.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not an address with a prefix length.</exception>
    public static InterfaceAddress Parse(string text) =>
        TryParse(text, out var result) ? result : throw new FormatException($"'{text}' is not an address with a prefix length such as 169.254.10.2/30.");

    /// <summary>The address and its prefix length.</summary>
    public override string ToString() => $"{Address}/{PrefixLength}";
}
