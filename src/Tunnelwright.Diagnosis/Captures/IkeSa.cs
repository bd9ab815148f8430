using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis;

/// <summary>A message that waits for its answer.</summary>
internal sealed class Waiting
{
    /// <summary>The exchange.</summary>
    public IkeExchangeType Exchange { get; init; }

    /// <summary>IKEv2: the message ID. IKEv1: that of the second phase; in the first one the step, 1 to 3.</summary>
    public uint Id { get; init; }

    /// <summary>Where it was sent first.</summary>
    public PacketPlace First { get; init; }

    /// <summary>From where to where.</summary>
    public PacketPath Path { get; init; }

    /// <summary>Where it was sent last.</summary>
    public PacketPlace Last { get; set; }

    /// <summary>How often.</summary>
    public int Sends { get; set; } = 1;

    /// <summary>Its length in bytes; with IKE fragments that of all of them.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether IP had to cut it.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether its silence is in the evidence.</summary>
    public bool IsTold { get; set; }
}

/// <summary>One IKE SA, or an attempt at one.</summary>
internal sealed class IkeSa(Conversation conversation, ulong initiatorSpi)
{
    /// <summary>Between whom.</summary>
    public Conversation Conversation => conversation;

    /// <summary>The initiator's SPI or cookie.</summary>
    public ulong InitiatorSpi => initiatorSpi;

    /// <summary>Requests that wait, for each direction.</summary>
    public Waiting?[] Waiting { get; } = new Waiting?[2];

    /// <summary>The direction in which the first message went; null when the capture began later.</summary>
    public int? Initiator { get; set; }

    /// <summary>What the first message offered, in words.</summary>
    public string Offers { get; set; } = "";

    /// <summary>Whether it only asks what the responder would take.</summary>
    public bool IsProbe { get; set; }

    /// <summary>Sizes of what the chosen algorithms add; null when the capture does not show them.</summary>
    public SealedSizes? Sizes { get; set; }

    /// <summary>Bytes of the request of IKE_AUTH.</summary>
    public long AuthBytes { get; set; }

    /// <summary>Whether it stands.</summary>
    public bool IsUp { get; set; }

    /// <summary>Whether a CHILD_SA of it stands or stood.</summary>
    public bool HasChild { get; set; }

    /// <summary>The responder asked for another group and was given none yet.</summary>
    public (PacketPlace Place, PacketPath Path, int Group)? AskedGroup { get; set; }

    /// <summary>The last CREATE_CHILD_SA that was refused, if none was granted since.</summary>
    public (PacketPlace Place, PacketPath Path, long Bytes)? RefusedChild { get; set; }

    /// <summary>IKEv1: whether the peer sent something encrypted instead of the answer.</summary>
    public bool PeerObjects { get; set; }

    /// <summary>IKEv1: a Quick Mode that was answered, and in which direction the answer went.</summary>
    public (int Answerer, uint Id)? QuickMode { get; set; }

    /// <summary>IKEv1: the Quick Mode that came to its end last.</summary>
    public uint? DoneQuickMode { get; set; }

    /// <summary>IKEv1: informational messages of each direction that the other has not answered with one.</summary>
    public int[] Informational { get; } = new int[2];

    /// <summary>Ports of each direction's sender, 0 as long as they are not known.</summary>
    public int[] Ports { get; } = new int[2];
}

/// <summary>What encryption adds to a message (RFC 7296 section 3.14), and how long an AUTH with a shared key is.</summary>
/// <param name="Vector">Bytes of the initialisation vector.</param>
/// <param name="Checksum">Bytes of the integrity checksum.</param>
/// <param name="Auth">Bytes of the pseudo-random function's output.</param>
internal sealed record SealedSizes(int Vector, int Checksum, int Auth)
{
    private const int PayloadHeader = 4;
    private const int PadLength = 1;

    /// <summary>The most bytes that the payloads inside of a message can have.</summary>
    /// <param name="message">Bytes of the message.</param>
    public long Inside(long message) => message - IkeHeader.Bytes - PayloadHeader - Vector - Checksum - PadLength;

    /// <summary>Reads them from the proposal that was chosen; null when an algorithm is not known.</summary>
    public static SealedSizes? Of(IkeProposal chosen)
    {
        int? vector = null, checksum = null, auth = null, combined = null;
        var transforms = chosen.ReadTransforms();
        while (transforms.Read())
        {
            var id = transforms.Current.Id;
            switch (transforms.Current.Type)
            {
                case IkeTransformType.Encryption:
                    vector = id switch { 3 => 8, 12 or 23 => 16, 13 or 14 or 15 or 16 or 18 or 19 or 20 or 28 => 8, _ => null };
                    combined = id switch { 14 or 18 => 8, 15 or 19 => 12, 16 or 20 or 28 => 16, _ => null };
                    break;
                case IkeTransformType.Integrity:
                    checksum = id switch { 1 or 2 or 5 or 8 => 12, 12 => 16, 13 => 24, 14 => 32, _ => null };
                    break;
                case IkeTransformType.PseudoRandomFunction:
                    auth = id switch { 1 or 4 or 8 => 16, 2 => 20, 5 => 32, 6 => 48, 7 => 64, _ => null };
                    break;
            }
        }

        return vector is { } v && (combined ?? checksum) is { } c && auth is { } a ? new SealedSizes(v, c, a) : null;
    }
}
