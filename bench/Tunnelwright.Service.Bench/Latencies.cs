using System.Collections.Concurrent;

namespace Tunnelwright.Service;

/// <summary>Durations, and what share of them is below which.</summary>
internal sealed class Latencies
{
    private readonly ConcurrentBag<double> _milliseconds = [];

    public void Add(TimeSpan time) => _milliseconds.Add(time.TotalMilliseconds);

    /// <summary>The smallest duration that a share of all does not exceed, in milliseconds.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
