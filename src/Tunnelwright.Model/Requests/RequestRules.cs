using Tunnelwright.Model.Requests;

namespace Tunnelwright.Model;

/// <summary>Every rule of the request form.</summary>
public static class RequestRules
{
    /// <summary>The rules of a new connection in the order in which their faults are reported.</summary>
    internal static IReadOnlyList<IRequestRule> Form { get; } =
    [
        new TransitGatewayRule(),
        new ConnectionLimitRule(),
        new ChangeInProgressRule(),
        new PurposeRule(),
        new ContactRule(),
        new GatewayAddressRule(),
        new GatewayAddressTakenRule(),
        new RangesThereRule(),
        new RangeShapeRule(),
        new DefaultRouteRule(),
        new RangeOverlapRule(),
        new CloudNetworkRule(),
        new InsideRangeRule(),
        new RouteCountRule(),
        new AsnThereRule(),
        new AsnBoundsRule(),
        new AsnTakenRule(),
        new AsnReservedRule(),
        new AsnOwnRule(),
        new AsnOfCloudRule(),
        new DeviceRule(),
        new ParametersRule(),
    ];

    /// <summary>The rules of changed ranges.</summary>
    internal static IReadOnlyList<IRequestRule> Ranges { get; } =
    [
        new ChangeInProgressRule(),
        new RangesThereRule(),
        new RangeShapeRule(),
        new DefaultRouteRule(),
        new RangeOverlapRule(),
        new CloudNetworkRule(),
        new InsideRangeRule(),
        new RouteCountRule(),
    ];

    /// <summary>The rules of what can be changed without the network noticing.</summary>
    internal static IReadOnlyList<IRequestRule> Description { get; } = [new PurposeRule(), new ContactRule(), new DeviceRule()];

    /// <summary>Everything that is wrong with a request for a new connection: all faults of all rules, none hides another.</summary>
    /// <param name="request">The request.</param>
    /// <param name="customer">What the service knows of the customer.</param>
    /// <param name="profile">What the provider allows.</param>
    public static IReadOnlyList<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile) => Check(Form, request, customer, profile);

    /// <summary>Everything that is wrong with changed ranges; <see cref="CustomerSituation.Others"/> is without the connection that is changed.</summary>
    /// <param name="request">The connection with its new ranges.</param>
    /// <param name="customer">What the service knows of the customer.</param>
    /// <param name="profile">What the provider allows.</param>
    public static IReadOnlyList<RequestFault> CheckRanges(RequestedConnection request, CustomerSituation customer, RequirementProfile profile) => Check(Ranges, request, customer, profile);

    /// <summary>Everything that is wrong with a changed purpose, contact or device.</summary>
    /// <param name="request">The connection with its new values.</param>
    /// <param name="customer">What the service knows of the customer.</param>
    /// <param name="profile">What the provider allows.</param>
    public static IReadOnlyList<RequestFault> CheckDescription(RequestedConnection request, CustomerSituation customer, RequirementProfile profile) => Check(Description, request, customer, profile);

    private static List<RequestFault> Check(IReadOnlyList<IRequestRule> rules, RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(customer);
        ArgumentNullException.ThrowIfNull(profile);
        var faults = new List<RequestFault>();
        foreach (var rule in rules) faults.AddRange(rule.Check(request, customer, profile));
        return faults;
    }
}
