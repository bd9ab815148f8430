namespace Tunnelwright.Linux;

/// <summary>What a route does with a packet (rtm_type in rtnetlink(7); the values are the kernel's).</summary>
public enum RouteType
{
    /// <summary>Not one of the kinds below.</summary>
    Unknown = 0,

    /// <summary>Sends it on.</summary>
    Unicast = 1,

    /// <summary>Takes it as ours.</summary>
    Local = 2,

    /// <summary>Takes it as ours and sends it as a broadcast.</summary>
    Broadcast = 3,

    /// <summary>Takes it as ours; sent as unicast.</summary>
    Anycast = 4,

    /// <summary>Multicast.</summary>
    Multicast = 5,

    /// <summary>Drops it silently.</summary>
    Blackhole = 6,

    /// <summary>Drops it with ICMP "host unreachable".</summary>
    Unreachable = 7,

    /// <summary>Drops it with ICMP "administratively prohibited".</summary>
    Prohibit = 8,

    /// <summary>Ends the look-up in this table; the rules go on.</summary>
    Throw = 9,
}
