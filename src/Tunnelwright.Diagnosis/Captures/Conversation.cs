namespace Tunnelwright.Diagnosis;

/// <summary>What two hosts have said to each other so far. Directions: 0 from the lower address, 1 from the higher.</summary>
internal sealed class Conversation(HostPair pair)
{
    private const int OneWayPackets = 8;
    private const double OneWaySeconds = 5;
    private const double SilentSeconds = 10;

    private readonly long[] _alone = new long[2];
    private readonly PacketPlace[] _aloneSince = new PacketPlace[2];
    private readonly EspSighting[] _last = new EspSighting[2];

    /// <summary>The two.</summary>
    public HostPair Pair => pair;

    /// <summary>IKE messages in each direction.</summary>
    public long[] Ike { get; } = new long[2];

    /// <summary>ESP packets in each direction.</summary>
    public long[] Esp { get; } = new long[2];

    /// <summary>First messages that nothing has answered yet, of whatever IKE SAs.</summary>
    public int FirstMessagesAlone { get; set; }

    /// <summary>Whether a message that was no fragment was ever answered.</summary>
    public bool AnsweredSmall { get; set; }

    /// <summary>Whether there is NAT between the two.</summary>
    public bool HasNat { get; set; }

    /// <summary>Whether keep-alives of NAT traversal were seen.</summary>
    public bool HasKeepAlives { get; set; }

    /// <summary>The last IKE request that was answered.</summary>
    public PacketPlace LastAnswer { get; set; }

    /// <summary>The last time that an SA came up.</summary>
    public PacketPlace LastUp { get; set; }

    /// <summary>The last time that an IKE request was sent again.</summary>
    public PacketPlace LastRetransmission { get; set; }

    /// <summary>Whether ESP both ways would say something new: at the start and after a failure.</summary>
    public bool IsDoubtful { get; set; } = true;

    /// <summary>The port from which something only asked; 0 for none. All that comes from there is such a question.</summary>
    public int ProbePort { get; set; }

    /// <summary>The packet with which a negotiation last failed: data of SAs that are older proves nothing against it.</summary>
    public long FailedAt { get; private set; }

    /// <summary>Messages whose fragments did not all come.</summary>
    public int IncompleteMessages { get; set; }

    /// <summary>A negotiation has failed.</summary>
    public void Fail(PacketPlace place)
    {
        IsDoubtful = true;
        FailedAt = place.Number;
    }

    /// <summary>Sees an ESP packet.</summary>
    /// <returns>Whether it is the first in this direction after some in the other.</returns>
    public bool SeeEsp(PacketPath path, uint spi, PacketPlace place)
    {
        var direction = path.Direction;
        var other = 1 - direction;
        if (_alone[direction] == 0) _aloneSince[direction] = place;
        var turns = Esp[other] > 0 && _alone[other] > 0;
        Esp[direction]++;
        _alone[direction]++;
        _alone[other] = 0;
        _last[direction] = new EspSighting(path, spi, place);
        return turns;
    }

    /// <summary>Says what the end of the capture makes clear: data in one direction only.</summary>
    public void Finish(CaptureFacts facts)
    {
        for (var direction = 0; direction < 2; direction++)
        {
            var (path, spi, last) = _last[direction];
            var since = _aloneSince[direction];
            var seconds = last.Since(since);
            if (_alone[direction] < OneWayPackets || seconds < OneWaySeconds) continue;
            var ever = Esp[1 - direction] > 0 ? "since then" : "in the whole capture";
            var count = _alone[direction];
            var words = () => $"{path} ESP SPI {spi:x8}: {count} packets in {seconds:0.#} s, none came back {ever}";
            if (LastRetransmission.Number > since.Number && LastAnswer.Number < LastRetransmission.Number) continue;
            if (LastAnswer.Number > since.Number || LastUp.Number > _last[1 - direction].Place.Number) facts.Add(FactKind.EspOneWay, pair, last, () => $"{words()}, while IKE was answered at {Later(LastAnswer, LastUp)}");
            else if (seconds >= SilentSeconds) facts.Add(FactKind.EspSilent, pair, last, words);
        }
    }

    private static PacketPlace Later(PacketPlace one, PacketPlace other) => one.Number >= other.Number ? one : other;

    private readonly record struct EspSighting(PacketPath Path, uint Spi, PacketPlace Place);
}
