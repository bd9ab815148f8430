using System.Security.Cryptography;
using System.Text;

namespace Tunnelwright.Cloud;

/// <summary>Random texts that open something, their hashes, ids, and passwords.</summary>
internal static class Secrets
{
    private const int Iterations = 210_000;
    private const int SaltBytes = 16;

    /// <summary>A new secret of 256 random bits with a prefix that tells its kind, so that scanners of leaked secrets can find it.</summary>
    public static string New(string prefix) => prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The hash that is kept of a random secret: 256 random bits need no slow hash.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>An id: the prefix and random hexadecimal digits.</summary>
    public static string Id(string prefix, int digits) => prefix + RandomNumberGenerator.GetHexString(digits, lowercase: true);

    /// <summary>The hash that is kept of a password (PBKDF2, RFC 8018, with SHA2-512).</summary>
    public static string HashPassword(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"pbkdf2-sha512:{Iterations}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(Derive(password, salt, Iterations))}";
    }

    /// <summary>Whether a password is the one of a hash. Without a hash it takes as long, so that nobody learns which users there are.</summary>
    public static bool Verify(string password, string? hash)
    {
        var parts = (hash ?? $"pbkdf2-sha512:{Iterations}:{Convert.ToBase64String(new byte[SaltBytes])}:").Split(':');
        var derived = Derive(password, Convert.FromBase64String(parts[2]), int.Parse(parts[1]));
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(parts[3])) && hash is not null;
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, 64);
}
