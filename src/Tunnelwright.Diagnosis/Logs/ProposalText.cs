namespace Tunnelwright.Diagnosis;

/// <summary>What differs between proposals as strongSwan prints them: ESP:AES_CBC_256/HMAC_SHA1_96/MODP_2048/NO_EXT_SEQ, several separated by commas.</summary>
internal static class ProposalText
{
    /// <summary>What keeps two lists of proposals apart.</summary>
    public enum Difference
    {
        /// <summary>Cannot be told.</summary>
        Unknown,

        /// <summary>No pair has the same encryption and integrity.</summary>
        Algorithms,

        /// <summary>A pair has the same encryption and integrity, and only the groups differ.</summary>
        Group,
    }

    public static Difference Compare(string? received, string? configured)
    {
        if (received is null || configured is null) return Difference.Unknown;
        var theirs = Parse(received);
        var ours = Parse(configured);
        if (theirs.Count == 0 || ours.Count == 0) return Difference.Unknown;
        foreach (var their in theirs)
        {
            foreach (var our in ours)
            {
                if (Meets(their.Encryption, our.Encryption) && Meets(their.Integrity, our.Integrity)) return Meets(their.Groups, our.Groups) ? Difference.Unknown : Difference.Group;
            }
        }

        return Difference.Algorithms;
    }

    private static bool Meets(HashSet<string> one, HashSet<string> other) => (one.Count == 0 && other.Count == 0) || one.Overlaps(other);

    private static List<Parts> Parse(string text)
    {
        var all = new List<Parts>();
        foreach (var proposal in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(64))
        {
            var colon = proposal.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var parts = new Parts();
            foreach (var word in proposal[(colon + 1)..].Split('/').Take(64))
            {
                if (word.EndsWith("EXT_SEQ", StringComparison.Ordinal)) continue;
                var into = word.StartsWith("HMAC_", StringComparison.Ordinal) || word.StartsWith("AES_XCBC", StringComparison.Ordinal) || word.StartsWith("AES_CMAC", StringComparison.Ordinal) || word.StartsWith("AUTH_", StringComparison.Ordinal) ? parts.Integrity
                    : IsGroup(word) ? parts.Groups
                    : word.StartsWith("PRF_", StringComparison.Ordinal) ? parts.Functions : parts.Encryption;
                into.Add(word.Trim());
            }

            all.Add(parts);
        }

        return all;
    }

    /// <summary>Whether a word names a key exchange (strongSwan's key_exchange_method_names and its additional ones, KE1_… to KE7_…).</summary>
    private static bool IsGroup(string word) => Array.Exists(GroupNames, name => word.StartsWith(name, StringComparison.Ordinal));

    private static readonly string[] GroupNames = ["MODP", "ECP", "CURVE", "KE", "ML_KEM", "NEWHOPE", "NTRU", "FRODO", "KYBER", "BIKE", "HQC"];

    private sealed class Parts
    {
        public HashSet<string> Encryption { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Integrity { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Groups { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Functions { get; } = new(StringComparer.Ordinal);
    }
}
