using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

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
    private readonly HashSet<string> _replaced = new(StringComparer.Ordinal);
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CharonInstance> _instances = new(StringComparer.Ordinal);
    private readonly bool _userspace = observed.Plane == DataPlane.Userspace;

    /// <summary>The plan.</summary>
    public static GatewayPlan Plan(DesiredGateway desired, ObservedGateway observed, IReadOnlyDictionary<string, TunnelHealth> health)
    {
        var planner = new Planner(desired, observed, health);
        planner.Forwarding();
        planner.Processes();
        if (planner._problems.Count > 0) return new GatewayPlan([], planner._problems);
        planner.Replacements();
        planner.Connections();
        planner.Interfaces();
        planner.Filter();
        planner.Initiations();
        planner.Routes();
        planner.Bird();
        planner.Names();
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
            var needed = !charon.Hangs && charon.Instance.Userspace == _userspace && wanted.Contains(charon.Carries) && !_instances.ContainsKey(charon.Carries ?? "");
            if (needed)
            {
                _instances[charon.Carries ?? ""] = charon.Instance;
                taken.Add(charon.Instance.Slot);
            }
            else
            {
                _changes.Add(new StopCharon(charon.Process, charon.Carries is { } carries && !wanted.Contains(carries) ? $"{carries} is not wanted any more" : charon.Hangs ? "it hangs" : "not of this data plane"));
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
            // A daemon has a socket for IPv4 and one for IPv6 on the same port.
            foreach (var holder in observed.PortHolders.Where(holder => holder.Port == instance.IkePort || holder.Port == instance.NatPort).Distinct())
            {
                _problems.Add(new PlanProblem("port-in-use", $"UDP port {holder.Port} is taken by {holder}", $"stop the other IKE daemon, for example: systemctl disable --now {UnitOf(holder.Program)}"));
            }

            _changes.Add(new StartCharon(instance, carries));
        }
    }

    /// <summary>The systemd unit that Debian's package of an IKE daemon brings.</summary>
    private static string UnitOf(string? program) => Path.GetFileName(program) switch
    {
        "charon-systemd" => "strongswan",
        "pluto" => "ipsec",
        "racoon" => "racoon",
        _ => "strongswan-starter",
    };

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
            if (IsLoaded(charon, name, keyName)) continue;
            if (_waiting.Contains(name))
            {
                _problems.Add(new PlanProblem("both-tunnels-not-configured", $"tunnel {tunnel.Number} of {connection.Id} keeps its old values until the other tunnel carries the traffic", "the other tunnel's state tells what it waits for"));
                continue;
            }

            var (oldKeys, oldSas) = charon is null ? ([], []) : (KeysOf(charon, name), SasOf(charon, name));
            var what = $"IKEv{(int)tunnel.Ike.Version} {(connection.Role == GatewayRole.Initiator ? "to" : "from")} {tunnel.RemoteOutside}, {tunnel.Ike.Proposal}, ESP {tunnel.Ipsec.Proposal}, key {tunnel.Ike.PreSharedKey}";
            _changes.Add(new LoadTunnel(instance, name, settings, TunnelSecurity.Key(tunnel, keyName), keyName, oldKeys, oldSas, what));
        }
    }

    private static bool IsLoaded(ObservedCharon? charon, string name, string keyName) =>
        charon is not null && charon.KeyNames.Contains(keyName) && charon.ConnectionNames.Contains(name);

    /// <summary>
    /// Tunnels that carry traffic and get other values are replaced one after the other: each only while another one of its connection carries.
    /// </summary>
    private void Replacements()
    {
        foreach (var connection in desired.Connections)
        {
            var changed = connection.Tunnels.Where(tunnel => Carries(connection, tunnel) && !IsCurrent(connection, tunnel)).ToList();
            foreach (var tunnel in changed)
            {
                var others = connection.Tunnels.Where(other => other.Number != tunnel.Number).ToList();
                (others.Any(other => IsBeingReplaced(connection, other)) ? _waiting : _replaced).Add(GatewayNames.Connection(connection.Id, tunnel.Number));
            }
        }
    }

    /// <summary>Whether a tunnel is replaced now, or has its new values and does not carry with them yet.</summary>
    private bool IsBeingReplaced(DesiredConnection connection, DesiredTunnel tunnel)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        return _replaced.Contains(name) || (IsCurrent(connection, tunnel) && !Carries(connection, tunnel) && health.GetValueOrDefault(name) != TunnelHealth.GivenUp);
    }

    private bool IsCurrent(DesiredConnection connection, DesiredTunnel tunnel)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        if (LocalOutside(tunnel) is not { } source) return true;
        var settings = TunnelSecurity.Connection(connection, tunnel, InstanceOf(name), source);
        return IsLoaded(CharonOf(name), name, TunnelSecurity.KeyName(tunnel, settings));
    }

    private void Initiations()
    {
        foreach (var (connection, tunnel) in desired.AllTunnels())
        {
            if (connection.Role != GatewayRole.Initiator || LocalOutside(tunnel) is null || IsUnknown(connection, tunnel)) continue;
            var name = GatewayNames.Connection(connection.Id, tunnel.Number);
            var sas = CharonOf(name)?.Sas.Where(sa => sa.Name == name && sa.State is not ("DELETING" or "DESTROYING" or "PASSIVE")).ToList() ?? [];
            if (_changes.OfType<LoadTunnel>().Any(load => load.Connection == name)) sas.Clear();
            if (health.GetValueOrDefault(name) == TunnelHealth.GivenUp && sas.Any(sa => sa.IsEstablished))
            {
                _changes.Add(new RenewTunnel(InstanceOf(name), name, [.. sas.Select(sa => sa.UniqueId)], Carries: false, $"nothing comes back from {tunnel.RemoteOutside}: the SA is given up and initiated anew"));
                continue;
            }

            if (MustBeRenewed(connection, tunnel, sas))
            {
                _replaced.Add(name);
                _changes.Add(new RenewTunnel(InstanceOf(name), name, [.. sas.Select(sa => sa.UniqueId)], Carries: true, $"{tunnel.RemoteOutside} does not renew the SA pair: before it ends, a new IKE SA takes its place"));
                continue;
            }

            if (Renewal.Superfluous(sas) is { Count: > 0 } pairs) _changes.Add(new EndPairs(InstanceOf(name), name, pairs));
            if (sas.Any(sa => !sa.IsEstablished && sa.State != "REKEYING") || sas.Any(sa => sa.Children.Any(child => child.State is not ("DELETING" or "DELETED" or "DESTROYING")))) continue;
            _changes.Add(new Initiate(InstanceOf(name), name, [.. sas.Select(sa => sa.UniqueId)], sas.Count == 0 ? $"initiate to {tunnel.RemoteOutside}" : "initiate the CHILD SA: the IKE SA stands without one"));
        }
    }

    /// <summary>
    /// A pair whose renewal the peer has refused for half of the time that there is for it. With IKEv2 the first pair of a new IKE SA is made without
    /// a group of its own (RFC 7296 section 1.2), and may be had where a renewal may not. One tunnel of a connection at a time.
    /// </summary>
    private bool MustBeRenewed(DesiredConnection connection, DesiredTunnel tunnel, IReadOnlyList<IkeSaStatus> sas) =>
        tunnel.Ike.Version == IkeVersion.V2
        && sas is [{ IsEstablished: true }]
        && Renewal.OverdueIn(sas) <= TimeSpan.Zero
        && !connection.Tunnels.Any(other => other.Number != tunnel.Number && IsBeingReplaced(connection, other));

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

    /// <summary>Whether packets pass: an SA pair is installed, and what was sent through it came back, or never did from this peer.</summary>
    private bool Carries(DesiredConnection connection, DesiredTunnel tunnel) => Fitness(connection, tunnel) <= DegradedFitness;

    private const int DegradedFitness = 2;
    private const int RecoveringFitness = 1;

    /// <summary>How fit a tunnel is to carry traffic, 0 the best: good, recovering, lossy or with an IKE SA that the peer does not renew, dead, without an SA or about to lose it.</summary>
    private int Fitness(DesiredConnection connection, DesiredTunnel tunnel)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        var sas = CharonOf(name)?.Sas.Where(sa => sa.Name == name).ToList() ?? [];
        if (_replaced.Contains(name) || !sas.Any(sa => sa.Children.Any(child => child.State is "INSTALLED" or "REKEYING" or "REKEYED" or "UPDATING"))) return 4;
        return health.GetValueOrDefault(name) switch
        {
            TunnelHealth.Dead or TunnelHealth.GivenUp => 3,
            TunnelHealth.Degraded => DegradedFitness,
            _ when connection.Role == GatewayRole.Initiator && Renewal.IkeOverdueIn(sas, tunnel.Ike.Lifetime) <= TimeSpan.Zero => DegradedFitness,
            TunnelHealth.Recovering => RecoveringFitness,
            _ => 0,
        };
    }
}
