namespace Tunnelwright.Linux;

/// <summary>One way of a route with several.</summary>
/// <param name="Gateway">The router's address, or null when the destination is on the link.</param>
/// <param name="Device">The link, or null to let the kernel find it by the gateway.</param>
/// <param name="Weight">Its share, from 1 to 256.</param>
public sealed record NextHop(string? Gateway, string? Device, int Weight = 1);
