namespace Tunnelwright.Model.Rules;

/// <summary>The session's neighbour is the cloud's inside address.</summary>
internal sealed class BgpNeighborRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Bgp is not { } bgp || bgp.Neighbor == tunnel.CloudInside.Address) yield break;
        yield return Error(
            tunnel,
            Causes.BgpNotEstablished,
            "bgp.neighbor",
            $"The BGP neighbour is {bgp.Neighbor}, but the cloud's inside address is {tunnel.CloudInside.Address}: the session runs between the inside addresses.");
    }
}

/// <summary>The hold time is valid and the provider's.</summary>
internal sealed class BgpHoldTimeRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Bgp is not { } bgp || bgp.HoldSeconds == profile.Bgp.HoldSeconds) yield break;
        yield return bgp.HoldSeconds is 0 or (>= 3 and <= 65535)
            ? Warning(
                tunnel,
                Causes.BgpHoldTimer,
                "bgp.holdSeconds",
                $"The BGP hold time is {bgp.HoldSeconds} s, the provider's is {profile.Bgp.HoldSeconds} s: the smaller one counts, and a longer one hides a dead path.")
            : Error(tunnel, Causes.BgpHoldTimer, "bgp.holdSeconds", $"A BGP hold time of {bgp.HoldSeconds} s does not exist (0 or 3–65535, RFC 4271 section 4.2); use {profile.Bgp.HoldSeconds} s.");
    }
}

/// <summary>The customer's AS number is one that the provider takes. A placeholder (null) is for the reader to report.</summary>
internal sealed class CustomerAsnRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Bgp?.CustomerAsn is not { } asn) yield break;
        if (profile.Asn.IsReserved(asn))
        {
            yield return Error(tunnel, Causes.BgpAsnMismatch, "bgp.customerAsn", $"The customer's AS number {asn} is reserved and can't be used; private ones are 64512–65534.");
        }
        else if (!profile.Asn.IsInRange(asn))
        {
            yield return Error(
                tunnel,
                Causes.BgpAsnMismatch,
                "bgp.customerAsn",
                $"The customer's AS number {asn} is too large; it must be between 0 and {profile.Asn.Maximum}{(profile.Asn.Private32Bit ? ", or a private 32-bit one (4200000000–4294967294)" : "")}.");
        }

        if (profile.Asn.IsOwn(asn))
        {
            yield return Error(tunnel, Causes.BgpAsnMismatch, "bgp.customerAsn", $"The customer's AS number {asn} is reserved by {profile.Provider}; take a private one, 64512–65534.");
        }
    }
}

/// <summary>The cloud's AS number can be one.</summary>
internal sealed class CloudAsnRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Bgp is not { } bgp || !profile.Asn.IsReserved(bgp.CloudAsn)) yield break;
        yield return Error(tunnel, Causes.BgpAsnMismatch, "bgp.cloudAsn", $"The cloud's AS number {bgp.CloudAsn} is reserved and can't be used by a peer; take it from the provider's file.");
    }
}

/// <summary>The two ends have different AS numbers.</summary>
internal sealed class InternalBgpRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Bgp is not { CustomerAsn: { } customer } bgp || customer != bgp.CloudAsn) yield break;
        yield return Error(
            tunnel,
            Causes.BgpAsnMismatch,
            "bgp.customerAsn",
            $"Customer and cloud both have AS number {customer}; the session is between two autonomous systems, so the customer needs another one.");
    }
}

/// <summary>Both tunnels have the same two AS numbers.</summary>
internal sealed class SameAsnsRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        Tunnel? first = null;
        foreach (var tunnel in connection.Tunnels)
        {
            if (tunnel.Bgp is not { } bgp) continue;
            if (first?.Bgp is not { } other)
            {
                first = tunnel;
                continue;
            }

            if (bgp.CustomerAsn is { } here && other.CustomerAsn is { } there && here != there) yield return Differs(tunnel, first, "bgp.customerAsn", "customer", here, there);
            if (bgp.CloudAsn != other.CloudAsn) yield return Differs(tunnel, first, "bgp.cloudAsn", "cloud", bgp.CloudAsn, other.CloudAsn);
        }
    }

    private static Problem Differs(Tunnel tunnel, Tunnel first, string field, string whose, Asn here, Asn there) => new(
        Severity.Error,
        Causes.BgpAsnMismatch,
        tunnel.Number,
        $"The {whose}'s AS number is {here} here and {there} in tunnel {first.Number}; both tunnels of a connection have the same.",
        field);
}
