using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Tunnelwright.Gateway;

/// <summary>
/// Compares each look with the one before, tells what happened in between, and keeps it in the history file. What the file says of the time
/// before this process began goes on: a tunnel that is found up has been up since then.
/// </summary>
internal sealed partial class Chronicle(string gateway, HistoryFile file, TimeProvider time, ILogger logger)
{
    /// <summary>Events that the status shows.</summary>
    public const int Shown = 20;

    /// <summary>How long a tunnel that the history calls up may take to prove it after this process has begun.</summary>
    private static readonly TimeSpan AdoptionTime = TimeSpan.FromSeconds(5);

    /// <summary>How long after the agent's own end of a tunnel's SAs it may be seen.</summary>
    private static readonly TimeSpan IntentTime = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Connection, int Tunnel), TunnelMemory> _tunnels = [];
    private readonly Dictionary<string, int> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _daemons = new(StringComparer.Ordinal);
    private readonly Queue<GatewayEvent> _last = [];
    private DateTimeOffset? _began;
    private long _taken = long.MinValue;
    private bool _loaded;
    private bool _cannotWrite;

    /// <summary>The chronicle of a gateway on this host.</summary>
    public static Chronicle Of(string gateway, TimeProvider time, ILogger logger) => new(gateway, new HistoryFile(new GatewayPaths(gateway).History), time, logger);

    /// <summary>Called for every event as it happens.</summary>
    public Action<GatewayEvent>? Happened { get; set; }

    /// <summary>Takes a look's result.</summary>
    public void Take(ObservedGateway observed, StatusDocument status)
    {
        lock (_gate)
        {
            Load();
            if (observed.Taken < _taken) return;
            _taken = observed.Taken;
            var now = time.GetUtcNow();
            _began ??= now;
            Daemons(observed, status);
            foreach (var connection in status.Connections)
            {
                foreach (var tunnel in connection.Tunnels) Follow(connection.Id, tunnel, Memory(connection.Id, tunnel.Number), observed, now);
                FollowActive(connection);
            }

            foreach (var gone in _tunnels.Keys.Where(key => !status.Connections.Any(connection => connection.Id == key.Connection)).ToList()) _tunnels.Remove(gone);
        }
    }

    /// <summary>Notes an event that no look shows.</summary>
    public void Note(string kind, string message, string? connection = null)
    {
        lock (_gate)
        {
            Load();
            Add(connection, null, kind, null, message);
        }
    }

    /// <summary>Notes what another desired state changes.</summary>
    public void NoteChange(DesiredGateway before, DesiredGateway after)
    {
        var old = before.Connections.ToDictionary(connection => connection.Id, StringComparer.Ordinal);
        foreach (var connection in after.Connections)
        {
            if (!old.Remove(connection.Id, out var known)) Note(EventKind.ConfigurationChanged, "taken into service", connection.Id);
            else if (known != connection) Note(EventKind.ConfigurationChanged, "in service with other values", connection.Id);
        }

        foreach (var id in old.Keys) Note(EventKind.ConfigurationChanged, "taken out of service", id);
        if (before.Dns != after.Dns) Note(EventKind.ConfigurationChanged, after.Dns is null ? "no DNS forwarder any more" : before.Dns is null ? "a DNS forwarder" : "other names of the DNS forwarder");
    }

    /// <summary>Takes why the engine is about to replace the SAs of tunnels that carry: what is written when it has done so hides the reason.</summary>
    /// <param name="names">The tunnels' names in charon.</param>
    public void NoteReplacements(IEnumerable<string> names)
    {
        lock (_gate)
        {
            foreach (var name in names)
            {
                if (_tunnels.FirstOrDefault(known => GatewayNames.Connection(known.Key.Connection, known.Key.Tunnel) == name).Value is not { Up: true } memory) continue;
                var cause = LastWord(memory, memory.LogFile, name);
                if (cause != DownCause.Unknown) memory.Intent = (cause, time.GetUtcNow());
            }
        }
    }

    /// <summary>Whether a tunnel of a connection was up and is down.</summary>
    public bool HasTunnelDown(string connection)
    {
        lock (_gate) return _tunnels.Any(known => known.Key.Connection == connection && known.Value is { Up: false, LastDown: not null });
    }

    /// <summary>Puts root causes in the place of what was guessed first, for tunnels that are still down.</summary>
    /// <param name="found">The most likely first.</param>
    public void NameCauses(IReadOnlyList<RootCause> found)
    {
        lock (_gate)
        {
            foreach (var ((connection, tunnel), memory) in _tunnels)
            {
                if (memory.Up || memory.LastDown is not { } down) continue;
                var root = found.FirstOrDefault(cause => cause.Connection == connection && (cause.Tunnel ?? tunnel) == tunnel);
                if (root is null || root.Cause == down.Cause) continue;
                memory.LastDown = down with { Cause = root.Cause };
                Add(connection, tunnel, EventKind.CauseNamed, root.Cause, $"why it is down: {root.Title}");
            }
        }
    }

    /// <summary>The status with what the history knows: since when, the last time down, the last events.</summary>
    public StatusDocument Complete(StatusDocument status)
    {
        lock (_gate)
        {
            Load();
            return status with
            {
                Connections = [.. status.Connections.Select(connection => connection with { Tunnels = [.. connection.Tunnels.Select(tunnel => Complete(connection.Id, tunnel))] })],
                Events = [.. _last],
            };
        }
    }

    private TunnelStatus Complete(string connection, TunnelStatus tunnel)
    {
        if (!_tunnels.TryGetValue((connection, tunnel.Number), out var memory)) return tunnel;
        return tunnel with
        {
            Since = memory.Up && tunnel.State == "up" && memory.Since < tunnel.Since ? memory.Since : tunnel.Since,
            LastDown = memory.LastDown is { } down && !(tunnel.LastDown?.At > down.At) ? down : tunnel.LastDown,
        };
    }

    private TunnelMemory Memory(string connection, int tunnel)
    {
        if (!_tunnels.TryGetValue((connection, tunnel), out var memory)) _tunnels[(connection, tunnel)] = memory = new TunnelMemory();
        return memory;
    }

    private void Follow(string id, TunnelStatus tunnel, TunnelMemory memory, ObservedGateway observed, DateTimeOffset now)
    {
        var name = GatewayNames.Connection(id, tunnel.Number);
        var charon = observed.Charons.FirstOrDefault(candidate => candidate.Carries is null || candidate.Carries == name);
        if (tunnel.State == "up")
        {
            if (!memory.Up)
            {
                Add(id, tunnel.Number, EventKind.Up, null, $"up with {tunnel.Remote}{(memory.LastDown is { } down && down.At == memory.Since ? $", after {EventWords.Span(now - down.At)}" : "")}");
                Tracing.BringUp(_last.Last(), memory.Since == default ? now : memory.Since);
                (memory.Up, memory.Since) = (true, now);
            }
            else if (!memory.Adopting)
            {
                Renewals(id, name, tunnel, memory);
            }

            memory.Adopting = false;
            if (memory.IkeSpi != tunnel.Ike?.InitiatorSpi) memory.IkeSince = now;
            (memory.IkeSpi, memory.ChildSpi) = (tunnel.Ike?.InitiatorSpi, tunnel.Child?.SpiIn);
            if (charon is not null) (memory.Pid, memory.LogFile) = (charon.Process.Pid, charon.Instance.LogFile);
            FollowSession(id, tunnel, memory);
        }
        else if (memory.Since == default)
        {
            memory.Since = now;
        }
        else if (memory.Up && !(memory.Adopting && now - _began < AdoptionTime))
        {
            var daemonGone = memory.Pid is { } pid && charon?.Process.Pid != pid;
            var cause = daemonGone ? DownCause.DaemonGone
                : Intended(memory) ?? (tunnel.Child is not null ? DownCause.Silence : LastWord(memory, memory.LogFile ?? charon?.Instance.LogFile, name));
            Add(id, tunnel.Number, EventKind.Down, cause, $"was up for {EventWords.Span(now - memory.Since)}: {EventWords.Cause(cause)}");
            (memory.Up, memory.Adopting, memory.Since, memory.Session) = (false, false, now, null);
            memory.LastDown = new LastDown(now, cause);
        }
    }

    private void Renewals(string id, string name, TunnelStatus tunnel, TunnelMemory memory)
    {
        var ike = memory.IkeSpi is { } ikeBefore && tunnel.Ike?.InitiatorSpi is { } ikeNow && ikeNow != ikeBefore;
        var pair = memory.ChildSpi is { } pairBefore && tunnel.Child?.SpiIn is { } pairNow && pairNow != pairBefore;
        if (ike && pair)
        {
            var cause = Intended(memory) ?? LastWord(memory, memory.LogFile, name);
            Add(id, tunnel.Number, EventKind.Reconnected, cause == DownCause.Unknown ? null : cause, $"a new IKE SA with a new SA pair{(cause == DownCause.Unknown ? "" : $": {EventWords.Cause(cause)}")}");
        }
        else if (ike) Add(id, tunnel.Number, EventKind.Rekeyed, null, "IKE SA renewed");
        else if (pair) Add(id, tunnel.Number, EventKind.Rekeyed, null, "SA pair renewed");
    }

    /// <summary>Why this agent itself has just ended the SAs; null when it has not. Asked for once.</summary>
    private string? Intended(TunnelMemory memory)
    {
        var intent = memory.Intent;
        memory.Intent = null;
        return intent is { } known && time.GetUtcNow() - known.At < IntentTime ? known.Cause : null;
    }

    private string LastWord(TunnelMemory memory, string? logFile, string name) =>
        DownCause.FromLog(logFile, name, time.GetLocalNow(), memory.IkeSince == default ? TimeSpan.MaxValue : time.GetUtcNow() - memory.IkeSince);

    private void FollowSession(string id, TunnelStatus tunnel, TunnelMemory memory)
    {
        if (tunnel.Bgp is not { } session) return;
        var established = session.State == "established";
        if (memory.Session is not { } before)
        {
            if (established) memory.Session = true;
            return;
        }

        if (before == established) return;
        memory.Session = established;
        if (established) Add(id, tunnel.Number, EventKind.BgpUp, null, "BGP established");
        else Add(id, tunnel.Number, EventKind.BgpDown, EventWords.SessionCause(session.LastError), $"BGP {session.State}{(session.LastError is { Length: > 0 } error ? $": {error}" : "")}");
    }

    private void FollowActive(ConnectionStatus connection)
    {
        if (connection.Active is not { } active) return;
        if (_active.TryGetValue(connection.Id, out var before) && before != active)
        {
            var lost = connection.Tunnels.FirstOrDefault(tunnel => tunnel.Number == before)?.State != "up";
            Add(
                connection.Id,
                active,
                lost ? EventKind.FailedOver : EventKind.FailedBack,
                lost ? Memory(connection.Id, before).LastDown?.Cause : null,
                $"traffic moved from tunnel {before} to {active}{(lost ? "" : ", both are up")}");
        }

        _active[connection.Id] = active;
    }

    private void Daemons(ObservedGateway observed, StatusDocument status)
    {
        var names = status.Connections.SelectMany(connection => connection.Tunnels.Select(tunnel => (Connection: connection.Id, tunnel.Number))).ToDictionary(item => GatewayNames.Connection(item.Connection, item.Number), StringComparer.Ordinal);
        foreach (var charon in observed.Charons)
        {
            var of = charon.Carries is { } carried && names.TryGetValue(carried, out var tunnel) ? tunnel : ((string?)null, (int?)null);
            Daemon($"charon/{charon.Carries}", charon.Process.Pid, of, "IKE daemon");
        }

        if (observed.Bird is { } bird) Daemon("bird", bird.Process.Pid, (null, null), "BGP daemon");
        if (observed.Dns is { } dns) Daemon("dns", dns.Process.Pid, (null, null), "DNS forwarder");
        else if (status.Dns is null) _daemons.Remove("dns");
        foreach (var gone in _daemons.Keys.Where(key => status.Connections.Count == 0 || (key.StartsWith("charon/", StringComparison.Ordinal) && key.Length > 7 && !names.ContainsKey(key[7..]))).ToList()) _daemons.Remove(gone);
    }

    private void Daemon(string key, int pid, (string? Connection, int? Tunnel) of, string what)
    {
        if (_daemons.TryGetValue(key, out var before) && before != pid)
            Add(of.Connection, of.Tunnel, EventKind.DaemonRestarted, "daemon-not-running", $"{what} started anew: process {pid.ToString(CultureInfo.InvariantCulture)}, before {before.ToString(CultureInfo.InvariantCulture)}");
        _daemons[key] = pid;
    }

    private void Add(string? connection, int? tunnel, string kind, string? cause, string message)
    {
        var happened = new GatewayEvent(time.GetUtcNow(), connection, tunnel, kind, cause, message);
        Keep(happened);
        Happened?.Invoke(happened);
        Told(happened.Connection is null ? gateway : happened.Connection + (happened.Tunnel is { } number ? $" tunnel {number.ToString(CultureInfo.InvariantCulture)}" : ""), kind, message, cause ?? "-");
        try
        {
            file.Append(happened);
            _cannotWrite = false;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (!_cannotWrite) NotKept(problem.Message);
            _cannotWrite = true;
        }
    }

    private void Keep(GatewayEvent happened)
    {
        _last.Enqueue(happened);
        if (_last.Count > Shown) _last.Dequeue();
    }

    private void Load()
    {
        if (_loaded) return;
        _loaded = true;
        foreach (var happened in file.Read())
        {
            Keep(happened);
            if (happened.Kind == EventKind.TakenDown)
            {
                foreach (var known in _tunnels.Values) (known.Up, known.Adopting, known.Since) = (false, false, default);
                _active.Clear();
            }

            if (happened is { Kind: EventKind.FailedOver or EventKind.FailedBack, Connection: { } moved, Tunnel: { } to }) _active[moved] = to;
            if (happened is not { Connection: { } connection, Tunnel: { } tunnel, Kind: EventKind.Up or EventKind.Down or EventKind.CauseNamed }) continue;
            var memory = Memory(connection, tunnel);
            if (happened.Kind == EventKind.CauseNamed)
            {
                if (memory.LastDown is { } guessed) memory.LastDown = guessed with { Cause = happened.Cause ?? guessed.Cause };
                continue;
            }

            memory.Up = memory.Adopting = happened.Kind == EventKind.Up;
            memory.Since = happened.At;
            if (!memory.Up) memory.LastDown = new LastDown(happened.At, happened.Cause ?? DownCause.Unknown);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Subject}: {Kind}: {Words} [{Cause}]")]
    private partial void Told(string subject, string kind, string words, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the history cannot be written: {Words}")]
    private partial void NotKept(string words);
}
