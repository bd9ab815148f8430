namespace Tunnelwright.Linux;

/// <summary>Numbers of the routing tables that always exist (rtnetlink(7)), and of route protocols.</summary>
public static class RouteTables
{
    /// <summary>The table that rule 32767 names.</summary>
    public const uint Default = 253;

    /// <summary>The main table.</summary>
    public const uint Main = 254;

    /// <summary>The table of our own and broadcast addresses, which the kernel keeps.</summary>
    public const uint Local = 255;

    /// <summary>The route protocol of routes that the kernel made.</summary>
    public const int KernelProtocol = 2;

    /// <summary>The route protocol of routes made by <c>ip route</c> with nothing said.</summary>
    public const int BootProtocol = 3;
}
