using System.Text.Json.Serialization;

namespace Tunnelwright.Gateway;

/// <summary>Something that happened to the gateway and is kept over restarts.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Connection">The connection's id; null when it concerns the gateway.</param>
/// <param name="Tunnel">The tunnel's number; null when it concerns the connection or the gateway.</param>
/// <param name="Kind">One of <see cref="EventKind"/>'s words; a file of a later version may hold others.</param>
/// <param name="Cause">A cause id; null when there is none to tell.</param>
/// <param name="Message">What happened, one line.</param>
public sealed record GatewayEvent(DateTimeOffset At, string? Connection, int? Tunnel, string Kind, string? Cause, string Message);

/// <summary>The kinds of events.</summary>
public static class EventKind
{
    /// <summary>A packet has gone each way through a tunnel that was not up.</summary>
    public const string Up = "up";

    /// <summary>Nothing passes any more through a tunnel that was up.</summary>
    public const string Down = "down";

    /// <summary>Why a tunnel is down was found out after it went down.</summary>
    public const string CauseNamed = "cause-named";

    /// <summary>The IKE SA or the SA pair was renewed while the tunnel stayed up.</summary>
    public const string Rekeyed = "rekeyed";

    /// <summary>Both SAs are new ones, and nobody saw the tunnel down in between.</summary>
    public const string Reconnected = "reconnected";

    /// <summary>Traffic moved to another tunnel because its own went down.</summary>
    public const string FailedOver = "failed-over";

    /// <summary>Traffic moved back from a tunnel that is still up.</summary>
    public const string FailedBack = "failed-back";

    /// <summary>A BGP session came up.</summary>
    public const string BgpUp = "bgp-up";

    /// <summary>A BGP session ended while its tunnel stayed up.</summary>
    public const string BgpDown = "bgp-down";

    /// <summary>charon or BIRD runs as another process.</summary>
    public const string DaemonRestarted = "daemon-restarted";

    /// <summary>The agent began.</summary>
    public const string AgentStarted = "agent-started";

    /// <summary>The agent ended as it was asked to.</summary>
    public const string AgentStopped = "agent-stopped";

    /// <summary>Another desired state was handed over.</summary>
    public const string ConfigurationChanged = "configuration-changed";

    /// <summary>Everything was taken off the host.</summary>
    public const string TakenDown = "taken-down";
}

/// <summary>Source-generated JSON of the history, an event a line.</summary>
[JsonSerializable(typeof(GatewayEvent))]
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
internal sealed partial class HistoryJson : JsonSerializerContext;
