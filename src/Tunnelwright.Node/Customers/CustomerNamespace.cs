using System.Globalization;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Customers;

/// <summary>
/// A customer's network namespace with its two wires: "uplink" to the node, with the outside addresses of the customer's tunnels, and "cloud" in the
/// VXLAN segment of the customer's cloud network. Every call looks first and changes what differs.
/// </summary>
internal sealed class CustomerNamespace(NodeSettings settings, string customer)
{
    private readonly IpTool _node = new(NetworkNamespace.Current);

    /// <summary>The namespace.</summary>
    public NetworkNamespace Space { get; } = new(NodeNames.NamespaceOf(customer));

    /// <summary>Makes one that is not there yet, with both wires, which carry nothing before <see cref="FurnishAsync"/>.</summary>
    /// <returns>False when something of it was there already, or the kernel refused: then <see cref="EnsureAsync"/> looks and says what.</returns>
    public async Task<bool> TryMakeAsync(NodeCustomer wanted, InterfaceAddress fabric, CancellationToken cancellationToken)
    {
        if (Space.Exists) return false;
        try
        {
            await _node.BatchAsync([["netns", "add", Space.Name!], Wire(NodeNames.WireOf(wanted.Number)), Segment(wanted.Number, fabric)], cancellationToken);
            return true;
        }
        catch (Exception refused) when (refused is BatchFailedException or KernelException)
        {
            return false;
        }
    }

    /// <summary>Puts into a namespace that has just been made what the customer's desired state wants. Its filter is there before its wire leads anywhere.</summary>
    /// <param name="wanted">The customer.</param>
    /// <param name="fabric">The node's address on the fabric.</param>
    /// <param name="cancellationToken">Ends the work; <see cref="EnsureAsync"/> goes on.</param>
    public async Task FurnishAsync(NodeCustomer wanted, InterfaceAddress fabric, CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            SettingsAsync(),
            new Nftables(Space).ApplyAsync(CustomerRules.Render(wanted), cancellationToken),
            new IpTool(Space).BatchAsync([["link", "set", "dev", "lo", "up"], .. Inside(wanted, fabric, [], [], [])], cancellationToken));
        await _node.BatchAsync(Outside(NodeNames.WireOf(wanted.Number), wanted, []), cancellationToken);
    }

    /// <summary>Makes it as the customer's desired state wants it.</summary>
    /// <param name="wanted">The customer.</param>
    /// <param name="fabric">The node's address on the fabric.</param>
    /// <param name="cancellationToken">Ends the work; the next call goes on.</param>
    public async Task EnsureAsync(NodeCustomer wanted, InterfaceAddress fabric, CancellationToken cancellationToken)
    {
        await NetworkNamespace.CreateAsync(Space.Name!, cancellationToken);
        var inside = new IpTool(Space);
        var wire = NodeNames.WireOf(wanted.Number);
        var links = await inside.GetLinksAsync(cancellationToken);
        if (links.All(link => link.Name != NodeNames.Uplink))
        {
            await _node.DeleteLinkAsync(wire, cancellationToken);
            await _node.BatchAsync([Wire(wire)], cancellationToken);
        }

        if (links.All(link => link.Name != NodeNames.Cloud)) await _node.BatchAsync([Segment(wanted.Number, fabric)], cancellationToken);
        await SettingsAsync();
        await InsideAsync(inside, wanted, fabric, cancellationToken);
        await RulesAsync(wanted, cancellationToken);
        await OutsideAsync(wire, wanted, cancellationToken);
    }

    /// <summary>
    /// Ends every process in the namespace and takes it away with all that is in it. The IKE daemons are asked first: they tell their peers. What is
    /// not there is fine.
    /// </summary>
    public static async Task RemoveAsync(string customer, CancellationToken cancellationToken)
    {
        var space = NodeNames.NamespaceOf(customer);
        if (new NetworkNamespace(space).Exists)
        {
            var processes = Running(space);
            await Task.WhenAll(processes.Where(process => process.Mark.EndsWith("/agent", StringComparison.Ordinal)).Select(process => process.StopAsync(TimeSpan.FromSeconds(2), cancellationToken)));
            for (var round = 0; round < 10 && Running(space) is { Count: > 0 } left; round++)
                await Task.WhenAll(left.Select(process => process.StopAsync(TimeSpan.FromSeconds(round == 0 ? 3 : 0), cancellationToken)));
        }

        // Segment and wire first, by name: the kernel takes a namespace's devices away some time after the namespace, a minute on a busy machine, and as long
        // nobody else can have the segment's number or the wire's name.
        if (await IsMadeAsync(space)) await new IpTool(new NetworkNamespace(space)).DeleteLinkAsync(NodeNames.Cloud, cancellationToken);
        var node = new IpTool(NetworkNamespace.Current);
        foreach (var wire in (await node.GetLinksAsync(cancellationToken)).Where(link => link.Alias == NodeNames.AliasOf(customer))) await node.DeleteLinkAsync(wire.Name, cancellationToken);
        await NetworkNamespace.DeleteAsync(space, cancellationToken);
        var paths = new Gateway.GatewayPaths(customer);
        foreach (var folder in new[] { paths.StateFolder, Path.GetDirectoryName(paths.History)! })
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whether there is a namespace behind the name: the file of one whose making was cut short is empty.</summary>
    private static async Task<bool> IsMadeAsync(string space)
    {
        try
        {
            return new NetworkNamespace(space).Exists && await new NetworkNamespace(space).RunInsideAsync(() => true);
        }
        catch (KernelException)
        {
            return false;
        }
    }

    /// <summary>The customers that have a namespace or a wire here, whoever made it.</summary>
    public static async Task<IReadOnlyList<string>> ThereAsync(CancellationToken cancellationToken)
    {
        var spaces = (await NetworkNamespace.ListAsync(cancellationToken)).Where(name => name.StartsWith(NodeNames.NamespacePrefix, StringComparison.Ordinal)).Select(name => name[NodeNames.NamespacePrefix.Length..]);
        var wires = (await new IpTool(NetworkNamespace.Current).GetLinksAsync(cancellationToken)).Select(link => link.Alias).OfType<string>()
            .Where(alias => alias.StartsWith(NodeNames.Mark, StringComparison.Ordinal)).Select(alias => alias[NodeNames.Mark.Length..]);
        return [.. spaces.Concat(wires).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The processes in a customer's namespace.</summary>
    /// <param name="space">The namespace's name.</param>
    public static IReadOnlyList<ServiceProcess> Running(string space)
    {
        var inside = NetworkNamespace.ProcessesIn([space]).ToHashSet();
        var marked = ServiceProcess.FindByMark("").Where(process => inside.Contains(process.Pid)).ToList();
        return [.. marked, .. inside.Where(pid => marked.All(process => process.Pid != pid)).Select(ProcessStatistics.TryRead).OfType<ProcessStatistics>().Where(process => !process.HasEnded).Select(process => new ServiceProcess(process.Pid, process.StartTime))];
    }

    private Task SettingsAsync() => Space.RunInsideAsync(() => new Sysctl(NetworkNamespace.Current).Set(new Dictionary<string, string>
    {
        ["net.ipv4.ip_forward"] = "1",
        ["net.ipv4.conf.all.rp_filter"] = "2",
        ["net.ipv4.conf.all.send_redirects"] = "0",
        ["net.ipv4.conf.default.send_redirects"] = "0",
    }));

    private string[] Wire(string name) => ["link", "add", "name", name, "type", "veth", "peer", "name", NodeNames.Uplink, "netns", Space.Name!];

    private string[] Segment(int number, InterfaceAddress fabric) =>
    [
        "link", "add", "name", NodeNames.Cloud, "netns", Space.Name!, "type", "vxlan", "id", number.ToString(CultureInfo.InvariantCulture),
        "local", fabric.Address.ToString(), "remote", settings.CloudRouter.ToString(), "dstport", NodeNames.VxlanPort.ToString(CultureInfo.InvariantCulture), "dev", settings.Fabric,
    ];

    private async Task InsideAsync(IpTool inside, NodeCustomer wanted, InterfaceAddress fabric, CancellationToken cancellationToken)
    {
        var look = await inside.LookAsync([], cancellationToken);
        var addresses = look.Addresses.Where(address => address.Family == System.Net.Sockets.AddressFamily.InterNetwork).ToList();
        var there = addresses.Where(address => address.Device == NodeNames.Uplink).Select(address => address.Address);
        var cloud = addresses.Where(address => address.Device == NodeNames.Cloud).Select(address => $"{address.Address}/{address.PrefixLength}");
        var ways = look.Routes.Where(route => route.Device == NodeNames.Cloud && route.Protocol == NodeNames.RouteProtocol).Select(route => route.Destination);
        await inside.BatchAsync(Inside(wanted, fabric, there, cloud, ways), cancellationToken);
    }

    /// <summary>What ip is told in the namespace.</summary>
    /// <param name="wanted">The customer.</param>
    /// <param name="fabric">The node's address on the fabric.</param>
    /// <param name="there">Addresses on the uplink now.</param>
    /// <param name="cloud">Addresses on the segment now, with their prefix lengths.</param>
    /// <param name="ways">Where routes of ours lead through the segment now.</param>
    private IEnumerable<string[]> Inside(NodeCustomer wanted, InterfaceAddress fabric, IEnumerable<string> there, IEnumerable<string> cloud, IEnumerable<string> ways)
    {
        var outside = wanted.Tunnels.Select(tunnel => Ipv4Address.Parse(tunnel.CloudAddress).ToString()).Distinct().ToList();
        var forwarders = CustomerForwarding.OwnAddresses(wanted).Select(address => $"{address}/32").ToList();
        var beyond = CustomerForwarding.Beyond(wanted).Select(server => new Route($"{server}/32").Destination).ToList();
        var protocol = NodeNames.RouteProtocol.ToString(CultureInfo.InvariantCulture);
        return
        [
            ["link", "set", "dev", NodeNames.Uplink, "up"],
            .. outside.Select(address => new[] { "address", "replace", $"{address}/32", "dev", NodeNames.Uplink }),
            .. there.Except(outside).Select(address => new[] { "address", "delete", $"{address}/32", "dev", NodeNames.Uplink }),
            ["route", "replace", "default", "via", NodeNames.WireAddress, "dev", NodeNames.Uplink, "onlink"],
            ["link", "set", "dev", NodeNames.Cloud, "up"],
            ["address", "replace", fabric.ToString(), "dev", NodeNames.Cloud],
            .. forwarders.Select(address => new[] { "address", "replace", address, "dev", NodeNames.Cloud }),
            .. cloud.Except(forwarders).Where(address => address != fabric.ToString()).Select(address => new[] { "address", "delete", address, "dev", NodeNames.Cloud }),
            ["route", "replace", Cidr.Parse(wanted.CloudNetwork).ToString(), "via", settings.CloudRouter.ToString(), "dev", NodeNames.Cloud],
            .. beyond.Select(server => new[] { "route", "replace", server, "via", settings.CloudRouter.ToString(), "dev", NodeNames.Cloud, "protocol", protocol }),
            .. ways.Except(beyond).Select(server => new[] { "route", "delete", server, "via", settings.CloudRouter.ToString(), "dev", NodeNames.Cloud, "protocol", protocol }),
        ];
    }

    private async Task RulesAsync(NodeCustomer wanted, CancellationToken cancellationToken)
    {
        var filter = new Nftables(Space);
        var table = await filter.ListTableAsync("inet", NodeNames.CustomerTable, cancellationToken);
        if (table?.Counters.FirstOrDefault(counter => counter.Name == "fingerprint")?.Comment == CustomerRules.FingerprintOf(wanted)) return;
        await filter.ApplyAsync(CustomerRules.Render(wanted), cancellationToken);
    }

    /// <summary>The node's end: how packets for the outside addresses find the namespace.</summary>
    private async Task OutsideAsync(string wire, NodeCustomer wanted, CancellationToken cancellationToken)
    {
        var there = (await _node.GetRoutesAsync(cancellationToken: cancellationToken)).Where(route => route.Device == wire && route.Protocol == NodeNames.RouteProtocol).Select(route => route.Destination);
        await _node.BatchAsync(Outside(wire, wanted, there), cancellationToken);
    }

    private IEnumerable<string[]> Outside(string wire, NodeCustomer wanted, IEnumerable<string> there)
    {
        var outside = wanted.Tunnels.Select(tunnel => Ipv4Address.Parse(tunnel.CloudAddress)).Distinct().Select(address => new Route($"{address}/32").Destination).ToList();
        var protocol = NodeNames.RouteProtocol.ToString(CultureInfo.InvariantCulture);
        return
        [
            ["link", "set", "dev", wire, "up", "alias", NodeNames.AliasOf(customer)],
            ["address", "replace", $"{NodeNames.WireAddress}/32", "dev", wire],
            .. outside.Select(address => new[] { "route", "replace", address, "dev", wire, "protocol", protocol }),
            .. there.Except(outside).Select(address => new[] { "route", "delete", address, "dev", wire, "protocol", protocol }),
        ];
    }
}
