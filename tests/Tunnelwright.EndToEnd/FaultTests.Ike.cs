namespace Tunnelwright.EndToEnd;

public sealed partial class FaultTests
{
    /// <summary>IKE fails with the words that the daemons have for this fault; healed, it succeeds.</summary>
    [Theory]
    [InlineData("psk-mismatch", 1, Gateway, "AUTHENTICATION_FAILED")]
    [InlineData("psk-mismatch-customer", 2, Gateway, "AUTHENTICATION_FAILED")]
    [InlineData("psk-missing", 1, "cloud-endpoint-1", "no shared key found")]
    [InlineData("psk-missing-customer", 2, Gateway, "no shared key found")]
    [InlineData("identity-mismatch", 1, "cloud-endpoint-1", "no matching peer config found")]
    [InlineData("identity-mismatch-customer", 2, "cloud-endpoint-2", "no matching peer config found")]
    [InlineData("identity-private-customer", 1, "cloud-endpoint-1", "no matching peer config found")]
    [InlineData("ike-version-mismatch", 2, "cloud-endpoint-2", "no IKE config found")]
    [InlineData("ike-version-mismatch-customer", 1, "cloud-endpoint-1", "no IKE config found")]
    [InlineData("ike-proposal-mismatch", 2, "cloud-endpoint-2", "received proposals unacceptable")]
    [InlineData("ike-proposal-mismatch-customer", 1, Gateway, "NO_PROPOSAL_CHOSEN")]
    [InlineData("ike-group-mismatch", 2, Gateway, "NO_PROPOSAL_CHOSEN")]
    [InlineData("ike-group-mismatch-customer", 1, Gateway, "NO_PROPOSAL_CHOSEN")]
    [InlineData("unknown-peer", 2, "cloud-endpoint-2", "no IKE config found")]
    [InlineData("esp-proposal-mismatch", 1, Gateway, "NO_PROPOSAL_CHOSEN notify, no CHILD_SA built")]
    [InlineData("esp-proposal-mismatch-customer", 2, Gateway, "NO_PROPOSAL_CHOSEN notify, no CHILD_SA built")]
    [InlineData("ts-mismatch", 1, Gateway, "TS_UNACCEPTABLE")]
    [InlineData("auth-method-unsupported", 1, "cloud-endpoint-1", "no matching peer config found|constraint")]
    [Trait("plane", "userspace")]
    public async Task IKE_fails(string fault, int tunnel, string host, string words)
    {
        var lab = await labs.StaticAsync();
        var logs = lab.Logs(host);
        await lab.InjectAsync(fault, tunnel);
        await lab.StopsAsync(tunnel);
        await lab.LogsAsync(host, logs, words);
        await lab.InjectAsync(fault, tunnel);
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
    }

    /// <summary>With IKEv2 the first SA pair stands; the next one is refused.</summary>
    [Theory]
    [InlineData("pfs-mismatch", 1)]
    [InlineData("pfs-mismatch-customer", 2)]
    [InlineData("pfs-off-customer", 1)]
    public async Task PFS_fails_at_the_first_renewal(string fault, int tunnel)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        await lab.ComesBackAsync(tunnel);
        await lab.RenewedAsync(tunnel, "NO_PROPOSAL_CHOSEN|INVALID_KE|rekeying failed");
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
        await lab.RenewedAsync(tunnel, "CHILD_SA .* established");
    }

    /// <summary>The customer's gateway works on the wrong setting and nothing passes; healed, it passes.</summary>
    [Theory]
    [InlineData("stale-peer-address", 1)]
    [InlineData("local-address-missing", 2)]
    [InlineData("both-tunnels-not-configured", 2)]
    [InlineData("not-initiating", null)]
    [Trait("plane", "userspace")]
    public async Task The_gateway_is_set_up_wrongly(string fault, int? tunnel)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        await lab.StopsAsync(tunnel ?? 1);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.False(await lab.PassesAsync(tunnel ?? 1));
        if (fault == "not-initiating") Assert.DoesNotContain(await lab.Lab.SasAsync(), sa => sa.Name.EndsWith("-1", StringComparison.Ordinal));
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel ?? 1);
    }

    /// <summary>Lifetimes out of range do no harm yet: they show in what the daemon has loaded.</summary>
    [Theory]
    [InlineData("ike-lifetime-out-of-range", 1, 28_800, long.MaxValue)]
    [InlineData("phase2-lifetime-out-of-range", 2, 3_600, 28_800)]
    [Trait("plane", "userspace")]
    public async Task A_lifetime_is_out_of_range(string fault, int tunnel, long least, long most)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        Assert.InRange(await RekeyInAsync(), least, most);
        await lab.HealAsync();
        Assert.InRange(await RekeyInAsync(), 1, least);

        async Task<long> RekeyInAsync()
        {
            await lab.ComesBackAsync(tunnel);
            var status = (await lab.Lab.StatusAsync()).Tunnel(tunnel);
            return (fault.StartsWith("ike", StringComparison.Ordinal) ? status.Ike?.RekeyInSeconds : status.Child?.RekeyInSeconds) ?? -1;
        }
    }

    /// <summary>IKEv1 refuses at once what IKEv2 refuses at the first renewal.</summary>
    [Theory]
    [InlineData("pfs-mismatch", 1, "NO_PROPOSAL_CHOSEN")]
    [InlineData("ts-mismatch", 2, "INVALID_ID_INFORMATION|NO_PROPOSAL_CHOSEN")]
    [Trait("plane", "userspace")]
    public async Task Quick_mode_fails(string fault, int tunnel, string words)
    {
        var lab = await labs.BgpAsync();
        var logs = lab.Logs(Gateway);
        await lab.InjectAsync(fault, tunnel);
        await lab.LogsAsync(Gateway, logs, words);
        await lab.StopsAsync(tunnel);
        await lab.HealAsync();
        await lab.ComesBackAsync(tunnel);
    }
}
