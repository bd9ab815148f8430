using Tunnelwright.Model.Rules;

namespace Tunnelwright.Model;

/// <summary>Every rule that a connection has to pass under a requirement profile.</summary>
public static class ConnectionRules
{
    /// <summary>The rules in the order in which their problems are reported.</summary>
    internal static IReadOnlyList<IConnectionRule> All { get; } =
    [
        new TunnelCountRule(),
        new TunnelNumbersRule(),
        new IkeVersionRule(),
        new IkeModeRule(),
        new AuthenticationRule(),
        new PreSharedKeyMissingRule(),
        new PreSharedKeyShapeRule(),
        new SharedPreSharedKeyRule(),
        new IkeEncryptionRule(),
        new IkeIntegrityRule(),
        new IkeGroupRule(),
        new IkeLifetimeRule(),
        new IpsecEncryptionRule(),
        new IpsecIntegrityRule(),
        new PfsRule(),
        new IpsecLifetimeRule(),
        new LifetimeOrderRule(),
        new SixtyMinuteDropRule(),
        new DeadPeerDetectionRule(),
        new CustomerAddressRule(),
        new CustomerAddressesDifferRule(),
        new CloudAddressRule(),
        new SameCloudAddressRule(),
        new SameEndsRule(),
        new InsideNetworkRule(),
        new InsideForbiddenRule(),
        new InsideEndsRule(),
        new InsideUniqueRule(),
        new MtuRule(),
        new MssRule(),
        new ClearDontFragmentRule(),
        new RoutingRule(),
        new BgpNeighborRule(),
        new BgpHoldTimeRule(),
        new CustomerAsnRule(),
        new CloudAsnRule(),
        new InternalBgpRule(),
        new SameAsnsRule(),
        new StaticNextHopRule(),
        new CustomerRangesRule(),
        new CustomerRangesOverlapRule(),
        new CustomerRangesInsideRule(),
        new CloudRangesRule(),
        new RouteLimitRule(),
    ];

    /// <summary>Everything that is wrong with a connection: all problems of all rules, none hides another; always in the same order.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="profile">What the provider allows.</param>
    public static IReadOnlyList<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(profile);
        var problems = new List<Problem>();
        foreach (var rule in All) problems.AddRange(rule.Check(connection, profile));
        return problems;
    }
}
