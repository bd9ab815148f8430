namespace Tunnelwright.Model.Requests;

/// <summary>There is a range: what is not registered is dropped, with BGP too.</summary>
internal sealed class RangesThereRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (request.Ranges.Count == 0) yield return new("ranges-missing", "ranges", "At least one internal network range is needed; what is not registered is dropped.");
    }
}

/// <summary>A rule about one range at a time.</summary>
internal abstract class RangeRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        for (var index = 0; index < request.Ranges.Count; index++)
        {
            var typed = request.Ranges[index];
            if (Fault(typed, Cidr.TryParse(typed.Trim(), out var range) ? range : null, index, request, customer, profile) is { } fault)
                yield return new RequestFault(fault.Code, $"ranges[{index}]", fault.Message);
        }
    }

    /// <summary>What is wrong with a range; null for nothing. <paramref name="range"/> is null when the text is none.</summary>
    protected abstract (string Code, string Message)? Fault(string typed, Cidr? range, int index, RequestedConnection request, CustomerSituation customer, RequirementProfile profile);
}

/// <summary>A range is in CIDR notation without host bits.</summary>
internal sealed class RangeShapeRule : RangeRule
{
    protected override (string Code, string Message)? Fault(string typed, Cidr? range, int index, RequestedConnection request, CustomerSituation customer, RequirementProfile profile) =>
        range is null ? ("route-shape", $"The route {Shown.Text(typed)} must have a valid IP range, for example 10.10.1.0/24") : null;
}

/// <summary>A range is not the default route.</summary>
internal sealed class DefaultRouteRule : RangeRule
{
    protected override (string Code, string Message)? Fault(string typed, Cidr? range, int index, RequestedConnection request, CustomerSituation customer, RequirementProfile profile) =>
        range is { PrefixLength: 0 } ? ("default-route", "0.0.0.0/0 is not a valid IP range for VPN routes.") : null;
}

/// <summary>A range overlaps none of another connection and none that stands before it in the request.</summary>
internal sealed class RangeOverlapRule : RangeRule
{
    protected override (string Code, string Message)? Fault(string typed, Cidr? range, int index, RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (range is not { PrefixLength: > 0 } whole) return null;
        foreach (var other in customer.Others.SelectMany(connection => connection.Ranges).Concat(Before(request, index)))
        {
            if (other.Overlaps(whole))
                return ("route-overlap", $"The route inserted cannot be added to the VPN static routes since it will overlap with the IP range {other}, added before.");
        }

        return null;
    }

    private static IEnumerable<Cidr> Before(RequestedConnection request, int index)
    {
        foreach (var text in request.Ranges.Take(index))
        {
            if (Cidr.TryParse(text.Trim(), out var range) && range.PrefixLength > 0) yield return range;
        }
    }
}

/// <summary>A range keeps clear of the customer's network in the cloud.</summary>
internal sealed class CloudNetworkRule : RangeRule
{
    protected override (string Code, string Message)? Fault(string typed, Cidr? range, int index, RequestedConnection request, CustomerSituation customer, RequirementProfile profile) =>
        range is { PrefixLength: > 0 } whole && whole.Overlaps(customer.CloudNetwork)
            ? ("cloud-overlap", $"The IP range for the VPN Route {whole} overlaps the reserved private IP range {customer.CloudNetwork}.")
            : null;
}

/// <summary>A range keeps clear of the inside networks of tunnels.</summary>
internal sealed class InsideRangeRule : RangeRule
{
    protected override (string Code, string Message)? Fault(string typed, Cidr? range, int index, RequestedConnection request, CustomerSituation customer, RequirementProfile profile) =>
        range is { PrefixLength: > 0 } whole && whole.Overlaps(profile.Inside.Range)
            ? ("inside-overlap", $"The IP range for the VPN Route {whole} overlaps the reserved private IP range {profile.Inside.Range}.")
            : null;
}

/// <summary>The customer's connections together have no more ranges than the limit.</summary>
internal sealed class RouteCountRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        var available = Math.Max(0, customer.RouteLimit - customer.Others.Sum(other => other.Ranges.Count));
        if (request.Ranges.Count > available)
            yield return new("route-limit", "ranges", $"It is not possible to add {request.Ranges.Count} routes. The maximum number of routes is {customer.RouteLimit} and there are only {available} available.");
    }
}
