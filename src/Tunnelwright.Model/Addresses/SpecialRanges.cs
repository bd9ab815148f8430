namespace Tunnelwright.Model;

/// <summary>Ranges with a meaning of their own (IANA IPv4 special-purpose registry, RFC 6890), which cannot be a gateway's public address.</summary>
public static class SpecialRanges
{
    private static readonly (Cidr Range, string Meaning)[] NotPublic =
    [
        (Cidr.Parse("0.0.0.0/8"), "this network (RFC 791)"),
        (Cidr.Parse("10.0.0.0/8"), "private (RFC 1918)"),
        (Cidr.Parse("100.64.0.0/10"), "shared by carrier-grade NAT (RFC 6598)"),
        (Cidr.Parse("127.0.0.0/8"), "loopback (RFC 1122)"),
        (Cidr.Parse("169.254.0.0/16"), "link-local (RFC 3927)"),
        (Cidr.Parse("172.16.0.0/12"), "private (RFC 1918)"),
        (Cidr.Parse("192.0.0.0/24"), "protocol assignments (RFC 6890)"),
        (Cidr.Parse("192.0.2.0/24"), "documentation (RFC 5737)"),
        (Cidr.Parse("192.88.99.0/24"), "6to4 relay, withdrawn (RFC 7526)"),
        (Cidr.Parse("192.168.0.0/16"), "private (RFC 1918)"),
        (Cidr.Parse("198.18.0.0/15"), "benchmarking (RFC 2544)"),
        (Cidr.Parse("198.51.100.0/24"), "documentation (RFC 5737)"),
        (Cidr.Parse("203.0.113.0/24"), "documentation (RFC 5737)"),
        (Cidr.Parse("224.0.0.0/4"), "multicast (RFC 5771)"),
        (Cidr.Parse("240.0.0.0/4"), "reserved (RFC 1112)"),
    ];

    /// <summary>What an address means when it is not a public one, such as "private (RFC 1918)"; null for a public address.</summary>
    /// <param name="address">The address.</param>
    public static string? MeaningOf(Ipv4Address address)
    {
        foreach (var (range, meaning) in NotPublic)
        {
            if (range.Contains(address)) return meaning;
        }

        return null;
    }

    /// <summary>Whether an address is documentation space (RFC 5737), which labs use as if it were public.</summary>
    /// <param name="address">The address.</param>
    public static bool IsDocumentation(Ipv4Address address) => MeaningOf(address)?.StartsWith("documentation", StringComparison.Ordinal) == true;
}
