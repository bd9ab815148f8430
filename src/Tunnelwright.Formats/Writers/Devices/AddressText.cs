using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Addresses in the notations of devices that know no prefix lengths.</summary>
internal static class AddressText
{
    /// <summary>The netmask of a prefix length as a dotted quad, such as 255.255.255.0.</summary>
    public static Ipv4Address Netmask(int prefixLength) => new(Cidr.MaskOf(prefixLength));

    /// <summary>"10.8.2.0 255.255.255.0".</summary>
    public static string WithNetmask(this Cidr range) => $"{range.Network} {Netmask(range.PrefixLength)}";

    /// <summary>"169.254.10.2 255.255.255.252".</summary>
    public static string WithNetmask(this InterfaceAddress address) => $"{address.Address} {Netmask(address.PrefixLength)}";

    /// <summary>The smallest range that holds all of them; null when there is none.</summary>
    public static Cidr? Covering(ValueList<Cidr> ranges)
    {
        if (ranges.Count == 0) return null;
        var (first, last) = (ranges.Min(range => range.Network.Value), ranges.Max(range => range.Last.Value));
        var length = ranges.Min(range => range.PrefixLength);
        while (((first ^ last) & Cidr.MaskOf(length)) != 0) length--;
        return Cidr.Containing(new Ipv4Address(first), length);
    }
}
