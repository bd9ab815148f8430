namespace Tunnelwright.Linux;

/// <summary>A network interface as <c>ip -details -statistics link</c> shows it.</summary>
public sealed record Link
{
    /// <summary>The interface index, from 1.</summary>
    public required int Index { get; init; }

    /// <summary>The name, at most 15 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The kind (veth, tun, xfrm, bridge, dummy …); empty for hardware and loopback.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Whether it is administratively up.</summary>
    public bool Up { get; init; }

    /// <summary>Whether its lower layer is up (a veth whose peer is up, a cable that is plugged in).</summary>
    public bool LowerUp { get; init; }

    /// <summary>The largest packet in bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>The alias (ifalias), our mark on it; null when it has none.</summary>
    public string? Alias { get; init; }

    /// <summary>The bridge or bond that it belongs to, or null.</summary>
    public string? MasterName { get; init; }

    /// <summary>The device below it or the veth peer, when it is in the same namespace; otherwise null.</summary>
    public string? LowerName { get; init; }

    /// <summary>The if_id of an XFRM interface, or null.</summary>
    public uint? IfId { get; init; }

    /// <summary>The operational state (RFC 2863): UP, DOWN, UNKNOWN, LOWERLAYERDOWN …</summary>
    public string OperState { get; init; } = "UNKNOWN";

    /// <summary>The link-layer address, or null.</summary>
    public string? HardwareAddress { get; init; }

    /// <summary>Its counters.</summary>
    public LinkStatistics Statistics { get; init; } = new(0, 0, 0, 0, 0, 0, 0, 0);
}
