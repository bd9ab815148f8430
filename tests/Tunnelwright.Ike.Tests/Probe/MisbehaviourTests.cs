using System.Diagnostics;
using System.Net;
using Tunnelwright.Ike.Tests.Protocol;

namespace Tunnelwright.Ike.Tests.Probe;

/// <summary>Responders that do wrong: never an exception, never longer than the time limit allows, never more messages than the limit.</summary>
public sealed class MisbehaviourTests
{
    private const int Limit = 60_000;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(6);

    [Fact(Timeout = Limit)]
    public async Task Garbage_is_another_service()
    {
        var random = new Random(5);
        var result = await ProbeAsync((request, _) =>
        {
            var bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            return [bytes, [], "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()];
        });
        Assert.Equal(IkePortState.OtherService, result.Ports[0].State);
        Assert.All(result.Versions, version => Assert.Equal(IkeVersionState.Silent, version.State));
    }

    [Fact(Timeout = Limit)]
    public async Task Our_own_message_coming_back_is_no_answer()
    {
        var result = await ProbeAsync((request, _) => [request, request]);
        Assert.Equal(IkePortState.OtherService, result.Ports[0].State);
    }

    [Fact(Timeout = Limit)]
    public async Task Another_SPI_is_no_answer()
    {
        var result = await ProbeAsync((request, _) =>
        {
            var answer = FakeResponder.Refuse(request, IkeNotifyType.NoProposalChosen);
            answer[3] ^= 1;
            return [answer];
        });
        Assert.Equal(IkePortState.OtherService, result.Ports[0].State);
    }

    [Fact(Timeout = Limit)]
    public async Task An_answer_that_is_cut_short_is_an_answer_with_a_fault()
    {
        var result = await ProbeAsync((request, _) => [FakeResponder.Refuse(request, IkeNotifyType.NoProposalChosen)[..^3]]);
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
        Assert.NotNull(result.Fault);
        Assert.All(result.Versions, version => Assert.Equal(IkeVersionState.Answered, version.State));
    }

    [Fact(Timeout = Limit)]
    public async Task A_huge_answer_is_read_in_bounds()
    {
        var vendorIds = Enumerable.Range(0, 1000).Select(i => (IkePayloadType.VendorId, BitConverter.GetBytes(i))).ToArray();
        var result = await ProbeAsync((request, _) =>
        {
            if (request[17] == 0x10) return [];
            var answer = FakeResponder.Answer(request, 2, [.. vendorIds, (IkePayloadType.Nonce, new byte[52_000])]);
            (answer[24], answer[25], answer[26], answer[27]) = (0, (byte)(answer.Length >> 16), (byte)(answer.Length >> 8), (byte)answer.Length);
            return [answer];
        });
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
        Assert.InRange(result.VendorIds.Count, 32, 64);
    }

    [Fact(Timeout = Limit)]
    public async Task A_flood_is_cut_off()
    {
        var clock = Stopwatch.StartNew();
        var result = await ProbeAsync((request, _) => Enumerable.Repeat(FakeResponder.Refuse(request, IkeNotifyType.NoProposalChosen), 3000));
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
        Assert.All(result.Versions, version => Assert.NotEqual(IkeVersionState.Accepted, version.State));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
    }

    [Fact(Timeout = Limit)]
    public async Task Cookies_without_end_are_given_up()
    {
        var random = new Random(6);
        var result = await ProbeAsync((request, _) => request[17] == 0x10 ? [] : [FakeResponder.Refuse(request, IkeNotifyType.Cookie, [.. Enumerable.Range(0, 20).Select(_ => (byte)random.Next(256))])], options => options with { WalksSuites = true, Timeout = TimeSpan.FromSeconds(1) });
        Assert.True(result.DemandedCookie);
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
        Assert.Equal(IkeVersionState.Answered, result.Versions[0].State);
        Assert.InRange(result.MessagesSent, 1, 200);
        Assert.NotEmpty(result.Acceptance!.Unknown);
        Assert.Empty(result.Acceptance.Ciphers);
    }

    [Fact(Timeout = Limit)]
    public async Task Groups_wanted_in_turns_are_given_up()
    {
        // Whatever comes, the next group is wanted.
        int[] groups = [14, 19, 2, 20];
        var result = await ProbeAsync((request, number) => request[17] == 0x10 ? [] : [FakeResponder.Refuse(request, IkeNotifyType.InvalidKeyExchange, 0, (byte)groups.First(group => group != FakeResponder.Group(request) && (number + group) % 2 == 0))]);
        Assert.Equal(IkeVersionState.Accepted, result.Versions[0].State);
        Assert.Null(result.Versions[0].Taken);
        Assert.InRange(result.MessagesSent, 2, 20);
    }

    [Theory(Timeout = Limit)]
    [InlineData(25)]
    [InlineData(0)]
    [InlineData(65_535)]
    public async Task A_group_that_was_not_offered_is_not_followed(int group)
    {
        var result = await ProbeAsync((request, _) => request[17] == 0x10 ? [] : [FakeResponder.Refuse(request, IkeNotifyType.InvalidKeyExchange, (byte)(group >> 8), (byte)group)]);
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
        Assert.Null(result.Versions[0].Taken);
        Assert.InRange(result.MessagesSent, 2, 8);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_its_marker_an_answer_on_port_4500_is_none()
    {
        var result = await ProbeAsync((request, _) => [FakeResponder.Refuse(request[4..], IkeNotifyType.NoProposalChosen)], hasMarker: true);
        Assert.Equal(IkePortState.OtherService, result.Ports[0].State);
        result = await ProbeAsync((request, _) => [[0, 0, 0, 0, .. FakeResponder.Refuse(request[4..], IkeNotifyType.NoProposalChosen)]], hasMarker: true);
        Assert.Equal(IkePortState.Open, result.Ports[0].State);
    }

    [Fact(Timeout = Limit)]
    public async Task Flipped_bits_in_real_answers_never_raise_an_error()
    {
        var seeds = Enumerable.Range(0, 24);
        var states = new System.Collections.Concurrent.ConcurrentBag<IkePortState>();
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            var random = new Random(seed);
            var result = await ProbeAsync(
                (request, number) =>
                {
                    var answer = RealMessages.All[random.Next(RealMessages.All.Length)];
                    request.AsSpan(0, 8).CopyTo(answer);
                    for (var flips = random.Next(0, 4); flips > 0; flips--) answer[random.Next(8, answer.Length)] ^= (byte)(1 << random.Next(8));
                    return [answer[..random.Next(answer.Length / 2, answer.Length + 1)]];
                },
                options => options with { WalksSuites = seed % 4 == 0, Timeout = TimeSpan.FromSeconds(0.3), DatagramLimit = 40 });
            Assert.InRange(result.MessagesSent, 1, 40);
            states.Add(result.Ports[0].State);
        });
        Assert.Contains(IkePortState.Open, states);
    }

    [Fact(Timeout = Limit)]
    public async Task The_limit_of_messages_holds()
    {
        await using var responder = new FakeResponder((request, _) => [FakeResponder.Refuse(request, IkeNotifyType.NoProposalChosen)]);
        var result = await RunAsync(responder, false, options => options with { DatagramLimit = 7, WalksSuites = true });
        Assert.Equal(7, result.MessagesSent);
        Assert.InRange(responder.Received, 1, 7);
        Assert.NotEmpty(result.Acceptance!.Unknown);
    }

    [Fact(Timeout = Limit)]
    public async Task Giving_up_ends_at_once()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var clock = Stopwatch.StartNew();
        await using var responder = new FakeResponder((_, _) => []);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => IkeProbe.RunAsync(
            IPAddress.Loopback, new IkeProbeOptions { Ports = [new IkeProbePort(responder.Port, false)], Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: cancel.Token));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    private static async Task<IkeProbeResult> ProbeAsync(Func<byte[], int, IEnumerable<byte[]>> answer, Func<IkeProbeOptions, IkeProbeOptions>? change = null, bool hasMarker = false)
    {
        await using var responder = new FakeResponder(answer);
        return await RunAsync(responder, hasMarker, change ?? (options => options));
    }

    private static Task<IkeProbeResult> RunAsync(FakeResponder responder, bool hasMarker, Func<IkeProbeOptions, IkeProbeOptions> change) => IkeProbe.RunAsync(
        IPAddress.Loopback,
        change(new IkeProbeOptions { Ports = [new IkeProbePort(responder.Port, hasMarker)], Timeout = Short, Pace = TimeSpan.FromMilliseconds(1) }),
        cancellationToken: TestContext.Current.CancellationToken);
}
