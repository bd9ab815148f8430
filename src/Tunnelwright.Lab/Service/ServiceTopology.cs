namespace Tunnelwright.Lab;

/// <summary>The lab's topology with the provider's service: three nodes and the control plane on a fabric stand where the two endpoints were.</summary>
internal static class ServiceTopology
{
    /// <summary>VXLAN puts 50 bytes around what it carries (RFC 7348).</summary>
    private const int FabricMtu = 1600;

    private const string Fabric = "cloud-fabric";
    private const string Control = "cloud-control";

    /// <summary>The forwarders are in the cloud's range and behind its router: no host finds them on its own wire.</summary>
    internal static IEnumerable<(string, string)> Forwarders => Enumerable.Range(1, 2).Select(number => ($"{LabAddresses.EndpointInCloud(number)}/32", "10.8.2.1"));

    public static Topology Of(LabOptions options)
    {
        var plain = Topology.Of(options);
        var further = ServiceCustomer.Further(options);
        var hosts = plain.Hosts.Where(host => !host.Name.StartsWith("cloud-dns-", StringComparison.Ordinal) && host.Name is not ("internet" or "cloud-router" or "cloud-endpoint-1" or "cloud-endpoint-2")).Concat(
        [
            new("internet", "the internet between the ends, and the edge router of the provider's nodes")
            {
                Addresses = [("customer", "203.0.113.1/24"), .. further.Select(customer => (customer.Wire, $"{customer.Edge}")), .. ServiceAddresses.Nodes.Select(node => ($"node-{node.Number}", $"{node.Edge}")), ("control", $"{ServiceAddresses.ControlEdge}"), ("lo", $"{LabAddresses.PublicDns}/32")],
                Routes = [($"{LabAddresses.Customer}", "203.0.113.2")],
                Forwards = true,
            },
            new("cloud-router", "the router of the customer's cloud network")
            {
                Addresses = [("cloud", "10.8.2.1/24")],
                Switch = ("cloud", ["dns-1", "dns-2", "lb", "frontend", "db"]),
                Forwards = true,
            },
            .. plain.Hosts.Where(host => host.Name.StartsWith("cloud-dns-", StringComparison.Ordinal)).Select(host => host with { Routes = [.. host.Routes, .. Forwarders] }),
            new(Fabric, "the wires between nodes, control plane and cloud networks")
            {
                Addresses = [("fabric", $"{ServiceAddresses.RouterFabric}")],
                Switch = ("fabric", [.. ServiceAddresses.Nodes.Select(node => $"node-{node.Number}"), "control"]),
            },
            new(Control, "the provider's service: API and orchestration")
            {
                Addresses = [("internet", $"{ServiceAddresses.ControlPublic}"), ("fabric", $"{ServiceAddresses.ControlFabric}")],
                Routes = [("default", $"{ServiceAddresses.ControlEdge.Address}")],
            },
            .. ServiceAddresses.Nodes.Select(node => new TopologyHost(node.Host, $"a gateway node in {node.FailureDomain}")
            {
                Addresses = [("uplink", $"{node.Uplink}"), ("fabric", $"{node.Fabric}")],
                Routes = [("default", $"{node.Edge.Address}")],
            }),
        ]);
        var wires = plain.Wires.Where(wire => !wire.HostB.StartsWith("cloud-endpoint-", StringComparison.Ordinal)).Concat(
        [
            new("internet", "control", Control, "internet"),
            new(Fabric, "control", Control, "fabric") { Mtu = FabricMtu },
            .. ServiceAddresses.Nodes.SelectMany(node => new Wire[]
            {
                new("internet", $"node-{node.Number}", node.Host, "uplink"),
                new(Fabric, $"node-{node.Number}", node.Host, "fabric") { Mtu = FabricMtu },
            }),
        ]);
        return new Topology([.. hosts, .. further.SelectMany(customer => customer.Hosts())], [.. wires, .. further.SelectMany(customer => customer.Wires())]);
    }
}
