using System.Text;
using Tunnelwright.Diagnosis;

namespace Tunnelwright.Doctor;

/// <summary>
/// Of a tunnel that is tried again and again only the last attempt counts that came to something: an earlier one may have failed for a reason that is gone, such as
/// while the other end was being set up.
/// </summary>
internal static class LastAttempt
{
    private static readonly byte[][] Outcomes = [.. new[] { "received ", "retransmit", "giving up", "failed", "unable", "no shared key", "established", "parsed IKE_AUTH", "parsed QUICK", "parsed INFORMATIONAL" }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>When that attempt began; the given time when the log shows none after it.</summary>
    /// <param name="log">A charon log's end.</param>
    /// <param name="name">The tunnel's name in charon.</param>
    /// <param name="since">What is older does not count.</param>
    public static DateTime Begin(ReadOnlySpan<byte> log, string name, DateTime since)
    {
        var scope = Encoding.ASCII.GetBytes($"<{name}|");
        DateTime? last = null;
        DateTime? finished = null;
        foreach (var range in log.Split((byte)'\n'))
        {
            var line = log[range];
            if (line.IndexOf(scope) < 0) continue;
            if (line.IndexOf("initiating "u8) >= 0 && line.IndexOf("IKE_SA "u8) >= 0)
            {
                if (Timestamps.Read(line) is { } at && at >= since) last = at;
            }
            else if (last is not null && IsOutcome(line))
            {
                finished = last;
            }
        }

        return finished ?? last ?? since;
    }

    /// <summary>Whether a log speaks of a tunnel.</summary>
    public static bool Names(ReadOnlySpan<byte> log, string name) => log.IndexOf(Encoding.ASCII.GetBytes($"<{name}|")) >= 0;

    /// <summary>Where the first line stands that is not older than the oldest of some moments; 0 when none is given.</summary>
    public static int Offset(ReadOnlySpan<byte> log, IReadOnlyCollection<DateTime> moments)
    {
        if (moments.Count == 0) return 0;
        var oldest = moments.Min();
        var at = 0;
        while (at < log.Length)
        {
            var rest = log[at..];
            if (Timestamps.Read(rest[..Math.Min(rest.Length, 64)]) is { } time && time >= oldest) return at;
            var next = rest.IndexOf((byte)'\n');
            if (next < 0) return log.Length;
            at += next + 1;
        }

        return log.Length;
    }

    private static bool IsOutcome(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("received packet"u8) >= 0) return false;
        foreach (var words in Outcomes)
        {
            if (line.IndexOf(words) >= 0) return true;
        }

        return false;
    }
}
