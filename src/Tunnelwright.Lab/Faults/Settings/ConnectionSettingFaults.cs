using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

/// <summary>A setting of a connection as a whole, changed at the customer's end.</summary>
internal abstract class CustomerSettingFault(string name, string cause, string breaks) : WholeFault(name, cause, breaks)
{
    /// <summary>The routing that it needs; null for any.</summary>
    protected virtual Model.Routing? Needs => null;

    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        if (Needs is { } routing) await site.RequireAsync(FaultSite.CustomerGateway, routing, cancellationToken);
        await site.ChangeDesiredAsync(FaultSite.CustomerGateway, Change, cancellationToken);
    }

    protected abstract DesiredConnection Change(DesiredConnection now, DesiredConnection before);
}

internal sealed class NotInitiating() : CustomerSettingFault("not-initiating", "not-initiating", "the customer's gateway only answers, as the cloud does: nobody starts IKE")
{
    protected override DesiredConnection Change(DesiredConnection now, DesiredConnection before) => now with { Role = GatewayRole.Responder };
}

internal sealed class OneTunnelOnly() : Fault("both-tunnels-not-configured", "both-tunnels-not-configured", "the tunnel is not set up on the customer's gateway: the connection has one where two belong")
{
    public override IReadOnlyList<int> DefaultTunnels => [2];

    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => site.ChangeDesiredAsync(
        FaultSite.CustomerGateway,
        (now, before) => now with { Tunnels = before.Tunnels.Where(item => item.Number != tunnel).ToValueList() },
        cancellationToken);
}

internal sealed class WrongCloudRange() : CustomerSettingFault("route-missing-range", "route-missing", "the customer's gateway routes another range through the tunnels than the cloud's")
{
    protected override Model.Routing? Needs => Model.Routing.Static;

    protected override DesiredConnection Change(DesiredConnection now, DesiredConnection before) => now with { RemoteRanges = [Cidr.Parse("10.88.2.0/24")] };
}

/// <summary>A session that went over its limit stays down until the provider enables it: that belongs to healing.</summary>
internal sealed class BgpPrefixLimit() : CustomerSettingFault("bgp-prefix-limit", "bgp-prefix-limit", "the customer's gateway announces 120 prefixes, where 100 are allowed")
{
    protected override Model.Routing? Needs => Model.Routing.Bgp;

    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        await site.RequireAsync(FaultSite.CustomerGateway, Model.Routing.Bgp, cancellationToken);
        foreach (var tunnel in new[] { 1, 2 })
            site.AtHealing(FaultSite.Endpoint(tunnel), ["birdc", "-s", $"{new GatewayPaths("default").BirdFolder}/bird.ctl", "enable \"tunnel*\""], last: true);
        await base.InjectAsync(site, cancellationToken);
    }

    protected override DesiredConnection Change(DesiredConnection now, DesiredConnection before) =>
        now with { LocalRanges = before.LocalRanges.Concat(Enumerable.Range(0, 120).Select(number => Cidr.Parse($"10.50.{number}.0/24"))).ToValueList() };
}

internal sealed class BgpNothingAnnounced() : CustomerSettingFault("bgp-no-prefixes-customer", "bgp-no-prefixes", "the customer's gateway announces nothing: the session stands, the cloud learns no way back")
{
    protected override Model.Routing? Needs => Model.Routing.Bgp;

    protected override DesiredConnection Change(DesiredConnection now, DesiredConnection before) => now with { LocalRanges = [] };
}

internal sealed class BgpNoPrefixes() : Fault("bgp-no-prefixes", "bgp-no-prefixes", "the endpoint announces nothing: the session stands, the customer learns no route")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        await site.RequireBgpAsync(FaultSite.Endpoint(tunnel), cancellationToken);
        await site.ChangeDesiredAsync(FaultSite.Endpoint(tunnel), (now, _) => now with { LocalRanges = [] }, cancellationToken);
    }
}

internal sealed class RangeNotRegistered() : Fault("range-not-registered", "range-not-registered", "another range of the customer is registered at the cloud: what comes from the real one is dropped")
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) =>
        site.ChangeDesiredAsync(FaultSite.Endpoint(tunnel), (now, _) => now with { RemoteRanges = [Cidr.Parse("10.77.0.0/24")] }, cancellationToken);
}
