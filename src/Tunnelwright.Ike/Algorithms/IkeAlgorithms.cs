namespace Tunnelwright.Ike;

/// <summary>Transform types of IKEv2 (IANA "IKEv2 Transform Type Values").</summary>
public enum IkeTransformType : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Encryption (ENCR).</summary>
    Encryption = 1,

    /// <summary>Pseudo-random function (PRF).</summary>
    PseudoRandomFunction = 2,

    /// <summary>Integrity (INTEG).</summary>
    Integrity = 3,

    /// <summary>Key exchange method, formerly Diffie-Hellman group (KE, D-H).</summary>
    KeyExchange = 4,

    /// <summary>Sequence numbers (SN, formerly ESN).</summary>
    SequenceNumbers = 5,
}

/// <summary>Encryption algorithms of an IKE SA (IANA "IKEv2 Transform Type 1").</summary>
public enum IkeEncryption
{
    /// <summary>Triple DES in CBC mode (RFC 2451).</summary>
    TripleDes = 3,

    /// <summary>AES in CBC mode (RFC 3602).</summary>
    AesCbc = 12,

    /// <summary>AES-GCM with an ICV of 8 octets (RFC 5282).</summary>
    AesGcm8 = 18,

    /// <summary>AES-GCM with an ICV of 12 octets (RFC 5282).</summary>
    AesGcm12 = 19,

    /// <summary>AES-GCM with an ICV of 16 octets (RFC 5282).</summary>
    AesGcm16 = 20,

    /// <summary>ChaCha20 and Poly1305 (RFC 7634); its key has no length to choose.</summary>
    ChaCha20Poly1305 = 28,
}

/// <summary>Integrity algorithms of an IKE SA (IANA "IKEv2 Transform Type 3").</summary>
public enum IkeIntegrity
{
    /// <summary>HMAC-MD5-96 (RFC 2403).</summary>
    Md5 = 1,

    /// <summary>HMAC-SHA1-96 (RFC 2404).</summary>
    Sha1 = 2,

    /// <summary>HMAC-SHA2-256-128 (RFC 4868).</summary>
    Sha256 = 12,

    /// <summary>HMAC-SHA2-384-192 (RFC 4868).</summary>
    Sha384 = 13,

    /// <summary>HMAC-SHA2-512-256 (RFC 4868).</summary>
    Sha512 = 14,
}

/// <summary>Pseudo-random functions (IANA "IKEv2 Transform Type 2").</summary>
public enum IkePseudoRandomFunction
{
    /// <summary>HMAC-MD5 (RFC 2104).</summary>
    Md5 = 1,

    /// <summary>HMAC-SHA1 (RFC 2104).</summary>
    Sha1 = 2,

    /// <summary>HMAC-SHA2-256 (RFC 4868).</summary>
    Sha256 = 5,

    /// <summary>HMAC-SHA2-384 (RFC 4868).</summary>
    Sha384 = 6,

    /// <summary>HMAC-SHA2-512 (RFC 4868).</summary>
    Sha512 = 7,
}

/// <summary>An encryption algorithm with the bits of its key.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="KeyBits">128, 192 or 256 with AES; 0 where there is no choice.</param>
public readonly record struct IkeCipher(IkeEncryption Algorithm, int KeyBits)
{
    /// <summary>Whether it authenticates too, so that no integrity algorithm stands beside it (RFC 5282).</summary>
    public bool IsAead => Algorithm is IkeEncryption.AesGcm8 or IkeEncryption.AesGcm12 or IkeEncryption.AesGcm16 or IkeEncryption.ChaCha20Poly1305;

    /// <summary>strongSwan's keyword (swanctl.conf(5), "proposals"), such as aes128 or aes256gcm16.</summary>
    public override string ToString() => Algorithm switch
    {
        IkeEncryption.TripleDes => "3des",
        IkeEncryption.AesCbc => $"aes{KeyBits}",
        IkeEncryption.AesGcm8 => $"aes{KeyBits}gcm8",
        IkeEncryption.AesGcm12 => $"aes{KeyBits}gcm12",
        IkeEncryption.AesGcm16 => $"aes{KeyBits}gcm16",
        IkeEncryption.ChaCha20Poly1305 => "chacha20poly1305",
        _ => KeyBits == 0 ? $"encr{(int)Algorithm}" : $"encr{(int)Algorithm}_{KeyBits}",
    };

    /// <summary>Reads a keyword.</summary>
    /// <param name="text">aes128, aes256gcm16, 3des …</param>
    /// <param name="cipher">The cipher.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out IkeCipher cipher)
    {
        IkeCipher? found = text switch
        {
            "3des" => new(IkeEncryption.TripleDes, 0),
            "aes" or "aes128" => new(IkeEncryption.AesCbc, 128),
            "aes192" => new(IkeEncryption.AesCbc, 192),
            "aes256" => new(IkeEncryption.AesCbc, 256),
            "aes128gcm8" or "aes128gcm64" => new(IkeEncryption.AesGcm8, 128),
            "aes256gcm8" or "aes256gcm64" => new(IkeEncryption.AesGcm8, 256),
            "aes128gcm12" or "aes128gcm96" => new(IkeEncryption.AesGcm12, 128),
            "aes256gcm12" or "aes256gcm96" => new(IkeEncryption.AesGcm12, 256),
            "aes128gcm16" or "aes128gcm128" or "aes128gcm" => new(IkeEncryption.AesGcm16, 128),
            "aes192gcm16" or "aes192gcm128" => new(IkeEncryption.AesGcm16, 192),
            "aes256gcm16" or "aes256gcm128" or "aes256gcm" => new(IkeEncryption.AesGcm16, 256),
            "chacha20poly1305" => new(IkeEncryption.ChaCha20Poly1305, 0),
            _ => null,
        };
        cipher = found ?? default;
        return found.HasValue;
    }
}
