using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

public sealed class KeyRingTests(ClusterFixture cluster) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tw-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_secret_opens_in_its_place_only_and_no_two_seals_are_equal()
    {
        var keys = KeyRing.Open(_folder);
        var (one, two) = (keys.Seal("the key", "tunnel/a/1"), keys.Seal("the key", "tunnel/a/1"));
        Assert.Equal("the key", keys.Open(one, "tunnel/a/1"));
        Assert.NotEqual(one, two);
        Assert.Throws<StoreException>(() => keys.Open(one, "tunnel/a/2"));
        one[^1] ^= 1;
        Assert.Throws<StoreException>(() => keys.Open(one, "tunnel/a/1"));
        Assert.Throws<StoreException>(() => keys.Open(new byte[8], "tunnel/a/1"));
    }

    [Fact]
    public void The_key_file_is_its_owners_alone_and_another_ring_opens_nothing()
    {
        var block = KeyRing.Open(_folder).Seal("the key", "place");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "keys", "keys")));
        Assert.Equal("the key", KeyRing.Open(_folder).Open(block, "place"));
        var other = Directory.CreateTempSubdirectory("tw-keys-").FullName;
        try
        {
            Assert.Throws<StoreException>(() => KeyRing.Open(other).Open(block, "place"));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public void A_new_key_encrypts_and_the_old_one_still_decrypts_also_in_a_replica_that_was_not_told()
    {
        var (keys, replica) = (KeyRing.Open(_folder), KeyRing.Open(_folder));
        var before = keys.Seal("before", "place");
        var print = replica.Fingerprint("text");
        keys.Rotate();
        var after = keys.Seal("after", "place");
        Assert.Equal((false, true), (keys.IsNewest(before), keys.IsNewest(after)));
        Assert.Equal(("before", "after"), (keys.Open(before, "place"), replica.Open(after, "place")));
        Assert.Equal(print, keys.Fingerprint("text"));
    }

    [Fact]
    public async Task All_secrets_are_encrypted_again_while_the_service_serves()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        var file = await service.Administrator.FileAsync(connection);
        var ring = KeyRing.Open(service.Options.StateFolder);
        ring.Rotate();
        Assert.Equal(2, await Reencryption.ApplyAsync(service.Database, ring, CancellationToken.None));
        Assert.Contains((await service.Administrator.GetAsync(Paths.ProviderAudit, CloudJson.Default.PageAuditEntry)).Items, entry => entry is { Action: "encryption-key.rotate", Actor: "service", Detail: "2 secrets" });
        Assert.Equal(0, await Reencryption.ApplyAsync(service.Database, ring, CancellationToken.None));
        var blocks = await service.Database.ReadAsync(store => store.QueryAsync<byte[]>("select key from tunnels"), CancellationToken.None);
        Assert.All(blocks, block => Assert.True(ring.IsNewest(block)));
        Assert.Equal(file, await service.Administrator.FileAsync(connection));
    }

    [Fact]
    public void Passwords_are_salted_and_slow_and_verify()
    {
        var (one, two) = (Secrets.HashPassword("a long password"), Secrets.HashPassword("a long password"));
        Assert.NotEqual(one, two);
        Assert.True(Secrets.Verify("a long password", one));
        Assert.False(Secrets.Verify("a long passwore", one));
        Assert.False(Secrets.Verify("a long password", null));
    }
}
