using Tunnelwright.Vici.Transport;

namespace Tunnelwright.Vici;

/// <summary>What to bring up with <c>initiate</c>. At least one of the names is given.</summary>
public sealed record InitiateRequest
{
    /// <summary>The CHILD SA's configuration; null brings up the IKE SA alone.</summary>
    public string? Child { get; init; }

    /// <summary>The connection; null takes the first that has the child.</summary>
    public string? Ike { get; init; }

    /// <summary>
    /// How long the daemon shall wait for success, to the millisecond; null waits until the attempt has ended, and zero does not wait at
    /// all. The attempt itself goes on when the time is up.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether the daemon's limits for incoming connections may prevent this one too.</summary>
    public bool ObeyLimits { get; init; }

    /// <summary>The level up to which log lines are told, -1 to 4, by default 1.</summary>
    public int LogLevel { get; init; } = 1;

    internal ViciSection ToSection()
    {
        var section = new ViciSection();
        section.AddOptional("child", Child);
        section.AddOptional("ike", Ike);
        section.AddOptional("timeout", ViciTimeout.ToMilliseconds(Timeout));
        if (ObeyLimits)
            section.Add("init-limits", value: true);
        section.Add("loglevel", LogLevel);
        return section;
    }
}

/// <summary>Which SAs a command is about. At least one member is given; an SA has to match all that are given.</summary>
public record SaSelector
{
    /// <summary>The name of the CHILD SA's configuration.</summary>
    public string? Child { get; init; }

    /// <summary>The name of the connection.</summary>
    public string? Ike { get; init; }

    /// <summary>The daemon's number of the CHILD SA.</summary>
    public uint? ChildId { get; init; }

    /// <summary>The daemon's number of the IKE SA.</summary>
    public uint? IkeId { get; init; }

    internal ViciSection ToSelectorSection()
    {
        var section = new ViciSection();
        section.AddOptional("child", Child);
        section.AddOptional("ike", Ike);
        section.AddOptional("child-id", ChildId);
        section.AddOptional("ike-id", IkeId);
        return section;
    }
}

/// <summary>What to take down with <c>terminate</c>. With a child named, CHILD SAs; else IKE SAs.</summary>
public sealed record TerminateRequest : SaSelector
{
    /// <summary>Whether to drop an IKE SA without waiting for the peer's word, or only until the time limit when there is one.</summary>
    public bool Force { get; init; }

    /// <summary>How long the daemon shall wait; null waits for the end, and zero does not wait at all.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The level up to which log lines are told, -1 to 4, by default 1.</summary>
    public int LogLevel { get; init; } = 1;

    internal ViciSection ToSection()
    {
        var section = ToSelectorSection();
        if (Force)
            section.Add("force", value: true);
        section.AddOptional("timeout", ViciTimeout.ToMilliseconds(Timeout));
        section.Add("loglevel", LogLevel);
        return section;
    }
}

/// <summary>What <c>terminate</c> did.</summary>
/// <param name="Matches">How many SAs matched.</param>
/// <param name="Terminated">How many of them are down.</param>
public sealed record TerminateResult(int Matches, int Terminated);

/// <summary>Which IKE SAs to send elsewhere with <c>redirect</c> (RFC 5685, IKEv2 only). At least one selector is given.</summary>
public sealed record RedirectRequest
{
    /// <summary>The gateway to go to: an address or a name.</summary>
    public required string Gateway { get; init; }

    /// <summary>The name of the connection.</summary>
    public string? Ike { get; init; }

    /// <summary>The daemon's number of the IKE SA.</summary>
    public uint? IkeId { get; init; }

    /// <summary>The peer's address: one, a range or a network in CIDR notation.</summary>
    public string? PeerAddress { get; init; }

    /// <summary>The peer's identity, which may hold wildcards.</summary>
    public string? PeerId { get; init; }

    internal ViciSection ToSection()
    {
        var section = new ViciSection { { "gateway", Gateway } };
        section.AddOptional("ike", Ike);
        section.AddOptional("ike-id", IkeId);
        section.AddOptional("peer-ip", PeerAddress);
        section.AddOptional("peer-id", PeerId);
        return section;
    }
}

/// <summary>Which SAs <c>list-sas</c> shall tell; all members empty for all.</summary>
public sealed record SaFilter
{
    /// <summary>The name of the connection.</summary>
    public string? Ike { get; init; }

    /// <summary>The daemon's number of the IKE SA.</summary>
    public uint? IkeId { get; init; }

    /// <summary>Tells only CHILD SAs of this configuration; IKE SAs without are told all the same.</summary>
    public string? Child { get; init; }

    /// <summary>Tells only the CHILD SA of this number; IKE SAs without are told all the same.</summary>
    public uint? ChildId { get; init; }

    /// <summary>Passes over IKE SAs that a worker of the daemon is busy with, instead of waiting for it.</summary>
    public bool NoBlock { get; init; }

    internal ViciSection ToSection()
    {
        var section = new ViciSection();
        section.AddOptional("ike", Ike);
        section.AddOptional("ike-id", IkeId);
        section.AddOptional("child", Child);
        section.AddOptional("child-id", ChildId);
        if (NoBlock)
            section.Add("noblock", value: true);
        return section;
    }
}

/// <summary>Which policies <c>list-policies</c> shall tell.</summary>
public sealed record PolicyFilter
{
    /// <summary>Whether to tell traps, by default yes.</summary>
    public bool Traps { get; init; } = true;

    /// <summary>Whether to tell bypass policies, by default yes.</summary>
    public bool Bypasses { get; init; } = true;

    /// <summary>Whether to tell drop policies, by default yes.</summary>
    public bool Drops { get; init; } = true;

    /// <summary>The name of the CHILD SA's configuration.</summary>
    public string? Child { get; init; }

    /// <summary>The name of the connection.</summary>
    public string? Ike { get; init; }

    internal ViciSection ToSection()
    {
        var section = new ViciSection();
        section.AddOptional("trap", Traps ? "yes" : null);
        section.AddOptional("pass", Bypasses ? "yes" : null);
        section.AddOptional("drop", Drops ? "yes" : null);
        section.AddOptional("child", Child);
        section.AddOptional("ike", Ike);
        return section;
    }
}
