namespace Tunnelwright.Model;

/// <summary>What a provider's VPN service allows: every number, range and list that the rules and the writers need. Read from data files, never from code.</summary>
public sealed record RequirementProfile
{
    /// <summary>The names that <see cref="Load"/> knows, in a stable order; the first is the default.</summary>
    public static IReadOnlyList<string> Names { get; } = ["outsystems", "aws"];

    /// <summary>The profile that is used when none is asked for: outsystems.</summary>
    public static RequirementProfile Default => Load(Names[0]);

    /// <summary>The name, such as outsystems.</summary>
    public required string Name { get; init; }

    /// <summary>The service in words.</summary>
    public required string Description { get; init; }

    /// <summary>The provider's name as error texts show it, such as Amazon.</summary>
    public required string Provider { get; init; }

    /// <summary>Tunnels of a whole connection.</summary>
    public required int Tunnels { get; init; }

    /// <summary>Phase 1.</summary>
    public required IkeRequirements Ike { get; init; }

    /// <summary>Phase 2.</summary>
    public required IpsecRequirements Ipsec { get; init; }

    /// <summary>Pre-shared keys.</summary>
    public required PreSharedKeyRequirements PreSharedKey { get; init; }

    /// <summary>Inside networks.</summary>
    public required InsideRequirements Inside { get; init; }

    /// <summary>Dead peer detection.</summary>
    public required DeadPeerDetectionRequirements DeadPeerDetection { get; init; }

    /// <summary>Rekeying.</summary>
    public required RekeyRequirements Rekey { get; init; }

    /// <summary>What the cloud end may do at start-up: add (wait for the customer) or start.</summary>
    public required ValueList<string> StartupActions { get; init; }

    /// <summary>What the cloud end does at start-up unless asked otherwise.</summary>
    public required string DefaultStartupAction { get; init; }

    /// <summary>BGP timers and limits.</summary>
    public required BgpRequirements Bgp { get; init; }

    /// <summary>AS numbers.</summary>
    public required AsnRequirements Asn { get; init; }

    /// <summary>Limits of one customer.</summary>
    public required CustomerLimits Limits { get; init; }

    /// <summary>Domains whose names only the cloud's DNS servers answer with private addresses; none where each customer has others.</summary>
    public required ValueList<string> DnsDomains { get; init; }

    /// <summary>A profile that comes with the program.</summary>
    /// <param name="name">One of <see cref="Names"/>; case does not count.</param>
    /// <exception cref="ProfileException">There is no profile of that name; the message lists the names.</exception>
    public static RequirementProfile Load(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ProfileStore.Find(name) ?? throw new ProfileException($"There is no requirement profile '{name}'; the profiles are {string.Join(", ", Names)}.");
    }

    /// <summary>Reads a profile from JSON and validates it.</summary>
    /// <param name="utf8Json">The document, UTF-8.</param>
    /// <exception cref="ProfileException">The document is not JSON of the profile's shape, or a value is out of range; the message names every such value.</exception>
    public static RequirementProfile Parse(ReadOnlySpan<byte> utf8Json) => ProfileReader.Read(utf8Json);
}

/// <summary>A whole-number setting with its bounds.</summary>
/// <param name="Minimum">Smallest value allowed.</param>
/// <param name="Maximum">Largest value allowed.</param>
/// <param name="Default">Value when nobody asks for another.</param>
public sealed record Bounds(int Minimum, int Maximum, int Default)
{
    /// <summary>Whether a value lies in the bounds.</summary>
    /// <param name="value">The value.</param>
    public bool Contains(int value) => value >= Minimum && value <= Maximum;

    /// <summary>"900–3600".</summary>
    public override string ToString() => $"{Minimum}–{Maximum}";
}

/// <summary>What phase 1 may be.</summary>
/// <param name="Versions">IKE versions.</param>
/// <param name="Modes">IKEv1 modes.</param>
/// <param name="Authentication">Authentication methods that the service offers.</param>
/// <param name="Encryption">Encryption algorithms.</param>
/// <param name="Integrity">Integrity algorithms.</param>
/// <param name="Groups">Diffie-Hellman groups.</param>
/// <param name="LifetimeSeconds">Lifetime in seconds.</param>
public sealed record IkeRequirements(
    ValueList<IkeVersion> Versions,
    ValueList<IkeMode> Modes,
    ValueList<AuthenticationMethod> Authentication,
    ValueList<EncryptionAlgorithm> Encryption,
    ValueList<IntegrityAlgorithm> Integrity,
    ValueList<DhGroup> Groups,
    Bounds LifetimeSeconds);

/// <summary>What phase 2 may be. Perfect forward secrecy is always on, and the lifetime is always below phase 1's.</summary>
/// <param name="Encryption">Encryption algorithms.</param>
/// <param name="Integrity">Integrity algorithms.</param>
/// <param name="PfsGroups">Groups of perfect forward secrecy.</param>
/// <param name="LifetimeSeconds">Lifetime in seconds.</param>
/// <param name="ReplayWindowPackets">Anti-replay window in packets (RFC 4303 section 3.4.3).</param>
public sealed record IpsecRequirements(
    ValueList<EncryptionAlgorithm> Encryption,
    ValueList<IntegrityAlgorithm> Integrity,
    ValueList<DhGroup> PfsGroups,
    Bounds LifetimeSeconds,
    Bounds ReplayWindowPackets);

/// <summary>What a pre-shared key may be: ASCII letters and digits, and some punctuation.</summary>
/// <param name="Characters">Length in characters.</param>
/// <param name="Punctuation">Characters allowed besides letters and digits.</param>
/// <param name="NotFirst">Characters that a key may not start with.</param>
public sealed record PreSharedKeyRequirements(Bounds Characters, string Punctuation, string NotFirst);

/// <summary>What inside networks may be.</summary>
/// <param name="Range">The range that they are taken from.</param>
/// <param name="PrefixLength">Their prefix length.</param>
/// <param name="Forbidden">Networks that the service keeps to itself.</param>
public sealed record InsideRequirements(Cidr Range, int PrefixLength, ValueList<Cidr> Forbidden);

/// <summary>Dead peer detection of the cloud end.</summary>
/// <param name="IntervalSeconds">Seconds between checks.</param>
/// <param name="Retries">Unanswered checks after which the tunnel is taken down.</param>
/// <param name="MinimumTimeoutSeconds">Shortest time-out in seconds.</param>
/// <param name="DefaultTimeoutSeconds">Time-out in seconds when nobody asks for another.</param>
/// <param name="Actions">What may follow a time-out: clear, restart, none.</param>
/// <param name="DefaultAction">What follows a time-out unless asked otherwise.</param>
public sealed record DeadPeerDetectionRequirements(
    int IntervalSeconds,
    int Retries,
    int MinimumTimeoutSeconds,
    int DefaultTimeoutSeconds,
    ValueList<string> Actions,
    string DefaultAction);

/// <summary>When an SA is replaced before it expires.</summary>
/// <param name="MinimumMarginSeconds">Shortest margin before expiry, in seconds; the longest is half of phase 2's lifetime.</param>
/// <param name="DefaultMarginSeconds">Margin in seconds when nobody asks for another.</param>
/// <param name="FuzzPercent">By how many per cent the margin is widened at random.</param>
/// <param name="SixtyMinuteDropLifetimeSeconds">Phase 2 lifetime in seconds that cures the 60-minute drop of IKEv2 (51 minutes).</param>
public sealed record RekeyRequirements(int MinimumMarginSeconds, int DefaultMarginSeconds, Bounds FuzzPercent, int SixtyMinuteDropLifetimeSeconds);

/// <summary>BGP timers and limits.</summary>
/// <param name="HoldSeconds">Hold time in seconds (RFC 4271 section 4.2).</param>
/// <param name="VirtualGatewayPrefixes">Prefixes that a customer may announce to a virtual private gateway before the session goes down.</param>
/// <param name="TransitGatewayPrefixes">The same for a transit gateway.</param>
public sealed record BgpRequirements(int HoldSeconds, int VirtualGatewayPrefixes, int TransitGatewayPrefixes);

/// <summary>AS numbers from one to another, both included.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest.</param>
public readonly record struct AsnRange(Asn First, Asn Last)
{
    /// <summary>Whether a number is in the range.</summary>
    /// <param name="asn">The number.</param>
    public bool Contains(Asn asn) => asn.Value >= First.Value && asn.Value <= Last.Value;
}

/// <summary>Which AS numbers a customer may have.</summary>
/// <param name="Bits">16 or 32: width of the numbers that the original service takes.</param>
/// <param name="Private32Bit">Whether 32-bit numbers of private use (RFC 6996) are taken although <paramref name="Bits"/> is 16.</param>
/// <param name="Reserved">Numbers that nobody may use.</param>
/// <param name="Own">The provider's own numbers.</param>
public sealed record AsnRequirements(int Bits, bool Private32Bit, ValueList<AsnRange> Reserved, ValueList<Asn> Own)
{
    /// <summary>The largest number of the service's width: 65535 or 4294967295.</summary>
    public uint Maximum => Bits == 16 ? ushort.MaxValue : uint.MaxValue;

    /// <summary>Whether a number is within the width, or a private 32-bit one where those are taken.</summary>
    /// <param name="asn">The number.</param>
    public bool IsInRange(Asn asn) => asn.Value <= Maximum || (Private32Bit && asn.IsPrivate);

    /// <summary>Whether nobody may use a number.</summary>
    /// <param name="asn">The number.</param>
    public bool IsReserved(Asn asn)
    {
        foreach (var range in Reserved)
        {
            if (range.Contains(asn)) return true;
        }

        return false;
    }

    /// <summary>Whether a number is the provider's own.</summary>
    /// <param name="asn">The number.</param>
    public bool IsOwn(Asn asn)
    {
        foreach (var own in Own)
        {
            if (own == asn) return true;
        }

        return false;
    }
}

/// <summary>Limits of one customer.</summary>
/// <param name="RoutesPerCustomer">Static routes over all connections.</param>
/// <param name="ConnectionsPerCustomer">VPN connections.</param>
public sealed record CustomerLimits(int RoutesPerCustomer, int ConnectionsPerCustomer);

/// <summary>A requirement profile is not there or not valid. The message says what and where.</summary>
public sealed class ProfileException : Exception
{
    /// <summary>An error without a message.</summary>
    public ProfileException()
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">What is wrong and where.</param>
    public ProfileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and what caused it.</summary>
    /// <param name="message">What is wrong and where.</param>
    /// <param name="innerException">What caused it.</param>
    public ProfileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
