using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>Turns what was observed into the status that people and programs read, and notes since when a tunnel is in its state.</summary>
internal sealed class StatusKeeper(TimeProvider time)
{
    /// <summary>How long the cloud's end takes at most to notice a silent death: its dead peer detection of 10 s, three times, and some.</summary>
    private static readonly TimeSpan LongestDetection = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string State, DateTimeOffset Since, LastDown? LastDown)> _history = new(StringComparer.Ordinal);
    private Func<StatusDocument> _build = () => new StatusDocument([], "none", [], 0, false);
    private ObservedGateway _observed = null!;
    private readonly Silences _silences = new(time);
    private readonly Dictionary<string, (int Pid, IkeSaStatus Ike, ChildSaStatus Child)> _carriers = new(StringComparer.Ordinal);
    private StatusProblem? _failure;
    private int _generation;

    /// <summary>The status now: SAs as of the last look, probes as of now.</summary>
    public StatusDocument Current
    {
        get
        {
            lock (_gate)
            {
                var document = _build();
                return _failure is null ? document : document with { Problems = [.. document.Problems, _failure], Settled = false };
            }
        }
    }

    /// <summary>Takes a look's result.</summary>
    public void Update(DesiredGateway desired, ObservedGateway observed, MonitorSet monitors, GatewayPlan plan, IReadOnlyList<string> failures, int generation)
    {
        IReadOnlyList<StatusProblem> problems =
        [
            .. plan.Problems.Select(problem => new StatusProblem(problem.Cause, problem.Message, problem.Hint)),
            .. failures.Select(failure => new StatusProblem(null, failure, null)),
        ];
        lock (_gate)
        {
            _failure = null;
            _generation = generation;

            // A glance that began later may have come in first: what it saw stays.
            _observed = _observed is { } fresher && fresher.Taken > observed.Taken
                ? observed with { Taken = fresher.Taken, Charons = fresher.Charons, Links = fresher.Links, Addresses = fresher.Addresses, Routes = fresher.Routes, Bird = fresher.Bird, Dns = fresher.Dns }
                : observed;
            _build = () =>
            {
                IReadOnlyList<ConnectionStatus> connections = [.. desired.Connections.Select(connection => Describe(connection, _observed, monitors))];
                return new StatusDocument(
                    connections,
                    observed.Plane.ToString().ToLowerInvariant(),
                    [.. problems, .. desired.Connections.Zip(connections).SelectMany(pair => WaysBackToBeWaitedFor(pair.First, pair.Second))],
                    _generation,
                    GatewayEngine.IsApplied(desired, plan) && problems.Count == 0)
                {
                    Dns = DnsStatus.Of(desired, _observed),
                };
            };

            // Since when a tunnel is in its state is noted now, not when somebody asks.
            _build();
        }
    }

    /// <summary>Takes fresher SAs, interfaces, routes and sessions; plan and problems stay those of the last whole look.</summary>
    /// <param name="observed">What was seen.</param>
    /// <param name="generation">The newest generation whose changes had been carried out when that look began.</param>
    public void Refresh(ObservedGateway observed, int generation)
    {
        lock (_gate)
        {
            if (observed.Taken < _observed.Taken) return;
            _observed = observed;
            _generation = Math.Max(_generation, generation);
            _build();
        }
    }

    /// <summary>Notes that a look failed as a whole.</summary>
    public void Fail(Exception problem)
    {
        var hint = problem is ProgramMissingException missing ? $"apt-get install {missing.DebianPackage}" : null;
        lock (_gate) _failure = new StatusProblem(problem is ProgramMissingException ? "daemon-not-running" : null, problem.Message, hint);
    }

    /// <summary>
    /// With static routing a silent death can be told to the cloud's end by nobody: somebody else's end goes on sending into the dead tunnel until its own
    /// dead peer detection has judged.
    /// </summary>
    private IEnumerable<StatusProblem> WaysBackToBeWaitedFor(DesiredConnection connection, ConnectionStatus status)
    {
        if (connection.Role != GatewayRole.Initiator || connection.Routing != Tunnelwright.Model.Routing.Static || status.State != "degraded") yield break;
        foreach (var tunnel in status.Tunnels)
        {
            if (tunnel.State == "up" || tunnel.LastDown is not { Cause: "dpd-timeout", At: var at } || time.GetUtcNow() - at > LongestDetection) continue;
            yield return new StatusProblem(
                "dpd-timeout",
                $"tunnel {tunnel.Number} of {connection.Id} died without a word: answers may be lost until the cloud's end notices it, too, by its own dead peer detection, usually after 30 to 40 s",
                "with static routing nothing on this side can shorten that; with BGP fail-over takes half a second both ways");
        }
    }

    private ConnectionStatus Describe(DesiredConnection connection, ObservedGateway observed, MonitorSet monitors)
    {
        IReadOnlyList<TunnelStatus> tunnels = [.. connection.Tunnels.Select(tunnel => Describe(connection, tunnel, observed, monitors))];
        var up = tunnels.Count(tunnel => tunnel.State == "up");
        var sending = Sending(tunnels, observed);
        return new ConnectionStatus(
            connection.Id,
            up == tunnels.Count ? "up" : up > 0 ? "degraded" : "down",
            connection.Routing.ToString().ToLowerInvariant(),
            sending.Count > 0 ? sending[0] : null,
            [.. connection.LocalRanges.Select(range => range.ToString())],
            [.. RemoteRanges(connection, tunnels, observed)],
            tunnels)
        {
            Sending = sending,
        };
    }

    private TunnelStatus Describe(DesiredConnection connection, DesiredTunnel tunnel, ObservedGateway observed, MonitorSet monitors)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        // An SA that is ending, and its pair, count no more.
        var own = observed.Charons.FirstOrDefault(candidate => candidate.Sas.Any(sa => sa.Name == name))?.Sas.Where(candidate => candidate.Name == name && candidate.State is not ("DELETING" or "DESTROYING")).ToList() ?? [];
        var child = own.SelectMany(candidate => candidate.Children)
            .Where(candidate => candidate.IsInstalled || candidate.State is "REKEYED" or "REKEYING").MaxBy(candidate => candidate.UniqueId);

        // The IKE SA of the pair that carries; one that is not established yet, which may have taken the pair over already, only when there is no other.
        var sa = own.OrderByDescending(candidate => candidate.Established is not null).ThenByDescending(candidate => candidate.Encryption is not null)
            .ThenByDescending(candidate => child is not null && candidate.Children.Contains(child))
            .ThenByDescending(candidate => candidate.IsEstablished).ThenByDescending(candidate => candidate.UniqueId).FirstOrDefault();
        var record = monitors.RecordOf(name);
        var health = record?.Health ?? TunnelHealth.Unknown;
        var session = tunnel.Bgp is null ? null : observed.Bird?.Sessions?.FirstOrDefault(candidate => candidate.Name == BirdConfiguration.ProtocolName(connection.Id, tunnel.Number));
        var state = child is null
            ? sa is null ? "down" : "connecting"
            : health switch
            {
                TunnelHealth.Alive or TunnelHealth.Recovering or TunnelHealth.Degraded => "up",
                TunnelHealth.Dead or TunnelHealth.GivenUp => "down",
                _ => child.PacketsIn > 0 && child.PacketsOut > 0 ? "up" : "connecting",
            };
        // A daemon that does not answer right now says nothing about its tunnels; that nothing passes through them is known all the same.
        if (child is not null && observed.Charons.FirstOrDefault(candidate => candidate.Sas.Contains(sa!)) is { } carrier) _carriers[name] = (carrier.Process.Pid, sa!, child);
        if (child is null && observed.Charons.FirstOrDefault(candidate => !candidate.Answers && (candidate.Carries is null || candidate.Carries == name)) is { } mute && _history.TryGetValue(name, out var known))
        {
            // Another process than the one that had the SAs has none yet.
            var same = _carriers.TryGetValue(name, out var carrying) && carrying.Pid == mute.Process.Pid;
            state = health is TunnelHealth.Dead or TunnelHealth.GivenUp ? "down" : same || known.State != "up" ? known.State : "connecting";
            if (state == "up") (sa, child) = (carrying.Ike, carrying.Child);
        }

        var (since, lastDown) = Note(name, state, child is null ? "unknown" : "dpd-timeout");
        var silent = _silences.Look(name, health, child, observed.Taken);
        var device = tunnel.Number >= 0 && observed.Plane == DataPlane.Userspace
            ? observed.Charons.FirstOrDefault(candidate => candidate.Carries == name)?.TunDevice
            : observed.Links.FirstOrDefault(link => link.Name == GatewayNames.XfrmInterface(connection.Id, tunnel.Number))?.Name;
        return new TunnelStatus(
            tunnel.Number,
            state,
            since,
            device,
            tunnel.RemoteOutside.ToString(),
            sa is null ? null : new IkeStatus(sa.Version, sa.State.ToLowerInvariant(), Proposal(sa), Seconds(sa.Established), Seconds(sa.RekeyIn), child?.Encapsulated ?? (sa.NatLocal || sa.NatRemote)) { InitiatorSpi = sa.InitiatorSpi },
            child is null ? null : new ChildStatus(Proposal(child), child.BytesIn, child.BytesOut, child.PacketsIn, child.PacketsOut, Seconds(child.RekeyIn)) { SpiIn = child.SpiIn, SpiOut = child.SpiOut },
            record?.RoundTripMilliseconds is { } roundTrip ? new ProbeStatus(Math.Round(roundTrip, 3), Math.Round(record.LossRatio ?? 0, 3)) { Silent = silent } : null,
            tunnel.Bgp is null ? null : new SessionStatus(session?.State ?? "down", session?.Imported ?? 0, session?.Exported ?? 0, session?.LastError, session?.Refused ?? 0),
            lastDown);
    }

    /// <summary>Which tunnels the kernel's best route to the other side takes.</summary>
    private static List<int> Sending(IReadOnlyList<TunnelStatus> tunnels, ObservedGateway observed) => observed.Routes
        .Where(route => route.Type == RouteType.Unicast && !route.Destination.StartsWith("169.254.", StringComparison.Ordinal))
        .OrderBy(route => route.Metric)
        .Select(route => tunnels.Where(tunnel => tunnel.State == "up" && LeadsThrough(route, tunnel.Interface)).Select(tunnel => tunnel.Number).Order().ToList())
        .FirstOrDefault(numbers => numbers.Count > 0) ?? [];

    private static bool LeadsThrough(Route route, string? device) => device is not null && (route.Device == device || route.NextHops.Any(hop => hop.Device == device));

    private static IEnumerable<string> RemoteRanges(DesiredConnection connection, IReadOnlyList<TunnelStatus> tunnels, ObservedGateway observed)
    {
        if (connection.Routing == Tunnelwright.Model.Routing.Static) return connection.RemoteRanges.Select(range => range.ToString());
        return observed.Routes
            .Where(route => route.Type == RouteType.Unicast && !route.Destination.StartsWith("169.254.", StringComparison.Ordinal) && tunnels.Any(tunnel => LeadsThrough(route, tunnel.Interface)))
            .Select(route => route.Destination).Distinct();
    }

    private (DateTimeOffset Since, LastDown? LastDown) Note(string name, string state, string cause)
    {
        var now = time.GetUtcNow();
        if (!_history.TryGetValue(name, out var known)) known = (state, now, null);
        else if (known.State != state) known = (state, now, known.State == "up" ? new LastDown(now, cause) : known.LastDown);
        _history[name] = known;
        return (known.Since, known.LastDown);
    }

    private static long? Seconds(TimeSpan? span) => span is { } value ? (long)value.TotalSeconds : null;

    private static string? Proposal(IkeSaStatus sa) => sa.Encryption is null
        ? null
        : string.Join('/', new[] { sa.Encryption + (sa.EncryptionKeySize is { } size ? $"-{size}" : ""), sa.Integrity, sa.PseudoRandomFunction, sa.DhGroup }.Where(part => part is not null));

    private static string Proposal(ChildSaStatus child) =>
        string.Join('/', new[] { child.Encryption + (child.EncryptionKeySize is { } size ? $"-{size}" : ""), child.Integrity, child.DhGroup }.Where(part => part is not null));
}
