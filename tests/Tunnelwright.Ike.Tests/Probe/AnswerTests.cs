using System.Net;
using Tunnelwright.Ike.Tests.Protocol;

namespace Tunnelwright.Ike.Tests.Probe;

/// <summary>Answers that no daemon on this machine gives.</summary>
public sealed class AnswerTests
{
    private const int Limit = 60_000;

    [Fact(Timeout = Limit)]
    public async Task A_version_that_is_not_spoken_is_told_from_one_that_is_refused()
    {
        var result = await ProbeAsync(request => FakeResponder.Refuse(request, request[17] == 0x10 ? IkeNotifyType.InvalidMajorVersion : IkeNotifyType.NoProposalChosen));
        Assert.Equal([(2, IkeVersionState.Refused), (1, IkeVersionState.NotSupported)], result.Versions.Select(version => (version.Version, version.State)));
        // A device of IKEv1 answers everything in its own version.
        result = await ProbeAsync(request => FakeResponder.Answer(request, 1, (IkePayloadType.NotificationV1, [0, 0, 0, 1, 1, 0, 0, request[17] == 0x10 ? (byte)14 : (byte)5])));
        Assert.Equal([(2, IkeVersionState.NotSupported), (1, IkeVersionState.Refused)], result.Versions.Select(version => (version.Version, version.State)));
        Assert.Equal(["INVALID_MAJOR_VERSION"], result.Versions[0].Notifies);
    }

    [Theory(Timeout = Limit)]
    [InlineData("0104c0000209", "192.0.2.9")]
    [InlineData("030b67772e6578616d706c65", null)]
    [InlineData("030a67772e6578616d706c65", "gw.example")]
    [InlineData("0302410a", null)]
    [InlineData("0104c00002", null)]
    [InlineData("", null)]
    [InlineData("020420010db8000000000000000000000001", null)]
    [InlineData("021020010db8000000000000000000000001", "2001:db8::1")]
    public async Task A_redirect_is_told(string data, string? gateway)
    {
        var result = await ProbeAsync(request => FakeResponder.Refuse(request, IkeNotifyType.Redirect, [.. Convert.FromHexString(data)]), options => options with { Versions = [2] });
        Assert.Equal(gateway, result.Redirect);
        Assert.Equal(IkeVersionState.Answered, result.Versions[0].State);
        Assert.Equal(["REDIRECT"], result.Versions[0].Notifies);
    }

    [Fact(Timeout = Limit)]
    public async Task Vendors_are_named_from_what_they_send()
    {
        var fortiGate = Convert.FromHexString("8299031757a36082c6a621de00000000");
        var result = await ProbeAsync(request => FakeResponder.Answer(request, 1, (IkePayloadType.VendorIdV1, Convert.FromHexString("4a131c81070358455c5728f20e95452f")), (IkePayloadType.VendorIdV1, fortiGate), (IkePayloadType.VendorIdV1, [1, 2, 3])), options => options with { Versions = [1] });
        Assert.Equal("Fortinet", result.Vendor);
        Assert.False(result.IsVendorGuessed);
        Assert.Equal(["NAT-T (RFC 3947)", "FortiGate", null], result.VendorIds.Select(id => id.Known?.Name));
        Assert.Equal("010203", result.VendorIds[2].Hex);
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_answers_nothing_but_whole_messages_is_open_all_the_same()
    {
        // It drops questions, and IKEv1.
        var result = await ProbeAsync(request => request[17] == 0x20 && FakeResponder.Group(request) != 31 ? Take(request) : null);
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
        Assert.Equal((IkeVersionState.Accepted, IkeVersionState.Silent), (result.Versions[0].State, result.Versions[1].State));
        Assert.Equal(1, result.HalfOpenSas);
        Assert.NotNull(result.Nat);
    }

    [Theory(Timeout = Limit)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Nat_is_told_from_either_hash(bool here, bool peer)
    {
        FakeResponder? responder = null;
        responder = new FakeResponder((request, _) => [Take(request, peer ? 1 : responder!.Port, here ? responder!.From.Port ^ 1 : responder!.From.Port)]);
        await using (responder)
        {
            var result = await RunAsync(responder, options => options with { Versions = [2], ExpectedSources = [IPAddress.Parse("192.0.2.1"), IPAddress.Loopback] });
            Assert.Equal((here, peer), (result.Nat!.IsHereTranslated, result.Nat.IsPeerTranslated));
            Assert.Equal(new IPEndPoint(IPAddress.Loopback, here ? result.Nat.Local.Port ^ 1 : result.Nat.Local.Port), result.Nat.SeenFrom);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Progress_tells_each_thing_once()
    {
        await using var responder = new FakeResponder((request, _) => [FakeResponder.Refuse(request, IkeNotifyType.NoProposalChosen)]);
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await IkeProbe.RunAsync(IPAddress.Loopback, new IkeProbeOptions { Ports = [new IkeProbePort(responder.Port, false)] }, lines.Enqueue);
        Assert.Equal([$"UDP {responder.Port} open", "IKEv2 refused", "IKEv1 refused"], lines);
    }

    [Fact]
    public async Task Options_out_of_range_are_refused()
    {
        foreach (var options in new IkeProbeOptions[]
        {
            new() { Ports = [] },
            new() { Ports = [new IkeProbePort(0, false)] },
            new() { Versions = [3] },
            new() { Versions = [2, 2] },
            new() { Timeout = TimeSpan.Zero },
            new() { Timeout = TimeSpan.FromMinutes(2) },
            new() { Source = IPAddress.IPv6Loopback },
            new() { Space = IkeSuiteSpace.Default with { Groups = [25] } },
        })
            await Assert.ThrowsAsync<ArgumentException>(() => IkeProbe.RunAsync(IPAddress.Loopback, options));
    }

    /// <summary>A real answer with another SPI and other hashes.</summary>
    private static byte[] Take(byte[] request, int peerPort = 1, int localPort = 1)
    {
        var answer = RealMessages.SaInit;
        request.AsSpan(0, 8).CopyTo(answer);
        Assert.True(IkeHeader.TryRead(answer, out var header, out _));
        var reader = new IkeMessageReader(answer);
        var places = new List<(int Offset, int Port)>();
        while (reader.Read())
        {
            if (reader.Current.Type != IkePayloadType.Notify || !IkeNotifyPayload.TryRead(reader.Current, out var notify, out _)) continue;
            if (notify.Type == IkeNotifyType.NatDetectionSourceIp) places.Add((reader.Current.Offset + 4, peerPort));
            if (notify.Type == IkeNotifyType.NatDetectionDestinationIp) places.Add((reader.Current.Offset + 4, localPort));
        }

        foreach (var (offset, port) in places) IkeNatDetection.Hash(header.InitiatorSpi, header.ResponderSpi, IPAddress.Loopback, port).CopyTo(answer, offset);
        return answer;
    }

    private static async Task<IkeProbeResult> ProbeAsync(Func<byte[], byte[]?> answer, Func<IkeProbeOptions, IkeProbeOptions>? change = null)
    {
        await using var responder = new FakeResponder((request, _) => answer(request) is { } one ? [one] : []);
        return await RunAsync(responder, change ?? (options => options));
    }

    private static Task<IkeProbeResult> RunAsync(FakeResponder responder, Func<IkeProbeOptions, IkeProbeOptions> change) => IkeProbe.RunAsync(
        IPAddress.Loopback,
        change(new IkeProbeOptions { Ports = [new IkeProbePort(responder.Port, false)], Timeout = TimeSpan.FromSeconds(6) }),
        cancellationToken: TestContext.Current.CancellationToken);
}
