namespace Tunnelwright.Vici;

/// <summary>Settings of a <see cref="ViciClient"/>.</summary>
public sealed record ViciClientOptions
{
    /// <summary>How many connections quick requests may use at once; 1 to 64, by default 4. Further requests wait their turn.</summary>
    public int MaximumConnections { get; init; } = 4;

    /// <summary>
    /// How many blocking requests (<c>initiate</c>, <c>terminate</c>) may run at once, each on a connection of its own beside those
    /// for quick requests; 1 to 64, by default 4. Each occupies a worker thread of the daemon until it ends; the daemon has 16 by
    /// default, about nine of them free, and without a free one IKE itself stands still. To bring up many tunnels at once do not wait
    /// (<see cref="InitiateRequest.Timeout"/> zero) and follow the events.
    /// </summary>
    public int MaximumBlockingRequests { get; init; } = 4;

    /// <summary>How long connecting may take, by default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the daemon may be silent while an answer is due, by default 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// It does not apply to <c>initiate</c> and <c>terminate</c> that were asked to wait without limit.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock for the limits above.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What is wrong with these settings, or null.</summary>
    internal string? Problem() => this switch
    {
        { MaximumConnections: < 1 or > 64 } => "MaximumConnections is 1 to 64.",
        { MaximumBlockingRequests: < 1 or > 64 } => "MaximumBlockingRequests is 1 to 64.",
        _ when ConnectTimeout <= TimeSpan.Zero => "ConnectTimeout is positive.",
        _ when RequestTimeout <= TimeSpan.Zero && RequestTimeout != Timeout.InfiniteTimeSpan => "RequestTimeout is positive or infinite.",
        _ => null,
    };
}
