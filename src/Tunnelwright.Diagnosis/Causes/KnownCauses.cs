namespace Tunnelwright.Diagnosis;

/// <summary>Every cause that evidence can point to, the catalogue's order aside.</summary>
internal static class KnownCauses
{
    /// <summary>The cause of this id; null when no evidence but a configuration points to it.</summary>
    public static Cause? Find(string id) => All.FirstOrDefault(cause => cause.Id == id);

    /// <summary>What logs and live gateways show.</summary>
    public static IReadOnlyList<Cause> All { get; } =
    [
        new IkeUnreachable(), new Udp4500Blocked(), new IkeFragmentsDropped(), new PeerNotListening(), new KeyingTriesExhausted(),
        new UnknownPeer(), new IkeVersionMismatch(), new IkeModeMismatch(), new IdentityMismatch(), new PskMismatch(), new PskMissing(),
        new CertificateProblem(), new ClockSkew(), new AuthMethodUnsupported(),
        new IkeProposalMismatch(), new IkeLifetimeOutOfRange(), new EspProposalMismatch(), new PfsMismatch(), new TsMismatch(), new EncapsulationModeMismatch(), new MultipleSaPairs(), new Phase2LifetimeOutOfRange(),
        new DpdTimeout(), new NatMappingExpired(), new IdleTimeout(), new PeerDeleted(), new Rekey60MinuteDrop(), new RekeyCollisionCause(),
        new DuplicateIkeSa(), new SaDesync(), new ReplayDrops(),
        new PortInUse(), new LocalAddressMissing(), new DaemonNotRunning(), new KernelWithoutEsp(), new SaInstallFailed(), new TsOverlapLocal(),
        new FirewallBlocksForward(), new ConfigSyntax(),
        new BgpAsnMismatch(), new BgpHoldTimer(), new BgpPrefixLimit(), new BgpNotEstablished(),

        // What a live gateway shows.
        new Udp500Blocked(), new EspBlocked(), new MtuBlackHole(), new DpdRateLimited(), new SourceAddressMismatch(), new NotInitiating(), new StalePeerAddress(), new BothTunnelsNotConfigured(),
        new RouteMissing(), new RouteBlackHole(), new OverlappingNetworks(), new ForwardingDisabled(), new ReversePathFilterCause(), new SourceDestinationCheck(),
        new RangeNotRegistered(), new WholeRangeNotAllowed(), new SecurityGroupClosed(), new PortClosed(),
        new DnsUnreachable(), new DnsTcpBlocked(), new OnsiteDnsUnreachable(), new DnsStaleAddress(), new DnsNoForwarder(), new DnsCnameEscapes(), new BgpNoPrefixes(),
    ];
}
