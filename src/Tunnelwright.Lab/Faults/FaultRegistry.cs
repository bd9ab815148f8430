namespace Tunnelwright.Lab.Faults;

/// <summary>Every fault, in the order of the list.</summary>
internal static class FaultRegistry
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new BlackHole(),
        new BlackHoleOut(),
        new BlackHoleIn(),
        new Loss(),
        new HeavyLoss(),
        new EndpointFrozen(),
        new EndpointSilent(),
        new UplinkDown(),
        new EndpointLinkDown(),
        new EndpointUnroutable(),
        new EndpointRebooted(),
        new PeerDeletes(),
        new PeerNotListening(),
        new NatMappingChanged(),
        new UplinkAddressChanged(),
        new CustomerCharonKilled(),
        new CustomerBirdKilled(),
        new CustomerAgentKilled(),
        new CharonHangs(),
        new DaemonNotRunning(),
        new PortInUse(),
        new Udp500Blocked(),
        new Udp4500Blocked(),
        new EspBlocked(),
        new EspBlockedIn(),
        new DpdRateLimited(),
        new IkeFragmentsDropped(),
        new MtuBlackHole(),
    ];

    private static readonly Dictionary<string, Fault> ByName = All.ToDictionary(fault => fault.Name, StringComparer.Ordinal);

    public static Fault? Find(string name) => ByName.GetValueOrDefault(name);
}
