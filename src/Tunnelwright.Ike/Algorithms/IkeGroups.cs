using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Numerics;
using System.Security.Cryptography;

namespace Tunnelwright.Ike;

/// <summary>
/// Diffie-Hellman groups: names and valid public values (IANA "IKEv2 Transform Type 4"). The private value is thrown away: nothing here ever derives a key.
/// </summary>
public static class IkeGroups
{
    private const int PrivateBytes = 40;

    private static readonly FrozenDictionary<int, string> Names = new Dictionary<int, string>
    {
        [1] = "modp768", [2] = "modp1024", [5] = "modp1536", [14] = "modp2048", [15] = "modp3072", [16] = "modp4096", [17] = "modp6144",
        [18] = "modp8192", [19] = "ecp256", [20] = "ecp384", [21] = "ecp521", [22] = "modp1024s160", [23] = "modp2048s224",
        [24] = "modp2048s256", [25] = "ecp192", [26] = "ecp224", [27] = "ecp224bp", [28] = "ecp256bp", [29] = "ecp384bp", [30] = "ecp512bp",
        [31] = "curve25519", [32] = "curve448",
    }.ToFrozenDictionary();

    // Bits of the prime, and the number that RFC 2409 section 6 and RFC 3526 add to the digits of pi so that a safe prime comes out.
    private static readonly FrozenDictionary<int, (int Bits, int Addend)> Modular = new Dictionary<int, (int, int)>
    {
        [1] = (768, 149686), [2] = (1024, 129093), [5] = (1536, 741804), [14] = (2048, 124476), [15] = (3072, 1690314),
        [16] = (4096, 240904), [17] = (6144, 929484), [18] = (8192, 4743158),
    }.ToFrozenDictionary();

    private static readonly ConcurrentDictionary<int, (BigInteger Prime, BigInteger Generator)> Known = new();

    /// <summary>strongSwan's keyword (swanctl.conf(5)), such as modp2048; "groupN" for a number without one.</summary>
    /// <param name="group">The group's number.</param>
    public static string Name(int group) => Names.GetValueOrDefault(group) ?? $"group{group}";

    /// <summary>Reads a keyword, or a number with or without "group" before it.</summary>
    /// <param name="text">modp2048, ecp256, x25519, 14, group14.</param>
    /// <param name="group">The group's number.</param>
    public static bool TryParse(string text, out int group)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = text == "x25519" ? "curve25519" : text;
        foreach (var (number, keyword) in Names)
        {
            if (!keyword.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            group = number;
            return true;
        }

        var digits = name.StartsWith("group", StringComparison.OrdinalIgnoreCase) ? name[5..] : name;
        return int.TryParse(digits, System.Globalization.NumberStyles.None, null, out group) && Names.ContainsKey(group);
    }

    /// <summary>Whether <see cref="CreatePublicValue"/> knows the group: 1, 2, 5, 14 to 24, 31, 32.</summary>
    /// <param name="group">The group's number.</param>
    public static bool CanCreate(int group) => Modular.ContainsKey(group) || group is >= 19 and <= 24 or 31 or 32;

    /// <summary>A fresh, valid public value as it stands in a key exchange payload (RFC 7296 section 3.4, RFC 5903 section 7, RFC 8031 section 3.1).</summary>
    /// <param name="group">The group's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The group is not known here.</exception>
    public static byte[] CreatePublicValue(int group) => group switch
    {
        19 => CurvePoint(ECCurve.NamedCurves.nistP256),
        20 => CurvePoint(ECCurve.NamedCurves.nistP384),
        21 => CurvePoint(ECCurve.NamedCurves.nistP521),
        // Every string of this length is a public value (RFC 7748 section 5); the highest bit of the first is always 0.
        31 => MontgomeryPoint(32, clearHighest: true),
        32 => MontgomeryPoint(56, clearHighest: false),
        _ => Power(group),
    };

    internal static (BigInteger Prime, BigInteger Generator) Parameters(int group) => Known.GetOrAdd(group, static group =>
    {
        if (group is >= 22 and <= 24) return Rfc5114.Get(group);
        if (!Modular.TryGetValue(group, out var size)) throw new ArgumentOutOfRangeException(nameof(group), group, "The group is not known here.");
        // 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + addend)
        var prime = (BigInteger.One << size.Bits) - (BigInteger.One << (size.Bits - 64)) - 1 + (PiDigits(size.Bits - 130) + size.Addend << 64);
        return (prime, 2);
    });

    private static byte[] Power(int group)
    {
        var (prime, generator) = Parameters(group);
        var secret = new BigInteger(RandomNumberGenerator.GetBytes(PrivateBytes), isUnsigned: true) + 2;
        var value = BigInteger.ModPow(generator, secret, prime);
        var bytes = new byte[prime.GetByteCount(isUnsigned: true)];
        var length = value.GetByteCount(isUnsigned: true);
        value.TryWriteBytes(bytes.AsSpan(bytes.Length - length), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }

    private static byte[] CurvePoint(ECCurve curve)
    {
        using var key = ECDiffieHellman.Create(curve);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [.. point.X!, .. point.Y!];
    }

    private static byte[] MontgomeryPoint(int length, bool clearHighest)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        if (clearHighest) bytes[^1] &= 0x7f;
        return bytes;
    }

    /// <summary>floor(2^bits * pi), by Machin's formula in integers with 64 bits to spare.</summary>
    private static BigInteger PiDigits(int bits)
    {
        const int spare = 64;
        var one = BigInteger.One << (bits + spare);
        return 4 * (4 * ArcTangentOfInverse(5, one) - ArcTangentOfInverse(239, one)) >> spare;
    }

    private static BigInteger ArcTangentOfInverse(int x, BigInteger one)
    {
        var power = one / x;
        var sum = power;
        for (int divisor = 3, sign = -1; !power.IsZero; divisor += 2, sign = -sign)
        {
            power /= x * x;
            sum += sign * (power / divisor);
        }

        return sum;
    }
}
