using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// The second half of a plain sentence: what kind of trouble there is. What has it says the rest of the line (<see cref="Detail.Plain"/>), so that it need not
/// be known in which order a product puts its words. The kind here only stands for the kind of trouble.
/// </summary>
internal static class TroublePhrases
{
    private static readonly string[] Different =
    [
        "mismatch", " not match", "n't match", "not acceptable", "unacceptable", "incorrect", " differ", "is wrong", "be wrong", "wrong ", "is invalid", "rejected our",
        "invalid id information", "disagree",
    ];

    private static readonly string[] NotThere =
    [
        "no matching", "no acceptable", "no common", "not found", "not configured", "cannot find", "could not find", "couldn't find", "can't find", "unable to find",
        "no configuration", "no pre-shared", "no preshared", "no psk ", "no shared secret", "no policy for", "no vpn policy", "no connection for", "no tunnel ", "unknown peer",
        "no sa for",
    ];

    private static readonly string[] Forbidden = ["not enabled", "not allowed", "is disabled", "not support", "unsupported", "but only ", "is configured for", "mode expected", "mode required", "required but ", "invalid major"];

    private static readonly string[] Silent =
    [
        "no response", "no answer", "no reply", "not respond", "not answer", "timed out", "timeout", "unreachable", "retransmit limit", "retransmission limit", "too many retransmi",
        "giving up after", "detection failed", "check failed",
    ];

    private static readonly string[] ByPeer = ["by peer", "by the peer", "by remote", "by the remote", "peer requested"];

    private static readonly string[] Overlapping = ["overlap", "conflicts with", "conflict with"];

    /// <summary>Words that say no more than that something is wrong.</summary>
    private static readonly string[] Unclear = ["no match for", "different", "invalid", "rejected", "refused", "not accepted", "missing", "expired", "time out", "not reachable", "denied", "failed", "failure", "unknown", "not defined", "no match"];

    public static IEnumerable<Phrase> All { get; } =
        [.. Of(Different, NoProposal), .. Of(NotThere, NoConnectionForPeer), .. Of(Forbidden, VersionRefused), .. Of(Silent, GaveUp), .. Of(ByPeer, PeerDeletedIke), .. Of(Overlapping, SelectorsOverlap), .. Of(Unclear, PlainTrouble)];

    private static IEnumerable<Phrase> Of(string[] words, FactKind trouble) => words.Select(it => new Phrase(it, trouble, Product.Any, Detail.Plain));
}
