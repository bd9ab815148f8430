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
    /// <param name="scopes">Whose each line is, where the lines do not say; null where they do.</param>
    public static DateTime Begin(ReadOnlySpan<byte> log, string name, DateTime since, LineScopes? scopes = null)
    {
        var index = -1;
        var scope = Encoding.ASCII.GetBytes($"<{name}|");
        DateTime? last = null;
        DateTime? finished = null;
        foreach (var range in log.Split((byte)'\n'))
        {
            var line = log[range];
            index++;
            if (line.IndexOf(scope) < 0 && scopes?[index] != name) continue;
            if (line.IndexOf("initiating "u8) >= 0 && line.IndexOf("IKE_SA "u8) >= 0)
            {
                if (Complete(Timestamps.Read(line), DateTime.Now) is { } at && at >= since) last = at;
            }
            else if (last is not null && IsOutcome(line))
            {
                finished = last;
            }
        }

        return finished ?? last ?? since;
    }

    /// <summary>A log's time with what it leaves out: syslog writes no year, some logs no date. <see cref="Timestamps"/> puts those into the year 2000.</summary>
    public static DateTime? Complete(DateTime? time, DateTime now)
    {
        if (time is not { Year: 2000 } partial) return time;
        var margin = now.AddHours(1);
        if (partial.Date == new DateTime(2000, 1, 1))
        {
            var today = now.Date + partial.TimeOfDay;
            return today > margin ? today.AddDays(-1) : today;
        }

        var year = new DateTime(partial.Year, partial.Month, 1).AddYears(now.Year - partial.Year) + (partial - new DateTime(partial.Year, partial.Month, 1));
        return year > margin ? year.AddYears(-1) : year;
    }

    /// <summary>Whether a log speaks of a tunnel.</summary>
    public static bool Names(ReadOnlySpan<byte> log, string name) => log.IndexOf(Encoding.ASCII.GetBytes($"<{name}|")) >= 0;

    /// <summary>Where the first line stands that is not older than the oldest of some moments; 0 when none is given, or when the lines have no times.</summary>
    public static int Offset(ReadOnlySpan<byte> log, IReadOnlyCollection<DateTime> moments)
    {
        if (moments.Count == 0) return 0;
        var oldest = moments.Min();
        var hasTimes = false;
        var at = 0;
        while (at < log.Length)
        {
            var rest = log[at..];
            if (Complete(Timestamps.Read(rest[..Math.Min(rest.Length, 64)]), DateTime.Now) is { } time)
            {
                if (time >= oldest) return at;
                hasTimes = true;
            }

            var next = rest.IndexOf((byte)'\n');
            if (next < 0) break;
            at += next + 1;
        }

        return hasTimes ? log.Length : 0;
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
