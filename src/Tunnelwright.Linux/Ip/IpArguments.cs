namespace Tunnelwright.Linux;

/// <summary>The arguments of <c>ip</c> for each change, to be run one by one or together with <see cref="IpTool.BatchAsync"/>.</summary>
public static class IpArguments
{
    /// <summary>Makes a link; refused with EEXIST when the name is taken.</summary>
    public static string[] AddLink(LinkSpec link)
    {
        ArgumentNullException.ThrowIfNull(link);
        string[] mtu = link.Mtu is { } bytes ? ["mtu", $"{bytes}"] : [];
        return ["link", "add", "name", LinkNames.Check(link.Name), .. mtu, "type", link.Kind, .. link.KindArguments()];
    }

    /// <summary>Changes a link.</summary>
    public static string[] SetLink(string name, LinkChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var arguments = new List<string> { "link", "set", "dev", LinkNames.Check(name) };
        if (change.Up is { } up)
            arguments.Add(up ? "up" : "down");
        Add(arguments, "mtu", change.Mtu);
        Add(arguments, "alias", change.Alias);
        if (change.Master is { } master)
            arguments.AddRange(master.Length == 0 ? ["nomaster"] : ["master", LinkNames.Check(master)]);
        if (change.NewName is { } newName)
            arguments.AddRange(["name", LinkNames.Check(newName)]);
        if (change.Namespace is { } target)
            arguments.AddRange(["netns", LinkNames.NamespaceArgument(target)]);
        return [.. arguments];
    }

    /// <summary>Takes a link away; refused with ENODEV when there is none.</summary>
    public static string[] DeleteLink(string name) => ["link", "delete", "dev", LinkNames.Check(name)];

    /// <summary>Puts an address on a link, or leaves it there.</summary>
    /// <param name="device">The link.</param>
    /// <param name="address">The address with its prefix length; host bits stay.</param>
    /// <param name="peer">The address of the other end, with or without a prefix length, or null.</param>
    public static string[] ReplaceAddress(string device, string address, string? peer = null)
        => ["address", "replace", .. AddressOn(device, address, peer)];

    /// <summary>Takes an address from a link; refused with EADDRNOTAVAIL when it is not there.</summary>
    public static string[] DeleteAddress(string device, string address, string? peer = null)
        => ["address", "delete", .. AddressOn(device, address, peer)];

    /// <summary>Sets a route in place of the one with the same destination, metric and table, if any.</summary>
    public static string[] ReplaceRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        var arguments = Identify("replace", route);
        Add(arguments, "src", route.Source);
        Add(arguments, "mtu", route.Mtu);
        if (route.OnLink)
            arguments.Add("onlink");
        foreach (var hop in route.NextHops)
        {
            arguments.Add("nexthop");
            Add(arguments, "via", hop.Gateway is null ? null : AddressText.Address(hop.Gateway));
            Add(arguments, "dev", hop.Device is null ? null : LinkNames.Check(hop.Device));
            Add(arguments, "weight", hop.Weight);
        }

        return [.. arguments];
    }

    /// <summary>Takes a route away; refused with ESRCH when it is not there.</summary>
    public static string[] DeleteRoute(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return [.. Identify("delete", route)];
    }

    /// <summary>Adds a rule; refused with EEXIST when there is the same one. One for IPv6 starts with -6 and cannot be in a batch.</summary>
    public static string[] AddRule(RoutingRule rule) => Rule("add", rule);

    /// <summary>Takes a rule away; refused with ENOENT when there is none. One for IPv6 starts with -6 and cannot be in a batch.</summary>
    public static string[] DeleteRule(RoutingRule rule) => Rule("delete", rule);

    private static string[] AddressOn(string device, string address, string? peer)
    {
        var (local, length) = AddressText.Prefix(address);
        if (peer is null)
            return [$"{local}/{length}", "dev", LinkNames.Check(device)];
        var (remote, remoteLength) = AddressText.Prefix(peer);
        return [$"{local}", "peer", $"{remote}/{remoteLength}", "dev", LinkNames.Check(device)];
    }

    private static List<string> Identify(string verb, Route route)
    {
        var arguments = new List<string> { "route", verb };
        if (route.Type != RouteType.Unicast)
            arguments.Add(TypeName(route.Type));
        arguments.Add(route.Destination == AddressText.Default ? "0.0.0.0/0" : route.Destination);
        Add(arguments, "via", route.Gateway);
        Add(arguments, "dev", route.Device is null ? null : LinkNames.Check(route.Device));
        Add(arguments, "proto", route.Protocol);
        if (route.Metric != 0)
            arguments.AddRange(["metric", $"{route.Metric}"]);
        arguments.AddRange(["table", $"{route.Table}"]);
        return arguments;
    }

    private static string[] Rule(string verb, RoutingRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        // "ip rule" does not take the family from the prefixes.
        List<string> arguments = rule.IsIPv6 ? ["-6", "rule", verb] : ["rule", verb];
        if (rule.Not)
            arguments.Add("not");
        arguments.AddRange(["priority", $"{rule.Priority}"]);
        arguments.AddRange(["from", rule.From ?? "all"]);
        Add(arguments, "to", rule.To);
        if (rule.FirewallMark is { } mark)
            arguments.AddRange(["fwmark", $"0x{mark:x}/0x{rule.FirewallMask:x}"]);
        Add(arguments, "iif", rule.IncomingInterface is null ? null : LinkNames.Check(rule.IncomingInterface));
        Add(arguments, "oif", rule.OutgoingInterface is null ? null : LinkNames.Check(rule.OutgoingInterface));
        if (rule.Action != RouteType.Unicast)
            arguments.Add(TypeName(rule.Action));
        else
            arguments.AddRange(["table", $"{rule.Table}"]);
        Add(arguments, "suppress_prefixlength", rule.SuppressPrefixLength);
        if (rule.Protocol != 0)
            arguments.AddRange(["protocol", $"{rule.Protocol}"]);
        return [.. arguments];
    }

    private static string TypeName(RouteType type) => type switch
    {
        RouteType.Unknown => throw new ArgumentException("A route of unknown type cannot be set.", nameof(type)),
        _ => type.ToString().ToLowerInvariant(),
    };

    private static void Add(List<string> arguments, string name, object? value)
    {
        if (value is not null)
            arguments.AddRange([name, value.ToString() ?? ""]);
    }
}
