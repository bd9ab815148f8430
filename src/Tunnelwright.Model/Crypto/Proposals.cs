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
    /// <summary>The proposal in strongSwan's notation (swanctl.conf(5), "esp_proposals"), such as aes128-sha1-modp1024.</summary>
    public override string ToString() => string.Join('-', new[] { Encryption.Name(), Integrity?.Name(), PfsGroup?.Keyword }.Where(part => part is not null));
}
