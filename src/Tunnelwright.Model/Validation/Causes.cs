namespace Tunnelwright.Model;

/// <summary>Ids of causes that can be seen in a configuration alone. The ids are shared by check, doctor and diagnose.</summary>
public static class Causes
{
    /// <summary>Phase 1 algorithms or group that the provider does not allow.</summary>
    public const string IkeProposalMismatch = "ike-proposal-mismatch";

    /// <summary>Phase 2 encryption or integrity that the provider does not allow.</summary>
    public const string EspProposalMismatch = "esp-proposal-mismatch";

    /// <summary>PFS missing or with a group that the provider does not allow.</summary>
    public const string PfsMismatch = "pfs-mismatch";

    /// <summary>Phase 1 lifetime out of range.</summary>
    public const string IkeLifetimeOutOfRange = "ike-lifetime-out-of-range";

    /// <summary>Phase 2 lifetime out of range.</summary>
    public const string Phase2LifetimeOutOfRange = "phase2-lifetime-out-of-range";

    /// <summary>IKEv2 with phase 2 at exactly 3,600 s.</summary>
    public const string Rekey60MinuteDrop = "rekey-60-minute-drop";

    /// <summary>Aggressive mode.</summary>
    public const string IkeModeMismatch = "ike-mode-mismatch";

    /// <summary>An authentication method that the provider does not offer.</summary>
    public const string AuthMethodUnsupported = "auth-method-unsupported";

    /// <summary>Transport mode, or a protocol other than ESP.</summary>
    public const string EncapsulationModeMismatch = "encapsulation-mode-mismatch";

    /// <summary>No key.</summary>
    public const string PskMissing = "psk-missing";

    /// <summary>A key that the provider cannot have made.</summary>
    public const string PskMismatch = "psk-mismatch";

    /// <summary>One tunnel where two belong.</summary>
    public const string BothTunnelsNotConfigured = "both-tunnels-not-configured";

    /// <summary>A line that cannot be read, a value missing or a placeholder left in.</summary>
    public const string ConfigSyntax = "config-syntax";

    /// <summary>Ranges or inside networks that overlap.</summary>
    public const string OverlappingNetworks = "overlapping-networks";

    /// <summary>AS numbers that cannot work.</summary>
    public const string BgpAsnMismatch = "bgp-asn-mismatch";

    /// <summary>A BGP session that cannot come up as configured.</summary>
    public const string BgpNotEstablished = "bgp-not-established";

    /// <summary>A hold time other than the provider's.</summary>
    public const string BgpHoldTimer = "bgp-hold-timer";

    /// <summary>Static next hop missing or wrong.</summary>
    public const string RouteMissing = "route-missing";

    /// <summary>MTU or MSS too large for the proposal.</summary>
    public const string MtuBlackhole = "mtu-blackhole";

    /// <summary>Dead peer detection outside what the provider does.</summary>
    public const string DpdTimeout = "dpd-timeout";

    /// <summary>An address that is not a public one where one is needed.</summary>
    public const string SourceAddressMismatch = "source-address-mismatch";

    /// <summary>An endpoint address that cannot be right.</summary>
    public const string StalePeerAddress = "stale-peer-address";
}
