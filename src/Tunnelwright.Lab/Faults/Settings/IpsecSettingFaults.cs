using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

internal sealed class EspProposalMismatch(TunnelEnd end) : TunnelSettingFault(At("esp-proposal-mismatch", end), "esp-proposal-mismatch", $"{Words(end)} wants another encryption for phase 2", end)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) =>
        now with { Ipsec = now.Ipsec with { Proposal = now.Ipsec.Proposal with { Encryption = Other.Encryption(before.Ipsec.Proposal.Encryption) } } };
}

/// <summary>With IKEv2 the first SA pair is made without a group of its own (RFC 7296 section 1.2): the fault shows at the first renewal.</summary>
internal sealed class PfsMismatch(TunnelEnd end) : TunnelSettingFault(At("pfs-mismatch", end), "pfs-mismatch", $"{Words(end)} wants another PFS group; with IKEv2 it shows at the first renewal", end)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) =>
        now with { Ipsec = now.Ipsec with { Proposal = now.Ipsec.Proposal with { PfsGroup = Other.Group(before.Ipsec.Proposal.PfsGroup) } } };
}

internal sealed class PfsOff() : TunnelSettingFault("pfs-off-customer", "pfs-mismatch", "the customer's gateway does without PFS; with IKEv2 it shows at the first renewal", TunnelEnd.Customer)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { Ipsec = now.Ipsec with { Proposal = now.Ipsec.Proposal with { PfsGroup = null } } };
}

internal sealed class Phase2LifetimeOutOfRange() : TunnelSettingFault("phase2-lifetime-out-of-range", "phase2-lifetime-out-of-range", "the customer's gateway renews phase 2 after eight hours, where one is allowed", TunnelEnd.Customer)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { Ipsec = now.Ipsec with { Lifetime = new Lifetime(28800) } };
}
