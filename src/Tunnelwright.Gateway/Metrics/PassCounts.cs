namespace Tunnelwright.Gateway;

/// <summary>How often the engine looked, and how often that failed.</summary>
internal sealed class PassCounts
{
    private long _passes;
    private long _failures;

    public long Passes => Volatile.Read(ref _passes);

    public long Failures => Volatile.Read(ref _failures);

    public void Passed() => Interlocked.Increment(ref _passes);

    public void Failed() => Interlocked.Increment(ref _failures);
}
