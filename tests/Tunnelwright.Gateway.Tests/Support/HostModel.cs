using System.Text.RegularExpressions;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Vici;
using InterfaceAddress = Tunnelwright.Linux.InterfaceAddress;

namespace Tunnelwright.Gateway.Tests;

/// <summary>
/// A host as the planner sees it, with the effects that the executor's changes have on a real one, in the executor's order. What a real host
/// refuses, such as a route over a device that is not there, ends the test.
/// </summary>
internal sealed partial class HostModel(DataPlane plane)
{
    private int _nextPid = 100;
    private uint _nextSa = 1;

    public DataPlane Plane { get; set; } = plane;

    public string? KernelRefusal { get; set; }

    public bool Forwarding { get; set; }

    public List<Daemon> Charons { get; } = [];

    public List<Link> Links { get; } = [new Link { Index = 1, Name = "lo", Up = true, Mtu = 65536 }, new Link { Index = 2, Name = "eth0", Up = true, Mtu = 1500 }];

    public List<InterfaceAddress> Addresses { get; } = [Address("eth0", "10.0.0.5", 24), Address("eth1", "10.1.0.1", 16), new InterfaceAddress { Device = "eth0", Address = "fe80::1", PrefixLength = 64, Scope = "link" }];

    public List<Route> Routes { get; } =
    [
        new Route("default") { Gateway = "10.0.0.1", Device = "eth0" },
        new Route("10.0.0.0/24") { Device = "eth0", Protocol = RouteTables.KernelProtocol, Source = "10.0.0.5" },
        new Route("10.8.2.0/24") { Gateway = "10.0.0.9", Device = "eth0", Metric = 20000, Protocol = 12 },
    ];

    public string? Filter { get; set; }

    public Dictionary<string, string> ReversePathFilters { get; } = new(StringComparer.Ordinal);

    public BirdDaemon? Bird { get; set; }

    /// <summary>The address that packets to a peer start from; null for every peer when the host has no uplink.</summary>
    public Func<Ipv4Address, Ipv4Address?> SourceOf { get; set; } = _ => Ipv4Address.Parse("10.0.0.5");

    public List<PortHolder> PortHolders { get; } = [];

    /// <summary>Whether a NAT is found between the ends when an SA comes up.</summary>
    public bool Nat { get; set; }

    /// <summary>Whether the peers answer.</summary>
    public bool PeersAnswer { get; set; } = true;

    public static InterfaceAddress Address(string device, string address, int prefixLength, string? peer = null) => new() { Device = device, Address = address, PrefixLength = prefixLength, Peer = peer };

    private static IEnumerable<string?> Ways(Route route) => route.NextHops.Count > 0 ? route.NextHops.Select(hop => hop.Device) : [route.Device];

    public ObservedGateway Observe(DesiredGateway? desired = null) => new()
    {
        Plane = Plane,
        KernelRefusal = KernelRefusal,
        Forwarding = Forwarding,
        Charons = [.. Charons.OrderBy(charon => charon.Instance.Slot).Select(charon => charon.Observe())],
        Links = [.. Links],
        Addresses = [.. Addresses],
        Routes = [.. Routes],
        FilterFingerprint = Filter,
        ReversePathFilters = new Dictionary<string, string>(ReversePathFilters, StringComparer.Ordinal),
        Bird = Bird?.Observe(),
        SourceOf = (desired?.AllTunnels() ?? []).Where(item => item.Tunnel.LocalOutside is null).Select(item => item.Tunnel.RemoteOutside).Distinct().ToDictionary(peer => peer, peer => SourceOf(peer)),
        PortHolders = [.. PortHolders],
    };

    /// <summary>Looks, plans and acts until nothing is left to do.</summary>
    /// <returns>How many times it acted.</returns>
    public int Settle(DesiredGateway desired, IReadOnlyDictionary<string, TunnelHealth>? health = null, int rounds = 4)
    {
        for (var round = 0; ; round++)
        {
            var plan = Planner.Plan(desired, Observe(desired), health ?? new Dictionary<string, TunnelHealth>());
            Assert.Empty(plan.Problems);
            if (plan.Changes.Count == 0) return round;
            Assert.True(round < rounds, $"not settled after {rounds} rounds:\n{string.Join("\n", plan.Changes)}");
            Apply(plan);
        }
    }

    /// <summary>The executor's order: what stops, what starts, and only with nothing started or stopped the rest.</summary>
    public void Apply(GatewayPlan plan)
    {
        foreach (var change in plan.Changes.Where(change => change is StopCharon or StopBird or UnloadTunnel or EnableForwarding)) Apply(change);
        foreach (var change in plan.Changes.OfType<StartCharon>()) Apply(change);
        if (plan.Changes.Any(change => change is StartCharon or StopCharon)) return;
        foreach (var change in plan.Changes.Where(change => change is DeleteInterface or CreateXfrmInterface or ConfigureInterface)) Apply(change);
        foreach (var change in plan.Changes.Where(change => change is ReplaceFilter or DeleteFilter or StartBird or ReconfigureBird or LoadTunnel)) Apply(change);
        foreach (var change in plan.Changes.Where(change => change is SetRoute or DeleteRoute or Initiate or RenewTunnel)) Apply(change);
        foreach (var change in plan.Changes.Where(change => change is SwitchProtocol)) Apply(change);
    }

    public Daemon Charon(string? carries) => Charons.Single(charon => charon.Carries == carries);

    /// <summary>The daemon that a tunnel's connection is loaded in.</summary>
    public Daemon CharonOf(string connection) => Charons.Single(charon => charon.Connections.Contains(connection));

    /// <summary>The interface of a tunnel, found by its alias.</summary>
    public Link LinkOf(string gateway, string connection, int tunnel) => Links.Single(link => link.Alias == GatewayNames.LinkAlias(gateway, connection, tunnel));

    public void Replace(Link link, Link with) => Links[Links.IndexOf(link)] = with;

    public void RemoveLink(string name)
    {
        Assert.True(Links.RemoveAll(link => link.Name == name) == 1, $"there is no device {name}");
        Addresses.RemoveAll(address => address.Device == name);
        Routes.RemoveAll(route => route.Device == name);
        ReversePathFilters.Remove(name);
    }

    /// <summary>The process is gone and takes its TUN device along.</summary>
    public void Kill(Daemon charon)
    {
        Charons.Remove(charon);
        if (charon.TunDevice is { } device && Links.Any(link => link.Name == device)) RemoveLink(device);
    }

    private void Apply(Change change)
    {
        switch (change)
        {
            case EnableForwarding:
                Forwarding = true;
                break;
            case StartCharon start:
                Start(start);
                break;
            case StopCharon stop:
                Kill(Charons.Single(charon => charon.Process.Pid == stop.Process.Pid));
                break;
            case UnloadTunnel unload:
                var from = Reach(unload.Instance);
                Assert.True(from.Connections.Remove(unload.Connection), $"{unload.Connection} is not loaded");
                foreach (var key in unload.KeyNames) Assert.True(from.Keys.Remove(key), $"there is no key {key}");
                from.Sas.RemoveAll(sa => unload.IkeSas.Contains(sa.UniqueId));
                break;
            case LoadTunnel load:
                Load(load);
                break;
            case Initiate initiate:
                Bring(initiate);
                break;
            case CreateXfrmInterface create:
                Assert.DoesNotContain(Links, link => link.Name == create.Interface || link.IfId == create.InterfaceId);
                Assert.InRange(create.Interface.Length, 1, 15);
                Links.Add(new Link { Index = 10 + Links.Count, Name = create.Interface, Kind = "xfrm", IfId = create.InterfaceId, Mtu = 1500 });
                ReversePathFilters[create.Interface] = "1";
                break;
            case ConfigureInterface { Interface: { } device } configure:
                Configure(device, configure);
                break;
            case DeleteInterface delete:
                RemoveLink(delete.Interface);
                break;
            case ReplaceFilter filter:
                foreach (Match name in InterfaceInFilter().Matches(filter.Ruleset)) Assert.InRange(name.Groups["name"].Length, 1, 15);
                Filter = FingerprintInFilter().Match(filter.Ruleset).Groups["word"].Value;
                break;
            case DeleteFilter:
                Assert.NotNull(Filter);
                Filter = null;
                break;
            case SetRoute { Route: var route }:
                Assert.True(route.Type == RouteType.Unreachable || Ways(route).All(way => Links.Any(link => link.Name == way && link.Up)), $"no device for {route}");
                Assert.True(route.Source is null || Addresses.Any(address => address.Address == route.Source), $"no such address: {route}");
                Routes.RemoveAll(known => known.Destination == route.Destination && known.Metric == route.Metric && known.Table == route.Table);
                Routes.Add(route);
                break;
            case DeleteRoute delete:
                Assert.True(Routes.RemoveAll(known => known.Destination == delete.Route.Destination && known.Metric == delete.Route.Metric && known.Protocol == delete.Route.Protocol) <= 1);
                break;
            case StartBird start:
                Assert.Null(Bird);
                Bird = new BirdDaemon(new ServiceProcess(_nextPid++, 1)) { Configuration = start.Configuration };
                Bird.Sessions = SessionsOf(start.Configuration, []);
                break;
            case ReconfigureBird reconfigure:
                Bird!.Configuration = reconfigure.Configuration;
                Bird.Sessions = SessionsOf(reconfigure.Configuration, Bird.Sessions ?? []);
                Bird.EnabledStatics.Clear();
                break;
            case StopBird stop:
                Assert.Equal(stop.Process.Pid, Bird!.Process.Pid);
                Bird = null;
                break;
            case RenewTunnel renew:
                var carrier = CharonOf(renew.Connection);
                Assert.Equal(renew.IkeSas.Order(), carrier.Sas.Where(sa => sa.Name == renew.Connection).Select(sa => sa.UniqueId).Order());
                carrier.Sas.RemoveAll(sa => sa.Name == renew.Connection);
                if (PeersAnswer) carrier.Establish(renew.Connection, _nextSa++);
                break;
            case SetHalves or SetQuarters or SetHoldDown:
                var enabling = (SwitchProtocol)change;
                Assert.Contains($"protocol static {enabling.Protocol} {{", Bird!.Configuration, StringComparison.Ordinal);
                Assert.True(enabling.Enabled ? Bird.EnabledStatics.Add(enabling.Protocol) : Bird.EnabledStatics.Remove(enabling.Protocol));
                break;
            case SetSession set:
                var index = Bird!.Sessions!.FindIndex(session => session.Name == set.Protocol);
                Assert.True(index >= 0, $"BIRD has no protocol {set.Protocol}");
                Bird.Sessions[index] = Bird.Sessions[index] with { Up = set.Enabled, State = set.Enabled ? "established" : "down" };
                break;
        }
    }

    private void Start(StartCharon start)
    {
        Assert.DoesNotContain(Charons, charon => charon.Instance.Slot == start.Instance.Slot);
        var device = start.Instance.Userspace ? Enumerable.Range(0, 100).Select(number => $"ipsec{number}").First(name => Links.All(link => link.Name != name)) : null;
        Charons.Add(new Daemon(start.Instance, new ServiceProcess(_nextPid++, 1), start.Carries) { TunDevice = device });
        if (device is null) return;
        Links.Add(new Link { Index = 10 + Links.Count, Name = device, Kind = "tun", Up = true, Mtu = 1400 });
        ReversePathFilters[device] = "1";
    }

    private Daemon Reach(CharonInstance instance) => Charons.Single(charon => charon.Instance == instance && charon.Answers);

    private void Load(LoadTunnel load)
    {
        var charon = Reach(load.Instance);
        Assert.All(load.OldIkeSas, id => Assert.Contains(charon.Sas, sa => sa.UniqueId == id && sa.Name == load.Connection));
        charon.Sas.RemoveAll(sa => load.OldIkeSas.Contains(sa.UniqueId));
        foreach (var key in load.OldKeyNames) Assert.True(charon.Keys.Remove(key), $"there is no key {key}");
        if (!charon.Connections.Contains(load.Connection)) charon.Connections.Add(load.Connection);
        Assert.Equal(load.KeyName, load.Key.GetText("id"));
        charon.Keys.Add(load.KeyName);
    }

    private void Bring(Initiate initiate)
    {
        var charon = Reach(initiate.Instance);
        Assert.Contains(initiate.Connection, charon.Connections);
        if (PeersAnswer) charon.Establish(initiate.Connection, _nextSa++, Nat);
    }

    private void Configure(string device, ConfigureInterface configure)
    {
        var link = Links.Single(candidate => candidate.Name == device);
        foreach (var stray in configure.StrayAddresses)
        {
            var parts = stray.Split(" peer ");
            var bare = parts[0].Split('/')[0];
            Assert.True(Addresses.RemoveAll(address => address.Device == device && address.Address == bare && address.Peer == (parts.Length > 1 ? parts[1] : null)) == 1, $"{device} has no address {stray}");
        }

        Replace(link, link with { Up = true, Mtu = configure.Mtu, Alias = configure.Alias });
        Addresses.RemoveAll(address => address.Device == device && address.Address == configure.Address && address.Peer == configure.Peer);
        Addresses.Add(Address(device, configure.Address, 32, configure.Peer));
        ReversePathFilters[device] = "2";
    }

    private static List<BirdProtocol> SessionsOf(string configuration, List<BirdProtocol> before) =>
        [.. SessionInConfiguration().Matches(configuration).Select(match => match.Groups["name"].Value).Select(name =>
            before.FirstOrDefault(session => session.Name == name) ?? new BirdProtocol(name, Up: true, "established", 1, 1, null))];

    [GeneratedRegex("[io]ifname \"(?<name>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex InterfaceInFilter();

    [GeneratedRegex("counter fingerprint .* comment \"(?<word>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex FingerprintInFilter();

    [GeneratedRegex("^protocol bgp (?<name>\\S+) \\{", RegexOptions.Multiline, 1000)]
    private static partial Regex SessionInConfiguration();

    /// <summary>A charon of the host.</summary>
    internal sealed class Daemon(CharonInstance instance, ServiceProcess process, string? carries)
    {
        public CharonInstance Instance { get; } = instance;

        public ServiceProcess Process { get; } = process;

        public string? Carries { get; } = carries;

        public bool Answers { get; set; } = true;

        public string? TunDevice { get; init; }

        public List<string> Keys { get; } = [];

        public List<string> Connections { get; } = [];

        public List<IkeSaStatus> Sas { get; } = [];

        public void Establish(string connection, uint id, bool nat = false)
        {
            var child = new ChildSaStatus { Name = connection, UniqueId = id, State = "INSTALLED" };
            var standing = Sas.FindIndex(sa => sa.Name == connection && sa.IsEstablished);
            if (standing >= 0) Sas[standing] = Sas[standing] with { Children = [.. Sas[standing].Children, child] };
            else Sas.Add(new IkeSaStatus { Name = connection, UniqueId = id, Version = 2, State = "ESTABLISHED", NatLocal = nat, NatFake = Instance.Userspace, Children = [child] });
        }

        /// <summary>A daemon that does not answer shows nothing but its process and its TUN device.</summary>
        public ObservedCharon Observe()
        {
            var seen = new ObservedCharon { Instance = Instance, Process = Process, Carries = Carries, Answers = Answers, TunDevice = TunDevice };
            return Answers ? seen with { KeyNames = [.. Keys], ConnectionNames = [.. Connections], Sas = [.. Sas] } : seen;
        }
    }

    /// <summary>The BIRD of the host.</summary>
    internal sealed class BirdDaemon(ServiceProcess process)
    {
        public ServiceProcess Process { get; } = process;

        public string? Configuration { get; set; }

        public List<BirdProtocol>? Sessions { get; set; }

        public HashSet<string> EnabledStatics { get; } = new(StringComparer.Ordinal);

        public ObservedBird Observe() => new() { Process = Process, Configuration = Configuration, Sessions = Sessions is null ? null : [.. Sessions], EnabledStatics = EnabledStatics.ToHashSet(StringComparer.Ordinal) };
    }
}
