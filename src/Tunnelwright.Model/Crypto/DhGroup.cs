using System.Globalization;

namespace Tunnelwright.Model;

/// <summary>A Diffie-Hellman group by its IANA number (RFC 2409, RFC 3526, RFC 5114, RFC 5903, RFC 7296 section 3.3.2).</summary>
/// <param name="Number">The IANA number, such as 14 for the 2048-bit MODP group.</param>
public readonly record struct DhGroup(int Number)
{
    private static readonly Dictionary<int, string> Keywords = new()
    {
        [1] = "modp768",
        [2] = "modp1024",
        [5] = "modp1536",
        [14] = "modp2048",
        [15] = "modp3072",
        [16] = "modp4096",
        [17] = "modp6144",
        [18] = "modp8192",
        [19] = "ecp256",
        [20] = "ecp384",
        [21] = "ecp521",
        [22] = "modp1024s160",
        [23] = "modp2048s224",
        [24] = "modp2048s256",
        [25] = "ecp192",
        [26] = "ecp224",
        [31] = "curve25519",
    };

    /// <summary>The keyword of strongSwan's proposals (swanctl.conf(5)), such as modp2048; null for a number without one.</summary>
    public string? Keyword => Keywords.GetValueOrDefault(Number);

    /// <summary>Reads "Group 2", "group2", "Diffie-Hellman Group 14", "14" or a keyword such as modp2048 or ecp256.</summary>
    /// <param name="text">The text; case does not count.</param>
    /// <param name="group">The group when the text names one.</param>
    /// <returns>Whether the text names a group that is known here.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DhGroup group)
    {
        group = default;
        text = text.Trim();
        foreach (var (number, keyword) in Keywords)
        {
            if (text.Equals(keyword, StringComparison.OrdinalIgnoreCase))
            {
                group = new DhGroup(number);
                return true;
            }
        }

        if (text.StartsWith("diffie-hellman", StringComparison.OrdinalIgnoreCase)) text = text["diffie-hellman".Length..].TrimStart();
        if (text.StartsWith("group", StringComparison.OrdinalIgnoreCase)) text = text["group".Length..].TrimStart(" -_");
        else if (text.StartsWith("dh", StringComparison.OrdinalIgnoreCase)) text = text["dh".Length..].TrimStart(" -_");
        if (text.Length > 2 || !int.TryParse(text, NumberStyles.None, null, out var value) || !Keywords.ContainsKey(value)) return false;
        group = new DhGroup(value);
        return true;
    }

    /// <summary>"group 14".</summary>
    public override string ToString() => $"group {Number}";
}
