using System.Globalization;
using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis;

/// <summary>Proposals of a configuration file, such as aes256-sha256-modp2048,aes128gcm16-ecp256 (strongSwan) or aes256-sha2_256;dh14 (Libreswan).</summary>
internal sealed class ProposalList
{
    private readonly List<(HashSet<EncryptionAlgorithm> Encryption, HashSet<IntegrityAlgorithm> Integrity, HashSet<int> Groups)> _proposals = [];

    /// <summary>Words that no algorithm has.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Whether what is there leaves open what else the device offers.</summary>
    public bool HasDefaults { get; private set; }

    public static ProposalList Parse(string text)
    {
        var list = new ProposalList();
        foreach (var proposal in text.TrimEnd('!').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(64))
        {
            if (proposal is "default" or "%default")
            {
                list.HasDefaults = true;
                continue;
            }

            var parts = (Encryption: new HashSet<EncryptionAlgorithm>(), Integrity: new HashSet<IntegrityAlgorithm>(), Groups: new HashSet<int>());
            foreach (var word in proposal.TrimEnd('!').Split('-', ';', '+').Take(64)) list.Word(word.Trim().ToLowerInvariant(), parts);
            list._proposals.Add(parts);
        }

        return list;
    }

    /// <summary>Whether a proposal offers this encryption with this integrity.</summary>
    public bool Offers(EncryptionAlgorithm encryption, IntegrityAlgorithm? integrity) =>
        HasDefaults || _proposals.Count == 0 || _proposals.Exists(proposal => proposal.Encryption.Contains(encryption) && (integrity is null || proposal.Integrity.Count == 0 || proposal.Integrity.Contains(integrity.Value)));

    /// <summary>Whether some proposal names this group.</summary>
    public bool HasGroup(DhGroup group) => HasDefaults || _proposals.Exists(proposal => proposal.Groups.Contains(group.Number));

    /// <summary>Whether any proposal names a group.</summary>
    public bool NamesGroups => _proposals.Exists(proposal => proposal.Groups.Count > 0);

    private void Word(string word, (HashSet<EncryptionAlgorithm> Encryption, HashSet<IntegrityAlgorithm> Integrity, HashSet<int> Groups) into)
    {
        if (word.Length == 0 || word is "esn" or "noesn" or "null" or "none" || word.StartsWith("prf", StringComparison.Ordinal) || word.StartsWith("ke1", StringComparison.Ordinal) || word.StartsWith("ke2", StringComparison.Ordinal)) return;
        if (DhGroup.TryParse(word, out var group) && !int.TryParse(word, NumberStyles.None, null, out _)) into.Groups.Add(group.Number);
        else if (word.Replace('_', '-') is var spelled && Algorithms.TryParse(spelled, out EncryptionAlgorithm encryption)) into.Encryption.Add(encryption);
        else if (Algorithms.TryParse(spelled, out IntegrityAlgorithm integrity)) into.Integrity.Add(integrity);
        else if (!IsOther(word)) Unknown.Add(word);
    }

    /// <summary>Algorithms that the daemons know and the provider does not use.</summary>
    private static bool IsOther(string word)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["camellia", "chacha20", "blowfish", "cast", "serpent", "twofish", "des", "3des", "modp", "ecp", "curve", "x25519", "x448", "ntru", "frodo", "mlkem", "md5"])
        {
            if (word.StartsWith(prefix, StringComparison.Ordinal)) return true;
        }

        return HasSize(word, "aes", ["128", "192", "256", "xcbc", "cmac", "gmac", "ctr", "ccm", "gcm", "_gcm", "_ctr", "_ccm"]) || HasSize(word, "sha", ["1", "2", "256", "384", "512", "_"]) || HasSize(word, "dh", ["1", "2", "3", "5"]);
    }

    private static bool HasSize(string word, string family, ReadOnlySpan<string> sizes)
    {
        if (!word.StartsWith(family, StringComparison.Ordinal)) return false;
        foreach (var size in sizes)
        {
            if (word.AsSpan(family.Length).StartsWith(size, StringComparison.Ordinal) && (size.Length < 3 || !char.IsAsciiDigit(word.ElementAtOrDefault(family.Length + size.Length)))) return true;
        }

        return word.Length == family.Length;
    }
}
