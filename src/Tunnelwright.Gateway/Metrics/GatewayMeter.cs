using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Tunnelwright.Gateway;

/// <summary>
/// The gateway's metrics as a <see cref="System.Diagnostics.Metrics.Meter"/> named Tunnelwright. All instruments are asked when somebody
/// collects; until then they cost nothing. A tunnel of the desired state has its series whether it is up or not. Names follow Prometheus's
/// naming (base units, _total), so that they are the same on /metrics and over OTLP.
/// </summary>
internal sealed class GatewayMeter : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Tunnelwright";

    /// <summary>Causes whose counters begin at 0, so that the first one is an increase.</summary>
    private static readonly string[] UsualCauses = ["dpd-timeout", "peer-deleted", "daemon-not-running", DownCause.Unknown];

    private readonly Meter _meter = new(Name, Version);
    private readonly Func<StatusDocument> _status;
    private readonly TrafficTotals _traffic;
    private readonly EventCounts _events;

    public GatewayMeter(Func<StatusDocument> status, TrafficTotals traffic, EventCounts events, PassCounts passes)
    {
        (_status, _traffic, _events) = (status, traffic, events);
        Gauge("tunnelwright_agent_info", null, "Version of the agent, always 1.", () => [new(1, new KeyValuePair<string, object?>("version", Version), new KeyValuePair<string, object?>("data_plane", _status().DataPlane))]);
        Gauge("tunnelwright_settled", null, "1 when nothing differed from the desired state at the last look.", () => [new(_status().Settled ? 1 : 0)]);
        Gauge("tunnelwright_problems", null, "Things that keep the gateway from its desired state.", () => [new(_status().Problems.Count)]);
        Counter("tunnelwright_passes_total", "Passes of the engine.", () => [new(passes.Passes)]);
        Counter("tunnelwright_pass_failures_total", "Passes that ended with an error.", () => [new(passes.Failures)]);
        Counter("tunnelwright_daemon_restarts_total", "Times that an IKE or BGP daemon was found to run anew.", () => [new(_events.Of(EventKind.DaemonRestarted))]);
        Counter("tunnelwright_configuration_changes_total", "Connections taken in, changed or taken out.", () => [new(_events.Of(EventKind.ConfigurationChanged))]);
        Connections();
        Tunnels();
        Sessions();
        NameMeter.AddTo(_meter, () => _status().Dns);
        ProcessItself();
    }

    /// <summary>The program's version.</summary>
    public static string Version { get; } = typeof(GatewayMeter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The meter.</summary>
    public Meter Meter => _meter;

    public void Dispose() => _meter.Dispose();

    private void Connections()
    {
        ByConnection("tunnelwright_connection_up", "1 when at least one tunnel of the connection is up.", connection => connection.State == "down" ? 0 : 1);
        ByConnection("tunnelwright_connection_tunnels", "Tunnels that the connection has.", connection => connection.Tunnels.Count);
        ByConnection("tunnelwright_connection_tunnels_up", "Tunnels of the connection that are up.", connection => connection.Tunnels.Count(tunnel => tunnel.State == "up"));
        ByConnection("tunnelwright_connection_active_tunnel", "Number of the tunnel that outgoing traffic takes, 0 without one.", connection => connection.Active ?? 0);
        Counter("tunnelwright_failovers_total", "Times that traffic moved because its tunnel went down.", () => _status().Connections.Select(connection => Of(connection, _events.Of(EventKind.FailedOver, connection.Id))));
        Counter("tunnelwright_failbacks_total", "Times that traffic moved from a tunnel that was still up.", () => _status().Connections.Select(connection => Of(connection, _events.Of(EventKind.FailedBack, connection.Id))));
    }

    private void Tunnels()
    {
        ByTunnel("tunnelwright_tunnel_up", null, "1 when a packet has gone each way through the tunnel and it is not dead.", (_, tunnel) => tunnel.State == "up" ? 1 : 0);
        ByTunnel("tunnelwright_tunnel_active", null, "1 for the tunnel that outgoing traffic takes.", (connection, tunnel) => connection.Sending.Contains(tunnel.Number) ? 1 : 0);
        ByTunnel("tunnelwright_tunnel_state_since_timestamp_seconds", "s", "When the tunnel's state began, Unix time.", (_, tunnel) => tunnel.Since.ToUnixTimeMilliseconds() / 1000.0);
        ByTunnel("tunnelwright_tunnel_rtt_seconds", "s", "Smoothed round-trip time through the tunnel; 0 when nothing answers.", (_, tunnel) => tunnel.State == "down" ? 0 : (tunnel.Probe?.RttMilliseconds ?? 0) / 1000);
        ByTunnel("tunnelwright_tunnel_loss_ratio", null, "Share of the last 50 echo requests without an answer; 1 for a tunnel that is down.", (_, tunnel) => tunnel.State == "down" ? 1 : tunnel.Probe?.LossRatio ?? 0);
        ByTunnel("tunnelwright_ike_established_seconds", "s", "Age of the IKE SA, 0 without one.", (_, tunnel) => tunnel.Ike?.EstablishedSeconds ?? 0);
        ByTunnel("tunnelwright_ike_rekey_seconds", "s", "Time until this side renews the IKE SA, negative when overdue; 0 without one.", (_, tunnel) => tunnel.Ike?.RekeyInSeconds ?? 0);
        ByTunnel("tunnelwright_child_rekey_seconds", "s", "Time until this side renews the SA pair, negative when overdue; 0 without one.", (_, tunnel) => tunnel.Child?.RekeyInSeconds ?? 0);
        Total("tunnelwright_tunnel_bytes_in_total", "Bytes received through the tunnel since the agent began.", traffic => traffic.BytesIn);
        Total("tunnelwright_tunnel_bytes_out_total", "Bytes sent through the tunnel since the agent began.", traffic => traffic.BytesOut);
        Total("tunnelwright_tunnel_packets_in_total", "Packets received through the tunnel since the agent began.", traffic => traffic.PacketsIn);
        Total("tunnelwright_tunnel_packets_out_total", "Packets sent through the tunnel since the agent began.", traffic => traffic.PacketsOut);
        Counter("tunnelwright_tunnel_rekeys_total", "Renewals of an SA while the tunnel stayed up.", () => All().Select(item => Of(item, _events.Of(EventKind.Rekeyed, item.Connection.Id, item.Tunnel.Number))));
        Counter("tunnelwright_tunnel_ups_total", "Times that the tunnel came up.", () => All().Select(item => Of(item, _events.Of(EventKind.Up, item.Connection.Id, item.Tunnel.Number))));
        Counter("tunnelwright_tunnel_downs_total", "Times that the tunnel went down, by cause.", () => All().SelectMany(Downs));
    }

    private void Sessions()
    {
        BySession("tunnelwright_bgp_up", "1 when the BGP session is established.", session => session.State == "established" ? 1 : 0);
        BySession("tunnelwright_bgp_state", "State of the BGP session as bgpPeerState (RFC 4273): 0 disabled, 1 idle, 2 connect, 3 active, 4 opensent, 5 openconfirm, 6 established.", session => Array.IndexOf(SessionStates, session.State) + 1);
        BySession("tunnelwright_bgp_prefixes_received", "Prefixes accepted from the peer.", session => session.PrefixesIn);
        BySession("tunnelwright_bgp_prefixes_advertised", "Prefixes announced to the peer.", session => session.PrefixesOut);
        Counter("tunnelwright_bgp_downs_total", "Times that the BGP session ended while its tunnel stayed up.", () => WithSession().Select(item => Of(item, _events.Of(EventKind.BgpDown, item.Connection.Id, item.Tunnel.Number))));
    }

    private static readonly string[] SessionStates = ["idle", "connect", "active", "opensent", "openconfirm", "established"];

    private void ProcessItself()
    {
        // The names that Prometheus's own client libraries give to a process.
        Gauge("process_resident_memory_bytes", "By", "Resident memory of the agent.", () => [new(Environment.WorkingSet)]);
        _meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of the agent.");
        Gauge("process_start_time_seconds", "s", "When the agent began, Unix time.", () => [new(StartTime())]);
    }

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }

    private IEnumerable<(ConnectionStatus Connection, TunnelStatus Tunnel)> All() => _status().Connections.SelectMany(connection => connection.Tunnels.Select(tunnel => (connection, tunnel)));

    private IEnumerable<(ConnectionStatus Connection, TunnelStatus Tunnel)> WithSession() => All().Where(item => item.Tunnel.Bgp is not null);

    private IEnumerable<Measurement<long>> Downs((ConnectionStatus Connection, TunnelStatus Tunnel) item)
    {
        var seen = _events.Downs(item.Connection.Id, item.Tunnel.Number);
        return UsualCauses.Union(seen.Select(down => down.Cause)).Select(cause =>
            new Measurement<long>(seen.FirstOrDefault(down => down.Cause == cause).Count, [.. Labels(item), new KeyValuePair<string, object?>("cause", cause)]));
    }

    private void ByConnection(string name, string description, Func<ConnectionStatus, double> value) =>
        Gauge(name, null, description, () => _status().Connections.Select(connection => new Measurement<double>(value(connection), new KeyValuePair<string, object?>("connection", connection.Id))));

    private void ByTunnel(string name, string? unit, string description, Func<ConnectionStatus, TunnelStatus, double> value) =>
        Gauge(name, unit, description, () => All().Select(item => new Measurement<double>(value(item.Connection, item.Tunnel), Labels(item))));

    private void BySession(string name, string description, Func<SessionStatus, double> value) =>
        Gauge(name, null, description, () => WithSession().Select(item => new Measurement<double>(value(item.Tunnel.Bgp!), Labels(item))));

    private void Total(string name, string description, Func<Traffic, long> value) =>
        Counter(name, description, () => All().Select(item => Of(item, value(_traffic.Of(GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number))))), name.Contains("bytes", StringComparison.Ordinal) ? "By" : null);

    private void Gauge(string name, string? unit, string description, Func<IEnumerable<Measurement<double>>> values) => _meter.CreateObservableGauge(name, values, unit, description);

    private void Counter(string name, string description, Func<IEnumerable<Measurement<long>>> values, string? unit = null) => _meter.CreateObservableCounter(name, values, unit, description);

    private static Measurement<long> Of(ConnectionStatus connection, long value) => new(value, new KeyValuePair<string, object?>("connection", connection.Id));

    private static Measurement<long> Of((ConnectionStatus Connection, TunnelStatus Tunnel) item, long value) => new(value, Labels(item));

    private static KeyValuePair<string, object?>[] Labels((ConnectionStatus Connection, TunnelStatus Tunnel) item) =>
        [new("connection", item.Connection.Id), new("tunnel", item.Tunnel.Number)];
}
