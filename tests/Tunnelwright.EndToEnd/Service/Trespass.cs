using System.Globalization;
using System.Text.RegularExpressions;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;
using Tunnelwright.Model;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>A customer of the lab with its connection.</summary>
internal sealed record Tenant(ServiceCustomer Customer, Connection Connection)
{
    public string Name => $"customer {Customer.Number}";

    /// <summary>The inside addresses of its tunnels, both ends.</summary>
    public IReadOnlyList<string> Inside => [.. Connection.Tunnels.Select(tunnel => new InsideNetwork(Cidr.Parse(tunnel.InsideNetwork))).SelectMany(inside => new[] { $"{inside.Cloud.Address}", $"{inside.Customer.Address}" })];

    public IReadOnlyList<string> Outside => [.. Connection.Tunnels.Select(tunnel => tunnel.CloudAddress)];

    public IReadOnlyList<ServiceNode> Nodes => [ServiceLab.NodeOf(Connection, 1), ServiceLab.NodeOf(Connection, 2)];
}

/// <summary>All that one customer can try against another: through its tunnels, from its cloud network, and over the internet. Each packet says who sent it.</summary>
internal sealed partial class Trespass(ServiceLab service, Tenant from)
{
    /// <summary>Addresses that every customer has.</summary>
    private const string Host = "10.1.0.10";
    private const string Server = "10.8.2.2";

    /// <summary>What <see cref="PingNodeAsync"/> sends is marked with this.</summary>
    public const string InClear = "asking the node itself";

    private static readonly string[] Fabric = [.. ServiceAddresses.Nodes.Select(node => $"{node.Fabric.Address}"), $"{ServiceAddresses.RouterFabric.Address}", $"{ServiceAddresses.ControlFabric.Address}"];

    /// <summary>The mark of a packet.</summary>
    public static string MarkOf(Tenant from, string way) => $"{from.Name} {way}";

    /// <summary>What has to pass: from the customer's host to its cloud's server and back from there.</summary>
    public async Task OwnAsync()
    {
        await Forged.SendAsync(service.Lab.Host(from.Customer.Host), "eth0", [Forged.Datagram(Host, Server, 53, MarkWatch.Mark(MarkOf(from, "own, to the cloud")))]);
        await Forged.SendAsync(service.Lab.Host(from.Customer.Server), "eth0", [Forged.Datagram(Server, Host, 7, MarkWatch.Mark(MarkOf(from, "own, to the customer")))]);
    }

    /// <summary>Through each of its tunnels, as root on its own gateway: any source, any destination that is the other's or all have.</summary>
    public async Task<int> ThroughTunnelsAsync(Tenant to)
    {
        var status = Status.Read(await service.Lab.RunAsync(from.Customer.Gateway, "tunnelwright", "status", "--json"));
        string[] sources = [Host, Server, .. to.Inside, $"{to.Customer.Public}", .. to.Outside];
        string[] targets = [Host, Server, .. to.Inside, $"{to.Customer.Public}", .. to.Outside, .. Fabric, "169.254.0.1"];
        var packets = All(sources, targets, $"through its tunnel to {to.Name}");
        var sent = 0;
        foreach (var tunnel in status.Connection.Tunnels) sent += await Forged.SendAsync(service.Lab.Host(from.Customer.Gateway), tunnel.Interface!, packets);
        return sent;
    }

    /// <summary>From a server in its cloud network, with its router sending everything to each of its nodes in turn.</summary>
    public async Task<int> FromCloudAsync(Tenant to)
    {
        string[] sources = [Server, Host, .. to.Inside];
        string[] targets = [Host, .. to.Inside, $"{to.Customer.Public}", .. to.Outside, .. Fabric, "169.254.0.1"];
        var packets = All(sources, targets, $"from its cloud to {to.Name}");
        var sent = 0;
        foreach (var node in from.Nodes)
        {
            await service.Lab.OutputAsync(from.Customer.Router, "ip", "route", "replace", "default", "via", $"{node.Fabric.Address}", "dev", from.Customer.Segment, "table", "77");
            sent += await Forged.SendAsync(service.Lab.Host(from.Customer.Server), "eth0", packets);
        }

        return sent;
    }

    /// <summary>Echo requests from a server in its cloud network, as if they came from its host, to all that a node has for it: the node's end of the segment, and the outside addresses.</summary>
    public async Task PingNodeAsync(ServiceNode node)
    {
        await service.Lab.OutputAsync(from.Customer.Router, "ip", "route", "replace", "default", "via", $"{node.Fabric.Address}", "dev", from.Customer.Segment, "table", "77");
        await service.Lab.OutputAsync(from.Customer.Router, "ip", "rule", "add", "iif", "cloud", "lookup", "77", "priority", "100");
        var mark = MarkWatch.Mark(MarkOf(from, InClear));
        await Forged.SendAsync(service.Lab.Host(from.Customer.Server), "eth0", [.. from.Outside.Append($"{node.Fabric.Address}").Select(target => Forged.Echo(Host, target, mark))]);
        await service.Lab.OutputAsync(from.Customer.Router, "ip", "rule", "del", "iif", "cloud", "lookup", "77", "priority", "100");
    }

    /// <summary>Over the internet, at the other's endpoints and at the nodes themselves, also as if it came from the other's gateway: bare, and wrapped in all that a node might unwrap.</summary>
    /// <param name="to">The other.</param>
    /// <param name="hardware">The Ethernet address of the other's interface in its segment, by node: what a good guess would be.</param>
    public Task<int> OverInternetAsync(Tenant to, IReadOnlyDictionary<int, string> hardware)
    {
        var mark = MarkWatch.Mark(MarkOf(from, $"over the internet to {to.Name}"));
        var packets = new List<byte[]>();
        byte[][] inner = [Forged.Datagram(Server, Host, 7, mark), Forged.Datagram(Host, Server, 53, mark)];
        foreach (var source in new[] { $"{from.Customer.Public}", $"{to.Customer.Public}" })
        {
            foreach (var target in to.Outside.Concat(ServiceAddresses.Nodes.Select(node => $"{node.Uplink.Address}")))
            {
                packets.AddRange(All([source], [target], $"over the internet to {to.Name}"));
                foreach (var port in new ushort[] { 500, 4500, 1500, 14500 }) packets.Add(Forged.Datagram(source, target, port, mark));
                foreach (var protocol in new[] { Forged.IpInIp, Forged.Gre, Forged.Esp, Forged.Ah }) packets.AddRange(inner.Select(packet => Forged.Ip(source, target, protocol, packet)));
            }

            foreach (var node in to.Nodes)
            {
                foreach (var target in to.Outside.Append($"{node.Uplink.Address}"))
                    packets.AddRange(inner.Select(packet => Forged.Datagram(source, target, 4789, Forged.Vxlan(to.Customer.Number, hardware[node.Number], packet))));
            }
        }

        return Forged.SendAsync(service.Lab.Host(from.Customer.Gateway), "uplink", packets);
    }

    /// <summary>How many packets the customer's namespaces on its nodes have dropped.</summary>
    public async Task<long> DroppedAsync()
    {
        var dropped = 0L;
        foreach (var node in from.Nodes)
        {
            var rules = await service.Lab.OutputAsync(node.Host, "ip", "netns", "exec", $"twc.{from.Connection.CustomerId}", "nft", "list", "ruleset");
            dropped += DropCounter().Matches(rules).Sum(match => long.Parse(match.Groups["packets"].ValueSpan, CultureInfo.InvariantCulture));
        }

        return dropped;
    }

    private List<byte[]> All(IReadOnlyList<string> sources, IReadOnlyList<string> targets, string way)
    {
        var mark = MarkWatch.Mark(MarkOf(from, way));
        return [.. sources.SelectMany(source => targets.Where(target => target != source).SelectMany(target => new[] { Forged.Datagram(source, target, 53, mark), Forged.Echo(source, target, mark) }))];
    }

    [GeneratedRegex(@"counter packets (?<packets>\d+) bytes \d+ drop", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DropCounter();
}
