using System.Diagnostics.CodeAnalysis;

namespace Tunnelwright.Model;

/// <summary>What protects the IKE SA: one encryption algorithm, one integrity algorithm unless the encryption authenticates too, one group (RFC 7296 section 3.3).</summary>
/// <param name="Encryption">Encryption algorithm.</param>
/// <param name="Integrity">Integrity algorithm; null exactly when <paramref name="Encryption"/> is an AEAD.</param>
/// <param name="Group">Diffie-Hellman group.</param>
/// <param name="PseudoRandomFunction">Hash of the pseudo-random function; the integrity algorithm's hash when null, SHA2-256 with an AEAD.</param>
public sealed record IkeProposal(EncryptionAlgorithm Encryption, IntegrityAlgorithm? Integrity, DhGroup Group, IntegrityAlgorithm? PseudoRandomFunction = null)
{
    /// <summary>The hash that the pseudo-random function uses.</summary>
    public IntegrityAlgorithm EffectivePseudoRandomFunction => PseudoRandomFunction ?? Integrity ?? IntegrityAlgorithm.Sha256;

    /// <summary>Reads strongSwan's notation (swanctl.conf(5), "proposals"): encryption, integrity unless the encryption authenticates too, the pseudo-random function where it is named, the group.</summary>
    /// <param name="text">One proposal, such as aes256-sha256-modp2048, aes256-sha256-prfsha384-modp2048 or aes256gcm16-prfsha384-ecp384.</param>
    /// <param name="proposal">The proposal when the text is one.</param>
    /// <returns>Whether the text is a proposal.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IkeProposal? proposal)
    {
        proposal = null;
        if (ProposalWords.Read(text) is not { Group: { } dhGroup } words) return false;
        if (!words.Encryption.IsAead())
        {
            if (words.Integrity is { } integrity) proposal = new IkeProposal(words.Encryption, integrity, dhGroup, words.PseudoRandomFunction);
        }
        else if (words.Integrity is null || words.PseudoRandomFunction is null)
        {
            // A hash beside an AEAD can only be that of the pseudo-random function.
            proposal = new IkeProposal(words.Encryption, null, dhGroup, words.PseudoRandomFunction ?? words.Integrity);
        }

        return proposal is not null;
    }

    /// <summary>The proposal in strongSwan's notation (swanctl.conf(5), "proposals"), such as aes128-sha1-modp1024 or aes256gcm16-prfsha256-modp2048.</summary>
    public override string ToString() => Integrity is { } integrity && PseudoRandomFunction is null
        ? $"{Encryption.Name()}-{integrity.Name()}-{Group.Keyword}"
        : Integrity is { } both
            ? $"{Encryption.Name()}-{both.Name()}-prf{EffectivePseudoRandomFunction.Name()}-{Group.Keyword}"
            : $"{Encryption.Name()}-prf{EffectivePseudoRandomFunction.Name()}-{Group.Keyword}";
}

/// <summary>What protects the traffic (ESP, RFC 4303): one encryption algorithm, one integrity algorithm unless the encryption authenticates too, and the PFS group.</summary>
/// <param name="Encryption">Encryption algorithm.</param>
/// <param name="Integrity">Integrity algorithm; null exactly when <paramref name="Encryption"/> is an AEAD.</param>
/// <param name="PfsGroup">Group of perfect forward secrecy; null without it.</param>
public sealed record EspProposal(EncryptionAlgorithm Encryption, IntegrityAlgorithm? Integrity, DhGroup? PfsGroup)
{
    /// <summary>Reads strongSwan's notation (swanctl.conf(5), "esp_proposals"): encryption, integrity unless the encryption authenticates too, the group where there is perfect forward secrecy.</summary>
    /// <param name="text">One proposal, such as aes128-sha1-modp1024 or aes256gcm16.</param>
    /// <param name="proposal">The proposal when the text is one.</param>
    /// <returns>Whether the text is a proposal.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out EspProposal? proposal)
    {
        proposal = ProposalWords.Read(text) is { PseudoRandomFunction: null } words && words.Encryption.IsAead() == words.Integrity is null
            ? new EspProposal(words.Encryption, words.Integrity, words.Group)
            : null;
        return proposal is not null;
    }

    /// <summary>The proposal in strongSwan's notation (swanctl.conf(5), "esp_proposals"), such as aes128-sha1-modp1024.</summary>
    public override string ToString() => string.Join('-', new[] { Encryption.Name(), Integrity?.Name(), PfsGroup?.Keyword }.Where(part => part is not null));
}

/// <summary>The words of one proposal, each kind once.</summary>
internal sealed record ProposalWords(EncryptionAlgorithm Encryption)
{
    public IntegrityAlgorithm? Integrity { get; private set; }

    public IntegrityAlgorithm? PseudoRandomFunction { get; private set; }

    public DhGroup? Group { get; private set; }

    /// <summary>Reads words with '-' between them, the encryption first; null when one is not known or stands twice.</summary>
    public static ProposalWords? Read(ReadOnlySpan<char> text)
    {
        ProposalWords? words = null;
        foreach (var range in text.Split('-'))
        {
            var word = text[range];
            if (words is null)
            {
                if (!Algorithms.TryParse(word, out EncryptionAlgorithm encryption)) return null;
                words = new ProposalWords(encryption);
            }
            else if (!words.Take(word))
            {
                return null;
            }
        }

        return words;
    }

    private bool Take(ReadOnlySpan<char> word)
    {
        if (word.StartsWith("prf", StringComparison.OrdinalIgnoreCase))
        {
            if (PseudoRandomFunction is not null || !Algorithms.TryParse(word[3..], out IntegrityAlgorithm function)) return false;
            PseudoRandomFunction = function;
        }
        else if (Algorithms.TryParse(word, out IntegrityAlgorithm integrity))
        {
            if (Integrity is not null) return false;
            Integrity = integrity;
        }
        else if (Group is not null || !DhGroup.TryParse(word, out var dhGroup))
        {
            return false;
        }
        else
        {
            Group = dhGroup;
        }

        return true;
    }
}
