namespace Tunnelwright.Ike;

/// <summary>What a vendor ID payload is known to mean.</summary>
/// <param name="Name">A short name, such as "strongSwan" or "NAT-T (RFC 3947)".</param>
/// <param name="Vendor">Who made the software, when the ID tells that; null for what many vendors send.</param>
/// <param name="Source">Where the meaning is written down.</param>
/// <param name="Detail">What the rest of the payload says, such as a version; or null.</param>
public sealed record IkeVendorId(string Name, string? Vendor, string Source, string? Detail = null)
{
    /// <summary>The name with its detail.</summary>
    public override string ToString() => Detail is null ? Name : $"{Name} {Detail}";
}
