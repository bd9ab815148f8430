namespace Tunnelwright.Model.Tests;

public sealed class WordTests
{
    [Theory]
    [InlineData("aes-128-cbc", "aes128")]
    [InlineData("AES256", "aes256")]
    [InlineData("AES256-GCM-16", "aes256gcm16")]
    [InlineData("aes128gcm16", "aes128gcm16")]
    [InlineData("3des", "3des")]
    [InlineData("rot13", null)]
    [InlineData("", null)]
    public void Encryption_is_read_in_every_spelling(string text, string? name) =>
        Assert.Equal(name, Algorithms.TryParse(text, out EncryptionAlgorithm algorithm) ? algorithm.Name() : null);

    [Theory]
    [InlineData("hmac-sha1-96", "sha1")]
    [InlineData("SHA2-256", "sha256")]
    [InlineData("hmac-sha2-512-256", "sha512")]
    [InlineData("sha-384", "sha384")]
    [InlineData("crc32", null)]
    public void Integrity_is_read_in_every_spelling(string text, string? name) =>
        Assert.Equal(name, Algorithms.TryParse(text, out IntegrityAlgorithm algorithm) ? algorithm.Name() : null);

    [Theory]
    [InlineData("Diffie-Hellman Group 2", 2)]
    [InlineData("group14", 14)]
    [InlineData("Group 24", 24)]
    [InlineData("modp2048", 14)]
    [InlineData("ecp384", 20)]
    [InlineData("19", 19)]
    [InlineData("group 99", 0)]
    [InlineData("group", 0)]
    public void Groups_are_read_in_every_spelling(string text, int number) => Assert.Equal(number, DhGroup.TryParse(text, out var group) ? group.Number : 0);

    [Theory]
    [InlineData("28800 seconds", 28800)]
    [InlineData("8h", 28800)]
    [InlineData("60 m", 3600)]
    [InlineData("1d", 86400)]
    [InlineData("0", 0)]
    [InlineData("9999999999999", 0)]
    [InlineData("2 moons", 0)]
    public void Lifetimes_are_read_with_their_units(string text, int seconds) => Assert.Equal(seconds, Lifetime.TryParse(text, out var lifetime) ? lifetime.Seconds : 0);

    [Theory]
    [InlineData("65000", 65000u)]
    [InlineData("1.10", 65546u)]
    [InlineData("4294967295", 4294967295u)]
    [InlineData("4294967296", 0u)]
    [InlineData("YOUR_BGP_ASN", 0u)]
    public void As_numbers_are_read_in_both_notations(string text, uint value) => Assert.Equal(value, Asn.TryParse(text, out var asn) ? asn.Value : 0);

    [Fact]
    public void Proposals_are_written_as_strongSwan_reads_them()
    {
        Assert.Equal("aes128-sha1-modp1024", new IkeProposal(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new(2)).ToString());
        Assert.Equal("aes256gcm16-prfsha256-ecp384", new IkeProposal(EncryptionAlgorithm.Aes256Gcm16, null, new(20)).ToString());
        Assert.Equal("aes256-sha512-prfsha384-modp2048", new IkeProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha512, new(14), IntegrityAlgorithm.Sha384).ToString());
        Assert.Equal("aes128gcm16-modp2048", new EspProposal(EncryptionAlgorithm.Aes128Gcm16, null, new DhGroup(14)).ToString());
        Assert.Equal("aes256-sha256", new EspProposal(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, null).ToString());
    }

    [Theory]
    [InlineData("aes128gcm16", null, 1446, 1438)]
    [InlineData("aes256", "sha1", 1438, 1422)]
    [InlineData("aes128", "sha256", 1438, 1422)]
    [InlineData("aes256", "sha384", 1422, 1422)]
    [InlineData("aes256", "sha512", 1422, 1406)]
    public void The_mtu_is_the_tables(string encryption, string? integrity, int direct, int translated)
    {
        Assert.True(Algorithms.TryParse(encryption, out EncryptionAlgorithm cipher));
        IntegrityAlgorithm? hash = integrity is not null && Algorithms.TryParse(integrity, out IntegrityAlgorithm parsed) ? parsed : null;
        var proposal = new EspProposal(cipher, hash, new DhGroup(14));
        Assert.Equal(new TunnelMtu(direct, direct - 40), TunnelMtu.For(proposal, natTraversal: false));
        Assert.Equal(new TunnelMtu(translated, translated - 40), TunnelMtu.For(proposal, natTraversal: true));
    }

    [Fact]
    public void Every_phase_1_proposal_is_read_as_it_is_written()
    {
        foreach (var encryption in Algorithms.AllEncryption)
        {
            foreach (var integrity in encryption.IsAead() ? [null] : Algorithms.AllIntegrity.Select(algorithm => (IntegrityAlgorithm?)algorithm))
            {
                foreach (var function in Algorithms.AllIntegrity.Select(algorithm => (IntegrityAlgorithm?)algorithm).Append(null))
                {
                    foreach (var group in Samples.OutSystems.Ike.Groups)
                    {
                        var proposal = new IkeProposal(encryption, integrity, group, function);
                        Assert.True(IkeProposal.TryParse(proposal.ToString(), out var read), proposal.ToString());

                        // The function of an AEAD is written also where it is the usual one.
                        Assert.Equal(encryption.IsAead() ? proposal with { PseudoRandomFunction = proposal.EffectivePseudoRandomFunction } : proposal, read);
                    }
                }
            }
        }
    }

    [Fact]
    public void Every_phase_2_proposal_is_read_as_it_is_written()
    {
        foreach (var encryption in Algorithms.AllEncryption)
        {
            foreach (var integrity in encryption.IsAead() ? [null] : Algorithms.AllIntegrity.Select(algorithm => (IntegrityAlgorithm?)algorithm))
            {
                foreach (var group in Samples.OutSystems.Ipsec.PfsGroups.Select(group => (DhGroup?)group).Append(null))
                {
                    var proposal = new EspProposal(encryption, integrity, group);
                    Assert.True(EspProposal.TryParse(proposal.ToString(), out var read), proposal.ToString());
                    Assert.Equal(proposal, read);
                }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("aes256-")]
    [InlineData("sha256-aes256-modp2048")]
    [InlineData("aes256-sha1-sha256-modp2048")]
    [InlineData("aes256-sha256-modp2048-modp4096")]
    [InlineData("aes256-sha256-prfsha256-prfsha384-modp2048")]
    [InlineData("aes256gcm16-sha256-prfsha256-modp2048")]
    [InlineData("aes256-sha256-modp2048,aes128-sha1-modp1024")]
    public void What_is_no_proposal_is_refused(string text)
    {
        Assert.False(IkeProposal.TryParse(text, out _));
        Assert.False(EspProposal.TryParse(text, out _));
    }

    [Theory]
    [InlineData("aes256-modp2048")]
    [InlineData("aes256gcm16-sha256-modp2048")]
    [InlineData("aes256-sha256-prfsha256-modp2048")]
    public void What_is_no_phase_2_proposal_is_refused(string text) => Assert.False(EspProposal.TryParse(text, out _));

    [Fact]
    public void A_key_never_prints_itself()
    {
        var key = new PreSharedKey("anExampleKeyOf.32_characters.abc");
        Assert.Equal("•••• (32 characters)", key.ToString());
        Assert.DoesNotContain("anExampleKey", Samples.Bgp().With(1, t => t.WithIke(i => i with { PreSharedKey = key })).ToString(), StringComparison.Ordinal);
        Assert.Equal(key, new PreSharedKey(key.Reveal()));
        Assert.NotEqual(key, new PreSharedKey("another"));
        foreach (var bad in new[] { "", "with space", "quote\"", "back\\slash", "line\nbreak", new string('k', 1025) })
        {
            Assert.DoesNotContain(bad.Length > 0 ? bad : "\0", Assert.Throws<ArgumentException>(() => new PreSharedKey(bad)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void New_keys_are_what_the_provider_allows()
    {
        for (var i = 0; i < 500; i++)
        {
            var connection = Samples.Bgp().With(1, t => t.WithIke(k => k with { PreSharedKey = PreSharedKey.Generate(8 + (i % 57)) }));
            Assert.Empty(ConnectionRules.Check(connection, Samples.OutSystems));
        }
    }

    [Fact]
    public void Connections_are_equal_by_value()
    {
        Assert.Equal(Samples.Bgp(), Samples.Bgp());
        Assert.Equal(Samples.Bgp().GetHashCode(), Samples.Bgp().GetHashCode());
        Assert.NotEqual(Samples.Bgp(), Samples.Bgp().With(2, t => t with { MtuBytes = 1400 }));
    }
}
