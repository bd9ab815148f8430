namespace Tunnelwright.Dns.Serving;

/// <summary>What a thread has done. Written by that thread alone; others may read a value that is a moment old.</summary>
internal sealed class WorkerCounters
{
    public long Queries;
    public long Hits;
    public long Misses;
    public long StaleAnswers;
    public long Denied;
    public long Limited;
    public long Malformed;
    public long Truncated;
    public long Failures;
    public long Prefetches;
    public long Joined;
    public long Retries;
    public long Loops;
    public long Forged;
    public long TcpQueries;
    public long TcpRetries;
    public long Faults;
    private long[] _hits = new long[16];

    /// <summary>Counts an answer out of the cache.</summary>
    /// <param name="rule">The number of its rule.</param>
    public void Hit(int rule)
    {
        Hits++;
        if (rule >= _hits.Length) Array.Resize(ref _hits, Math.Max(2 * _hits.Length, rule + 1));
        _hits[rule]++;
    }

    /// <summary>Answers out of the cache by a rule.</summary>
    public long HitsOf(int rule) => Volatile.Read(ref _hits) is var hits && rule < hits.Length ? Volatile.Read(ref hits[rule]) : 0;
}
