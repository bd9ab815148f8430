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
}
