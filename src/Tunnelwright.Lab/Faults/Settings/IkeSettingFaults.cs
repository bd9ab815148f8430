using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

internal sealed class PskMismatch(TunnelEnd end) : TunnelSettingFault(At("psk-mismatch", end), "psk-mismatch", $"{Words(end)} has another pre-shared key", end)
{
    /// <summary>The same characters in another order, and one more: no new secret to keep.</summary>
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) =>
        now with { Ike = now.Ike with { PreSharedKey = new PreSharedKey("X" + string.Concat((before.Ike.PreSharedKey?.Reveal() ?? "").Reverse())) } };
}

internal sealed class IdentityMismatch(TunnelEnd end) : TunnelSettingFault(At("identity-mismatch", end), "identity-mismatch", $"{Words(end)} expects another identity of its peer", end)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { RemoteIdentity = "vpn.company.example" };
}

internal sealed class OwnIdentityWrong() : TunnelSettingFault("identity-private-customer", "identity-mismatch", "the customer's gateway shows a private address as its identity, as behind NAT", TunnelEnd.Customer)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { LocalIdentity = "192.168.100.2" };
}

internal sealed class IkeVersionMismatch(TunnelEnd end) : TunnelSettingFault(At("ike-version-mismatch", end), "ike-version-mismatch", $"{Words(end)} talks the other version of IKE", end)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) =>
        now with { Ike = now.Ike with { Version = before.Ike.Version == IkeVersion.V1 ? IkeVersion.V2 : IkeVersion.V1 } };
}

internal sealed class IkeProposalMismatch(TunnelEnd end) : TunnelSettingFault(At("ike-proposal-mismatch", end), "ike-proposal-mismatch", $"{Words(end)} wants another encryption for phase 1", end)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) =>
        now with { Ike = now.Ike with { Proposal = now.Ike.Proposal with { Encryption = Other.Encryption(before.Ike.Proposal.Encryption) } } };
}

internal sealed class IkeGroupMismatch(TunnelEnd end) : TunnelSettingFault(At("ike-group-mismatch", end), "ike-proposal-mismatch", $"{Words(end)} wants another Diffie-Hellman group for phase 1", end)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) =>
        now with { Ike = now.Ike with { Proposal = now.Ike.Proposal with { Group = Other.Group(before.Ike.Proposal.Group) } } };
}

internal sealed class UnknownPeer() : TunnelSettingFault("unknown-peer", "unknown-peer", "the cloud's endpoint knows the customer under an old public address", TunnelEnd.Cloud)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { RemoteOutside = before.RemoteOutside.Offset(75) };
}

internal sealed class StalePeerAddress() : TunnelSettingFault("stale-peer-address", "stale-peer-address", "the customer's gateway talks to an old address of the cloud's endpoint", TunnelEnd.Customer)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { RemoteOutside = before.RemoteOutside.Offset(75) };
}

internal sealed class LocalAddressMissing() : TunnelSettingFault("local-address-missing", "local-address-missing", "the customer's gateway is to start from an address that is on none of its interfaces", TunnelEnd.Customer)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { LocalOutside = LabAddresses.CustomerPublic.Offset(75) };
}

internal sealed class IkeLifetimeOutOfRange() : TunnelSettingFault("ike-lifetime-out-of-range", "ike-lifetime-out-of-range", "the customer's gateway renews phase 1 after a day, where eight hours are allowed", TunnelEnd.Customer)
{
    protected override DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before) => now with { Ike = now.Ike with { Lifetime = new Lifetime(86400) } };
}
