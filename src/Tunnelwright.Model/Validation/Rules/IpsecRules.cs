namespace Tunnelwright.Model.Rules;

/// <summary>Phase 2 encryption is allowed.</summary>
internal sealed class IpsecEncryptionRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var encryption = tunnel.Ipsec.Proposal.Encryption;
        if (profile.Ipsec.Encryption.Contains(encryption)) yield break;
        yield return Error(
            tunnel,
            Causes.EspProposalMismatch,
            "ipsec.encryption",
            $"Phase 2 encryption {encryption.Name()} is not allowed; the provider takes {Text.Or(profile.Ipsec.Encryption.Select(Algorithms.Name))}.");
    }
}

/// <summary>Phase 2 integrity is allowed and there unless the cipher authenticates.</summary>
internal sealed class IpsecIntegrityRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var proposal = tunnel.Ipsec.Proposal;
        var allowed = Text.Or(profile.Ipsec.Integrity.Select(Algorithms.Name));
        if (proposal.Integrity is { } integrity)
        {
            if (!profile.Ipsec.Integrity.Contains(integrity))
            {
                yield return Error(tunnel, Causes.EspProposalMismatch, "ipsec.integrity", $"Phase 2 integrity {integrity.Name()} is not allowed; the provider takes {allowed}.");
            }
        }
        else if (!proposal.Encryption.IsAead())
        {
            yield return Error(tunnel, Causes.EspProposalMismatch, "ipsec.integrity", $"Phase 2 has no integrity algorithm, which {proposal.Encryption.Name()} needs: {allowed}.");
        }
    }
}

/// <summary>Perfect forward secrecy is on, with an allowed group.</summary>
internal sealed class PfsRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var allowed = Text.Groups(profile.Ipsec.PfsGroups);
        if (tunnel.Ipsec.Proposal.PfsGroup is not { } group)
        {
            yield return Error(tunnel, Causes.PfsMismatch, "ipsec.pfsGroup", $"Perfect forward secrecy is off; the provider demands it with {allowed}.");
        }
        else if (!profile.Ipsec.PfsGroups.Contains(group))
        {
            yield return Error(tunnel, Causes.PfsMismatch, "ipsec.pfsGroup", $"Perfect forward secrecy uses {group}, which is not allowed; the provider takes {allowed}.");
        }
    }
}

/// <summary>The phase 2 lifetime is in range.</summary>
internal sealed class IpsecLifetimeRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var allowed = profile.Ipsec.LifetimeSeconds;
        if (allowed.Contains(tunnel.Ipsec.Lifetime.Seconds)) yield break;
        yield return Error(
            tunnel,
            Causes.Phase2LifetimeOutOfRange,
            "ipsec.lifetimeSeconds",
            $"The phase 2 lifetime is {tunnel.Ipsec.Lifetime.Seconds} s; the provider allows {allowed} s, by default {allowed.Default} s.");
    }
}

/// <summary>Phase 2 lives shorter than phase 1.</summary>
internal sealed class LifetimeOrderRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var (phase1, phase2) = (tunnel.Ike.Lifetime.Seconds, tunnel.Ipsec.Lifetime.Seconds);
        if (phase2 < phase1) yield break;
        yield return Error(
            tunnel,
            Causes.Phase2LifetimeOutOfRange,
            "ipsec.lifetimeSeconds",
            $"The phase 2 lifetime of {phase2} s is not below the phase 1 lifetime of {phase1} s, as the provider demands.");
    }
}

/// <summary>IKEv2 with the longest phase 2 lifetime drops every 60 minutes on some peers.</summary>
internal sealed class SixtyMinuteDropRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Ike.Version != IkeVersion.V2 || tunnel.Ipsec.Lifetime.Seconds != 3600) yield break;
        yield return Warning(
            tunnel,
            Causes.Rekey60MinuteDrop,
            "ipsec.lifetimeSeconds",
            $"IKEv2 with a phase 2 lifetime of exactly 3600 s drops every 60 minutes on some peers; rekey after {profile.Rekey.SixtyMinuteDropLifetimeSeconds} s.");
    }
}

/// <summary>Dead peer detection can work and neither fires too soon nor leaves the tunnel silent too long.</summary>
internal sealed class DeadPeerDetectionRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var (dpd, right) = (tunnel.DeadPeerDetection, profile.DeadPeerDetection);
        var advice = $"use {right.IntervalSeconds} s and {right.Retries} retries";
        if (dpd.IntervalSeconds < 1)
        {
            yield return Error(tunnel, Causes.DpdTimeout, "dpd.intervalSeconds", $"The DPD interval is {dpd.IntervalSeconds} s, which switches the check off; {advice}.");
        }
        else if (dpd.IntervalSeconds > right.IntervalSeconds)
        {
            yield return Warning(
                tunnel,
                Causes.DpdTimeout,
                "dpd.intervalSeconds",
                $"The DPD interval is {dpd.IntervalSeconds} s, longer than the provider's {right.IntervalSeconds} s: a dead peer is noticed late and the cloud may close an idle tunnel first; {advice}.");
        }

        if (dpd.Retries < 1)
        {
            yield return Error(tunnel, Causes.DpdTimeout, "dpd.retries", $"DPD has {dpd.Retries} retries; {advice}.");
        }

        if (dpd is { IntervalSeconds: >= 1, Retries: >= 1 } && dpd.TimeoutSeconds < right.MinimumTimeoutSeconds)
        {
            yield return Warning(
                tunnel,
                Causes.DpdTimeout,
                "dpd.retries",
                $"DPD gives a silent peer up after {dpd.TimeoutSeconds} s; the provider's shortest time-out is {right.MinimumTimeoutSeconds} s: {advice}.");
        }
    }
}
