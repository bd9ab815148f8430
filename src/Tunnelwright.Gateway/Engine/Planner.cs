using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>Whether traffic passes through a tunnel, as the monitor sees it.</summary>
public enum TunnelHealth
{
    /// <summary>Nothing has come back yet since the SA was installed, or the peer does not answer echo requests.</summary>
    Unknown,

    /// <summary>Answers come back.</summary>
    Alive,

    /// <summary>Answers came back once and have stopped.</summary>
    Dead,
}

/// <summary>Something on the host that forbids the plan, as a whole (then there are no changes) or for one tunnel.</summary>
/// <param name="Cause">A cause id.</param>
/// <param name="Message">What, where.</param>
/// <param name="Hint">What to do.</param>
public sealed record PlanProblem(string Cause, string Message, string Hint);

/// <summary>The differences between desired and observed, in the order in which they are carried out.</summary>
internal sealed record GatewayPlan(IReadOnlyList<Change> Changes, IReadOnlyList<PlanProblem> Problems);

/// <summary>Compares the desired state with what was observed. Pure: it looks at nothing and does nothing.</summary>
internal sealed partial class Planner(DesiredGateway desired, ObservedGateway observed, IReadOnlyDictionary<string, TunnelHealth> health)
{
    private readonly List<Change> _changes = [];
    private readonly List<PlanProblem> _problems = [];
    private readonly Dictionary<string, CharonInstance> _instances = new(StringComparer.Ordinal);
    private readonly bool _userspace = observed.Plane == DataPlane.Userspace;

    /// <summary>The plan.</summary>
    public static GatewayPlan Plan(DesiredGateway desired, ObservedGateway observed, IReadOnlyDictionary<string, TunnelHealth> health)
    {
        var planner = new Planner(desired, observed, health);
        planner.Forwarding();
        planner.Processes();
        if (planner._problems.Count > 0) return new GatewayPlan([], planner._problems);
        planner.Connections();
        planner.Interfaces();
        planner.Filter();
        planner.Initiations();
        planner.Routes();
        planner.Bird();
        return new GatewayPlan(planner._changes, planner._problems);
    }

    private void Forwarding()
    {
        if (desired.Connections.Count > 0 && !observed.Forwarding) _changes.Add(new EnableForwarding());
    }

    /// <summary>Kernel plane: one charon for all tunnels. Userspace: one a tunnel, which keeps its slot, and so its ports, as long as it runs.</summary>
    private void Processes()
    {
        if (observed.KernelRefusal is { } refusal)
        {
            _problems.Add(new PlanProblem("kernel-without-esp", $"the kernel data plane cannot be had: {refusal}", "load the modules esp4 and xfrm_interface, or leave --data-plane automatic"));
            return;
        }

        var wanted = _userspace
            ? desired.AllTunnels().Select(item => (string?)GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number)).ToList()
            : desired.AllTunnels().Any() ? [null] : [];
        var taken = new HashSet<int>();
        foreach (var charon in observed.Charons)
        {
            var needed = charon.Instance.Userspace == _userspace && wanted.Contains(charon.Carries) && !_instances.ContainsKey(charon.Carries ?? "");
            if (needed)
            {
                _instances[charon.Carries ?? ""] = charon.Instance;
                taken.Add(charon.Instance.Slot);
            }
            else
            {
                _changes.Add(new StopCharon(charon.Process, charon.Carries is { } carries && !wanted.Contains(carries) ? $"{carries} is not wanted any more" : "not of this data plane"));
            }
        }

        foreach (var carries in wanted.Where(carries => !_instances.ContainsKey(carries ?? "")))
        {
            var slot = Enumerable.Range(0, CharonInstance.MaximumSlots).FirstOrDefault(candidate => !taken.Contains(candidate), -1);
            if (slot < 0)
            {
                _problems.Add(new PlanProblem("kernel-without-esp", $"{wanted.Count} tunnels need the kernel data plane: userspace carries {CharonInstance.MaximumSlots}", "load the kernel's ESP and XFRM interface modules"));
                return;
            }

            var instance = new CharonInstance(desired.Name, slot, _userspace);
            taken.Add(slot);
            _instances[carries ?? ""] = instance;
            foreach (var holder in observed.PortHolders.Where(holder => holder.Port == instance.IkePort || holder.Port == instance.NatPort))
            {
                _problems.Add(new PlanProblem("port-in-use", $"UDP port {holder.Port} is taken by {holder}", "stop the other IKE daemon, for example: systemctl disable --now strongswan-starter"));
            }

            _changes.Add(new StartCharon(instance, carries));
        }
    }

    private CharonInstance InstanceOf(string connection) => _instances[_userspace ? connection : ""];

    /// <summary>The running charon of a tunnel, whether it answers or not; null before it is started.</summary>
    private ObservedCharon? ProcessOf(string connection)
    {
        var instance = InstanceOf(connection);
        return observed.Charons.FirstOrDefault(charon => charon.Instance == instance && (!_userspace || charon.Carries == connection));
    }

    private ObservedCharon? CharonOf(string connection) => ProcessOf(connection) is { Answers: true } charon ? charon : null;

    /// <summary>
    /// The tunnel's charon runs and did not answer this once: what it carries is not known. Nothing that hangs on its SAs is touched, so that a
    /// daemon that is busy for a moment costs no traffic.
    /// </summary>
    private bool IsUnknown(DesiredConnection connection, DesiredTunnel tunnel) => ProcessOf(GatewayNames.Connection(connection.Id, tunnel.Number)) is { Answers: false };

    private void Connections()
    {
        var wanted = desired.AllTunnels().Select(item => GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number)).ToHashSet(StringComparer.Ordinal);
        foreach (var charon in observed.Charons.Where(charon => charon.Answers))
        {
            foreach (var name in charon.ConnectionNames.Where(name => !wanted.Contains(name)))
            {
                if (_changes.OfType<StopCharon>().Any(stop => stop.Process.Pid == charon.Process.Pid)) continue;
                _changes.Add(new UnloadTunnel(charon.Instance, name, KeysOf(charon, name), SasOf(charon, name)));
            }
        }

        foreach (var (connection, tunnel) in desired.AllTunnels())
        {
            var name = GatewayNames.Connection(connection.Id, tunnel.Number);
            if (LocalOutside(tunnel) is not { } source)
            {
                _problems.Add(new PlanProblem("route-missing", $"there is no route to {tunnel.RemoteOutside}, the cloud's end of tunnel {tunnel.Number}", "give the host its uplink first: an address and a default route"));
                continue;
            }

            var instance = InstanceOf(name);
            var settings = TunnelSecurity.Connection(connection, tunnel, instance, source);
            var keyName = TunnelSecurity.KeyName(tunnel, settings);
            var charon = CharonOf(name);
            if (charon is not null && charon.KeyNames.Contains(keyName) && charon.ConnectionNames.Contains(name)) continue;
            var (oldKeys, oldSas) = charon is null ? ([], []) : (KeysOf(charon, name), SasOf(charon, name));
            var what = $"IKEv{(int)tunnel.Ike.Version} {(connection.Role == GatewayRole.Initiator ? "to" : "from")} {tunnel.RemoteOutside}, {tunnel.Ike.Proposal}, ESP {tunnel.Ipsec.Proposal}, key {tunnel.Ike.PreSharedKey}";
            _changes.Add(new LoadTunnel(instance, name, settings, TunnelSecurity.Key(tunnel, keyName), keyName, oldKeys, oldSas, what));
        }
    }

    private void Initiations()
    {
        foreach (var (connection, tunnel) in desired.AllTunnels())
        {
            if (connection.Role != GatewayRole.Initiator || LocalOutside(tunnel) is null || IsUnknown(connection, tunnel)) continue;
            var name = GatewayNames.Connection(connection.Id, tunnel.Number);
            var sas = CharonOf(name)?.Sas.Where(sa => sa.Name == name && sa.State is not ("DELETING" or "DESTROYING" or "PASSIVE")).ToList() ?? [];
            if (_changes.OfType<LoadTunnel>().Any(load => load.Connection == name)) sas.Clear();
            if (sas.Any(sa => !sa.IsEstablished && sa.State != "REKEYING") || sas.Any(sa => sa.Children.Any(child => child.State is not ("DELETING" or "DELETED" or "DESTROYING")))) continue;
            _changes.Add(new Initiate(InstanceOf(name), name, sas.Count == 0 ? $"initiate to {tunnel.RemoteOutside}" : "initiate the CHILD SA: the IKE SA stands without one"));
        }
    }

    private static List<string> KeysOf(ObservedCharon charon, string name) =>
        [.. charon.KeyNames.Where(key => key.StartsWith(TunnelSecurity.KeyNamePrefix(name), StringComparison.Ordinal))];

    private static List<uint> SasOf(ObservedCharon charon, string name) => [.. charon.Sas.Where(sa => sa.Name == name).Select(sa => sa.UniqueId)];

    private Ipv4Address? LocalOutside(DesiredTunnel tunnel) => tunnel.LocalOutside ?? observed.SourceOf.GetValueOrDefault(tunnel.RemoteOutside);

    private string? InterfaceOf(DesiredConnection connection, DesiredTunnel tunnel) => _userspace
        ? ProcessOf(GatewayNames.Connection(connection.Id, tunnel.Number))?.TunDevice
        : GatewayNames.XfrmInterface(connection.Id, tunnel.Number);

    /// <summary>The table's values, never above the file's, and in userspace never above what kernel-libipsec reads from its TUN device.</summary>
    private TunnelMtu MtuOf(DesiredConnection connection, DesiredTunnel tunnel)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        var nat = _userspace
            || (Ipv4Address.TryParse(tunnel.LocalIdentity, out var identity) && LocalOutside(tunnel) is { } source && identity != source)
            || (CharonOf(name)?.Sas.Any(sa => sa.Name == name && (sa.NatLocal || sa.NatRemote) && !sa.NatFake) ?? false);
        var table = TunnelMtu.For(tunnel.Ipsec.Proposal, nat);
        var mtu = Math.Min(Math.Min(table.Mtu, tunnel.MaximumMtu ?? table.Mtu), _userspace ? CharonInstance.UserspaceMtu : table.Mtu);
        return new TunnelMtu(mtu, Math.Min(Math.Min(table.Mss, mtu - 40), tunnel.MaximumMss ?? table.Mss));
    }

    private bool Carries(DesiredConnection connection, DesiredTunnel tunnel)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        var installed = CharonOf(name)?.Sas.Any(sa => sa.Name == name && sa.Children.Any(child => child.State is "INSTALLED" or "REKEYING" or "REKEYED" or "UPDATING")) ?? false;
        return installed && health.GetValueOrDefault(name) != TunnelHealth.Dead;
    }
}
