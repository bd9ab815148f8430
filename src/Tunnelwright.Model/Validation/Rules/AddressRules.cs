namespace Tunnelwright.Model.Rules;

/// <summary>The customer gateway's outside address is a public one. A placeholder (null) is for the reader to report.</summary>
internal sealed class CustomerAddressRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.CustomerOutside is not { } address || SpecialRanges.MeaningOf(address) is not { } meaning) yield break;
        yield return SpecialRanges.IsDocumentation(address)
            ? Warning(tunnel, Causes.SourceAddressMismatch, "outside.customer", $"The customer gateway's outside address {address} is {meaning}: right in a lab only.")
            : Error(
                tunnel,
                Causes.SourceAddressMismatch,
                "outside.customer",
                $"The customer gateway's outside address {address} is {meaning}, not public: behind NAT, register the NAT's public address and use it as the IKE identity.");
    }
}

/// <summary>Both tunnels leave from the same customer address: the connection has one customer gateway.</summary>
internal sealed class CustomerAddressesDifferRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        Tunnel? first = null;
        foreach (var tunnel in connection.Tunnels)
        {
            if (tunnel.CustomerOutside is not { } address) continue;
            if (first is null)
            {
                first = tunnel;
            }
            else if (address != first.CustomerOutside)
            {
                yield return new Problem(
                    Severity.Error,
                    Causes.SourceAddressMismatch,
                    tunnel.Number,
                    $"The customer's outside address is {address} here and {first.CustomerOutside} in tunnel {first.Number}; a connection has one customer gateway with one registered address.",
                    "outside.customer");
            }
        }
    }
}

/// <summary>The cloud endpoint's address is a public one.</summary>
internal sealed class CloudAddressRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (SpecialRanges.MeaningOf(tunnel.CloudOutside) is not { } meaning) yield break;
        yield return SpecialRanges.IsDocumentation(tunnel.CloudOutside)
            ? Warning(tunnel, Causes.StalePeerAddress, "outside.cloud", $"The cloud endpoint's address {tunnel.CloudOutside} is {meaning}: right in a lab only.")
            : Error(tunnel, Causes.StalePeerAddress, "outside.cloud", $"The cloud endpoint's address {tunnel.CloudOutside} is {meaning}; endpoints have public addresses: take it from the provider's current file.");
    }
}

/// <summary>The two tunnels end at two endpoints.</summary>
internal sealed class SameCloudAddressRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        var seen = new Dictionary<Ipv4Address, int>();
        foreach (var tunnel in connection.Tunnels)
        {
            if (seen.TryAdd(tunnel.CloudOutside, tunnel.Number)) continue;
            yield return new Problem(
                Severity.Warning,
                Causes.StalePeerAddress,
                tunnel.Number,
                $"Tunnels {seen[tunnel.CloudOutside]} and {tunnel.Number} both end at {tunnel.CloudOutside}; the provider gives each tunnel an endpoint of its own, so check both against the current file.",
                "outside.cloud");
        }
    }
}

/// <summary>Customer and cloud have different outside addresses.</summary>
internal sealed class SameEndsRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.CustomerOutside is { } customer && customer == tunnel.CloudOutside)
        {
            yield return Error(tunnel, Causes.StalePeerAddress, "outside.cloud", $"Customer and cloud both have the outside address {customer}; each end needs its own.");
        }
    }
}

/// <summary>Inside addresses are in a network of the size and range that the provider takes.</summary>
internal sealed class InsideNetworkRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile) =>
        Check(tunnel, "inside.customer", "customer's", tunnel.CustomerInside, profile.Inside)
            .Concat(Check(tunnel, "inside.cloud", "cloud's", tunnel.CloudInside, profile.Inside));

    private static IEnumerable<Problem> Check(Tunnel tunnel, string field, string whose, InterfaceAddress address, InsideRequirements inside)
    {
        if (address.PrefixLength != inside.PrefixLength)
        {
            yield return Error(tunnel, Causes.OverlappingNetworks, field, $"The {whose} inside address {address} is not in a /{inside.PrefixLength}; inside networks are /{inside.PrefixLength} of {inside.Range}.");
        }

        if (!inside.Range.Contains(address.Address))
        {
            yield return Error(tunnel, Causes.OverlappingNetworks, field, $"The {whose} inside address {address} is outside {inside.Range}, which inside networks are taken from.");
        }
    }
}

/// <summary>The inside network is none that the provider keeps to itself.</summary>
internal sealed class InsideForbiddenRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        foreach (var forbidden in profile.Inside.Forbidden)
        {
            if (forbidden.Contains(tunnel.CustomerInside.Address) || forbidden.Contains(tunnel.CloudInside.Address))
            {
                yield return Error(tunnel, Causes.OverlappingNetworks, "inside.cloud", $"The inside network {forbidden} is reserved by the provider; take another /{profile.Inside.PrefixLength} of {profile.Inside.Range}.");
            }
        }
    }
}

/// <summary>Both ends are in one network: the cloud at its first usable address, the customer at the second.</summary>
internal sealed class InsideEndsRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var (customer, cloud) = (tunnel.CustomerInside, tunnel.CloudInside);
        var network = Cidr.Containing(cloud.Address, profile.Inside.PrefixLength);
        if (!network.Contains(customer.Address))
        {
            yield return Error(tunnel, Causes.RouteMissing, "inside.customer", $"The inside addresses {customer} and {cloud} are in different networks; both ends belong in the same /{profile.Inside.PrefixLength}.");
            yield break;
        }

        var (first, second) = (network.Network.Offset(1), network.Network.Offset(2));
        if (cloud.Address == first && customer.Address == second) yield break;
        yield return Error(
            tunnel,
            Causes.RouteMissing,
            cloud.Address == first ? "inside.customer" : "inside.cloud",
            $"The inside addresses are {customer.Address} for the customer and {cloud.Address} for the cloud; in {network} the cloud has {first} and the customer {second}.");
    }
}

/// <summary>No two tunnels share an inside network.</summary>
internal sealed class InsideUniqueRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        for (var second = 1; second < connection.Tunnels.Count; second++)
        {
            for (var first = 0; first < second; first++)
            {
                var (one, other) = (connection.Tunnels[first], connection.Tunnels[second]);
                if (!one.CloudInside.Network.Overlaps(other.CloudInside.Network) && !one.CustomerInside.Network.Overlaps(other.CustomerInside.Network)) continue;
                yield return new Problem(
                    Severity.Error,
                    Causes.OverlappingNetworks,
                    other.Number,
                    $"The inside network {other.CloudInside.Network} overlaps tunnel {one.Number}'s {one.CloudInside.Network}; each tunnel needs one of its own.",
                    "inside.cloud");
            }
        }
    }
}
