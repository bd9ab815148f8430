namespace Tunnelwright.Vici;

/// <summary>What a <see cref="ViciEvent"/> tells.</summary>
public enum ViciEventKind
{
    /// <summary>The daemon raised an event.</summary>
    Raised,

    /// <summary>
    /// The subscription is in effect, at first or again after a hang-up. Everything that happens from here on will be told;
    /// so now is the time to list what there is.
    /// </summary>
    Subscribed,

    /// <summary>The connection broke or could not be made; it is being made anew, and events are being missed meanwhile.</summary>
    Disconnected,

    /// <summary>Events were dropped because the consumer was too slow: list what there is again.</summary>
    Lost,
}

/// <summary>One item of a subscription: an event of the daemon, or a mark about the subscription itself.</summary>
public sealed record ViciEvent
{
    private ViciEvent(ViciEventKind kind) => Kind = kind;

    /// <summary>What this tells.</summary>
    public ViciEventKind Kind { get; }

    /// <summary>The name of the event, see <see cref="ViciEventNames"/>; empty for marks.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The message of the event; empty for marks.</summary>
    public ViciSection Message { get; private init; } = [];

    /// <summary>How many events were dropped, for <see cref="ViciEventKind.Lost"/>.</summary>
    public long LostCount { get; private init; }

    /// <summary>Why the connection is gone, for <see cref="ViciEventKind.Disconnected"/>.</summary>
    public ViciException? Failure { get; private init; }

    /// <summary>The event as text, for people. Values of secret keys are not shown.</summary>
    public override string ToString() => Kind switch
    {
        ViciEventKind.Raised => $"{Name} {{{Message}}}",
        ViciEventKind.Lost => $"Lost ({LostCount})",
        ViciEventKind.Disconnected => $"Disconnected ({Failure?.Message})",
        _ => Kind.ToString(),
    };

    internal static ViciEvent Raised(string name, ViciSection message) => new(ViciEventKind.Raised) { Name = name, Message = message };

    internal static ViciEvent Subscribed() => new(ViciEventKind.Subscribed);

    internal static ViciEvent Lost(long count) => new(ViciEventKind.Lost) { LostCount = count };

    internal static ViciEvent Disconnected(ViciException failure) => new(ViciEventKind.Disconnected) { Failure = failure };
}

/// <summary>The names of the daemon's events (strongSwan 5.9.8, vici README, "Server-issued events").</summary>
public static class ViciEventNames
{
    /// <summary>Every line that the daemon logs.</summary>
    public const string Log = "log";

    /// <summary>What the daemon logs about a running <c>initiate</c> or <c>terminate</c> of the same connection.</summary>
    public const string ControlLog = "control-log";

    /// <summary>An IKE SA came up or went down.</summary>
    public const string IkeUpDown = "ike-updown";

    /// <summary>An IKE SA was rekeyed.</summary>
    public const string IkeRekey = "ike-rekey";

    /// <summary>An address of an IKE SA is about to change.</summary>
    public const string IkeUpdate = "ike-update";

    /// <summary>A CHILD SA came up or went down.</summary>
    public const string ChildUpDown = "child-updown";

    /// <summary>A CHILD SA was rekeyed.</summary>
    public const string ChildRekey = "child-rekey";

    /// <summary>The items of <c>list-sas</c>.</summary>
    public const string ListSa = "list-sa";

    /// <summary>The items of <c>list-policies</c>.</summary>
    public const string ListPolicy = "list-policy";

    /// <summary>The items of <c>list-conns</c>.</summary>
    public const string ListConnection = "list-conn";

    /// <summary>The items of <c>list-certs</c>.</summary>
    public const string ListCertificate = "list-cert";

    /// <summary>The items of <c>list-authorities</c>.</summary>
    public const string ListAuthority = "list-authority";
}
