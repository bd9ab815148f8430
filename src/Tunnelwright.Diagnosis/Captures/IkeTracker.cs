using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis;

/// <summary>Follows IKE SAs through a capture and says what becomes of each request. Encrypted answers are judged by their length.</summary>
internal sealed partial class IkeTracker
{
    /// <summary>So often a request is sent in vain before it counts as unanswered; charon sends it again after 4, 11 and 24 s.</summary>
    private const int ManySends = 4;

    /// <summary>So often at the end of a capture that may have been stopped early.</summary>
    private const int SomeSends = 3;

    /// <summary>A capture of all interfaces shows a packet several times within this time, in seconds.</summary>
    private const double Echo = 0.05;

    /// <summary>Seconds without an answer before a peer that was there counts as gone.</summary>
    private const double PeerPatience = 8;

    private const int MaximumSas = 4096;
    private const int LargestWhole = 1472;

    private readonly CaptureFacts _facts;
    private readonly AgingTable<(HostPair, ulong), IkeSa> _sas;

    public IkeTracker(CaptureFacts facts)
    {
        _facts = facts;
        _sas = new AgingTable<(HostPair, ulong), IkeSa>(MaximumSas, (_, sa) => Finish(sa));
    }

    /// <summary>Sees a message.</summary>
    /// <param name="message">It, as far as it was captured, without a non-ESP marker.</param>
    /// <param name="conversation">Between whom.</param>
    /// <param name="path">From where to where.</param>
    /// <param name="isCut">Whether IP cut it into fragments, of which this is the first.</param>
    /// <param name="place">Where.</param>
    /// <returns>Whether it is an IKE message.</returns>
    public bool See(ReadOnlySpan<byte> message, Conversation conversation, PacketPath path, bool isCut, PacketPlace place)
    {
        if (!IkeHeader.TryRead(message, out var header, out _) || header.MajorVersion is not (1 or 2)) return false;
        if (header.Length > 1 << 20) return false;
        conversation.Ike[path.Direction]++;
        var sa = _sas.FindOrAdd((path.Pair, header.InitiatorSpi), key => new IkeSa(conversation, key.Item2));
        SeePort(sa, path, place);
        var seen = new SeenMessage(message, header, path, isCut, place);
        if (header.MajorVersion == 1) V1(sa, seen);
        else if (header.IsResponse) Response(sa, seen);
        else Request(sa, seen);
        return true;
    }

    /// <summary>Says what the end of the capture makes clear.</summary>
    public void Finish()
    {
        foreach (var (_, sa) in _sas.All.OrderBy(entry => entry.Value.Waiting.Max(waiting => waiting?.Last.Number ?? 0))) Finish(sa);
    }

    private void Finish(IkeSa sa)
    {
        var pair = sa.Conversation.Pair;
        foreach (var waiting in sa.Waiting)
        {
            if (waiting is { IsTold: false, Sends: >= SomeSends } && IsPatient(waiting) && sa.Conversation.LastUp.Number < waiting.First.Number) TellUnanswered(sa, waiting);
        }

        if (sa.AskedGroup is { } asked && sa.Conversation.LastUp.Number < asked.Place.Number)
            _facts.Add(FactKind.IkeProposalRefused, pair, asked.Place, () => $"{asked.Path} IKE_SA_INIT answered with INVALID_KE_PAYLOAD: the responder wants {IkeGroups.Name(asked.Group)}, the initiator went no further; offered: {sa.Offers}");
        if (sa.RefusedChild is { } refused)
            _facts.Add(sa.HasChild ? FactKind.RekeyFailed : FactKind.ChildFailed, pair, refused.Place, () => $"{refused.Path} CREATE_CHILD_SA answered with {refused.Bytes} bytes: no room for an SA, so it was refused, and none was granted after");
    }

    /// <summary>The port of an end that floats from 500 to 4500 is in order; another change is a NAT that forgot.</summary>
    private void SeePort(IkeSa sa, PacketPath path, PacketPlace place)
    {
        var known = sa.Ports[path.Direction];
        sa.Ports[path.Direction] = path.SourcePort;
        if (known == 0 || known == path.SourcePort || !path.IsNatTraversal || !sa.IsUp) return;
        _facts.Add(FactKind.AddressOfPeerChanged, path.Pair, place, () => $"{path} the same IKE SA {sa.InitiatorSpi:x16}, which came from port {known} before");
    }

    private void Request(IkeSa sa, SeenMessage seen)
    {
        var header = seen.Header;
        if (header.Exchange == IkeExchangeType.Informational && HasErrorInTheClear(sa, seen)) return;
        var direction = seen.Path.Direction;
        if (header.Exchange == IkeExchangeType.SaInit) sa.Initiator = direction;
        if (FragmentNumber(seen) is > 1)
        {
            if (sa.Waiting[direction] is { } whole && whole.Id == header.MessageId && whole.Sends == 1) whole.Bytes += header.Length;
            return;
        }

        if (!Sent(sa, seen, header.MessageId)) return;
        if (header.Exchange == IkeExchangeType.SaInit)
        {
            SeeFirst(sa, seen, isRequest: true);
            SeeAttempt(sa, seen);
            if (sa.AskedGroup is not null) sa.AskedGroup = null;
        }
        else if (header.Exchange == IkeExchangeType.Auth && header.MessageId == 1)
        {
            sa.AuthBytes = header.Length;
        }
    }

    /// <summary>Notes a request; true when it is a new one.</summary>
    private bool Sent(IkeSa sa, SeenMessage seen, uint id)
    {
        var direction = seen.Path.Direction;
        if (sa.Waiting[direction] is { } waiting && waiting.Id == id && waiting.Exchange == seen.Header.Exchange)
        {
            if (seen.Place.Time is not null && seen.Place.Since(waiting.Last) < Echo) return false;
            waiting.Sends++;
            waiting.Last = seen.Place;
            sa.Conversation.LastRetransmission = seen.Place;
            if (waiting is { Sends: >= ManySends, IsTold: false } && IsPatient(waiting)) TellUnanswered(sa, waiting);
            return false;
        }

        sa.Waiting[direction] = new Waiting { Exchange = seen.Header.Exchange, Id = id, First = seen.Place, Last = seen.Place, Path = seen.Path, Bytes = seen.Header.Length, IsCut = seen.IsCut };
        return true;
    }

    /// <summary>Some daemons begin anew with another SPI instead of sending again. What only asks, as a doctor does, is no attempt.</summary>
    private void SeeAttempt(IkeSa sa, SeenMessage seen)
    {
        if (sa.IsProbe || ++sa.Conversation.FirstMessagesAlone != ManySends) return;
        var path = seen.Path;
        _facts.Add(FactKind.FirstMessageUnanswered, path.Pair, seen.Place, () => $"{path} {ManySends} attempts with different SPIs, no answer to any");
    }

    /// <summary>Whether silence has lasted long enough: a peer that was there may miss a few seconds.</summary>
    private static bool IsPatient(Waiting waiting) => waiting.Exchange is IkeExchangeType.SaInit or IkeExchangeType.Auth or IkeExchangeType.MainModeV1 or IkeExchangeType.AggressiveModeV1 || waiting.First.Time is null || waiting.Last.Since(waiting.First) >= PeerPatience;

    /// <summary>Takes the request out that a message answers.</summary>
    private static Waiting? Answered(IkeSa sa, SeenMessage seen, uint id)
    {
        var direction = 1 - seen.Path.Direction;
        if (sa.Waiting[direction] is not { } waiting || waiting.Id != id || waiting.Exchange != seen.Header.Exchange) return null;
        sa.Waiting[direction] = null;
        sa.Conversation.LastAnswer = seen.Place;
        sa.Conversation.FirstMessagesAlone = 0;
        if (!waiting.IsCut) sa.Conversation.AnsweredSmall = true;
        return waiting;
    }

    private void Response(IkeSa sa, SeenMessage seen)
    {
        var header = seen.Header;
        if (FragmentNumber(seen) is > 1) return;
        var waiting = Answered(sa, seen, header.MessageId);
        if (waiting is null && header.Exchange != IkeExchangeType.SaInit) return;
        switch (header.Exchange)
        {
            case IkeExchangeType.SaInit:
                InitAnswer(sa, seen);
                break;
            case IkeExchangeType.Auth when header.MessageId == 1:
                AuthAnswer(sa, seen);
                break;
            case IkeExchangeType.CreateChildSa when sa.Sizes is { } sizes && FragmentNumber(seen) is null:
                // An SA, a nonce and either selectors or a public value need more than this.
                if (sizes.Inside(header.Length) < 90) sa.RefusedChild = (seen.Place, seen.Path, header.Length);
                else (sa.RefusedChild, sa.HasChild) = (null, true);
                break;
        }
    }

    private void AuthAnswer(IkeSa sa, SeenMessage seen)
    {
        var path = seen.Path;
        var bytes = seen.Header.Length;
        var inside = sa.Sizes?.Inside(bytes);
        if (FragmentNumber(seen) is not null)
        {
            // Only an answer with certificates is so large.
            Up(sa, seen, child: true);
        }
        else if (inside is null || sa.Sizes is not { } sizes)
        {
            // Without the algorithms only extremes are clear: AUTH with the shortest of them needs more, all payloads with the longest need less.
            if (bytes < 100) TellRefused(sa, seen);
            else if (bytes >= 200) Up(sa, seen, child: true);
        }
        else if (inside < 8 + sizes.Auth)
        {
            TellRefused(sa, seen);
        }
        else
        {
            // Identity, AUTH, SA and two traffic selectors with IPv4.
            var hasChild = inside >= 12 + 8 + sizes.Auth + 32 + 48;
            Up(sa, seen, hasChild);
            var asked = sizes.Inside(sa.AuthBytes) >= 12 + 8 + sizes.Auth + 32 + 48;
            if (hasChild || !asked) return;
            sa.Conversation.Fail(seen.Place);
            _facts.Add(FactKind.ChildFailed, path.Pair, seen.Place, () => $"{path} IKE_AUTH answered with {bytes} bytes: room for AUTH, but not for an SA and traffic selectors: the CHILD_SA was refused (encrypted)");
        }
    }

    private void TellRefused(IkeSa sa, SeenMessage seen)
    {
        sa.Conversation.Fail(seen.Place);
        var (path, bytes) = (seen.Path, seen.Header.Length);
        _facts.Add(FactKind.AuthenticationFailed, path.Pair, seen.Place, () => $"{path} IKE_AUTH answered with {bytes} bytes: no room for the payload AUTH, so it is a refusal (encrypted)");
    }

    private void Up(IkeSa sa, SeenMessage seen, bool child)
    {
        sa.IsUp = true;
        sa.HasChild |= child;
        sa.Conversation.LastUp = seen.Place;
        var (path, length) = (seen.Path, seen.Header.Length);
        _facts.Add(FactKind.IkeUp, path.Pair, seen.Place, () => $"{path} IKE SA {sa.InitiatorSpi:x16} established, {length} bytes");
        if (child) _facts.Add(FactKind.ChildUp, path.Pair, seen.Place, () => $"{path} SA pair established, {length} bytes");
    }

    private void TellUnanswered(IkeSa sa, Waiting waiting)
    {
        waiting.IsTold = true;
        if (sa.IsProbe) return;
        var conversation = sa.Conversation;
        conversation.Fail(waiting.Last);
        var isLarge = (waiting.IsCut || waiting.Bytes > LargestWhole) && conversation.AnsweredSmall;
        var kind = waiting.Exchange switch
        {
            IkeExchangeType.SaInit or IkeExchangeType.AggressiveModeV1 => isLarge ? FactKind.LargeMessageUnanswered : FactKind.FirstMessageUnanswered,
            IkeExchangeType.MainModeV1 => waiting.Id switch { 1 => FactKind.FirstMessageUnanswered, 2 => FactKind.AuthUnanswered, _ => LastOfMainMode(sa, waiting) },
            IkeExchangeType.Auth when isLarge => FactKind.LargeMessageUnanswered,
            IkeExchangeType.Auth => waiting.Path.IsNatTraversal ? FactKind.AuthUnansweredBehindNat : FactKind.AuthUnanswered,
            IkeExchangeType.QuickModeV1 when sa.PeerObjects => FactKind.ChildFailed,
            IkeExchangeType.CreateChildSa or IkeExchangeType.QuickModeV1 when !sa.HasChild => FactKind.ChildUnanswered,
            _ => conversation is { HasNat: true, HasKeepAlives: false } && waiting.Path.IsNatTraversal ? FactKind.PeerStoppedBehindNat : FactKind.PeerStoppedAnswering,
        };
        var cut = waiting.IsCut ? ", in IP fragments" : "";
        _facts.Add(kind, conversation.Pair, waiting.Last, () => $"{waiting.Path} {NameOf(waiting.Exchange)} {(kind == FactKind.AuthUnansweredBehindNat ? "to port 4500 " : "")}({waiting.Bytes} bytes{cut}, first at {waiting.First}) sent {waiting.Sends} times in {waiting.Last.Since(waiting.First):0.#} s, no answer");
    }

    private static int? FragmentNumber(SeenMessage seen)
    {
        if (seen.Header.NextPayload != IkePayloadType.EncryptedFragment) return null;
        var payloads = new IkeMessageReader(seen.Message);
        return payloads.Read() && IkeFragmentPayload.TryRead(payloads.Current, out var fragment, out _) ? fragment.Number : CutFragment(seen.Message);
    }

    /// <summary>The number of a fragment whose payload was not captured whole.</summary>
    private static int? CutFragment(ReadOnlySpan<byte> message) => message.Length >= IkeHeader.Bytes + 6 ? (message[IkeHeader.Bytes + 4] << 8) | message[IkeHeader.Bytes + 5] : null;

    private static string NameOf(IkeExchangeType exchange) => exchange switch
    {
        IkeExchangeType.SaInit => "IKE_SA_INIT",
        IkeExchangeType.Auth => "IKE_AUTH",
        IkeExchangeType.CreateChildSa => "CREATE_CHILD_SA",
        IkeExchangeType.Informational => "INFORMATIONAL",
        IkeExchangeType.MainModeV1 => "main mode",
        IkeExchangeType.AggressiveModeV1 => "aggressive mode",
        IkeExchangeType.QuickModeV1 => "quick mode",
        IkeExchangeType.InformationalV1 => "informational",
        _ => $"exchange {(int)exchange}",
    };
}

/// <summary>A message of a capture.</summary>
internal readonly ref struct SeenMessage(ReadOnlySpan<byte> message, IkeHeader header, PacketPath path, bool isCut, PacketPlace place)
{
    public ReadOnlySpan<byte> Message { get; } = message;

    public IkeHeader Header { get; } = header;

    public PacketPath Path { get; } = path;

    public bool IsCut { get; } = isCut;

    public PacketPlace Place { get; } = place;
}
