namespace Tunnelwright.Model;

/// <summary>Encryption algorithms of IKE and ESP SAs that files name (IANA "Internet Key Exchange Version 2 Parameters", transform type 1).</summary>
public enum EncryptionAlgorithm
{
    /// <summary>AES-CBC with 128-bit keys (RFC 3602).</summary>
    Aes128,

    /// <summary>AES-CBC with 192-bit keys (RFC 3602).</summary>
    Aes192,

    /// <summary>AES-CBC with 256-bit keys (RFC 3602).</summary>
    Aes256,

    /// <summary>AES-GCM with 128-bit keys and a 16-octet ICV (RFC 4106, RFC 5282).</summary>
    Aes128Gcm16,

    /// <summary>AES-GCM with 256-bit keys and a 16-octet ICV (RFC 4106, RFC 5282).</summary>
    Aes256Gcm16,

    /// <summary>Triple DES in CBC mode (RFC 2451): read, so that it can be refused by name.</summary>
    TripleDes,
}

/// <summary>Integrity algorithms: HMAC with these hashes, truncated as the RFCs say for ESP.</summary>
public enum IntegrityAlgorithm
{
    /// <summary>HMAC-MD5-96 (RFC 2403): read, so that it can be refused by name.</summary>
    Md5,

    /// <summary>HMAC-SHA1-96 (RFC 2404).</summary>
    Sha1,

    /// <summary>HMAC-SHA2-256-128 (RFC 4868).</summary>
    Sha256,

    /// <summary>HMAC-SHA2-384-192 (RFC 4868).</summary>
    Sha384,

    /// <summary>HMAC-SHA2-512-256 (RFC 4868).</summary>
    Sha512,
}

/// <summary>Names and properties of algorithms. The names are the contract's and strongSwan's keywords (swanctl.conf(5)).</summary>
public static class Algorithms
{
    private static readonly string[] EncryptionNames = ["aes128", "aes192", "aes256", "aes128gcm16", "aes256gcm16", "3des"];
    private static readonly string[] IntegrityNames = ["md5", "sha1", "sha256", "sha384", "sha512"];

    /// <summary>Every encryption algorithm.</summary>
    public static IReadOnlyList<EncryptionAlgorithm> AllEncryption { get; } = Enum.GetValues<EncryptionAlgorithm>();

    /// <summary>Every integrity algorithm.</summary>
    public static IReadOnlyList<IntegrityAlgorithm> AllIntegrity { get; } = Enum.GetValues<IntegrityAlgorithm>();

    /// <summary>The name, such as aes128gcm16.</summary>
    /// <param name="algorithm">The algorithm.</param>
    public static string Name(this EncryptionAlgorithm algorithm) => EncryptionNames[(int)algorithm];

    /// <summary>The name, such as sha256.</summary>
    /// <param name="algorithm">The algorithm.</param>
    public static string Name(this IntegrityAlgorithm algorithm) => IntegrityNames[(int)algorithm];

    /// <summary>Whether the algorithm authenticates too (AEAD), so that no integrity algorithm stands beside it.</summary>
    /// <param name="algorithm">The algorithm.</param>
    public static bool IsAead(this EncryptionAlgorithm algorithm) => algorithm is EncryptionAlgorithm.Aes128Gcm16 or EncryptionAlgorithm.Aes256Gcm16;

    /// <summary>Reads an encryption algorithm in any spelling that provider files and devices use: aes-128-cbc, AES128, aes128gcm16, aes-256-gcm-16, AES256-GCM-16, 3des.</summary>
    /// <param name="text">The text; case, '-', '_' and spaces do not count.</param>
    /// <param name="algorithm">The algorithm when the text names one.</param>
    /// <returns>Whether the text names a known algorithm.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out EncryptionAlgorithm algorithm)
    {
        EncryptionAlgorithm? found = Squeeze(text) switch
        {
            "aes" or "aes128" or "aes128cbc" or "aescbc128" => EncryptionAlgorithm.Aes128,
            "aes192" or "aes192cbc" or "aescbc192" => EncryptionAlgorithm.Aes192,
            "aes256" or "aes256cbc" or "aescbc256" => EncryptionAlgorithm.Aes256,
            "aes128gcm16" or "aes128gcm" or "aesgcm128" or "aesgcm16128" or "aes128gcm128" => EncryptionAlgorithm.Aes128Gcm16,
            "aes256gcm16" or "aes256gcm" or "aesgcm256" or "aesgcm16256" or "aes256gcm128" => EncryptionAlgorithm.Aes256Gcm16,
            "3des" or "3descbc" or "des3" or "tripledes" => EncryptionAlgorithm.TripleDes,
            _ => null,
        };
        algorithm = found ?? default;
        return found.HasValue;
    }

    /// <summary>Reads an integrity algorithm in any spelling that provider files and devices use: sha1, hmac-sha1-96, SHA2-256, hmac-sha2-256-128, sha-384.</summary>
    /// <param name="text">The text; case, '-', '_' and spaces do not count.</param>
    /// <param name="algorithm">The algorithm when the text names one.</param>
    /// <returns>Whether the text names a known algorithm.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out IntegrityAlgorithm algorithm)
    {
        var squeezed = Squeeze(text);
        if (squeezed.StartsWith("hmac", StringComparison.Ordinal)) squeezed = squeezed[4..];
        IntegrityAlgorithm? found = squeezed switch
        {
            "md5" or "md596" => IntegrityAlgorithm.Md5,
            "sha" or "sha1" or "sha196" => IntegrityAlgorithm.Sha1,
            "sha256" or "sha2256" or "sha256128" or "sha2256128" => IntegrityAlgorithm.Sha256,
            "sha384" or "sha2384" or "sha384192" or "sha2384192" => IntegrityAlgorithm.Sha384,
            "sha512" or "sha2512" or "sha512256" or "sha2512256" => IntegrityAlgorithm.Sha512,
            _ => null,
        };
        algorithm = found ?? default;
        return found.HasValue;
    }

    private static string Squeeze(ReadOnlySpan<char> text)
    {
        if (text.Length > 40) return "";
        Span<char> kept = stackalloc char[text.Length];
        var length = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c)) kept[length++] = char.ToLowerInvariant(c);
            else if (c is not ('-' or '_' or ' ')) return "";
        }

        return new string(kept[..length]);
    }
}
