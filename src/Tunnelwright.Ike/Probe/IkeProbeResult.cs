using System.Net;

namespace Tunnelwright.Ike;

/// <summary>What became of a port.</summary>
public enum IkePortState
{
    /// <summary>Something answered with IKE, whatever it said.</summary>
    Open,

    /// <summary>Silence: a filter drops it, there is no such host, or the responder ignores us.</summary>
    Filtered,

    /// <summary>ICMP port unreachable: nobody listens there, or a filter says so in the host's name.</summary>
    Refused,

    /// <summary>ICMP host or network unreachable, or our own kernel has no way there.</summary>
    Unreachable,

    /// <summary>Something answered, but nothing that is an answer in IKE.</summary>
    OtherService,

    /// <summary>It could not be tried: the source address is not ours, or a right is missing.</summary>
    NotTried,
}

/// <summary>What became of a version.</summary>
public enum IkeVersionState
{
    /// <summary>The peer took a suite that was offered.</summary>
    Accepted,

    /// <summary>NO_PROPOSAL_CHOSEN: it takes none of the suites, or knows no connection for our address in this version; the peer does not say which.</summary>
    Refused,

    /// <summary>INVALID_MAJOR_VERSION: it does not speak the version.</summary>
    NotSupported,

    /// <summary>It answered with something that tells neither; see the notifies.</summary>
    Answered,

    /// <summary>It did not answer in this version.</summary>
    Silent,
}

/// <summary>The verdicts as words, as they stand in JSON and on screen.</summary>
public static class IkeVerdicts
{
    /// <summary>open, filtered, refused, unreachable, otherService or notTried.</summary>
    /// <param name="state">The verdict.</param>
    public static string Word(this IkePortState state) => state switch
    {
        IkePortState.Open => "open",
        IkePortState.Filtered => "filtered",
        IkePortState.Refused => "refused",
        IkePortState.Unreachable => "unreachable",
        IkePortState.OtherService => "otherService",
        _ => "notTried",
    };

    /// <summary>accepted, refused, notSupported, answered or silent.</summary>
    /// <param name="state">The verdict.</param>
    public static string Word(this IkeVersionState state) => state switch
    {
        IkeVersionState.Accepted => "accepted",
        IkeVersionState.Refused => "refused",
        IkeVersionState.NotSupported => "notSupported",
        IkeVersionState.Answered => "answered",
        _ => "silent",
    };
}

/// <summary>A port and what was seen of it.</summary>
/// <param name="Port">The port.</param>
/// <param name="State">The verdict.</param>
/// <param name="RoundTrip">From the message to its answer; null without one.</param>
/// <param name="MessagesSent">Messages that were sent to it to find out.</param>
/// <param name="Local">Where they were sent from, or null when it was not tried.</param>
/// <param name="Detail">The kernel's words for an error, or null.</param>
public sealed record IkePortResult(IkeProbePort Port, IkePortState State, TimeSpan? RoundTrip, int MessagesSent, IPEndPoint? Local, string? Detail);

/// <summary>A version and what the peer said to it.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="State">The verdict.</param>
/// <param name="Port">The port that it rests on, or null when no port answered.</param>
/// <param name="Notifies">Names of the notifies in the answer, in their order.</param>
/// <param name="Taken">The suite that the peer chose; null when it chose none, or only said which group it wants.</param>
public sealed record IkeVersionResult(int Version, IkeVersionState State, int? Port, IReadOnlyList<string> Notifies, IkeSuite? Taken);

/// <summary>
/// NAT between the ends, from the hashes in an IKE_SA_INIT answer (RFC 7296 section 2.23). A peer that forces encapsulation sends a false hash on purpose and looks as if it
/// were behind NAT; the two cannot be told apart.
/// </summary>
public sealed record IkeNatFinding
{
    /// <summary>The port that was asked.</summary>
    public required int Port { get; init; }

    /// <summary>Where we sent from.</summary>
    public required IPEndPoint Local { get; init; }

    /// <summary>Whether the peer sees us come from another address or port than we sent from.</summary>
    public required bool IsHereTranslated { get; init; }

    /// <summary>Whether the peer's own address or port is another than the one we sent to, or it says so to force encapsulation.</summary>
    public required bool IsPeerTranslated { get; init; }

    /// <summary>The first of the expected sources that the peer's hash was made with, and the port; null when none was given or none fits.</summary>
    public IPEndPoint? SeenFrom { get; init; }
}

/// <summary>Which algorithms the peer takes, each in any combination with the others that were offered.</summary>
public sealed record IkeAcceptance
{
    /// <summary>Ciphers that it takes.</summary>
    public required IReadOnlyList<IkeCipher> Ciphers { get; init; }

    /// <summary>Integrity algorithms that it takes.</summary>
    public required IReadOnlyList<IkeIntegrity> Integrities { get; init; }

    /// <summary>Groups that it takes.</summary>
    public required IReadOnlyList<int> Groups { get; init; }

    /// <summary>What could not be found out, for want of an answer or because of the limits; keywords.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }
}

/// <summary>A vendor ID that the peer sent.</summary>
/// <param name="Hex">Its octets.</param>
/// <param name="Known">What it means, or null.</param>
public sealed record IkeSeenVendorId(string Hex, IkeVendorId? Known);

/// <summary>What was found out about a peer.</summary>
public sealed record IkeProbeResult
{
    /// <summary>The peer.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The ports in the order asked for.</summary>
    public required IReadOnlyList<IkePortResult> Ports { get; init; }

    /// <summary>The versions in the order asked for.</summary>
    public required IReadOnlyList<IkeVersionResult> Versions { get; init; }

    /// <summary>NAT, or null when no answer told: the peer took no suite, or speaks IKEv1 only (which tells it two messages later).</summary>
    public IkeNatFinding? Nat { get; init; }

    /// <summary>Which algorithms it takes; null unless a walk was asked for and possible.</summary>
    public IkeAcceptance? Acceptance { get; init; }

    /// <summary>Whether it demanded a cookie (RFC 7296 section 2.6): it has many half-open SAs, or always does.</summary>
    public bool DemandedCookie { get; init; }

    /// <summary>Whether it can fragment IKE messages (RFC 7383, or IKEv1's vendor ID); null when no answer told.</summary>
    public bool? SupportsFragmentation { get; init; }

    /// <summary>The gateway that it sends us to instead (RFC 5685 section 3), or null.</summary>
    public string? Redirect { get; init; }

    /// <summary>The vendor IDs that it sent, each once.</summary>
    public IReadOnlyList<IkeSeenVendorId> VendorIds { get; init; } = [];

    /// <summary>Who made it: from its vendor IDs, or else guessed from its habits; null when neither tells.</summary>
    public string? Vendor { get; init; }

    /// <summary>Whether <see cref="Vendor"/> is a guess from which notifies it sends, and not what it says of itself.</summary>
    public bool IsVendorGuessed { get; init; }

    /// <summary>Half-open SAs that were left at the peer.</summary>
    public int HalfOpenSas { get; init; }

    /// <summary>Messages sent in all.</summary>
    public int MessagesSent { get; init; }

    /// <summary>What is wrong with an answer that could not be read to its end, or null.</summary>
    public IkeFault? Fault { get; init; }

    /// <summary>Whether every port that was asked is open.</summary>
    public bool IsOpen => Ports.All(port => port.State == IkePortState.Open);

    /// <summary>Whether the peer took a suite in some version.</summary>
    public bool IsAccepted => Versions.Any(version => version.State == IkeVersionState.Accepted);
}
