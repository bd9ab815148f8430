using System.Diagnostics;
using System.Net;

namespace Tunnelwright.Ike.Tests.Real;

/// <summary>The probe against real daemons, a real router, a real NAT and a real filter.</summary>
[Collection(SharedPeers.Name)]
public sealed class RealPeerTests(PeerNetwork network)
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task Version_2_is_open_on_both_ports_and_takes_its_suite()
    {
        var before = await network.HalfOpenAsync();
        var result = await ProbeAsync(PeerNetwork.Version2, options => options with { Suites = [Suite("aes256-sha256-modp2048")] });
        Assert.True(result.IsOpen);
        Assert.All(result.Ports, port => Assert.InRange(port.RoundTrip!.Value.TotalMilliseconds, 0.01, 5000));
        Assert.Equal([500, 4500], result.Ports.Select(port => port.Port.Number));
        Assert.All(result.Ports, port => Assert.Equal(IPAddress.Parse(PeerNetwork.Client), port.Local!.Address));
        Assert.Equal(IkeVersionState.Accepted, result.Versions[0].State);
        Assert.Equal("aes256-sha256-modp2048", result.Versions[0].Taken?.ToString());
        // The daemon has no IKEv1 connection for us, and says so.
        Assert.Equal(IkeVersionState.Refused, result.Versions[1].State);
        Assert.Equal(["NO_PROPOSAL_CHOSEN"], result.Versions[1].Notifies);
        Assert.NotNull(result.Nat);
        Assert.False(result.Nat.IsHereTranslated);
        Assert.False(result.Nat.IsPeerTranslated);
        Assert.True(result.SupportsFragmentation);
        Assert.False(result.DemandedCookie);
        Assert.Null(result.Redirect);
        Assert.Equal(("strongSwan", true), (result.Vendor, result.IsVendorGuessed));
        Assert.Null(result.Fault);
        // What it says that it left behind is what the daemon counts.
        Assert.Equal(1, result.HalfOpenSas);
        Assert.Equal(before + 1, await network.HalfOpenAsync());
    }

    [Fact(Timeout = Limit)]
    public async Task A_suite_that_is_not_taken_leaves_nothing_behind()
    {
        var before = await network.HalfOpenAsync();
        var result = await ProbeAsync(PeerNetwork.Version2, options => options with { Suites = [Suite("aes128-sha1-modp1024")], Versions = [2] });
        Assert.True(result.IsOpen);
        Assert.Equal(IkeVersionState.Refused, result.Versions[0].State);
        Assert.Equal(["NO_PROPOSAL_CHOSEN"], result.Versions[0].Notifies);
        Assert.False(result.IsAccepted);
        Assert.Null(result.Nat);
        Assert.Equal(0, result.HalfOpenSas);
        Assert.Equal(before, await network.HalfOpenAsync());
    }

    [Fact(Timeout = Limit)]
    public async Task Version_1_is_found_where_only_it_is_spoken()
    {
        var result = await ProbeAsync(PeerNetwork.Version1, options => options with { Suites = [Suite("aes128-sha1-modp1024")] });
        Assert.True(result.IsOpen);
        Assert.Equal(IkeVersionState.Refused, result.Versions[0].State);
        Assert.Equal(IkeVersionState.Accepted, result.Versions[1].State);
        Assert.Equal("aes128-sha1-modp1024", result.Versions[1].Taken?.ToString());
        Assert.Contains(result.VendorIds, id => id.Known?.Name == "DPD (RFC 3706)");
        Assert.Contains(result.VendorIds, id => id.Known?.Name == "XAUTH");
        Assert.Contains(result.VendorIds, id => id.Known?.Name == "NAT-T (RFC 3947)");
        Assert.True(result.SupportsFragmentation);
        Assert.Equal(1, result.HalfOpenSas);
    }

    [Fact(Timeout = Limit)]
    public async Task Version_1_refuses_a_suite_that_it_does_not_have()
    {
        var result = await ProbeAsync(PeerNetwork.Version1, options => options with { Suites = [Suite("aes256-sha512-modp4096")], Versions = [1] });
        Assert.True(result.IsOpen);
        Assert.Equal(IkeVersionState.Refused, result.Versions[0].State);
        Assert.Equal(0, result.HalfOpenSas);
    }

    [Fact(Timeout = Limit)]
    public async Task Both_versions_are_told()
    {
        var result = await ProbeAsync(PeerNetwork.BothVersions, options => options with { Suites = [Suite("aes256-sha256-modp2048")] });
        Assert.All(result.Versions, version => Assert.Equal(IkeVersionState.Accepted, version.State));
    }

    [Fact(Timeout = Limit)]
    public async Task The_group_that_the_peer_wants_is_followed()
    {
        // Everything is offered with a public value of group 14; this peer takes group 16 only.
        var result = await ProbeAsync(PeerNetwork.Picky, options => options with { Versions = [2] });
        Assert.Equal("aes256-sha512-modp4096", result.Versions[0].Taken?.ToString());
        Assert.NotNull(result.Nat);
    }

    [Fact(Timeout = Limit)]
    public async Task The_walk_tells_exactly_what_is_taken_and_leaves_one_half_open_sa()
    {
        var before = await network.HalfOpenAsync();
        var result = await ProbeAsync(PeerNetwork.Version2, options => options with { Versions = [2], WalksSuites = true });
        var acceptance = result.Acceptance;
        Assert.NotNull(acceptance);
        Assert.Equal(["aes256", "aes128gcm16"], acceptance.Ciphers.Select(cipher => cipher.ToString()));
        Assert.Equal([IkeIntegrity.Sha256], acceptance.Integrities);
        Assert.Equal([14, 19], acceptance.Groups);
        Assert.Empty(acceptance.Unknown);
        Assert.Equal(1, result.HalfOpenSas);
        Assert.Equal(before + 1, await network.HalfOpenAsync());
        Assert.InRange(result.MessagesSent, 20, 40);
    }

    [Fact(Timeout = Limit)]
    public async Task The_walk_of_version_1_stops_at_its_limit_of_half_open_sas()
    {
        var before = await network.HalfOpenAsync();
        var result = await ProbeAsync(PeerNetwork.Version1, options => options with { Versions = [1], Suites = [Suite("aes128-sha1-modp1024")], WalksSuites = true });
        var acceptance = result.Acceptance;
        Assert.NotNull(acceptance);
        Assert.Equal(["aes128"], acceptance.Ciphers.Select(cipher => cipher.ToString()));
        Assert.Equal([IkeIntegrity.Sha1], acceptance.Integrities);
        Assert.Equal([2], acceptance.Groups);
        Assert.Equal(1, result.HalfOpenSas);
        Assert.Equal(before + result.HalfOpenSas, await network.HalfOpenAsync());
    }

    [Fact(Timeout = Limit)]
    public async Task A_walk_of_version_1_that_had_to_stop_says_what_it_does_not_know()
    {
        var result = await ProbeAsync(PeerNetwork.BothVersions, options => options with { Versions = [1], WalksSuites = true });
        var acceptance = result.Acceptance;
        Assert.NotNull(acceptance);
        Assert.Equal(2, result.HalfOpenSas);
        Assert.NotEmpty(acceptance.Unknown);
        Assert.NotEmpty(acceptance.Ciphers);
        Assert.Empty(acceptance.Unknown.Intersect(acceptance.Ciphers.Select(cipher => cipher.ToString())));
    }

    [Fact(Timeout = Limit)]
    public async Task A_cookie_is_answered_once_and_told()
    {
        var first = await ProbeAsync(PeerNetwork.Cautious, options => options with { Versions = [2] });
        Assert.Equal(IkeVersionState.Accepted, first.Versions[0].State);
        var second = await ProbeAsync(PeerNetwork.Cautious, options => options with { Versions = [2], WalksSuites = true });
        Assert.True(second.DemandedCookie);
        Assert.True(second.IsOpen);
        Assert.Equal("aes256-sha256-modp2048", second.Versions[0].Taken?.ToString());
        Assert.Equal(["aes256"], second.Acceptance!.Ciphers.Select(cipher => cipher.ToString()));
        Assert.Equal([14], second.Acceptance.Groups);
        Assert.Empty(second.Acceptance.Unknown);
    }

    [Fact(Timeout = Limit)]
    public async Task Our_side_behind_NAT_is_seen_and_the_public_address_proved()
    {
        var result = await ProbeAsync(PeerNetwork.Version2, options => options with
        {
            Versions = [2],
            Source = IPAddress.Parse(PeerNetwork.TranslatedClient),
            ExpectedSources = [IPAddress.Parse("192.0.2.55"), IPAddress.Parse(PeerNetwork.Router)],
        });
        Assert.True(result.IsOpen);
        Assert.True(result.Nat!.IsHereTranslated);
        Assert.False(result.Nat.IsPeerTranslated);
        Assert.Equal(IPAddress.Parse(PeerNetwork.TranslatedClient), result.Nat.Local.Address);
        Assert.Equal(IPAddress.Parse(PeerNetwork.Router), result.Nat.SeenFrom?.Address);
    }

    [Fact(Timeout = Limit)]
    public async Task The_peer_behind_NAT_is_seen()
    {
        var result = await ProbeAsync(PeerNetwork.TranslatedPeer, options => options with { Versions = [2] });
        Assert.True(result.IsOpen);
        Assert.False(result.Nat!.IsHereTranslated);
        Assert.True(result.Nat.IsPeerTranslated);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_connection_for_us_the_ports_are_open_and_both_versions_refuse()
    {
        var result = await ProbeAsync(PeerNetwork.NoConnection);
        Assert.True(result.IsOpen);
        Assert.All(result.Versions, version => Assert.Equal(IkeVersionState.Refused, version.State));
    }

    [Fact(Timeout = Limit)]
    public async Task A_filter_is_silence_for_three_seconds()
    {
        var clock = Stopwatch.StartNew();
        var result = await ProbeAsync(PeerNetwork.Filtered, options => options with { Timeout = new IkeProbeOptions().Timeout });
        Assert.All(result.Ports, port => Assert.Equal(IkePortState.Filtered, port.State));
        Assert.All(result.Ports, port => Assert.Equal(6, port.MessagesSent));
        Assert.All(result.Versions, version => Assert.Equal((IkeVersionState.Silent, (int?)null), (version.State, version.Port)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, 10);
    }

    [Fact(Timeout = Limit)]
    public async Task One_filtered_port_does_not_hide_the_other()
    {
        var result = await ProbeAsync(PeerNetwork.Filtered4500, options => options with { Timeout = TimeSpan.FromSeconds(3) });
        Assert.Equal([IkePortState.Open, IkePortState.Filtered], result.Ports.Select(port => port.State));
    }

    [Fact(Timeout = Limit)]
    public async Task Nobody_listening_is_refused_at_once()
    {
        var clock = Stopwatch.StartNew();
        var result = await ProbeAsync("10.77.1.1");
        Assert.All(result.Ports, port => Assert.Equal(IkePortState.Refused, port.State));
        Assert.All(result.Ports, port => Assert.Equal("Connection refused", port.Detail));
        // Far less than the twelve seconds that silence would take.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 6);
    }

    [Fact(Timeout = Limit)]
    public async Task Host_unreachable_is_told_from_silence()
    {
        var result = await ProbeAsync(PeerNetwork.Unreachable);
        Assert.All(result.Ports, port => Assert.Equal(IkePortState.Unreachable, port.State));
        Assert.All(result.Ports, port => Assert.Equal("No route to host", port.Detail));
        // The router finds out by itself that nobody has the address.
        result = await ProbeAsync(PeerNetwork.NoNeighbour);
        Assert.All(result.Ports, port => Assert.Equal(IkePortState.Unreachable, port.State));
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_source_address_of_ours_it_is_not_tried()
    {
        var result = await ProbeAsync(PeerNetwork.Version2, options => options with { Source = IPAddress.Parse("192.0.2.1") });
        Assert.All(result.Ports, port => Assert.Equal((IkePortState.NotTried, "Cannot assign requested address"), (port.State, port.Detail)));
        Assert.Equal(0, result.MessagesSent);
    }

    [Fact(Timeout = Limit)]
    public async Task The_ports_of_IKE_are_used_when_free_and_others_when_not()
    {
        var options = network.Options();
        var result = await ProbeAsync(PeerNetwork.Version2, _ => options with { PrefersIkeSourcePorts = true, Versions = [2] });
        Assert.Equal([500, 4500], result.Ports.Select(port => port.Local!.Port));
        Assert.True(result.IsAccepted);
        using var holder = await options.OpenSocket!(System.Net.Sockets.AddressFamily.InterNetwork);
        holder.Bind(new IPEndPoint(IPAddress.Any, 500));
        result = await ProbeAsync(PeerNetwork.Version2, _ => options with { PrefersIkeSourcePorts = true, Versions = [2] });
        Assert.NotEqual(500, result.Ports[0].Local!.Port);
        Assert.Equal(4500, result.Ports[1].Local!.Port);
        Assert.True(result.IsOpen);
        Assert.False(result.Nat!.IsHereTranslated);
    }

    /// <summary>No daemon ever got as far as the second exchange.</summary>
    [Fact(Timeout = Limit)]
    public async Task Nothing_goes_beyond_the_first_exchange()
    {
        await ProbeAsync(PeerNetwork.BothVersions);
        var log = await network.LogAsync();
        Assert.Contains("parsed IKE_SA_INIT request 0", log, StringComparison.Ordinal);
        Assert.Contains("parsed ID_PROT request 0 [ SA V V V V V ]", log, StringComparison.Ordinal);
        Assert.DoesNotContain("IKE_AUTH", log, StringComparison.Ordinal);
        Assert.DoesNotContain("authentication of", log, StringComparison.Ordinal);
        Assert.DoesNotContain("could not decrypt", log, StringComparison.Ordinal);
        Assert.DoesNotContain("parsing", log, StringComparison.Ordinal);
    }

    private Task<IkeProbeResult> ProbeAsync(string address, Func<IkeProbeOptions, IkeProbeOptions>? change = null) =>
        IkeProbe.RunAsync(IPAddress.Parse(address), (change ?? (options => options))(network.Options()), TestContext.Current.TestOutputHelper is { } output ? output.WriteLine : null, cancellationToken: TestContext.Current.CancellationToken);

    private static IkeSuite Suite(string text) => IkeSuite.TryParse(text, out var suite) ? suite : throw new FormatException(text);
}
