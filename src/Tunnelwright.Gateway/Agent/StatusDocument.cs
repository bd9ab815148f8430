using System.Text.Json.Serialization;

namespace Tunnelwright.Gateway;

/// <summary>What "status --json" prints.</summary>
/// <param name="Connections">The connections, ordered by id.</param>
/// <param name="DataPlane">kernel or userspace.</param>
/// <param name="Problems">What keeps the gateway from its desired state right now.</param>
/// <param name="Generation">The desired state that this is the outcome of: 0 for the one the agent began with, 1 for the first that it was handed; -1 before it has done anything.</param>
/// <param name="Settled">Whether nothing differed from the desired state at the last look; at an end that only answers, nothing but the DNS forwarder, which may still be starting.</param>
public sealed record StatusDocument(
    IReadOnlyList<ConnectionStatus> Connections,
    string DataPlane,
    IReadOnlyList<StatusProblem> Problems,
    int Generation,
    bool Settled)
{
    /// <summary>The DNS forwarder; null when the gateway is to have none.</summary>
    public DnsStatus? Dns { get; init; }

    /// <summary>The last 20 events, the oldest first.</summary>
    public IReadOnlyList<GatewayEvent> Events { get; init; } = [];
}

/// <summary>Something that keeps the gateway from its desired state.</summary>
/// <param name="Cause">A cause id; null when none fits.</param>
/// <param name="Message">What and where.</param>
/// <param name="Hint">What to do; null when not known.</param>
public sealed record StatusProblem(string? Cause, string Message, string? Hint);

/// <summary>A connection's state.</summary>
/// <param name="Id">The connection's id.</param>
/// <param name="State">up: all tunnels are up; degraded: some; down: none.</param>
/// <param name="Routing">static or bgp.</param>
/// <param name="Active">Number of the tunnel that outgoing traffic takes; null without one.</param>
/// <param name="LocalRanges">Ranges of this side.</param>
/// <param name="RemoteRanges">Ranges of the other side that are routed.</param>
/// <param name="Tunnels">The tunnels by number.</param>
public sealed record ConnectionStatus(
    string Id,
    string State,
    string Routing,
    int? Active,
    IReadOnlyList<string> LocalRanges,
    IReadOnlyList<string> RemoteRanges,
    IReadOnlyList<TunnelStatus> Tunnels)
{
    /// <summary>The numbers of all tunnels that the best route leads through: several with equal costs, none while nothing is routed.</summary>
    public IReadOnlyList<int> Sending { get; init; } = [];
}

/// <summary>A tunnel's state.</summary>
/// <param name="Number">Its number.</param>
/// <param name="State">up: a packet has gone each way; connecting: being set up, or not yet proved; down: nothing passes.</param>
/// <param name="Since">When this state began, UTC.</param>
/// <param name="Interface">The interface; null as long as there is none.</param>
/// <param name="Remote">The peer's outside address.</param>
/// <param name="Ike">The IKE SA; null without one.</param>
/// <param name="Child">The SA pair; null without one.</param>
/// <param name="Probe">What echo requests through the tunnel say; null before the first answer.</param>
/// <param name="Bgp">The BGP session; null without one.</param>
/// <param name="LastDown">When and why the tunnel last went down; null when it has not.</param>
public sealed record TunnelStatus(
    int Number,
    string State,
    DateTimeOffset Since,
    string? Interface,
    string Remote,
    IkeStatus? Ike,
    ChildStatus? Child,
    ProbeStatus? Probe,
    SessionStatus? Bgp,
    LastDown? LastDown);

/// <summary>An IKE SA.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="State">charon's word in lower case, such as established or connecting.</param>
/// <param name="Proposal">The negotiated algorithms.</param>
/// <param name="EstablishedSeconds">Age in seconds; null before it is established.</param>
/// <param name="RekeyInSeconds">Seconds until it is renewed, below zero while that is overdue; null when this side does not renew it.</param>
/// <param name="NatT">Whether ESP travels in UDP.</param>
public sealed record IkeStatus(
    int Version,
    string State,
    string? Proposal,
    long? EstablishedSeconds,
    long? RekeyInSeconds,
    [property: JsonPropertyName("natT")] bool NatT)
{
    /// <summary>The initiator's SPI, 16 hexadecimal digits: another one after each renewal.</summary>
    public string? InitiatorSpi { get; init; }
}

/// <summary>An SA pair.</summary>
/// <param name="Proposal">The negotiated algorithms.</param>
/// <param name="BytesIn">Bytes received.</param>
/// <param name="BytesOut">Bytes sent.</param>
/// <param name="PacketsIn">Packets received.</param>
/// <param name="PacketsOut">Packets sent.</param>
/// <param name="RekeyInSeconds">Seconds until it is renewed, below zero while that is overdue; null when this side does not renew it.</param>
public sealed record ChildStatus(string Proposal, long BytesIn, long BytesOut, long PacketsIn, long PacketsOut, long? RekeyInSeconds)
{
    /// <summary>The inbound SPI, eight hexadecimal digits: another one after each renewal, when the counters start anew.</summary>
    public string? SpiIn { get; init; }

    /// <summary>The outbound SPI, eight hexadecimal digits.</summary>
    public string? SpiOut { get; init; }
}

/// <summary>What echo requests say.</summary>
/// <param name="RttMilliseconds">Smoothed round-trip time in milliseconds.</param>
/// <param name="LossRatio">Share of the last 50 requests without an answer, 0 to 1.</param>
public sealed record ProbeStatus(double RttMilliseconds, double LossRatio)
{
    /// <summary>
    /// Which way a silent tunnel is dead, where it can be told apart: "out" when packets of the peer still arrive and none of this side's is answered, "unknown" when
    /// nothing arrives either. Null while answers come, and until it is known.
    /// </summary>
    public string? Silent { get; init; }
}

/// <summary>A BGP session.</summary>
/// <param name="State">RFC 4271's state in lower case.</param>
/// <param name="PrefixesIn">Prefixes accepted from the peer.</param>
/// <param name="PrefixesOut">Prefixes announced to the peer.</param>
/// <param name="LastError">The last error in the BGP daemon's words.</param>
/// <param name="PrefixesRefused">Prefixes of the peer that lie in no range it may announce; counted at the cloud's end only.</param>
public sealed record SessionStatus(string State, int PrefixesIn, int PrefixesOut, string? LastError, int PrefixesRefused = 0);

/// <summary>The last time a tunnel went down.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Cause">A cause id.</param>
public sealed record LastDown(DateTimeOffset At, string Cause);

/// <summary>A plan as "plan --json" prints it.</summary>
/// <param name="Changes">The differences in the order in which they would be carried out.</param>
/// <param name="Problems">What forbids the plan.</param>
public sealed record PlanDocument(IReadOnlyList<PlannedChange> Changes, IReadOnlyList<StatusProblem> Problems);

/// <summary>One difference.</summary>
/// <param name="Kind">add, change or remove.</param>
/// <param name="Subject">What it concerns.</param>
/// <param name="Detail">What will be.</param>
public sealed record PlannedChange(string Kind, string Subject, string Detail);

/// <summary>Source-generated JSON of the agent's documents.</summary>
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(PlanDocument))]
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, WriteIndented = true)]
public sealed partial class GatewayJson : JsonSerializerContext;
