using System.Diagnostics.CodeAnalysis;

namespace Tunnelwright.Ike;

/// <summary>One choice of algorithms for an IKE SA (RFC 7296 section 3.3.3).</summary>
/// <param name="Cipher">Encryption.</param>
/// <param name="Integrity">Integrity; null exactly with an AEAD.</param>
/// <param name="PseudoRandomFunction">Pseudo-random function. IKEv1 uses the hash of the integrity algorithm (RFC 2409 section 4).</param>
/// <param name="Group">Number of the Diffie-Hellman group.</param>
public sealed record IkeSuite(IkeCipher Cipher, IkeIntegrity? Integrity, IkePseudoRandomFunction PseudoRandomFunction, int Group)
{
    /// <summary>In strongSwan's notation (swanctl.conf(5), "proposals"): aes256-sha256-modp2048, aes256gcm16-prfsha256-ecp256.</summary>
    public override string ToString()
    {
        var function = $"prf{Name(PseudoRandomFunction)}";
        var hashes = Integrity is { } integrity ? PrfOf(integrity) == PseudoRandomFunction ? Name(integrity) : $"{Name(integrity)}-{function}" : function;
        return $"{Cipher}-{hashes}-{IkeGroups.Name(Group)}";
    }

    /// <summary>Reads strongSwan's notation. Without a pseudo-random function it is the integrity algorithm's, or SHA2-256 with an AEAD.</summary>
    /// <param name="text">Such as aes128-sha1-modp1024.</param>
    /// <param name="suite">The suite.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IkeSuite? suite)
    {
        suite = null;
        var parts = (text ?? "").Trim().ToLowerInvariant().Split('-');
        if (parts.Length < 2 || !IkeCipher.TryParse(parts[0], out var cipher)) return false;
        IkeIntegrity? integrity = null;
        IkePseudoRandomFunction? function = null;
        int? group = null;
        foreach (var part in parts.Skip(1))
        {
            if (part.StartsWith("prf", StringComparison.Ordinal) && ParseHash(part[3..]) is { } named && function is null) function = PrfOf(named);
            else if (ParseHash(part) is { } hash && integrity is null) integrity = hash;
            else if (IkeGroups.TryParse(part, out var number) && group is null) group = number;
            else return false;
        }

        if (group is null) return false;
        if (cipher.IsAead)
        {
            // Some write the hash of the pseudo-random function as if it were the integrity algorithm.
            suite = new IkeSuite(cipher, null, function ?? (integrity is { } meant ? PrfOf(meant) : IkePseudoRandomFunction.Sha256), group.Value);
            return true;
        }

        if (integrity is null) return false;
        suite = new IkeSuite(cipher, integrity, function ?? PrfOf(integrity.Value), group.Value);
        return true;
    }

    /// <summary>The keyword of an integrity algorithm, such as sha256.</summary>
    /// <param name="integrity">The algorithm; a number without a name gives "integN".</param>
    public static string Name(IkeIntegrity integrity) => integrity switch
    {
        IkeIntegrity.Md5 => "md5",
        IkeIntegrity.Sha1 => "sha1",
        IkeIntegrity.Sha256 => "sha256",
        IkeIntegrity.Sha384 => "sha384",
        IkeIntegrity.Sha512 => "sha512",
        _ => $"integ{(int)integrity}",
    };

    /// <summary>The keyword of a pseudo-random function without its prefix, such as sha256.</summary>
    /// <param name="function">The function; a number without a name gives the number.</param>
    public static string Name(IkePseudoRandomFunction function) => function switch
    {
        IkePseudoRandomFunction.Md5 => "md5",
        IkePseudoRandomFunction.Sha1 => "sha1",
        IkePseudoRandomFunction.Sha256 => "sha256",
        IkePseudoRandomFunction.Sha384 => "sha384",
        IkePseudoRandomFunction.Sha512 => "sha512",
        _ => $"{(int)function}",
    };

    /// <summary>The pseudo-random function that uses the same hash.</summary>
    /// <param name="integrity">The integrity algorithm.</param>
    public static IkePseudoRandomFunction PrfOf(IkeIntegrity integrity) => integrity switch
    {
        IkeIntegrity.Md5 => IkePseudoRandomFunction.Md5,
        IkeIntegrity.Sha1 => IkePseudoRandomFunction.Sha1,
        IkeIntegrity.Sha384 => IkePseudoRandomFunction.Sha384,
        IkeIntegrity.Sha512 => IkePseudoRandomFunction.Sha512,
        _ => IkePseudoRandomFunction.Sha256,
    };

    private static IkeIntegrity? ParseHash(string text) => text switch
    {
        "md5" => IkeIntegrity.Md5,
        "sha" or "sha1" => IkeIntegrity.Sha1,
        "sha256" or "sha2_256" => IkeIntegrity.Sha256,
        "sha384" or "sha2_384" => IkeIntegrity.Sha384,
        "sha512" or "sha2_512" => IkeIntegrity.Sha512,
        _ => null,
    };
}

/// <summary>A set of algorithms, every combination of which may be offered.</summary>
public sealed record IkeSuiteSpace
{
    /// <summary>What cloud providers let their customers choose from for phase 1: AES, SHA1 and SHA2, groups 2 and 14 to 24.</summary>
    public static IkeSuiteSpace Default { get; } = new()
    {
        Ciphers = [new(IkeEncryption.AesCbc, 128), new(IkeEncryption.AesCbc, 256), new(IkeEncryption.AesGcm16, 128), new(IkeEncryption.AesGcm16, 256)],
        Integrities = [IkeIntegrity.Sha1, IkeIntegrity.Sha256, IkeIntegrity.Sha384, IkeIntegrity.Sha512],
        Groups = [2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24],
    };

    /// <summary>Ciphers, AEADs among them.</summary>
    public required IReadOnlyList<IkeCipher> Ciphers { get; init; }

    /// <summary>Integrity algorithms; the pseudo-random functions are those of the same hashes.</summary>
    public required IReadOnlyList<IkeIntegrity> Integrities { get; init; }

    /// <summary>Numbers of Diffie-Hellman groups.</summary>
    public required IReadOnlyList<int> Groups { get; init; }
}
