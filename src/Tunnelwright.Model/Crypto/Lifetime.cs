using System.Globalization;

namespace Tunnelwright.Model;

/// <summary>How long an SA may live.</summary>
/// <param name="Seconds">Seconds, above 0.</param>
public readonly record struct Lifetime(int Seconds)
{
    /// <summary>The lifetime as a time span.</summary>
    public TimeSpan Span => TimeSpan.FromSeconds(Seconds);

    /// <summary>Reads "28800 seconds", "28800", "28800s", "480m", "8h", "1d" (the units of ipsec.conf(5)).</summary>
    /// <param name="text">The text; case does not count.</param>
    /// <param name="lifetime">The lifetime when the text is one.</param>
    /// <returns>Whether the text is a lifetime from 1 second to about 68 years.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Lifetime lifetime)
    {
        lifetime = default;
        text = text.Trim();
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        if (digits is 0 or > 10 || !long.TryParse(text[..digits], NumberStyles.None, null, out var value)) return false;
        var unit = text[digits..].Trim();
        var factor = 0;
        foreach (var (names, seconds) in Units)
        {
            foreach (var name in names)
            {
                if (unit.Equals(name, StringComparison.OrdinalIgnoreCase)) factor = seconds;
            }
        }

        var total = value * factor;
        if (total is < 1 or > int.MaxValue) return false;
        lifetime = new Lifetime((int)total);
        return true;
    }

    /// <summary>"28800 s".</summary>
    public override string ToString() => $"{Seconds} s";

    private static readonly (string[] Names, int Seconds)[] Units =
    [
        (["", "s", "sec", "second", "seconds"], 1),
        (["m", "min", "minute", "minutes"], 60),
        (["h", "hour", "hours"], 3600),
        (["d", "day", "days"], 86400),
    ];
}
