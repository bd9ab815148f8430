using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>What a change does to its subject.</summary>
public enum ChangeKind
{
    /// <summary>It will be there.</summary>
    Add,

    /// <summary>It will be different.</summary>
    Change,

    /// <summary>It will be gone.</summary>
    Remove,
}

/// <summary>One difference between the desired and the observed state: printed by plan, carried out by the executor. Its text holds no secret.</summary>
internal abstract record Change(ChangeKind Kind, string Subject, string Detail);

/// <summary>Processes first: the later changes need what they bring.</summary>
internal sealed record StartCharon(CharonInstance Instance, string? Carries)
    : Change(ChangeKind.Add, Carries is null ? "IKE daemon" : $"IKE daemon of {Carries}", $"charon on UDP {Instance.IkePort} and {Instance.NatPort}, ESP in {(Instance.Userspace ? "userspace" : "the kernel")}");

internal sealed record StopCharon(ServiceProcess Process, string Why)
    : Change(ChangeKind.Remove, "IKE daemon", $"charon, process {Process.Pid}: {Why}");

internal sealed record EnableForwarding()
    : Change(ChangeKind.Change, "kernel", "net.ipv4.ip_forward from 0 to 1");

internal sealed record UnloadTunnel(CharonInstance Instance, string Connection, IReadOnlyList<string> KeyNames, IReadOnlyList<uint> IkeSas)
    : Change(ChangeKind.Remove, Connection, "IKE connection, key and SAs");

internal sealed record LoadTunnel(
    CharonInstance Instance, string Connection, ViciSection Settings, ViciSection Key, string KeyName, IReadOnlyList<string> OldKeyNames, IReadOnlyList<uint> OldIkeSas, string What)
    : Change(OldKeyNames.Count == 0 ? ChangeKind.Add : ChangeKind.Change, Connection, What);

/// <summary>Childless are the IKE SAs that stand without an SA pair: a second attempt in a row does not build on them.</summary>
internal sealed record Initiate(CharonInstance Instance, string Connection, IReadOnlyList<uint> Childless, string What)
    : Change(ChangeKind.Add, Connection, What);

/// <summary>One that still carries is emptied first.</summary>
internal sealed record RenewTunnel(CharonInstance Instance, string Connection, IReadOnlyList<uint> IkeSas, bool Carries, string What)
    : Change(ChangeKind.Change, Connection, What);

internal sealed record EndPairs(CharonInstance Instance, string Connection, IReadOnlyList<uint> Pairs)
    : Change(ChangeKind.Remove, Connection, $"{Pairs.Count} SA pair beside the newest one");

internal sealed record CreateXfrmInterface(string Interface, uint InterfaceId, string Tunnel)
    : Change(ChangeKind.Add, Tunnel, $"interface {Interface} (XFRM, interface id 0x{InterfaceId:x})");

internal sealed record ConfigureInterface(string? Interface, string Tunnel, string Alias, string Address, string Peer, int Mtu, IReadOnlyList<string> StrayAddresses)
    : Change(ChangeKind.Add, Tunnel, $"interface {Interface ?? "(its TUN device)"}: {Address} to {Peer}, MTU {Mtu}, loose reverse-path filter");

internal sealed record DeleteInterface(string Interface)
    : Change(ChangeKind.Remove, "interface", Interface);

internal sealed record ReplaceFilter(string Table, string Ruleset, bool Exists, string What)
    : Change(Exists ? ChangeKind.Change : ChangeKind.Add, "filter", $"nftables table inet {Table}: {What}");

internal sealed record DeleteFilter(string Table)
    : Change(ChangeKind.Remove, "filter", $"nftables table inet {Table}");

internal sealed record SetRoute(Route Route, bool Exists)
    : Change(Exists ? ChangeKind.Change : ChangeKind.Add, "route", Describe(Route))
{
    public static string Describe(Route route) =>
        $"{(route.Type == RouteType.Unicast ? "" : "unreachable ")}{route.Destination}{Through(route)}{(route.Source is { } source ? $" from {source}" : "")}, metric {route.Metric}";

    private static string Through(Route route) => route.NextHops.Count > 0
        ? $" through {string.Join(" and ", route.NextHops.Select(hop => hop.Device))}"
        : route.Device is { } device ? $" through {device}" : "";
}

internal sealed record DeleteRoute(Route Route)
    : Change(ChangeKind.Remove, "route", SetRoute.Describe(Route));

internal sealed record StartBird(string Configuration)
    : Change(ChangeKind.Add, "BGP daemon", "BIRD");

internal sealed record ReconfigureBird(string Configuration)
    : Change(ChangeKind.Change, "BGP daemon", "BIRD reads a new configuration; unchanged sessions stay up");

internal sealed record StopBird(ServiceProcess Process)
    : Change(ChangeKind.Remove, "BGP daemon", $"BIRD, process {Process.Pid}");

internal sealed record StartDns(byte[] Configuration, string What)
    : Change(ChangeKind.Add, "DNS forwarder", What);

internal sealed record ReconfigureDns(byte[] Configuration, string What)
    : Change(ChangeKind.Change, "DNS forwarder", $"{What}; no question is lost");

internal sealed record StopDns(ServiceProcess Process)
    : Change(ChangeKind.Remove, "DNS forwarder", $"process {Process.Pid}");

/// <summary>A protocol of BIRD's that is enabled or disabled: it leads traffic.</summary>
internal abstract record SwitchProtocol(string Protocol, bool Enabled, string What)
    : Change(ChangeKind.Change, Protocol, What);

internal sealed record SetHalves(string Protocol, bool Enabled)
    : SwitchProtocol(Protocol, Enabled, Enabled ? "the ranges' halves are announced, so that the way back moves to the tunnel that carries" : "the ranges' halves are announced no more");

internal sealed record SetQuarters(string Protocol, bool Enabled)
    : SwitchProtocol(Protocol, Enabled, Enabled ? "the ranges' quarters are announced: the peer may still believe in halves that another tunnel announced" : "the ranges' quarters are announced no more");

internal sealed record SetHoldDown(string Protocol, bool Enabled)
    : SwitchProtocol(Protocol, Enabled, Enabled ? "the tunnel's routes are the last choice until its hold-down is over" : "the hold-down is over: the tunnel's routes count as before");

internal sealed record SetSession(string Protocol, bool Enabled)
    : SwitchProtocol(Protocol, Enabled, Enabled ? "BGP session enabled: the tunnel carries traffic" : "BGP session disabled: nothing passes through the tunnel");
