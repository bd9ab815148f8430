using System.Globalization;

namespace Tunnelwright.Lab.Faults;

/// <summary>Packets of a tunnel that the internet drops without a word, between its own interfaces.</summary>
internal abstract class PathFilterFault(string name, string cause, string breaks) : Fault(name, cause, breaks)
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => site.FilterAsync(
        FaultSite.Internet,
        "inet",
        tunnel,
        $"chain path {{\ntype filter hook forward priority -10;\n{string.Join('\n', Rules(FaultSite.EndpointAddress(tunnel)))}\n}}",
        cancellationToken);

    /// <summary>The rules in nft(8)'s language.</summary>
    /// <param name="endpoint">The endpoint's public address.</param>
    protected abstract IEnumerable<string> Rules(string endpoint);

    /// <summary>One rule for each direction.</summary>
    /// <param name="endpoint">The endpoint's public address.</param>
    /// <param name="match">What has to match besides; "{0}" stands for "sport" towards the customer and "dport" towards the endpoint.</param>
    protected static IEnumerable<string> BothWays(string endpoint, string match) =>
    [
        $"ip daddr {endpoint} {string.Format(CultureInfo.InvariantCulture, match, "dport")} counter drop",
        $"ip saddr {endpoint} {string.Format(CultureInfo.InvariantCulture, match, "sport")} counter drop",
    ];
}
