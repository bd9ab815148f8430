using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

/// <summary>The end of a tunnel whose settings are changed.</summary>
internal enum TunnelEnd
{
    /// <summary>The provider's endpoint.</summary>
    Cloud,

    /// <summary>The customer's gateway, as by a value mistyped or left over.</summary>
    Customer,
}

/// <summary>A setting of one end that does not fit the other's: handed to that end's agent like any other desired state.</summary>
internal abstract class TunnelSettingFault(string name, string cause, string breaks, TunnelEnd end) : Fault(name, cause, breaks)
{
    /// <summary>Whether it is about BGP, so that a lab with static routing cannot have it.</summary>
    protected virtual bool NeedsBgp => false;

    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        var host = end == TunnelEnd.Cloud ? FaultSite.Endpoint(tunnel) : FaultSite.CustomerGateway;
        if (NeedsBgp) await site.RequireBgpAsync(host, cancellationToken);
        await site.ChangeDesiredAsync(
            host,
            (current, before) => current with { Tunnels = current.Tunnels.Select(item => item.Number == tunnel ? Change(item, before.Tunnels.First(known => known.Number == tunnel)) : item).ToValueList() },
            cancellationToken);
    }

    /// <summary>The changed tunnel.</summary>
    /// <param name="now">The tunnel as it is.</param>
    /// <param name="before">The tunnel as it was before any fault: what a change is derived from, so that twice has the effect of once.</param>
    protected abstract DesiredTunnel Change(DesiredTunnel now, DesiredTunnel before);

    /// <summary>The name of a fault at one of the ends; the cloud's end goes without a suffix.</summary>
    protected static string At(string name, TunnelEnd end) => end == TunnelEnd.Cloud ? name : $"{name}-customer";

    /// <summary>The end in words.</summary>
    protected static string Words(TunnelEnd end) => end == TunnelEnd.Cloud ? "the cloud's endpoint" : "the customer's gateway";
}
