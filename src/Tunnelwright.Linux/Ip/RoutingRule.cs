namespace Tunnelwright.Linux;

/// <summary>A rule that says which routing table a packet is looked up in (ip-rule(8)).</summary>
public sealed record RoutingRule
{
    /// <summary>The priority; lower numbers come first. Always given, so that a rule can be found again.</summary>
    public required uint Priority { get; init; }

    /// <summary>The source prefix, or null for all.</summary>
    public string? From { get; init => field = AddressText.Selector(value); }

    /// <summary>The destination prefix, or null for all.</summary>
    public string? To { get; init => field = AddressText.Selector(value); }

    /// <summary>Whether the rule matches what the rest does not describe.</summary>
    public bool Not { get; init; }

    /// <summary>The packet mark to match, or null for any.</summary>
    public uint? FirewallMark { get; init; }

    /// <summary>The bits of the mark that count. Default all.</summary>
    public uint FirewallMask { get; init; } = uint.MaxValue;

    /// <summary>The link that the packet came in on, or null for any.</summary>
    public string? IncomingInterface { get; init; }

    /// <summary>The link that the sending socket is bound to, or null for any.</summary>
    public string? OutgoingInterface { get; init; }

    /// <summary>The table to look in; 0 when <see cref="Action"/> is not a look-up.</summary>
    public uint Table { get; init; }

    /// <summary>Unicast looks in <see cref="Table"/>; Blackhole, Unreachable and Prohibit drop.</summary>
    public RouteType Action { get; init; } = RouteType.Unicast;

    /// <summary>Routes with prefixes as short as this or shorter do not count, or null.</summary>
    public int? SuppressPrefixLength { get; init; }

    /// <summary>Who made it (0–255); 0 means not said. The kernel's own three have 2.</summary>
    public int Protocol { get; init; }

    /// <summary>Whether it is for IPv6. Default IPv4; a rule with an IPv6 prefix is always for IPv6.</summary>
    public bool IsIPv6
    {
        get => field || From?.Contains(':') is true || To?.Contains(':') is true;
        init;
    }

    /// <inheritdoc/>
    public bool Equals(RoutingRule? other)
        => other is not null && Priority == other.Priority && From == other.From && To == other.To && Not == other.Not
            && FirewallMark == other.FirewallMark && FirewallMask == other.FirewallMask && IncomingInterface == other.IncomingInterface
            && OutgoingInterface == other.OutgoingInterface && Table == other.Table && Action == other.Action
            && SuppressPrefixLength == other.SuppressPrefixLength && Protocol == other.Protocol && IsIPv6 == other.IsIPv6;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Priority, From, To, FirewallMark, Table, Action, Protocol, IsIPv6);
}
