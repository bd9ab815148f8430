namespace Tunnelwright.Model;

/// <summary>A range of IPv4 addresses in CIDR notation (RFC 4632 section 3.1), such as 10.10.1.0/24; no bit is set behind the prefix.</summary>
public readonly record struct Cidr : IComparable<Cidr>
{
    /// <summary>A range from its first address and prefix length.</summary>
    /// <param name="network">The first address; its host bits are zero.</param>
    /// <param name="prefixLength">Bits of the prefix, 0 to 32.</param>
    /// <exception cref="ArgumentException">Host bits are set, or the length is out of range.</exception>
    public Cidr(Ipv4Address network, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)prefixLength, 32u, nameof(prefixLength));
        if ((network.Value & ~MaskOf(prefixLength)) != 0) throw new ArgumentException($"{network}/{prefixLength} has host bits set.", nameof(network));
        Network = network;
        PrefixLength = prefixLength;
    }

    /// <summary>0.0.0.0/0: every address, the default route.</summary>
    public static Cidr Any => default;

    /// <summary>The first address of the range.</summary>
    public Ipv4Address Network { get; }

    /// <summary>Bits of the prefix, 0 to 32.</summary>
    public int PrefixLength { get; }

    /// <summary>The last address of the range.</summary>
    public Ipv4Address Last => new(Network.Value | ~MaskOf(PrefixLength));

    /// <summary>How many addresses the range holds, 1 to 2^32.</summary>
    public long Size => 1L << (32 - PrefixLength);

    /// <summary>The netmask of a prefix length, as a number in host byte order.</summary>
    /// <param name="prefixLength">Bits of the prefix, 0 to 32.</param>
    public static uint MaskOf(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);

    /// <summary>The range of a given prefix length that holds an address.</summary>
    /// <param name="address">Any address of the range.</param>
    /// <param name="prefixLength">Bits of the prefix, 0 to 32.</param>
    public static Cidr Containing(Ipv4Address address, int prefixLength) => new(new Ipv4Address(address.Value & MaskOf(prefixLength)), prefixLength);

    /// <summary>Reads a range; the prefix length must be there and no host bit may be set.</summary>
    /// <param name="text">The text, such as 10.10.1.0/24.</param>
    /// <param name="range">The range when the text is one.</param>
    /// <returns>Whether the text is a range.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Cidr range)
    {
        range = default;
        if (!InterfaceAddress.TryParse(text, out var parsed) || parsed.Network.Network != parsed.Address) return false;
        range = parsed.Network;
        return true;
    }

    /// <summary>Reads a range.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not a range, or has host bits set.</exception>
    public static Cidr Parse(string text) =>
        TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is not an IP range such as 10.10.1.0/24 (host bits must be zero).");

    /// <summary>Whether an address lies in the range.</summary>
    /// <param name="address">The address.</param>
    public bool Contains(Ipv4Address address) => (address.Value & MaskOf(PrefixLength)) == Network.Value;

    /// <summary>Whether a range lies wholly in this one (a range contains itself).</summary>
    /// <param name="other">The other range.</param>
    public bool Contains(Cidr other) => other.PrefixLength >= PrefixLength && Contains(other.Network);

    /// <summary>Whether two ranges share an address.</summary>
    /// <param name="other">The other range.</param>
    public bool Overlaps(Cidr other) => Contains(other) || other.Contains(this);

    /// <summary>Orders by first address, the wider range first.</summary>
    /// <param name="other">The other range.</param>
    public int CompareTo(Cidr other)
    {
        var order = Network.CompareTo(other.Network);
        return order != 0 ? order : PrefixLength.CompareTo(other.PrefixLength);
    }

    /// <summary>Whether one range is ordered before another.</summary>
    /// <param name="left">One range.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Cidr left, Cidr right) => left.CompareTo(right) < 0;

    /// <summary>Whether one range is ordered after another.</summary>
    /// <param name="left">One range.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Cidr left, Cidr right) => left.CompareTo(right) > 0;

    /// <summary>Whether one range is ordered before another or equal to it.</summary>
    /// <param name="left">One range.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Cidr left, Cidr right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one range is ordered after another or equal to it.</summary>
    /// <param name="left">One range.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Cidr left, Cidr right) => left.CompareTo(right) >= 0;

    /// <summary>The range in CIDR notation.</summary>
    public override string ToString() => $"{Network}/{PrefixLength}";
}
