using System.Collections.Concurrent;

namespace Tunnelwright.Gateway;

/// <summary>
/// How often a tunnel may be initiated: at once, then after 2 s, and ever more seldom up to 15 s, with a share of chance so that gateways do not
/// march in step. A tunnel that was left alone for a minute starts anew. An attempt that is under way is never doubled.
/// </summary>
internal sealed class InitiationPace(TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (long At, TimeSpan Pause)> _last = new(StringComparer.Ordinal);

    /// <summary>Whether it may be initiated now; if so, that is noted.</summary>
    public bool MayStart(string connection) => MayStart(connection, out _);

    /// <summary>Whether it may be initiated now; if so, that is noted.</summary>
    /// <param name="connection">The tunnel's name in charon.</param>
    /// <param name="again">Whether the last attempt was within the last minute.</param>
    public bool MayStart(string connection, out bool again)
    {
        again = false;
        var first = TimeSpan.FromSeconds(2);
        if (_last.TryGetValue(connection, out var last))
        {
            var passed = time.GetElapsedTime(last.At);
            if (passed < last.Pause) return false;
            again = passed < Forgotten;
            if (again) first = TimeSpan.FromSeconds(Math.Min(last.Pause.TotalSeconds * 1.5, Longest.TotalSeconds));
        }

        _last[connection] = (time.GetTimestamp(), first * (0.8 + (0.4 * Random.Shared.NextDouble())));
        return true;
    }

    /// <summary>Other settings: the next attempt may start at once.</summary>
    public void Forget(string connection) => _last.TryRemove(connection, out _);
}
