using System.Globalization;

namespace Tunnelwright.EndToEnd;

/// <summary>Our gateway against libreswan, which shares no code with strongSwan. Its ESP is the kernel's, so this needs the guest.</summary>
[Trait("plane", "kernel")]
public sealed class LibreswanTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2, "aes256gcm16-prfsha256-modp2048", "aes256gcm16-modp2048", "aes_gcm256-sha2;modp2048", "aes_gcm256;modp2048", "AES_GCM_16-256/PRF_HMAC_SHA2_256/MODP_2048", "AES_GCM_16-256")]
    [InlineData(1, "aes128-sha1-modp2048", "aes128-sha1-modp1536", "aes128-sha1;modp2048", "aes128-sha1;modp1536", "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048", "AES_CBC-128/HMAC_SHA1_96/MODP_1536")]
    [InlineData(1, "aes128-sha1-modp2048", "aes128-sha1-modp2048", "aes128-sha1;modp2048", "aes128-sha1;modp2048", "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048", "AES_CBC-128/HMAC_SHA1_96/MODP_2048")]
    public async Task A_libreswan_responder_is_spoken_with(int version, string ike, string esp, string peerIke, string peerEsp, string negotiatedIke, string negotiatedEsp)
    {
        Assert.SkipUnless(TestMachine.IsGuest, "libreswan needs ESP in the kernel and a root file system of its own; scripts/guest/run gives it both.");
        await using var lab = await TestLab.UpAsync("--no-endpoints", "--ike", $"{version}", "--ike-proposal", ike, "--esp-proposal", esp);
        await using var first = await LibreswanEndpoint.ServeAsync(lab, 1, version, peerIke, peerEsp);
        await using var second = await LibreswanEndpoint.ServeAsync(lab, 2, version, peerIke, peerEsp);
        await HandConfiguredNetwork.RouteThroughAsync(lab, 1);

        var took = await lab.TypeAsync("up", lab.File, "--wait", $"{TestMachine.Patience.TotalSeconds - 20}");
        Assert.True(took.ExitCode == 0, $"up: {took.ExitCode}: {took.Error}{took.Output}\nendpoint 1:\n{first.Log}\nendpoint 2:\n{second.Log}");
        output.WriteLine(took.Error);
        var status = await lab.StatusAsync();
        Assert.Equal(0, status.ExitCode);
        Assert.Equal("kernel", status.Document.DataPlane);
        Assert.Equal([1, 2], status.Connection.Tunnels.Select(tunnel => tunnel.Number));
        foreach (var tunnel in status.Connection.Tunnels)
        {
            Assert.Equal("up", tunnel.State);
            Assert.Equal(version, tunnel.Ike?.Version);
            Assert.Equal(negotiatedIke, tunnel.Ike?.Proposal);
            Assert.Equal(negotiatedEsp, tunnel.Child?.Proposal);
        }

        var proofs = new Proofs(lab);
        foreach (var number in new[] { 1, 2 })
        {
            var far = HandConfiguredNetwork.Inside(number).Cloud;
            Assert.True(await proofs.AnswersAsync(TestLab.Gateway, far), $"no answer from {far}, the far end of tunnel {number}");
        }

        await proofs.PassesAsync(TimeSpan.FromSeconds(10));
        Assert.True(await proofs.AnswersAsync("cloud-dns-1", "10.1.0.10"), "the cloud does not reach the customer's host");
        await proofs.WebAsync();
        foreach (var endpoint in new[] { first, second })
        {
            var traffic = await endpoint.TrafficStatusAsync();
            Assert.True(traffic.Contains("inBytes=", StringComparison.Ordinal) && !traffic.Contains("inBytes=0,", StringComparison.Ordinal), $"pluto has seen no packet: {traffic}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"IKEv{version} with libreswan: up {took.Elapsed.TotalSeconds:0.00} s"));
    }
}
