using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>Every command with the answer of a real daemon.</summary>
[Collection(SharedCharons.Name)]
public sealed class CommandTests(CharonPair pair)
{
    private const int Limit = 60_000;

    private ViciClient Client => pair.Left.Client;

    [Fact(Timeout = Limit)]
    public async Task Version_and_stats()
    {
        var version = await Client.GetVersionAsync();
        Assert.Equal("charon", version.Daemon);
        Assert.StartsWith("5.9.", version.Version, StringComparison.Ordinal);
        Assert.Equal("Linux", version.SystemName);
        Assert.NotEmpty(version.Release);
        Assert.NotEmpty(version.Machine);

        var statistics = await Client.GetStatisticsAsync();
        Assert.Equal(16, statistics.WorkersTotal);
        Assert.InRange(statistics.WorkersIdle, 1, 15);
        Assert.True(statistics.WorkersActive.Critical > 0);
        Assert.Contains("vici", statistics.Plugins);
        Assert.NotEmpty(statistics.Running);
        Assert.NotEmpty(statistics.Since);
        Assert.True(statistics.HeapUsed > 0);
    }

    [Fact(Timeout = Limit)]
    public async Task Reload_settings() => await Client.ReloadSettingsAsync();

    [Fact(Timeout = Limit)]
    public async Task Get_algorithms()
    {
        var algorithms = await Client.GetAlgorithmsAsync();
        Assert.Contains(algorithms, one => one is { Type: "encryption", Name: "AES_CBC" });
        Assert.Contains(algorithms, one => one is { Type: "dh", Name: "MODP_2048", Plugin: "openssl" });
        Assert.Contains(algorithms, one => one.Type is "nonce-gen");
    }

    [Fact(Timeout = Limit)]
    public async Task Counters()
    {
        var tunnel = new TunnelConfiguration("counted");
        await tunnel.LoadAsync(pair);
        try
        {
            await tunnel.BringUpAsync(pair);
            Assert.True((await Client.GetCountersAsync()).Values["ike-init-out-req"] > 0);
            var own = await Client.GetCountersAsync(tunnel.Name);
            Assert.Equal(tunnel.Name, own.Connection);
            Assert.True(own.Values["ike-auth-out-req"] > 0);
            Assert.Contains(await Client.GetAllCountersAsync(), one => one.Connection == tunnel.Name);

            await Client.ResetCountersAsync(tunnel.Name);
            await Client.ResetCountersAsync();
            Assert.Equal(0, (await Client.GetCountersAsync()).Values["ike-init-out-req"]);
            await Client.ResetAllCountersAsync();
            var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.GetCountersAsync(tunnel.Name));
            Assert.Equal("no counters found for this connection", error.ErrorMessage);
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Connections_are_loaded_listed_replaced_and_unloaded()
    {
        var tunnel = new TunnelConfiguration("listed");
        await Client.LoadConnectionAsync(tunnel.Name, tunnel.Section(left: true));
        Assert.Contains(tunnel.Name, await Client.GetConnectionNamesAsync());

        var connection = Assert.Single(await Client.ListConnectionsAsync(tunnel.Name));
        Assert.Equal(tunnel.Name, connection.Name);
        Assert.Equal([CharonPair.LeftAddress], connection.LocalAddresses);
        Assert.Equal([CharonPair.RightAddress], connection.RemoteAddresses);
        Assert.Equal("IKEv2", connection.Version);
        Assert.Equal(TimeSpan.FromSeconds(7200), connection.RekeyTime);
        Assert.Equal(TimeSpan.FromSeconds(30), connection.DpdDelay);
        Assert.Equal("UNIQUE_NO", connection.Unique);
        var local = Assert.Single(connection.Local);
        Assert.Equal(("pre-shared key", "left.listed.example"), (local.Class, local.Id));
        Assert.Equal("right.listed.example", Assert.Single(connection.Remote).Id);
        var child = Assert.Single(connection.Children);
        Assert.Equal("listed-net", child.Name);
        Assert.Equal("TUNNEL", child.Mode);
        Assert.Equal(TimeSpan.FromSeconds(3000), child.RekeyTime);
        Assert.Equal(["10.91.1.0/24"], child.LocalSelectors);
        Assert.Equal(["10.91.2.0/24"], child.RemoteSelectors);

        await Client.LoadConnectionAsync(tunnel.Name, (tunnel with { Version = 1 }).Section(left: true));
        Assert.Equal("IKEv1", Assert.Single(await Client.ListConnectionsAsync(tunnel.Name)).Version);
        Assert.Contains(await Client.ListConnectionsAsync(), one => one.Name == tunnel.Name);

        await Client.UnloadConnectionAsync(tunnel.Name);
        Assert.Empty(await Client.ListConnectionsAsync(tunnel.Name));
        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.UnloadConnectionAsync(tunnel.Name));
        Assert.Equal("unload: connection 'listed' not found", error.ErrorMessage);
    }

    [Fact(Timeout = Limit)]
    public async Task A_mistake_in_a_connection_is_told()
    {
        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() =>
            Client.LoadConnectionAsync("wrong", new ViciSection { { "versions", 2 } }));
        Assert.Equal("unknown option: versions, config discarded", error.ErrorMessage);
        Assert.DoesNotContain("wrong", await Client.GetConnectionNamesAsync());
    }

    [Fact(Timeout = Limit)]
    public async Task Thousands_of_connections_are_loaded_and_listed()
    {
        const int count = 2_000;
        var section = new TunnelConfiguration("bulk").Section(left: true);
        var requests = Enumerable.Range(0, count)
            .Select(i => new ViciRequest("load-conn", new ViciSection { { $"bulk{i}", section } }));
        await foreach (var outcome in Client.RequestAllAsync(requests))
            Assert.Null(outcome.Refusal);
        Assert.Equal(count, (await Client.ListConnectionsAsync()).Count(one => one.Name.StartsWith("bulk", StringComparison.Ordinal)));
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Client.UnloadConnectionAsync($"bulk{i}")));
        Assert.Empty(await Client.GetConnectionNamesAsync());
    }

    [Fact(Timeout = Limit)]
    public async Task Shared_keys()
    {
        await Client.LoadSharedAsync(ViciSharedKeyType.Ike, "one-secret"u8.ToArray(), ["peer.example"], "key-1");
        await Client.LoadSharedAsync(ViciSharedKeyType.Eap, new byte[] { 0, 0xff, 10 }, ["user", "user@example"], "key-2");
        await Client.LoadSharedAsync(ViciSharedKeyType.Xauth, "x"u8.ToArray(), [], "key-3");
        await Client.LoadSharedAsync(ViciSharedKeyType.PostQuantum, new byte[32], ["ppk"], "key-4");
        await Client.LoadSharedAsync(ViciSharedKeyType.Ntlm, new byte[16], ["user"]);
        Assert.Superset(new HashSet<string> { "key-1", "key-2", "key-3", "key-4" }, (await Client.GetSharedIdsAsync()).ToHashSet());
        await Client.UnloadSharedAsync("key-1");
        Assert.DoesNotContain("key-1", await Client.GetSharedIdsAsync());
        await Client.UnloadSharedAsync("key-1");

        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() =>
            Client.LoadSharedAsync(ViciSharedKeyType.Ike, ReadOnlyMemory<byte>.Empty, ["x"]));
        Assert.Equal("shared key data missing", error.ErrorMessage);
        foreach (var id in new[] { "key-2", "key-3", "key-4" })
            await Client.UnloadSharedAsync(id);
        Assert.DoesNotContain("one-secret", await File.ReadAllTextAsync(pair.Left.LogPath), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Certificates_keys_and_authorities()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Test CA", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var authority = authorityRequest.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=gateway.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(
            authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), now.AddHours(-1), now.AddHours(12), [1, 2, 3]);

        await Client.LoadCertificateAsync(ViciCertificateType.X509, ViciCertificateUse.CertificationAuthority, authority.RawData);
        await Client.LoadCertificateAsync(
            ViciCertificateType.X509, ViciCertificateUse.None, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var id = await Client.LoadKeyAsync(ViciPrivateKeyType.Rsa, Encoding.ASCII.GetBytes(key.ExportRSAPrivateKeyPem()));
        Assert.Equal(40, id.Length);
        Assert.Contains(id, await Client.GetKeyIdsAsync());
        var other = await Client.LoadKeyAsync(ViciPrivateKeyType.Any, authorityKey.ExportECPrivateKey());
        Assert.NotEqual(id, other);

        var all = await Client.ListCertificatesAsync();
        Assert.Equal(2, all.Count);
        var own = Assert.Single(await Client.ListCertificatesAsync(ViciCertificateType.X509, ViciCertificateUse.None));
        Assert.Equal(certificate.RawData, own.Data.ToArray());
        Assert.True(own.HasPrivateKey);
        Assert.Equal(("X509", "NONE"), (own.Type, own.Flag));
        var ca = Assert.Single(await Client.ListCertificatesAsync(subject: "CN=Test CA"));
        Assert.Equal("CA", ca.Flag);
        Assert.Empty(await Client.ListCertificatesAsync(ViciCertificateType.X509RevocationList));

        await Client.LoadAuthorityAsync("test", new ViciSection
        {
            { "cacert", authority.ExportCertificatePem() },
            { "crl_uris", ["http://192.0.2.1/x.crl"] },
            { "ocsp_uris", ["http://192.0.2.1/ocsp"] },
        });
        Assert.Equal(["test"], await Client.GetAuthorityNamesAsync());
        var description = Assert.Single(await Client.ListAuthoritiesAsync("test"));
        Assert.Equal("CN=Test CA", description.Subject);
        Assert.Equal(["http://192.0.2.1/x.crl"], description.RevocationListUris);
        Assert.Equal(["http://192.0.2.1/ocsp"], description.OcspUris);
        await Client.UnloadAuthorityAsync("test");
        await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.UnloadAuthorityAsync("test"));

        await Client.UnloadKeyAsync(id);
        Assert.DoesNotContain(id, await Client.GetKeyIdsAsync());
        Assert.Equal("key not found", (await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.UnloadKeyAsync(id))).ErrorMessage);
        await Client.FlushCertificatesAsync(ViciCertificateType.X509RevocationList);
        await Client.FlushCertificatesAsync();
        await Client.ClearCredentialsAsync();
        Assert.Empty(await Client.ListCertificatesAsync());
        Assert.Empty(await Client.GetKeyIdsAsync());

        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() =>
            Client.LoadCertificateAsync(ViciCertificateType.X509, ViciCertificateUse.None, "rubbish"u8.ToArray()));
        Assert.Equal("parsing X509 certificate failed", error.ErrorMessage);
    }

    [Fact(Timeout = Limit)]
    public async Task A_token_that_is_not_there_is_told()
    {
        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() =>
            Client.LoadTokenAsync("0123", slot: 1, module: "none", pin: "987654"));
        Assert.Equal("loading private key from token failed", error.ErrorMessage);
        Assert.DoesNotContain("987654", error.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Pools()
    {
        await Client.LoadPoolAsync("pool", new ViciSection { { "addrs", "10.77.0.0/24" }, { "dns", ["10.77.0.1", "10.77.0.2"] } });
        var pool = Assert.Single(await Client.GetPoolsAsync());
        Assert.Equal("pool", pool.Name);
        Assert.Equal(254, pool.Size);
        Assert.Equal("10.77.0.0", pool.BaseAddress);
        Assert.Equal(0, pool.Online + pool.Offline);
        Assert.Empty(await Client.GetPoolsAsync("nobody", leases: true));
        await Client.UnloadPoolAsync("pool");
        Assert.Equal("pool not found", (await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.UnloadPoolAsync("pool"))).ErrorMessage);
    }

    [Fact(Timeout = Limit)]
    public async Task Policies_are_installed_listed_and_uninstalled()
    {
        static ViciSection Shunt(string mode, string remote) => new()
        {
            { "mode", mode }, { "local_ts", ["10.91.1.0/24"] }, { "remote_ts", [remote] },
        };
        await Client.LoadConnectionAsync("shunts", new ViciSection
        {
            { "remote_addrs", ["127.0.0.1"] },
            { "children", new ViciSection { { "bypass", Shunt("pass", "10.91.9.0/24") }, { "block", Shunt("drop", "10.91.8.0/24") } } },
        });
        try
        {
            await Client.InstallAsync("bypass");
            await Client.InstallAsync("block", "shunts");
            var policies = await Client.ListPoliciesAsync();
            var bypass = Assert.Single(policies, policy => policy.Child is "bypass");
            Assert.Equal(("shunts", "PASS"), (bypass.Ike, bypass.Mode));
            Assert.Equal(["10.91.9.0/24"], bypass.RemoteSelectors);
            Assert.Equal("block", Assert.Single(await Client.ListPoliciesAsync(new PolicyFilter { Bypasses = false })).Child);
            Assert.Empty(await Client.ListPoliciesAsync(new PolicyFilter { Bypasses = false, Drops = false }));
            await Client.UninstallAsync("bypass");
            await Client.UninstallAsync("block", "shunts");
            Assert.Empty(await Client.ListPoliciesAsync());
            Assert.Equal(
                "policy 'block' not found",
                (await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.UninstallAsync("block"))).ErrorMessage);
            Assert.Equal(
                "configuration name not found",
                (await Assert.ThrowsAsync<ViciCommandFailedException>(() => Client.InstallAsync("nobody"))).ErrorMessage);
        }
        finally
        {
            await Client.UnloadConnectionAsync("shunts");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Commands_about_sas_that_are_not_there_are_told()
    {
        async Task RefusedAsync(string reason, Task task) =>
            Assert.Equal(reason, (await Assert.ThrowsAsync<ViciCommandFailedException>(() => task)).ErrorMessage);
        await RefusedAsync("CHILD_SA config 'nobody' not found", Client.InitiateAsync(new InitiateRequest { Child = "nobody" }));
        await RefusedAsync("no matching SAs to terminate found", Client.TerminateAsync(new TerminateRequest { Ike = "nobody" }));
        await RefusedAsync("no matching SAs to rekey found", Client.RekeyAsync(new SaSelector { ChildId = 12_345 }));
        await RefusedAsync(
            "no matching SAs to redirect found", Client.RedirectAsync(new RedirectRequest { Gateway = "192.0.2.1", Ike = "nobody" }));
        await RefusedAsync("missing redirect selector", Client.RedirectAsync(new RedirectRequest { Gateway = "192.0.2.1" }));
        await RefusedAsync(
            "invalid peer IP selector", Client.RedirectAsync(new RedirectRequest { Gateway = "192.0.2.1", PeerAddress = "x" }));
    }

    [Fact(Timeout = Limit)]
    public async Task Redirect_reaches_an_established_sa()
    {
        var tunnel = new TunnelConfiguration("redirect");
        await tunnel.LoadAsync(pair);
        try
        {
            await tunnel.BringUpAsync(pair);
            // Any gateway redirects its peers; where there is nobody at the new address the peer tries there and fails.
            var request = new RedirectRequest { Gateway = "198.51.100.77", PeerAddress = "198.51.100.0/24", PeerId = "*.redirect.example" };
            Assert.Equal(1, await pair.Right.Client.RedirectAsync(request));
        }
        finally
        {
            await tunnel.UnloadAsync(pair);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Unknown_commands_and_events_are_told()
    {
        Assert.Equal("dance", (await Assert.ThrowsAsync<ViciUnknownCommandException>(() => Client.RequestAsync("dance"))).Command);
        var error = await Assert.ThrowsAsync<ViciUnknownEventException>(() => Tests.Client.FakeTests.ToListAsync(Client.ListenAsync(["log", "alert"])));
        Assert.Equal("alert", error.EventName);
    }
}
