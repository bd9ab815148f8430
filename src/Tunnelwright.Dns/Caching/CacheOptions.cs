namespace Tunnelwright.Dns.Caching;

/// <summary>How long answers are kept, and in how much memory.</summary>
public sealed record CacheOptions
{
    /// <summary>Memory for answers in megabytes, 4 to 65,536; an index of a quarter of it comes on top. Taken from the system as it fills.</summary>
    public int Megabytes { get; init; } = 64;

    /// <summary>The shortest time an answer is kept, in seconds; 0 keeps what the records say.</summary>
    public uint MinimumTtlSeconds { get; init; }

    /// <summary>The longest time an answer is kept, in seconds.</summary>
    public uint MaximumTtlSeconds { get; init; } = 86_400;

    /// <summary>The longest time a name's absence is kept, in seconds (RFC 2308, section 5).</summary>
    public uint NegativeTtlSeconds { get; init; } = 900;

    /// <summary>How long after its end an answer may still be given when no server answers, in seconds (RFC 8767); 0 never.</summary>
    public uint StaleSeconds { get; init; } = 86_400;

    /// <summary>The TTL of records of an expired answer, in seconds (RFC 8767 recommends 30; less makes clients see the recovery sooner).</summary>
    public uint StaleTtlSeconds { get; init; } = 5;

    /// <summary>How long a client waits for a slow server before it is given an expired answer, in milliseconds.</summary>
    public int StaleAfterMilliseconds { get; init; } = 500;

    /// <summary>Ask again for a name that is in use before its answer expires, in the last tenth of its time.</summary>
    public bool Prefetch { get; init; } = true;

    /// <summary>A name that does not exist has nothing below it either (RFC 8020). Off, because some servers deny names that only have others below them.</summary>
    public bool NonExistentCut { get; init; }
}
