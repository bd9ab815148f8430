namespace Tunnelwright.Model.Rules;

/// <summary>A registered range is not the default route.</summary>
internal sealed class CustomerRangesRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        foreach (var range in connection.CustomerRanges)
        {
            if (range.PrefixLength == 0) yield return Error($"The default route {range} is no customer range: register the ranges that are really there.");
        }
    }

    private static Problem Error(string message) => new(Severity.Error, Causes.OverlappingNetworks, null, message, "customerRanges");
}

/// <summary>Registered ranges do not overlap each other.</summary>
internal sealed class CustomerRangesOverlapRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        var ranges = connection.CustomerRanges;
        for (var second = 1; second < ranges.Count; second++)
        {
            for (var first = 0; first < second; first++)
            {
                if (!ranges[first].Overlaps(ranges[second])) continue;
                yield return new Problem(
                    Severity.Error,
                    Causes.OverlappingNetworks,
                    null,
                    $"The customer range {ranges[second]} overlaps {ranges[first]}; each address belongs to one registered range.",
                    "customerRanges");
            }
        }
    }
}

/// <summary>Registered ranges keep clear of the inside networks and of the gateways' own addresses.</summary>
internal sealed class CustomerRangesInsideRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        foreach (var range in connection.CustomerRanges)
        {
            if (range.PrefixLength == 0) continue;
            if (range.Overlaps(profile.Inside.Range))
            {
                yield return Error($"The customer range {range} overlaps {profile.Inside.Range}, which the tunnels' inside networks are taken from.", null);
            }

            foreach (var tunnel in connection.Tunnels)
            {
                if (range.Contains(tunnel.CloudOutside))
                {
                    yield return Error($"The customer range {range} holds the cloud endpoint {tunnel.CloudOutside}: the tunnel's own packets would be routed into the tunnel.", tunnel.Number);
                }
            }
        }
    }

    private static Problem Error(string message, int? tunnel) => new(Severity.Error, Causes.OverlappingNetworks, tunnel, message, tunnel is null ? "customerRanges" : "outside.cloud");
}

/// <summary>There are no more ranges than the provider takes.</summary>
internal sealed class RouteLimitRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        var (count, limit) = (connection.CustomerRanges.Count, profile.Limits.RoutesPerCustomer);
        if (connection.Routing == Routing.Static && count > limit)
        {
            yield return new Problem(Severity.Error, Causes.RouteMissing, null, $"The connection has {count} customer ranges; the provider takes {limit} at most, so fold them together.", "customerRanges");
        }
    }
}

/// <summary>Customer and cloud have no address in common.</summary>
internal sealed class CloudRangesRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        foreach (var customer in connection.CustomerRanges)
        {
            foreach (var cloud in connection.CloudRanges)
            {
                if (customer.PrefixLength == 0 || cloud.PrefixLength == 0 || !customer.Overlaps(cloud)) continue;
                yield return new Problem(
                    Severity.Error,
                    Causes.OverlappingNetworks,
                    null,
                    $"The customer range {customer} overlaps the cloud's range {cloud}: renumber one of them or translate addresses.",
                    "customerRanges");
            }
        }
    }
}
