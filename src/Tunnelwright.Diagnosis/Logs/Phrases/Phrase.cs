namespace Tunnelwright.Diagnosis;

/// <summary>Whose words a phrase is in.</summary>
internal enum Product
{
    Any,
    Charon,
    Pluto,
    Racoon,
    Aws,
    CiscoAsa,
    CiscoIos,
    Fortinet,
    PaloAlto,
    Juniper,
    Bird,
    Frr,
    Kernel,
}

/// <summary>Words that a product writes, and what they mean. Case does not count.</summary>
/// <param name="Words">The fixed part of the message, plain ASCII, at least 6 characters.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Product">Who writes it.</param>
/// <param name="Detail">How the rest of the line is looked at.</param>
internal sealed record Phrase(string Words, FactKind Kind, Product Product, Detail Detail = Detail.None)
{
    /// <summary>Only counts where no other phrase of the line does: the bare name of a notification, as any product prints it.</summary>
    public bool IsFallback => Product == Product.Any;
}

/// <summary>What has to be looked at in the rest of a line before a phrase has its meaning.</summary>
internal enum Detail
{
    None,

    /// <summary>The line counts only when it speaks of IKE retransmission with a message ID or sequence number behind the phrase.</summary>
    MessageNumber,

    /// <summary>The payload list in square brackets may hold KE.</summary>
    Payloads,

    /// <summary>An errno or its text decides.</summary>
    Errno,

    /// <summary>Whether the line speaks of phase 1 or 2, IKE or ESP.</summary>
    PhaseNamed,

    /// <summary>The state named before the phrase (STATE_MAIN_I3, ESTABLISHED_IKE_SA …).</summary>
    State,

    /// <summary>The line opens or closes what follows; counts for the tracker only.</summary>
    Quiet,

    /// <summary>The phase is the one that the connection is in.</summary>
    PhaseOfConnection,

    /// <summary>It speaks of the first phase, whatever the tracker thinks.</summary>
    FirstPhase,

    /// <summary>It speaks of the second phase.</summary>
    SecondPhase,

    /// <summary>Words that any program may write: the line counts only when it speaks of IKE, IPsec or a VPN.</summary>
    OfIpsec,

    /// <summary>The line has to say, too, that it is not found.</summary>
    NotFound,

    /// <summary>A counter: the number behind it has to be above zero.</summary>
    Counted,

    /// <summary>It was said of the second phase, so there is an IKE SA, whatever the lines before it seemed to mean.</summary>
    IkeStands,

    /// <summary>The line of a check: it counts only when it says, too, that the check failed.</summary>
    CheckFailed,

    /// <summary>Said by what runs through the tunnel: it counts only when a pair of SAs is up.</summary>
    InTunnel,

    /// <summary>The line has to say, too, that it failed.</summary>
    Failed,

    /// <summary>Just before or behind it the unit, program or file of an IKE daemon has to be named.</summary>
    OfDaemon,

    /// <summary>The state of a unit, which is named some lines above.</summary>
    OfUnitAbove,

    /// <summary>Words of any program that sets something up: the line, or one just before it, has to speak of IPsec.</summary>
    NearXfrm,

    /// <summary>A filter's line about a packet: it has to say that the packet was thrown away.</summary>
    Filtered,

    /// <summary>A state that a command prints: the line has to say since when and between whom.</summary>
    OfStatus,

    /// <summary>The list of payloads ends behind it, and Quick Mode has begun: its third message (RFC 2409 section 5.5).</summary>
    ThirdOfQuickMode,

    /// <summary>It only says what kind of trouble there is; the rest of the line says what has it.</summary>
    Plain,
}
