namespace Tunnelwright.Diagnosis;

/// <summary>How far the negotiation of one connection has come, by what its log has said so far.</summary>
internal sealed class Exchange
{
    /// <summary>So many attempts of a peer that come to nothing before a further one is no accident.</summary>
    private const int ManyBarrenStarts = 2;

    /// <summary>How many attempts in a row, all begun by the same end and in the same way, came to nothing but their first message.</summary>
    private int _barrenStarts;

    /// <summary>What an attempt shows that comes to nothing; null where nobody knows how it is answered.</summary>
    private FactKind? _barren;

    /// <summary>Whether the log shows a negotiation from its start.</summary>
    public bool SawStart { get; private set; }

    public bool IsAggressive { get; private set; }

    /// <summary>Whether the BGP session is up that the lines before spoke of.</summary>
    public bool SessionIsUp { get; set; }

    /// <summary>Whether the BGP session is known not to be up that the lines before spoke of.</summary>
    public bool SessionIsDown { get; set; }

    /// <summary>Whether the line was the heading of a table of BGP sessions.</summary>
    public bool TableFollows { get; set; }

    public bool WasAnswered { get; set; }

    public bool AuthSent { get; set; }

    /// <summary>Whether one end proves itself with a certificate.</summary>
    public bool WithCertificate { get; set; }

    /// <summary>Whether the peer of this connection proved itself with a certificate or a public key when it was last let in, also in an earlier attempt.</summary>
    public bool PeerHadCertificate { get; set; }

    public bool IkeUp { get; private set; }

    public bool ChildAsked { get; set; }

    /// <summary>Whether the last request for a CHILD_SA brought a key exchange of its own.</summary>
    public bool WithGroup { get; set; }

    /// <summary>Whether the last request for a CHILD_SA offered more proposals than anybody chooses.</summary>
    public bool OffersWidely { get; set; }

    /// <summary>Whether the first CHILD_SA is asked for between single hosts.</summary>
    public bool AsksBetweenHosts { get; set; }

    /// <summary>Whether the last request for a CHILD_SA was a CREATE_CHILD_SA or Quick Mode on a tunnel that was up.</summary>
    public bool IsRekey { get; set; }

    /// <summary>Whether this IKE SA's first SA pair was refused although it asked for no group of its own: then the group is not the reason.</summary>
    public bool FirstPairRefused { get; set; }

    /// <summary>Whether the peer answered the first message with a refusal: what is sent again afterwards is not unanswered.</summary>
    public bool WasRefused { get; set; }

    /// <summary>Whether we gave up something that was sent before the log begins: what is set up anew afterwards had been up.</summary>
    public bool GaveUpUnseen { get; set; }

    /// <summary>Whether this attempt came to a word about who the ends are: what is silent afterwards is not lost.</summary>
    public bool WasJudged { get; set; }

    /// <summary>Whether we ended the IKE SA ourselves, or a redirection did.</summary>
    public bool IsEndedByUs { get; set; }

    /// <summary>Whether an offer of this attempt was refused for its authentication method.</summary>
    public bool RefusedByMethod { get; set; }

    /// <summary>Whether an offer of this attempt was refused for an algorithm, a key length or a group.</summary>
    public bool RefusedByValue { get; set; }

    /// <summary>Whether no connection was found for the name that the peer gives: what is looked up afterwards is missing for that reason.</summary>
    public bool NameIsUnknown { get; set; }

    /// <summary>Whether a proposal was passed over for its group alone: everything that is looked at before it suited.</summary>
    public bool MissedGroup { get; set; }

    /// <summary>How often the peer sent its first message again although we answered it.</summary>
    public int RepeatedRequests { get; set; }

    /// <summary>How often the device said that it sent a message again, where it does not say which.</summary>
    public int Resent { get; set; }

    public bool HasNat { get; set; }

    /// <summary>Whether the log says that the second exchange stays on port 500: then nothing of it is lost on 4500.</summary>
    public bool StaysOnPort500 { get; set; }

    public bool SendsKeepAlives { get; set; }

    /// <summary>Whether something that runs through the tunnel was answered.</summary>
    public bool CarriesData { get; set; }

    /// <summary>Which message is sent again and again; null when none.</summary>
    public FactKind? Unanswered { get; set; }

    /// <summary>The phase that the proposals printed last belong to; 0 when none.</summary>
    public int ProposalPhase { get; set; }

    public string? ReceivedProposals { get; set; }

    public string? ConfiguredProposals { get; set; }

    /// <summary>IKE SAs that stand, as far as the log tells.</summary>
    public int IkeCount { get; set; }

    /// <summary>CHILD_SAs that stand, as far as the log tells.</summary>
    public int ChildCount { get; set; }

    public DateTime? ChildUpAt { get; private set; }

    /// <summary>How often in a row the tunnel ended an hour after it came up.</summary>
    public int HourlyEnds { get; set; }

    public bool ChildIsUp => ChildCount > 0;

    /// <summary>What is waited for in vain, where the log does not get so far that anybody gives up; null when nothing is.</summary>
    public FactKind? Waiting
    {
        get
        {
            if (IkeUp || WasRefused || WasJudged) return null;
            if (Unanswered is { } message && !(message == FactKind.FirstMessageUnanswered && WasAnswered)) return message;
            if (WasAnswered) return null;
            return _barren == FactKind.NegotiationAbandoned || _barrenStarts >= ManyBarrenStarts ? _barren : null;
        }
    }

    /// <summary>Notes, before a new attempt begins, whether the last one came to nothing.</summary>
    /// <param name="barren">What it shows when such an attempt comes to nothing: <see cref="FactKind.NegotiationAbandoned"/> of one that we begin.</param>
    public void StartAgain(FactKind barren)
    {
        var wasBarren = SawStart && _barren == barren && !WasAnswered && !IkeUp && !WasRefused && !WasJudged;
        _barrenStarts = wasBarren ? _barrenStarts + 1 : 0;
        _barren = barren;
    }

    /// <summary>We sent a first message, in a log that does not show how that began.</summary>
    public void SentFirst() => _barren ??= FactKind.NegotiationAbandoned;

    /// <summary>A new attempt begins.</summary>
    public void Start(bool aggressive)
    {
        SawStart = true;
        IsAggressive = aggressive;
        WasAnswered = AuthSent = IkeUp = ChildAsked = WithGroup = IsRekey = FirstPairRefused = WasRefused = RefusedByMethod = RefusedByValue = GaveUpUnseen = WithCertificate = NameIsUnknown = WasJudged = IsEndedByUs = StaysOnPort500 = OffersWidely = AsksBetweenHosts = CarriesData = MissedGroup = false;
        RepeatedRequests = Resent = 0;
        Unanswered = null;
        ProposalPhase = 0;
        ReceivedProposals = ConfiguredProposals = null;
    }

    public void IkeComesUp()
    {
        // A log that begins in the middle of a tunnel's life: the first IKE SA that it shows replaces one.
        if (!SawStart && !IkeUp && IkeCount == 0) IkeCount = 1;
        IkeUp = true;
        IsEndedByUs = MissedGroup = false;
        IkeCount = Math.Min(IkeCount + 1, 16);
        WasAnswered = true;
        Unanswered = null;
    }

    public void IkeStands() => IkeUp = true;

    public void IkeIsDown() => IkeUp = false;

    public void ChildComesUp(DateTime? time)
    {
        if (!SawStart && ChildCount == 0 && ChildUpAt is null && !IkeUp) ChildCount = 1;
        IkeUp = true;
        ChildCount = Math.Min(ChildCount + 1, 16);
        ChildUpAt = time;
        ChildAsked = IsRekey = FirstPairRefused = false;
        Unanswered = null;
    }

    /// <summary>Everything of the connection is gone.</summary>
    public void Ends()
    {
        IkeUp = false;
        IkeCount = ChildCount = 0;
        Unanswered = null;
    }

    /// <summary>Whether it now ends about an hour after it came up, for the second time in a row.</summary>
    public bool EndsAfterAnHour(DateTime? time)
    {
        if (ChildUpAt is not { } up || time is not { } now) return false;
        var age = (now - up).TotalSeconds;
        if (age is > 3480 and < 3720)
        {
            ChildUpAt = null;
            return ++HourlyEnds >= 2;
        }

        if (age > 120) HourlyEnds = 0;
        return false;
    }
}
