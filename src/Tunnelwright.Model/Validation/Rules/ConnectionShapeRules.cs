namespace Tunnelwright.Model.Rules;

/// <summary>A whole connection has the profile's number of tunnels.</summary>
internal sealed class TunnelCountRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        var count = connection.Tunnels.Count;
        if (count == profile.Tunnels) yield break;
        var message = count < profile.Tunnels
            ? $"The configuration has {Count(count)}, but a connection has {profile.Tunnels}: set both up, or a failure or maintenance of one endpoint cuts the connection."
            : $"The configuration has {Count(count)}, but a connection has {profile.Tunnels}.";
        yield return new Problem(Severity.Error, Causes.BothTunnelsNotConfigured, null, message, "tunnels");
    }

    private static string Count(int tunnels) => tunnels switch { 0 => "no tunnel", 1 => "one tunnel only", _ => $"{tunnels} tunnels" };
}

/// <summary>Tunnels are numbered 1, 2, …, each number once, in order.</summary>
internal sealed class TunnelNumbersRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        var seen = new HashSet<int>();
        var highest = Math.Max(profile.Tunnels, connection.Tunnels.Count);
        foreach (var tunnel in connection.Tunnels)
        {
            if (tunnel.Number < 1 || tunnel.Number > highest)
            {
                yield return new Problem(Severity.Error, Causes.ConfigSyntax, tunnel.Number, $"A tunnel is numbered {tunnel.Number}; the numbers are 1 to {highest}.", "number");
            }

            if (!seen.Add(tunnel.Number))
            {
                yield return new Problem(Severity.Error, Causes.ConfigSyntax, tunnel.Number, $"Two tunnels are numbered {tunnel.Number}; each number belongs to one tunnel.", "number");
            }
        }
    }
}

/// <summary>The session is there exactly when routing is by BGP.</summary>
internal sealed class RoutingRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (connection.Routing == Routing.Bgp && tunnel.Bgp is null)
        {
            yield return Error(tunnel, Causes.BgpNotEstablished, "bgp", "The connection is routed by BGP, but this tunnel has no BGP session: AS numbers and neighbour address are needed.");
        }

        if (connection.Routing == Routing.Static && tunnel.Bgp is not null)
        {
            yield return Error(tunnel, Causes.BgpNotEstablished, "bgp", "The connection is routed statically, but this tunnel has a BGP session: the cloud end will not answer it.");
        }
    }
}

/// <summary>The static next hop is the cloud's inside address.</summary>
internal sealed class StaticNextHopRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (connection.Routing != Routing.Static) yield break;
        var cloud = tunnel.CloudInside.Address;
        if (tunnel.StaticNextHop is not { } nextHop)
        {
            yield return Warning(tunnel, Causes.RouteMissing, "staticNextHop", $"The static next hop is missing; it is the cloud's inside address, {cloud}.");
        }
        else if (nextHop != cloud)
        {
            yield return Error(tunnel, Causes.RouteMissing, "staticNextHop", $"The static next hop is {nextHop}, but the cloud's inside address is {cloud}: routes through {nextHop} lead nowhere.");
        }
    }
}
