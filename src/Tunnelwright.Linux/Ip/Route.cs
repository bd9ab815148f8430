using System.Net.Sockets;

namespace Tunnelwright.Linux;

/// <summary>A route. Two are equal when the kernel would hold them for the same and they lead the same way.</summary>
public sealed record Route
{
    /// <summary>Makes a route.</summary>
    /// <param name="destination"><c>default</c>, or a prefix in CIDR form; host bits are cleared, a single address becomes /32 or /128.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public Route(string destination) => Destination = destination;

    /// <summary><c>default</c> (IPv4), <c>::/0</c>, or a prefix in canonical CIDR form.</summary>
    public string Destination { get; init => field = AddressText.Destination(value); }

    /// <summary>The router's address, or null.</summary>
    public string? Gateway { get; init => field = value is null ? null : AddressText.Address(value); }

    /// <summary>The link's name, or null.</summary>
    public string? Device { get; init; }

    /// <summary>The metric; the lower wins. 0 means none was given (IPv6 then takes 1024).</summary>
    public uint Metric { get; init; }

    /// <summary>The table, default <see cref="RouteTables.Main"/>.</summary>
    public uint Table { get; init; } = RouteTables.Main;

    /// <summary>Who made it (rtm_protocol, 0–255). Default <see cref="RouteTables.BootProtocol"/>.</summary>
    public int Protocol { get; init; } = RouteTables.BootProtocol;

    /// <summary>The source address that our own packets take (prefsrc), or null.</summary>
    public string? Source { get; init => field = value is null ? null : AddressText.Address(value); }

    /// <summary>What it does. Default unicast.</summary>
    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>Whether the gateway counts as reachable on the link although no prefix of ours covers it.</summary>
    public bool OnLink { get; init; }

    /// <summary>The MTU of the path in bytes, or null.</summary>
    public int? Mtu { get; init; }

    /// <summary>The ways of a route with several; empty for one with a single way.</summary>
    public IReadOnlyList<NextHop> NextHops { get; init; } = [];

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Destination.Contains(':') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <inheritdoc/>
    public bool Equals(Route? other)
        => other is not null && Destination == other.Destination && Gateway == other.Gateway && Device == other.Device && Metric == other.Metric
            && Table == other.Table && Protocol == other.Protocol && Source == other.Source && Type == other.Type && OnLink == other.OnLink
            && Mtu == other.Mtu && NextHops.SequenceEqual(other.NextHops);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Destination, Gateway, Device, Metric, Table, Protocol, Type, NextHops.Count);
}
