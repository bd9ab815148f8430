namespace Tunnelwright.Vici;

/// <summary>Settings of a subscription.</summary>
public sealed record ViciListenOptions
{
    /// <summary>
    /// Whether to connect and subscribe again, without end, when the daemon cannot be reached or hangs up. Each loss is told as
    /// <see cref="ViciEventKind.Disconnected"/>, each success as <see cref="ViciEventKind.Subscribed"/>. When false, by default, the
    /// enumeration throws instead.
    /// </summary>
    public bool Resubscribe { get; init; }

    /// <summary>How long to wait between two attempts to connect, by default 200 ms.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How many items to keep for a slow consumer, 1 or more, by default 8,192. When more come, the oldest events are dropped, and the
    /// consumer is told with <see cref="ViciEventKind.Lost"/> before the next item: the daemon is never made to wait. Of dropped marks the
    /// latest is still told.
    /// </summary>
    public int Capacity { get; init; } = 8192;

    /// <summary>What is wrong with these settings, or null.</summary>
    internal string? Problem() => this switch
    {
        { Capacity: < 1 } => "Capacity is at least 1.",
        _ when ReconnectDelay <= TimeSpan.Zero => "ReconnectDelay is positive.",
        _ => null,
    };
}
