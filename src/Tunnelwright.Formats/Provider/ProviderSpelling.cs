using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>How the provider's own formats spell algorithms and groups.</summary>
internal static class ProviderSpelling
{
    public const string AddressPlaceholder = "YOUR_UPLINK_ADDRESS";
    public const string AsnPlaceholder = "YOUR_BGP_ASN";
    public const string KeyPlaceholder = "YOUR_PRE_SHARED_KEY";

    public static string Of(EncryptionAlgorithm algorithm) => algorithm switch
    {
        EncryptionAlgorithm.Aes128 => "aes-128-cbc",
        EncryptionAlgorithm.Aes192 => "aes-192-cbc",
        EncryptionAlgorithm.Aes256 => "aes-256-cbc",
        EncryptionAlgorithm.Aes128Gcm16 => "aes-128-gcm-16",
        EncryptionAlgorithm.Aes256Gcm16 => "aes-256-gcm-16",
        _ => "3des-cbc",
    };

    public static string OfHash(IntegrityAlgorithm algorithm) => algorithm switch
    {
        IntegrityAlgorithm.Md5 => "md5",
        IntegrityAlgorithm.Sha1 => "sha1",
        IntegrityAlgorithm.Sha256 => "sha2-256",
        IntegrityAlgorithm.Sha384 => "sha2-384",
        _ => "sha2-512",
    };

    public static string OfAuthenticator(IntegrityAlgorithm algorithm) => algorithm switch
    {
        IntegrityAlgorithm.Md5 => "hmac-md5-96",
        IntegrityAlgorithm.Sha1 => "hmac-sha1-96",
        IntegrityAlgorithm.Sha256 => "hmac-sha2-256-128",
        IntegrityAlgorithm.Sha384 => "hmac-sha2-384-192",
        _ => "hmac-sha2-512-256",
    };

    /// <summary>What stands in the place of phase 1's authentication algorithm: with an AEAD the hash of the pseudo-random function.</summary>
    public static string? Phase1Hash(IkeProposal proposal) =>
        proposal.Integrity is { } integrity ? OfHash(integrity) : proposal.PseudoRandomFunction is { } function ? OfHash(function) : null;
}
