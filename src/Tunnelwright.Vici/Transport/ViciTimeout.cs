namespace Tunnelwright.Vici.Transport;

/// <summary>Time limits as the daemon takes them: milliseconds, 0 for none, -1 for no waiting.</summary>
internal static class ViciTimeout
{
    public static long? ToMilliseconds(TimeSpan? limit)
    {
        if (limit is not { } value)
            return null;
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(limit));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMilliseconds(int.MaxValue), nameof(limit));
        return value == TimeSpan.Zero ? -1 : Math.Max(1, (long)value.TotalMilliseconds);
    }
}
