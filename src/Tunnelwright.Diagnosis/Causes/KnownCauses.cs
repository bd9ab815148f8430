namespace Tunnelwright.Diagnosis;

/// <summary>Every cause that evidence can point to, the catalogue's order aside.</summary>
internal static class KnownCauses
{
    /// <summary>What logs show.</summary>
    public static IReadOnlyList<Cause> All { get; } =
    [
        new IkeUnreachable(), new Udp4500Blocked(), new IkeFragmentsDropped(), new PeerNotListening(), new KeyingTriesExhausted(),
        new UnknownPeer(), new IkeVersionMismatch(), new IkeModeMismatch(), new IdentityMismatch(), new PskMismatch(), new PskMissing(),
        new CertificateProblem(), new ClockSkew(), new AuthMethodUnsupported(),
        new IkeProposalMismatch(), new EspProposalMismatch(), new PfsMismatch(), new TsMismatch(), new EncapsulationModeMismatch(), new MultipleSaPairs(),
        new DpdTimeout(), new NatMappingExpired(), new IdleTimeout(), new PeerDeleted(), new Rekey60MinuteDrop(), new RekeyCollisionCause(),
        new DuplicateIkeSa(), new SaDesync(), new ReplayDrops(),
        new PortInUse(), new LocalAddressMissing(), new DaemonNotRunning(), new KernelWithoutEsp(), new SaInstallFailed(), new TsOverlapLocal(),
        new FirewallBlocksForward(), new ConfigSyntax(),
        new BgpAsnMismatch(), new BgpHoldTimer(), new BgpPrefixLimit(), new BgpNotEstablished(),
    ];
}
