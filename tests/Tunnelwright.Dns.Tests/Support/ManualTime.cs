namespace Tunnelwright.Dns.Tests.Support;

/// <summary>The real clock, moved forward by a test.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow();

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, (long)(time.TotalSeconds * TimestampFrequency));
}
