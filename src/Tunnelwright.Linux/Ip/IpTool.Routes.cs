using System.Net.Sockets;

namespace Tunnelwright.Linux;

/// <content>Routes and rules.</content>
public sealed partial class IpTool
{
    /// <summary>The routes of one table, or of all.</summary>
    /// <param name="table">A table's number, <c>main</c>, <c>local</c>, <c>default</c>, or <c>all</c>.</param>
    /// <param name="family">IPv4 or IPv6 only, or null for both.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    /// <returns>Empty for a table that nobody has put a route into.</returns>
    public async Task<IReadOnlyList<Route>> GetRoutesAsync(
        string table = "all", AddressFamily? family = null, CancellationToken cancellationToken = default)
    {
        uint? wanted = table switch
        {
            "all" => null,
            "main" => RouteTables.Main,
            "local" => RouteTables.Local,
            "default" => RouteTables.Default,
            _ when uint.TryParse(table, out var number) => number,
            _ => throw new ArgumentException($"'{table}' is not a routing table.", nameof(table)),
        };

        // Without a family "ip route" shows both only for all tables, so one table of both families is picked out here.
        var asked = family is null || wanted is null ? "all" : $"{wanted}";
        string[] familyArgument = family is null ? [] : [family == AddressFamily.InterNetworkV6 ? "-6" : "-4"];
        try
        {
            var routes = IpJson.ReadRoutes(
                await RunAsync([.. familyArgument, "-json", "-details", "-N", "route", "show", "table", asked], cancellationToken));
            if (wanted is not { } only)
                return routes;
            // Asked for one table, ip leaves its number out.
            return asked == "all" ? [.. routes.Where(route => route.Table == only)] : [.. routes.Select(route => route with { Table = only })];
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.NoEntry)
        {
            return [];
        }
    }

    /// <summary>Sets a route, in place of the one with the same destination, metric and table, if any.</summary>
    /// <exception cref="KernelException">The kernel refused: ENODEV, ENETUNREACH when the gateway is not on a link.</exception>
    public Task ReplaceRouteAsync(Route route, CancellationToken cancellationToken = default)
        => RunAsync(IpArguments.ReplaceRoute(route), cancellationToken);

    /// <summary>Takes a route away, matched by destination, type, gateway, device, protocol, metric and table. An absent one is fine.</summary>
    /// <returns>True when it was there.</returns>
    public Task<bool> DeleteRouteAsync(Route route, CancellationToken cancellationToken = default)
        => ChangeAsync(
            IpArguments.DeleteRoute(route),
            new[] { KernelErrors.NoProcess, KernelErrors.NoDevice, KernelErrors.NoEntry, KernelErrors.NetworkUnreachable },
            cancellationToken);

    /// <summary>Asks the kernel which way a packet would take.</summary>
    /// <param name="destination">The address that it goes to.</param>
    /// <param name="from">The address that it comes from, or null for one of our own.</param>
    /// <param name="incomingInterface">The link that it came in on (a forwarded packet; needs <paramref name="from"/>), or null.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    /// <returns>
    /// The way. A route that drops is told by its type alone (the kernel answers with an error: EINVAL blackhole, EHOSTUNREACH unreachable,
    /// EACCES prohibit). Null when there is no route (ENETUNREACH).
    /// </returns>
    public async Task<Route?> GetRouteToAsync(
        string destination, string? from = null, string? incomingInterface = null, CancellationToken cancellationToken = default)
    {
        var arguments = new List<string> { "-json", "-details", "-N", "route", "get", AddressText.Address(destination) };
        if (from is not null)
            arguments.AddRange(["from", AddressText.Address(from)]);
        if (incomingInterface is not null)
            arguments.AddRange(["iif", LinkNames.Check(incomingInterface)]);
        try
        {
            return IpJson.ReadRoutes(await RunAsync(arguments, cancellationToken)) is [var way, ..] ? way : null;
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.NetworkUnreachable)
        {
            return null;
        }
        catch (KernelException exception) when (DroppingType(exception.ErrorNumber) is { } type)
        {
            return new Route(destination) { Type = type };
        }
    }

    /// <summary>All rules of one family, by priority.</summary>
    public async Task<IReadOnlyList<RoutingRule>> GetRulesAsync(
        AddressFamily family = AddressFamily.InterNetwork, CancellationToken cancellationToken = default)
    {
        var isIPv6 = family == AddressFamily.InterNetworkV6;
        var text = await RunAsync([isIPv6 ? "-6" : "-4", "-json", "-details", "-N", "rule", "show"], cancellationToken);
        return IpJson.ReadRules(text, isIPv6);
    }

    /// <summary>Adds a rule. The same one is fine.</summary>
    /// <returns>True when it was added now.</returns>
    public Task<bool> EnsureRuleAsync(RoutingRule rule, CancellationToken cancellationToken = default)
        => ChangeAsync(IpArguments.AddRule(rule), new[] { KernelErrors.Exists }, cancellationToken);

    /// <summary>Takes a rule away, and only one that is equal in everything. An absent one is fine.</summary>
    /// <returns>True when it was there.</returns>
    public async Task<bool> DeleteRuleAsync(RoutingRule rule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var family = rule.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        // To the kernel a field that is not given matches everything, so it would also take a stranger's rule.
        var rules = await GetRulesAsync(family, cancellationToken);
        return rules.Contains(rule)
            && await ChangeAsync(IpArguments.DeleteRule(rule), new[] { KernelErrors.NoEntry }, cancellationToken);
    }

    private static RouteType? DroppingType(int errorNumber) => errorNumber switch
    {
        KernelErrors.Invalid => RouteType.Blackhole,
        KernelErrors.HostUnreachable => RouteType.Unreachable,
        KernelErrors.Access => RouteType.Prohibit,
        _ => null,
    };
}
