namespace Tunnelwright.Diagnosis;

/// <summary>What was seen, in words that no product owns. "We" is the end that wrote the log; "the peer" is the other one.</summary>
internal enum FactKind
{
    // The negotiation moves on.
    Initiating,
    InitiatingAggressive,
    Responding,
    RespondingAggressive,
    FirstAnswer,
    AuthSent,
    PeerAuthenticated,
    QuickModeSent,
    CreateChildSent,
    ChildRequested,
    IkeUp,
    ChildUp,
    NatFound,
    KeepAliveSent,
    ProposalsReceived,
    ProposalsConfigured,
    ConnectionLoaded,
    OfferAccepted,
    DataPassed,
    DaemonStarted,
    BgpUp,

    // Silence. Retransmission and GaveUp are what a log says; the tracker says of which message.
    Retransmission,
    GaveUp,
    FirstMessageUnanswered,
    AuthUnanswered,
    AuthUnansweredBehindNat,
    EncryptedMessageUnanswered,
    LargeMessageUnanswered,
    ChildUnanswered,
    WideChildUnanswered,
    PeerStoppedAnswering,
    PeerStoppedBehindNat,
    HalfOpenExpired,
    FirstAnswerLost,
    StoppedTrying,
    NegotiationAbandoned,
    WaitsForPeer,
    PortUnreachable,
    HostUnreachable,

    // Refusals of the first phase. NoProposal and IdRefused get their phase from the tracker.
    NoProposal,
    IdRefused,
    IkeProposalRefused,
    IkeProposalRefusedAlone,
    OfferRefused,
    WideProposalRefused,
    NoConnectionForPeer,
    VersionRefused,
    ModeRefused,
    IkeLifetimeRefused,
    MethodRefused,
    NoConnectionForIdentity,
    IdentityDiffers,
    AuthenticationFailed,
    PrivateNameRefused,
    RefusedAfterDecryption,
    AggressiveRefused,
    KeyMissing,
    KeyMissingAtPeer,
    KeyDiffers,
    Undecryptable,
    MalformedForPeer,
    CertificateRefused,
    CertificateAuthRefused,
    CertificateTooEarly,
    CertificateOutOfTime,

    // Refusals of the second phase.
    ChildProposalRefused,
    ChildAlgorithmsDiffer,
    ChildProposalRefusedWithPfs,
    ChildProposalRefusedAtRekey,
    ChildProposalRefusedBetweenHosts,
    ChildFailed,
    ChildFailedUnsaid,
    GroupDiffers,
    RekeyFailed,
    SelectorsRefused,
    LifetimeRefused,
    OnePairOnly,
    SelectorsOverlap,
    EncapsulationDiffers,

    // What ends a tunnel that was up.
    PeerDeletedIke,
    PeerDeletedChild,
    WeDeleted,
    ClosedIdle,
    Expired,
    EndedAfterAnHour,
    RekeyCollision,
    DuplicateIke,
    AddressOfPeerChanged,
    UnknownSpi,
    UnknownSpiAfterStart,
    OutsideReplayWindow,

    // What a capture shows of the tunnel's data and of its messages' fragments.
    EspOneWay,
    EspSilent,
    EspRefused,
    FragmentsMissing,

    // The host and its configuration.
    PortTaken,
    NoSuchLocalAddress,
    DaemonAbsent,
    DaemonDied,
    DaemonNotReached,
    KernelLacks,
    KernelLacksAlgorithm,
    NetlinkError,
    PolicyNotInstalled,
    PolicyTaken,
    SaNotInstalled,
    NoFirewallPolicy,
    ConfigurationError,

    // BGP. What a notification, a change of state, a line of a table or the reason of the last reset means, their words and numbers say (LineMeaning.Bgp).
    BgpNotification,
    BgpAdjacency,
    BgpState,
    BgpLastReset,
    BgpTable,
    BgpNearPrefixLimit,
    BgpHoldExpired,
    BgpWrongAs,
    BgpTooManyPrefixes,
    BgpRefused,
    BgpRouteDenied,

    // What a live gateway shows.
    NothingAnswers,
    UplinkWithoutCarrier,
    OwnFilterDropsIke,
    OnlyIkeSilent,
    MuchLoss,
    Udp500Silent,
    Udp4500Silent,
    IkeStarvedBesideData,
    FragmentsLost,
    EspUnanswered,
    SaUnknownToPeer,
    EverythingRefused,
    RefusedAfterSilentDeath,
    RefusedBesideTunnel,
    SeenFromElsewhere,
    LargePacketsVanish,
    ForwardingOff,
    ForwardingReportedOff,
    StrictReversePath,
    RouteElsewhere,
    NoInterfaceOfSa,
    RouteSwallows,
    RangesOverlap,
    CloudHasNoRoute,
    HostHasNoRoute,
    ForwardedDropped,
    SomeAddressesDropped,
    HostsNotReached,
    SourceNotTaken,
    CloudDnsSilent,
    CloudDnsTcpSilent,
    OnsiteDnsSilent,
    OnsiteDnsDropped,
    PinnedAddressDiffers,
    NameIsPublic,
    AliasIsPublic,
    PortSilent,
    PortRefused,
    NothingLearnt,
    NothingAnnounced,
    SessionDown,
    NatForgot,
    AgentAbsent,

    // Plain words of trouble, and what else the line speaks of; they count where nothing else tells anything.
    PlainTrouble,
    SuspectedSilence,
    SuspectedDeath,
    SuspectedKey,
    SuspectedKeyMissing,
    SuspectedCertificate,
    SuspectedMethod,
    SuspectedVersion,
    SuspectedMode,
    SuspectedName,
    SuspectedPeer,
    SuspectedOffer,
    SuspectedChildOffer,
    SuspectedGroup,
    SuspectedSelectors,
    SuspectedForwarding,
    SuspectedFilter,
    SuspectedEspFilter,

    // What a file says against the provider's or against the profile; Fact.Cause holds the cause.
    ConfigurationFault,
}

/// <summary>What success makes a fact a matter of the past.</summary>
internal enum Phase
{
    /// <summary>Over when an IKE SA or a CHILD_SA of the same scope comes up.</summary>
    Ike,

    /// <summary>Over when a CHILD_SA comes up.</summary>
    Child,

    /// <summary>Over when another offer is accepted, or an SA comes up.</summary>
    Offer,

    /// <summary>Of the whole host: over when any tunnel comes up.</summary>
    Host,

    /// <summary>Over when the daemon starts, or an SA comes up.</summary>
    Start,

    /// <summary>Over when the BGP session comes up.</summary>
    Bgp,

    /// <summary>It happened to a tunnel that was up; coming back does not undo it.</summary>
    Lasting,

    /// <summary>Not a fault at all.</summary>
    Progress,
}

internal static class FactKinds
{
    public static readonly int Count = (int)FactKind.ConfigurationFault + 1;

    public static Phase PhaseOf(FactKind kind) => kind switch
    {
        <= FactKind.BgpUp or FactKind.WeDeleted => Phase.Progress,
        FactKind.DaemonDied or FactKind.UnknownSpiAfterStart => Phase.Host,
        FactKind.DaemonNotReached => Phase.Start,
        FactKind.PeerStoppedAnswering or FactKind.PeerStoppedBehindNat or FactKind.StoppedTrying => Phase.Lasting,
        <= FactKind.HostUnreachable and not (FactKind.ChildUnanswered or FactKind.WideChildUnanswered) => Phase.Ike,
        FactKind.OfferRefused => Phase.Offer,
        FactKind.ChildProposalRefusedAtRekey or FactKind.RekeyFailed => Phase.Lasting,
        FactKind.ChildUnanswered or FactKind.WideChildUnanswered or FactKind.PeerDeletedChild or (>= FactKind.ChildProposalRefused and <= FactKind.EncapsulationDiffers) => Phase.Child,
        <= FactKind.CertificateOutOfTime => Phase.Ike,
        FactKind.PortTaken or FactKind.NoSuchLocalAddress or FactKind.DaemonAbsent or FactKind.ConfigurationError => Phase.Ike,
        FactKind.KernelLacks or FactKind.KernelLacksAlgorithm or FactKind.NetlinkError or FactKind.PolicyNotInstalled or FactKind.PolicyTaken or FactKind.SaNotInstalled or FactKind.NoFirewallPolicy => Phase.Child,
        FactKind.BgpHoldExpired or FactKind.BgpTooManyPrefixes => Phase.Lasting,
        >= FactKind.BgpNotification and <= FactKind.BgpNearPrefixLimit or FactKind.BgpWrongAs or FactKind.BgpRefused => Phase.Bgp,
        FactKind.SuspectedSilence or FactKind.SuspectedFilter or (>= FactKind.SuspectedKey and <= FactKind.SuspectedOffer) => Phase.Ike,
        FactKind.SuspectedDeath or (>= FactKind.SuspectedChildOffer and <= FactKind.SuspectedSelectors) => Phase.Child,
        _ => Phase.Lasting,
    };
}
