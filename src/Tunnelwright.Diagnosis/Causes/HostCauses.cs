using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class PortInUse() : Cause("port-in-use", Sure(PortTaken, 0.95))
{
    public override IReadOnlyList<string> Hides => ["daemon-not-running", "ike-unreachable", "local-address-missing"];
}

internal sealed class LocalAddressMissing() : Cause("local-address-missing", Sure(NoSuchLocalAddress, 0.92))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "unknown-peer", "not-initiating"];
}

internal sealed class DaemonNotRunning() : Cause("daemon-not-running", Sure(DaemonAbsent, 0.9), Sure(DaemonDied, 0.9), Sure(DaemonNotReached, 0.9), Sure(AgentAbsent, 0.7));

internal sealed class KernelWithoutEsp() : Cause("kernel-without-esp", Sure(KernelLacks, 0.95), Perhaps(KernelLacksAlgorithm, 0.6), Explains(ChildFailed), Explains(ChildFailedUnsaid))
{
    public override IReadOnlyList<string> Hides => ["sa-install-failed", "esp-proposal-mismatch", "ts-overlap-local", "daemon-not-running"];

    public override string DecidedBy => "Whether the kernel has ESP at all: 'modprobe esp4', or CONFIG_INET_ESP in its configuration.";
}

internal sealed class SaInstallFailed() : Cause("sa-install-failed", Sure(SaNotInstalled, 0.86), Sure(PolicyNotInstalled, 0.86), Sure(NetlinkError, 0.7), Perhaps(KernelLacksAlgorithm, 0.86), Explains(ChildFailed), Explains(ChildFailedUnsaid), Explains(ChildProposalRefused))
{
    public override IReadOnlyList<string> Hides => ["esp-proposal-mismatch", "ts-mismatch", "kernel-without-esp"];

    public override string DecidedBy => "The errno, and the kernel's policies (ip xfrm policy).";

    public override (string Owner, string Remedy)? ActionFor(IReadOnlyList<Fact> facts) => facts.Any(fact => fact.Kind == KernelLacksAlgorithm)
        ? ("customer", "The kernel does not know the negotiated algorithm: load its crypto module (/proc/crypto lists those there are), or agree on another one.")
        : null;
}

internal sealed class TsOverlapLocal() : Cause("ts-overlap-local", Sure(PolicyTaken, 0.88), Sure(SelectorsOverlap, 0.85), Perhaps(PolicyNotInstalled, 0.3), Explains(ChildFailed), Explains(ChildFailedUnsaid))
{
    public override IReadOnlyList<string> Hides => ["sa-install-failed"];

    public override string DecidedBy => "The kernel's policies: whether one of another tunnel has the same selectors.";
}

internal sealed class FirewallBlocksForward() : Cause("firewall-blocks-forward", Sure(NoFirewallPolicy, 0.7), Sure(ForwardedDropped, 0.95));

internal sealed class ConfigSyntax() : Cause("config-syntax", Sure(ConfigurationError, 0.93))
{
    public override IReadOnlyList<string> Hides => ["unknown-peer", "daemon-not-running", "not-initiating", "local-address-missing"];
}
