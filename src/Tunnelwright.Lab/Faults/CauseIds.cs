namespace Tunnelwright.Lab.Faults;

/// <summary>The ids of every cause that a diagnosis may name: what a fault is to be recognised as is one of these.</summary>
internal static class CauseIds
{
    public static readonly IReadOnlySet<string> All = new HashSet<string>(StringComparer.Ordinal)
    {
        "not-initiating", "ike-unreachable", "udp500-blocked", "udp4500-blocked", "ike-fragments-dropped", "unknown-peer",
        "source-address-mismatch", "ike-version-mismatch", "ike-mode-mismatch", "ike-proposal-mismatch", "psk-mismatch",
        "identity-mismatch", "certificate-problem", "ike-lifetime-out-of-range", "auth-method-unsupported", "esp-proposal-mismatch",
        "pfs-mismatch", "ts-mismatch", "ts-overlap-local", "multiple-sa-pairs", "phase2-lifetime-out-of-range", "rekey-60-minute-drop",
        "rekey-collision", "esp-blocked", "dpd-timeout", "dpd-rate-limited", "idle-timeout", "peer-deleted", "nat-in-path",
        "route-missing", "route-blackhole", "forwarding-disabled", "source-dest-check", "reverse-path-filter", "asymmetric-routing",
        "overlapping-networks", "range-not-registered", "bgp-not-established", "bgp-asn-mismatch", "bgp-hold-timer", "bgp-prefix-limit",
        "bgp-no-prefixes", "both-tunnels-not-configured", "firewall-blocks-forward", "security-group-closed", "port-closed",
        "ping-not-allowed", "mtu-blackhole", "replay-drops", "sa-desync", "dns-no-forwarder", "dns-unreachable", "dns-tcp-blocked",
        "dns-cname-escapes", "dns-stale-address", "onsite-dns-unreachable", "whole-range-not-allowed", "kernel-without-esp",
        "daemon-not-running", "port-in-use", "clock-skew", "config-syntax", "stale-peer-address", "healthy", "psk-missing",
        "peer-not-listening", "local-address-missing", "duplicate-ike-sa", "encapsulation-mode-mismatch", "sa-install-failed",
        "nat-mapping-expired", "keying-tries-exhausted",
    };
}
