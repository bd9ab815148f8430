using System.Numerics;
using System.Security.Cryptography;

namespace Tunnelwright.Ike.Tests.Algorithms;

/// <summary>Groups: the primes are those of OpenSSL, and public values are valid.</summary>
public sealed class GroupTests
{
    // SHA-256 of the primes as OpenSSL has them (BN_get_rfc2409_prime_*, BN_get_rfc3526_prime_*).
    [Theory]
    [InlineData(1, "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d")]
    [InlineData(2, "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0")]
    [InlineData(5, "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b")]
    [InlineData(14, "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e")]
    [InlineData(15, "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c")]
    [InlineData(16, "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33")]
    [InlineData(17, "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd")]
    [InlineData(18, "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf")]
    public void Primes_from_pi_are_those_of_the_RFCs(int group, string hash)
    {
        var prime = IkeGroups.Parameters(group).Prime.ToByteArray(isUnsigned: true, isBigEndian: true);
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(prime)));
    }

    // RFC 5114 sections 2.1 to 2.3 give the order of the subgroup that the generator makes.
    [Theory]
    [InlineData(22, "F518AA8781A8DF278ABA4E7D64B7CB9D49462353")]
    [InlineData(23, "801C0D34C58D93FE997177101F80535A4738CEBCBF389A99B36371EB")]
    [InlineData(24, "8CF83642A709A097B447997640129DA299B1A47D1EB3750BA308B0FE64F5FBD3")]
    public void Generators_of_RFC_5114_have_the_order_that_it_says(int group, string order)
    {
        var (prime, generator) = IkeGroups.Parameters(group);
        var q = BigInteger.Parse("0" + order, System.Globalization.NumberStyles.AllowHexSpecifier);
        Assert.Equal(BigInteger.Zero, (prime - 1) % q);
        Assert.Equal(BigInteger.One, BigInteger.ModPow(generator, q, prime));
        Assert.NotEqual(BigInteger.One, generator);
    }

    [Theory]
    [InlineData(1, 96)]
    [InlineData(2, 128)]
    [InlineData(5, 192)]
    [InlineData(14, 256)]
    [InlineData(15, 384)]
    [InlineData(16, 512)]
    [InlineData(17, 768)]
    [InlineData(18, 1024)]
    [InlineData(22, 128)]
    [InlineData(23, 256)]
    [InlineData(24, 256)]
    public void Public_values_of_modular_groups_are_in_range_and_of_full_length(int group, int length)
    {
        var (prime, _) = IkeGroups.Parameters(group);
        var first = IkeGroups.CreatePublicValue(group);
        var value = new BigInteger(first, isUnsigned: true, isBigEndian: true);
        Assert.Equal(length, first.Length);
        Assert.True(value > 1 && value < prime - 1);
        Assert.NotEqual(first, IkeGroups.CreatePublicValue(group));
    }

    [Theory]
    [InlineData(19, 64)]
    [InlineData(20, 96)]
    [InlineData(21, 132)]
    public void Public_values_of_curves_are_points_on_them(int group, int length)
    {
        var bytes = IkeGroups.CreatePublicValue(group);
        Assert.Equal(length, bytes.Length);
        var curve = group switch { 19 => ECCurve.NamedCurves.nistP256, 20 => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 };
        // Importing a point checks that the curve holds it.
        using var key = ECDiffieHellman.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = bytes[..(length / 2)], Y = bytes[(length / 2)..] } });
        bytes[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => ECDiffieHellman.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = bytes[..(length / 2)], Y = bytes[(length / 2)..] } }));
    }

    [Fact]
    public void Unknown_groups_are_refused()
    {
        Assert.False(IkeGroups.CanCreate(25));
        Assert.False(IkeGroups.CanCreate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => IkeGroups.CreatePublicValue(25));
        Assert.Equal(32, IkeGroups.CreatePublicValue(31).Length);
        Assert.Equal(56, IkeGroups.CreatePublicValue(32).Length);
    }
}
