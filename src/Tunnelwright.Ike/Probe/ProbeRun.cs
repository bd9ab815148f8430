using System.Net;

namespace Tunnelwright.Ike;

/// <summary>One run of the probe: all ports side by side, then one whole first exchange with the first that answered, then the walk.</summary>
internal sealed class ProbeRun : IAsyncDisposable
{
    // A neighbour that does not answer ARP is given up by the kernel after three seconds (arp(7)): its word is waited for a little longer.
    private static readonly TimeSpan LastWord = TimeSpan.FromMilliseconds(300);

    private readonly IPAddress _address;
    private readonly IkeProbeOptions _options;
    private readonly Action<string>? _progress;
    private readonly TimeProvider _time;
    private readonly Outgoing _outgoing;
    private readonly Peer _peer = new();
    private readonly List<PortInquiry> _ports = [];

    internal ProbeRun(IPAddress address, IkeProbeOptions options, Action<string>? progress, TimeProvider time)
    {
        _address = address;
        _options = options;
        _progress = progress;
        _time = time;
        _outgoing = new Outgoing(options.Pace, options.DatagramLimit, time);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var port in _ports)
            if (port.Channel is { } channel)
                await channel.DisposeAsync();
        _outgoing.Dispose();
    }

    internal async Task<IkeProbeResult> RunAsync(CancellationToken cancellationToken)
    {
        foreach (var port in _options.Ports)
        {
            var (socket, error) = await ProbeSockets.ConnectAsync(_address, port, _options);
            _ports.Add(new PortInquiry(port, socket is null ? null : new ProbeChannel(port, socket, _outgoing, _time), error));
        }

        await Task.WhenAll(_ports.Select((port, index) => AskPortAsync(port, index, cancellationToken)));
        var ports = PortResults();
        var exchange = new FirstExchange(_address, _options, _peer);
        var second = _options.Versions.Contains(2) ? await AskVersion2Async(exchange, cancellationToken) : null;
        var first = _options.Versions.Contains(1) ? await AskVersion1Async(cancellationToken) : null;
        var acceptance = await WalkAsync(second, first, cancellationToken);
        return _peer.Result() with
        {
            Address = _address,
            Ports = ports,
            Versions = [.. _options.Versions.Select(version => version == 2 ? second! : first!)],
            Nat = exchange.Nat,
            Acceptance = acceptance,
            MessagesSent = _outgoing.Count,
        };
    }

    private async Task AskPortAsync(PortInquiry port, int index, CancellationToken cancellationToken)
    {
        if (port.Channel is not { } channel)
        {
            if (ProbeSockets.Judge(port.Error) is not IkePortState.NotTried and var state) Tell($"UDP {port.Port.Number} {state.Word()}: {ProbeSockets.Words(port.Error)}");
            return;
        }

        var asksBoth = _options.Versions.Count == 2;
        var inquiries = new List<Task>(2);
        if (_options.Versions.Contains(2)) inquiries.Add(AskWith2Async());
        var suites = FirstExchange.MainModeSuites(_options);
        if (_options.Versions.Contains(1) && suites.Count > 0) inquiries.Add(AskWith1Async());
        await Task.WhenAll(inquiries);
        if (!channel.HasAnswered && channel.Errors == 0) await Task.Delay(LastWord, _time, cancellationToken);
        Tell($"UDP {port.Port.Number} {port.Result().State.Word()}");

        async Task AskWith2Async()
        {
            var spi = ProbeMessages.NewSpi();
            var nonce = ProbeMessages.NewNonce();
            var offers = FirstExchange.Offers(_options);
            var question = ProbeMessages.Question(spi, nonce, offers, null, channel.Local, channel.Remote, _options.PaddingBytes);
            // The last message is a whole one: some peers do not answer what they cannot take.
            var group = offers[0].Groups[0];
            var whole = _options.LeavesNothing ? question : ProbeMessages.SaInit(spi, nonce, offers, group, IkeGroups.CreatePublicValue(group), null, channel.Local, channel.Remote);
            port.Second = await channel.AskAsync(spi, Steps(question, question, whole), null, null, cancellationToken);
            _peer.See(port.Second);
        }

        async Task AskWith1Async()
        {
            // One port is asked with the whole message, which leaves a half-open SA; the others with what nobody can take, and the whole only at last.
            var spi = ProbeMessages.NewSpi();
            var whole = _options.LeavesNothing ? ProbeMessages.MainModeQuestion(spi) : ProbeMessages.MainMode(spi, suites);
            var question = index == 0 ? whole : ProbeMessages.MainModeQuestion(spi);
            var sends = 0;
            // The version is given up at half the time when the other has answered.
            port.First = await channel.AskAsync(spi, Steps(question, question, whole), null, () => ++sends < 2 || !asksBoth || !channel.HasAnswered, cancellationToken);
            _peer.See(port.First);
        }
    }

    private ProbeStep[] Steps(byte[] first, byte[] second, byte[] third) =>
        [new(first, _options.Timeout / 6), new(second, _options.Timeout / 3), new(third, _options.Timeout / 2)];

    private async Task<IkeVersionResult> AskVersion2Async(FirstExchange exchange, CancellationToken cancellationToken)
    {
        var port = _ports.Find(port => port.Second is { Header.MajorVersion: 2 }) ?? _ports.Find(port => port.Second is not null);
        if (port is not { Second: { } heard, Channel: { } channel }) return new IkeVersionResult(2, IkeVersionState.Silent, null, [], null);
        // A peer that does not speak the version is not asked again, nor one that took the whole message that the port was asked with last.
        var answer = !_options.LeavesNothing && heard.Header.MajorVersion == 2 && !heard.Has(IkeNotifyType.InvalidMajorVersion) && !heard.HasSa
            ? await exchange.RunAsync(channel, cancellationToken) ?? heard
            : heard;
        if (heard.HasSa) exchange.TakeNat(heard, channel);
        var result = Judge(2, answer, channel.Port.Number);
        Tell($"IKEv2 {result.State.Word()}{(result.Taken is { } taken ? $": {taken}" : "")}");
        return result;
    }

    private async Task<IkeVersionResult> AskVersion1Async(CancellationToken cancellationToken)
    {
        var port = _ports.Find(port => port.First is { HasSa: true }) ?? _ports.Find(port => port.First is not null);
        if (port is not { First: { } answer, Channel: { } channel }) return new IkeVersionResult(1, IkeVersionState.Silent, null, [], null);
        if (_options.LeavesNothing && answer.Header.MajorVersion == 1 && !answer.Has(IkeNotifyType.InvalidMajorVersion)) return new IkeVersionResult(1, IkeVersionState.Answered, port.Port.Number, [.. answer.NotifyNames], null);
        if (!answer.HasSa && _ports[0].First is null)
        {
            // This port was asked with what nobody can take: its refusal says nothing.
            var spi = ProbeMessages.NewSpi();
            var whole = await channel.AskAsync(spi, FirstExchange.Steps(ProbeMessages.MainMode(spi, FirstExchange.MainModeSuites(_options)), channel.RoundTrip, _options), null, null, cancellationToken);
            _peer.See(whole);
            answer = whole ?? answer;
        }

        var result = Judge(1, answer, port.Port.Number);
        Tell($"IKEv1 {result.State.Word()}{(result.Taken is { } taken ? $": {taken}" : "")}");
        return result;
    }

    private static IkeVersionResult Judge(int version, IkeAnswer answer, int port)
    {
        var state = answer switch
        {
            _ when answer.Has(IkeNotifyType.InvalidMajorVersion) || answer.Header.MajorVersion != version => IkeVersionState.NotSupported,
            { HasSa: true } or { WantedGroup: not null } => IkeVersionState.Accepted,
            _ when answer.Has(IkeNotifyType.NoProposalChosen) => IkeVersionState.Refused,
            _ => IkeVersionState.Answered,
        };
        return new IkeVersionResult(version, state, port, [.. answer.NotifyNames], answer.Suite);
    }

    private async Task<IkeAcceptance?> WalkAsync(IkeVersionResult? second, IkeVersionResult? first, CancellationToken cancellationToken)
    {
        if (!_options.WalksSuites) return null;
        var walk = new SuiteWalk(_options, _peer, _progress);
        if (second is { State: not (IkeVersionState.Silent or IkeVersionState.NotSupported) } && Channel(second.Port) is { } channel) return await walk.Version2Async(channel, cancellationToken);
        if (first is { State: not (IkeVersionState.Silent or IkeVersionState.NotSupported) } && Channel(first.Port) is { } other) return await walk.Version1Async(other, first.Taken, cancellationToken);
        return null;
    }

    /// <summary>A router that says that the host is unreachable limits how often it does (icmp(7)): its word counts for the host's silent ports too.</summary>
    private List<IkePortResult> PortResults()
    {
        var results = _ports.Select(port => port.Result()).ToList();
        if (results.Find(port => port.State == IkePortState.Unreachable) is not { } unreachable || results.Exists(port => port.State is IkePortState.Open or IkePortState.OtherService or IkePortState.Refused)) return results;
        return [.. results.Select(port => port.State == IkePortState.Filtered ? port with { State = unreachable.State, Detail = unreachable.Detail } : port)];
    }

    private ProbeChannel? Channel(int? number) => _ports.Find(port => port.Port.Number == number)?.Channel;

    private void Tell(string line) => _progress?.Invoke(line);

    private sealed class PortInquiry(IkeProbePort port, ProbeChannel? channel, int error)
    {
        internal IkeProbePort Port { get; } = port;

        internal ProbeChannel? Channel { get; } = channel;

        internal int Error { get; } = error;

        internal IkeAnswer? Second { get; set; }

        internal IkeAnswer? First { get; set; }

        internal IkePortResult Result()
        {
            var seen = Channel?.Error ?? Error;
            var state = Channel switch
            {
                { HasAnswered: true } => IkePortState.Open,
                { HasHeardOther: true } => IkePortState.OtherService,
                _ => ProbeSockets.Judge(seen),
            };
            return new IkePortResult(Port, state, Channel?.RoundTrip, Channel?.MessagesSent ?? 0, Channel?.Local, state == IkePortState.Open || seen == 0 ? null : ProbeSockets.Words(seen));
        }
    }
}
