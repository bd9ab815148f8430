using System.Net.Sockets;

namespace Tunnelwright.Linux;

/// <summary>An address on a link.</summary>
public sealed record InterfaceAddress
{
    /// <summary>The link's name.</summary>
    public required string Device { get; init; }

    /// <summary>The address, in its canonical text.</summary>
    public required string Address { get; init; }

    /// <summary>The prefix length in bits; with a peer it is the peer's.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The address of the other end of a point-to-point link, or null.</summary>
    public string? Peer { get; init; }

    /// <summary>The scope: global, link, host …</summary>
    public string Scope { get; init; } = "global";

    /// <summary>Whether it is an IPv6 address that cannot be used yet or at all (duplicate address detection runs or failed).</summary>
    public bool Tentative { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Address.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
}
