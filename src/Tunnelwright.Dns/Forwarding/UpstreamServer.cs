using System.Net;
using System.Security.Cryptography;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>
/// A server that is asked, as all threads know it: how fast it answers (RFC 6298's smoothed round trip), whether it answers at all, and what it was
/// asked. Down: three timeouts in a row over 0.3 s, or nobody listens there; any answer brings it up.
/// </summary>
internal sealed class UpstreamServer(IPEndPoint endPoint, IPAddress? source, int index)
{
    private const int TimeoutsUntilDown = 3;

    /// <summary>Microseconds from the first timeout of a row: many questions at once that are late are one event.</summary>
    private const long SilenceUntilDown = 300_000;
    private const long InitialTimeoutMicroseconds = 400_000;
    private const long MinimumTimeoutMicroseconds = 50_000;
    private const long MaximumTimeoutMicroseconds = 1_500_000;
    private const int MismatchesUntilPlainCase = 3;
    private const int MissesUntilNoCookies = 3;
    private long _smoothed;
    private long _variation;
    private int _timeoutsInRow;
    private long _firstTimeout;
    private int _isDown;
    private int _way;
    private int _caseMismatches;
    private int _cookieMisses;
    private byte[] _cookie = RandomNumberGenerator.GetBytes(Edns.ClientCookieSize);
    private long _queries;
    private long _answers;
    private long _timeouts;
    private long _failures;

    public IPEndPoint EndPoint { get; } = endPoint;

    /// <summary>The address it is asked from; null lets the route decide.</summary>
    public IPAddress? Source { get; } = source;

    /// <summary>Changes whenever the way to it may be another one: sockets of before belong to the old way.</summary>
    public int Way => Volatile.Read(ref _way);

    /// <summary>The cookie to show it: our half, and its own once it has given one (RFC 7873).</summary>
    public ReadOnlySpan<byte> Cookie => Volatile.Read(ref _cookie);

    /// <summary>Our half.</summary>
    public ReadOnlySpan<byte> ClientCookie => Cookie[..Edns.ClientCookieSize];

    /// <summary>Whether it has given cookies, so that an answer without one looks forged.</summary>
    public bool GivesCookies => Cookie.Length > Edns.ClientCookieSize && Volatile.Read(ref _cookieMisses) < MissesUntilNoCookies;

    /// <summary>Its number among the forwarder's servers.</summary>
    public int Index { get; } = index;

    public bool IsDown => Volatile.Read(ref _isDown) != 0;

    /// <summary>Microseconds; 0 before the first answer.</summary>
    public long SmoothedRoundTrip => Volatile.Read(ref _smoothed);

    public long Queries => Volatile.Read(ref _queries);

    public long Answers => Volatile.Read(ref _answers);

    public long Timeouts => Volatile.Read(ref _timeouts);

    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Whether it gives back the case of the letters as it was asked (0x20).</summary>
    public bool KeepsCase => Volatile.Read(ref _caseMismatches) < MismatchesUntilPlainCase;

    /// <summary>How long its answer is waited for, in milliseconds.</summary>
    /// <param name="attempt">0 for the first; doubles with each.</param>
    public int Timeout(int attempt)
    {
        var smoothed = SmoothedRoundTrip;
        var timeout = smoothed == 0 ? InitialTimeoutMicroseconds : Math.Max(smoothed + Math.Max(4 * Volatile.Read(ref _variation), 20_000), MinimumTimeoutMicroseconds);
        return (int)(Math.Min(timeout << Math.Min(attempt, 4), MaximumTimeoutMicroseconds) / 1000);
    }

    public void Asked() => Interlocked.Increment(ref _queries);

    /// <param name="roundTripMicroseconds">Negative when it is not known of which question.</param>
    /// <returns>Whether it was down before.</returns>
    public bool Answered(long roundTripMicroseconds)
    {
        Interlocked.Increment(ref _answers);
        if (roundTripMicroseconds >= 0) Measure(Math.Max(roundTripMicroseconds, 1));
        if (Volatile.Read(ref _timeoutsInRow) != 0) Volatile.Write(ref _timeoutsInRow, 0);
        return Volatile.Read(ref _isDown) != 0 && Interlocked.Exchange(ref _isDown, 0) != 0;
    }

    /// <param name="microseconds">The forwarder's clock.</param>
    /// <returns>Whether it counts as down from now on and did not before.</returns>
    public bool TimedOut(long microseconds)
    {
        Interlocked.Increment(ref _timeouts);
        var row = Interlocked.Increment(ref _timeoutsInRow);
        if (row == 1) Volatile.Write(ref _firstTimeout, microseconds);
        return row >= TimeoutsUntilDown && microseconds - Volatile.Read(ref _firstTimeout) >= SilenceUntilDown && Interlocked.Exchange(ref _isDown, 1) == 0;
    }

    /// <summary>Nobody listens there, or no route leads there.</summary>
    /// <returns>Whether it counts as down from now on and did not before.</returns>
    public bool Unreachable()
    {
        Interlocked.Increment(ref _failures);
        return Interlocked.Exchange(ref _isDown, 1) == 0;
    }

    /// <summary>The next question takes a socket of its own, by the routes that there are then.</summary>
    public void RenewWay() => Interlocked.Increment(ref _way);

    public void Failed() => Interlocked.Increment(ref _failures);

    public void CaseMismatched() => Interlocked.Increment(ref _caseMismatches);

    public void TakeCookie(ReadOnlySpan<byte> cookie)
    {
        if (!cookie.SequenceEqual(Cookie)) Volatile.Write(ref _cookie, cookie.ToArray());
    }

    public void CookieMissed() => Interlocked.Increment(ref _cookieMisses);

    private void Measure(long sample)
    {
        // Threads may overwrite each other's sample: it is an estimate.
        var smoothed = SmoothedRoundTrip;
        if (smoothed == 0)
        {
            Volatile.Write(ref _variation, sample / 2);
            Volatile.Write(ref _smoothed, sample);
            return;
        }

        var variation = Volatile.Read(ref _variation);
        Volatile.Write(ref _variation, variation + (Math.Abs(smoothed - sample) - variation) / 4);
        Volatile.Write(ref _smoothed, Math.Max(smoothed + (sample - smoothed) / 8, 1));
    }
}
