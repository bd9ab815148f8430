namespace Tunnelwright.Ike.Tests.Algorithms;

public sealed class SuiteTests
{
    [Theory]
    [InlineData("aes256-sha256-modp2048", "aes256-sha256-modp2048")]
    [InlineData("AES128-SHA1-MODP1024", "aes128-sha1-modp1024")]
    [InlineData("aes128-sha1-2", "aes128-sha1-modp1024")]
    [InlineData("aes256-sha512-prfsha256-ecp521", "aes256-sha512-prfsha256-ecp521")]
    [InlineData("aes256-sha384-prfsha384-ecp384", "aes256-sha384-ecp384")]
    [InlineData("aes256gcm16-modp2048", "aes256gcm16-prfsha256-modp2048")]
    [InlineData("aes128gcm16-prfsha512-x25519", "aes128gcm16-prfsha512-curve25519")]
    [InlineData("aes128gcm16-sha384-modp3072", "aes128gcm16-prfsha384-modp3072")]
    [InlineData("3des-md5-modp1536", "3des-md5-modp1536")]
    [InlineData("chacha20poly1305-prfsha256-group14", "chacha20poly1305-prfsha256-modp2048")]
    public void What_is_read_is_written_in_one_way(string text, string written)
    {
        Assert.True(IkeSuite.TryParse(text, out var suite));
        Assert.Equal(written, suite.ToString());
        Assert.True(IkeSuite.TryParse(written, out var again));
        Assert.Equal(suite, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("aes256")]
    [InlineData("aes256-modp2048")]
    [InlineData("aes256-sha256")]
    [InlineData("rot13-sha256-modp2048")]
    [InlineData("aes256-sha256-modp2048-modp1024")]
    [InlineData("aes256-sha256-sha1-modp2048")]
    [InlineData("aes256-sha256-99")]
    [InlineData("-----")]
    public void What_is_no_suite_is_refused(string? text) => Assert.False(IkeSuite.TryParse(text, out _));

    [Fact]
    public void Every_suite_of_the_default_set_is_read_back()
    {
        var space = IkeSuiteSpace.Default;
        var count = 0;
        foreach (var cipher in space.Ciphers)
        {
            foreach (var integrity in space.Integrities)
            {
                foreach (var group in space.Groups)
                {
                    var suite = new IkeSuite(cipher, cipher.IsAead ? null : integrity, IkeSuite.PrfOf(integrity), group);
                    Assert.True(IkeSuite.TryParse(suite.ToString(), out var read));
                    Assert.Equal(suite, read);
                    count++;
                }
            }
        }

        Assert.Equal(4 * 4 * 12, count);
    }
}
