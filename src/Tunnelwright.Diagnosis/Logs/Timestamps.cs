using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>Reads the time at the start of a log line, in any of the shapes that daemons and syslog write. Only differences between times are used.</summary>
internal static class Timestamps
{
    private const int Searched = 160;

    /// <summary>The line's time; null when it has none. A time without a year is put into a leap year.</summary>
    public static DateTime? Read(ReadOnlySpan<byte> line)
    {
        if (LineText.NumberAfter(line, "event_timestamp\":"u8) is { } epoch) return FromEpoch(epoch);
        if (LineText.NumberAfter(line, "event_timestamp\": "u8) is { } spaced) return FromEpoch(spaced);
        if (LineText.NumberAfter(line, "event_timestamp\\\":"u8) is { } quoted) return FromEpoch(quoted);
        if (LineText.NumberAfter(line, "__REALTIME_TIMESTAMP\" : \""u8) is { } journal) return FromEpoch(journal / 1_000_000);
        if (LineText.NumberAfter(line, "__REALTIME_TIMESTAMP\":\""u8) is { } compact) return FromEpoch(compact / 1_000_000);
        var head = line[..Math.Min(line.Length, Searched)];
        for (var i = 0; i + 8 <= head.Length; i++)
        {
            if (head[i + 2] != ':' || head[i + 5] != ':' || !IsTwoDigits(head, i) || !IsTwoDigits(head, i + 3) || !IsTwoDigits(head, i + 6)) continue;
            var time = new TimeSpan(Two(head, i) % 24, Two(head, i + 3) % 60, Two(head, i + 6) % 60);
            return (DateBefore(head[..i]) ?? new DateTime(2000, 1, 1)) + time;
        }

        return null;
    }

    private static DateTime? FromEpoch(long seconds) => seconds switch
    {
        > 100_000_000_000 and < 100_000_000_000_000 => DateTime.UnixEpoch.AddMilliseconds(seconds),
        > 0 and < 100_000_000_000 => DateTime.UnixEpoch.AddSeconds(seconds),
        _ => null,
    };

    private static DateTime? DateBefore(ReadOnlySpan<byte> text)
    {
        // 2024-01-02 or 2024/01/02, however it is tied to the time.
        for (var i = 0; i + 10 <= text.Length; i++)
        {
            if (text[i + 4] is not ((byte)'-' or (byte)'/') || text[i + 7] != text[i + 4] || !IsTwoDigits(text, i) || !IsTwoDigits(text, i + 2) || !IsTwoDigits(text, i + 5) || !IsTwoDigits(text, i + 8)) continue;
            return Make((Two(text, i) * 100) + Two(text, i + 2), Two(text, i + 5), Two(text, i + 8));
        }

        // Jan  2, Jan 2 2024.
        for (var i = 0; i + 5 <= text.Length; i++)
        {
            var month = Month(text[i..]);
            if (month == 0 || (i > 0 && char.IsAsciiLetter((char)text[i - 1]))) continue;
            var rest = text[(i + 3)..].TrimStart((byte)' ');
            if (LineText.Number(rest) is { } day and >= 1 and <= 31) return Make(2000, month, (int)day);
        }

        return null;
    }

    private static int Month(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> names = "JanFebMarAprMayJunJulAugSepOctNovDec"u8;
        for (var month = 0; month < 12; month++)
        {
            if (Ascii.EqualsIgnoreCase(text[..3], names.Slice(month * 3, 3))) return month + 1;
        }

        return 0;
    }

    private static DateTime? Make(int year, int month, int day) =>
        year is >= 1970 and < 2200 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateTime(year, month, day) : null;

    private static bool IsTwoDigits(ReadOnlySpan<byte> text, int at) => char.IsAsciiDigit((char)text[at]) && char.IsAsciiDigit((char)text[at + 1]);

    private static int Two(ReadOnlySpan<byte> text, int at) => ((text[at] - '0') * 10) + (text[at + 1] - '0');
}
