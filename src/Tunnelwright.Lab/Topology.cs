namespace Tunnelwright.Lab;

/// <summary>A host of a topology.</summary>
/// <param name="Name">Its name in the lab.</param>
/// <param name="Role">What it stands for.</param>
internal sealed record TopologyHost(string Name, string Role)
{
    /// <summary>Interfaces with their addresses.</summary>
    public IReadOnlyList<(string Interface, string Address)> Addresses { get; init; } = [];

    /// <summary>Routes: destination and next hop.</summary>
    public IReadOnlyList<(string Destination, string NextHop)> Routes { get; init; } = [];

    /// <summary>Whether it forwards packets from the start.</summary>
    public bool Forwards { get; init; }

    /// <summary>Interfaces that are ports of a bridge of this name; null without a bridge.</summary>
    public (string Bridge, IReadOnlyList<string> Ports)? Switch { get; init; }

    /// <summary>The resolver of its /etc/resolv.conf.</summary>
    public string? Resolver { get; init; }
}

/// <summary>A wire between two interfaces.</summary>
internal sealed record Wire(string HostA, string InterfaceA, string HostB, string InterfaceB);

/// <summary>Hosts and wires.</summary>
internal sealed record Topology(IReadOnlyList<TopologyHost> Hosts, IReadOnlyList<Wire> Wires)
{
    /// <summary>A customer's network and gateway, the internet, two cloud endpoints, and the cloud's network behind them.</summary>
    public static Topology Of(LabOptions options)
    {
        var hosts = new List<TopologyHost>
        {
            new("customer-host", "a host in the customer's network") { Addresses = [("eth0", "10.1.0.10/24")], Routes = [("default", "10.1.0.1")], Resolver = "10.1.0.53" },
            new("customer-dns", "the customer's DNS server") { Addresses = [("eth0", "10.1.0.53/24")], Routes = [("default", "10.1.0.1")], Resolver = "10.1.0.53" },
            new("customer-switch", "the wires of the customer's network") { Switch = ("lan", ["gateway", "host", "dns"]) },
            new("customer-gateway", "the customer's gateway, empty until tunnelwright up")
            {
                Addresses = [("uplink", options.Nat ? "192.168.100.2/24" : "203.0.113.2/24"), ("lan", "10.1.0.1/24")],
                Routes = [("default", options.Nat ? "192.168.100.1" : "203.0.113.1")],
                Resolver = "10.1.0.53",
            },
            new("internet", "the internet between the ends")
            {
                Addresses = [("customer", "203.0.113.1/24"), ("endpoint-1", "198.51.100.1/24"), ("endpoint-2", "192.0.2.1/24"), ("lo", $"{LabAddresses.PublicDns}/32")],
                Routes = [($"{LabAddresses.Customer}", "203.0.113.2")],
                Forwards = true,
            },
            new("cloud-router", "the cloud's network: routes, security groups")
            {
                Addresses = [("cloud", "10.8.2.1/24"), ("endpoint-1", $"{LabAddresses.RouterToEndpoint(1)}"), ("endpoint-2", $"{LabAddresses.RouterToEndpoint(2)}")],
                Routes = [ToEndpoint(1), ToEndpoint(2)],
                Switch = ("cloud", ["dns-1", "dns-2", "lb", "frontend", "db"]),
                Forwards = true,
            },
            Endpoint(1, "198.51.100.2/24", "198.51.100.1"),
            Endpoint(2, "192.0.2.2/24", "192.0.2.1"),
            Inside("cloud-dns-1", "the cloud's first DNS server", "10.8.2.2"),
            Inside("cloud-dns-2", "the cloud's second DNS server", "10.8.2.3"),
            Inside("cloud-lb", "the internal load balancer", "10.8.2.10", "10.8.2.11"),
            Inside("cloud-frontend", "a front end, reached through the load balancer only", "10.8.2.20"),
            Inside("cloud-db", "a database server", "10.8.2.30", "10.8.2.31"),
        };
        var wires = new List<Wire>
        {
            new("customer-switch", "host", "customer-host", "eth0"),
            new("customer-switch", "dns", "customer-dns", "eth0"),
            new("customer-switch", "gateway", "customer-gateway", "lan"),
            new("internet", "endpoint-1", "cloud-endpoint-1", "uplink"),
            new("internet", "endpoint-2", "cloud-endpoint-2", "uplink"),
            new("cloud-router", "endpoint-1", "cloud-endpoint-1", "inside"),
            new("cloud-router", "endpoint-2", "cloud-endpoint-2", "inside"),
            new("cloud-router", "dns-1", "cloud-dns-1", "eth0"),
            new("cloud-router", "dns-2", "cloud-dns-2", "eth0"),
            new("cloud-router", "lb", "cloud-lb", "eth0"),
            new("cloud-router", "frontend", "cloud-frontend", "eth0"),
            new("cloud-router", "db", "cloud-db", "eth0"),
        };
        if (options.Nat)
        {
            hosts.Add(new TopologyHost("customer-nat", "the NAT in front of the customer's gateway")
            {
                Addresses = [("outside", "203.0.113.2/24"), ("inside", "192.168.100.1/24")],
                Routes = [("default", "203.0.113.1"), ($"{LabAddresses.Customer}", "192.168.100.2")],
                Forwards = true,
            });
            wires.Add(new Wire("internet", "customer", "customer-nat", "outside"));
            wires.Add(new Wire("customer-nat", "inside", "customer-gateway", "uplink"));
        }
        else
        {
            wires.Add(new Wire("internet", "customer", "customer-gateway", "uplink"));
        }

        return new Topology(hosts, wires);
    }

    private static TopologyHost Endpoint(int number, string outside, string nextHop) => new($"cloud-endpoint-{number}", $"the cloud's end of tunnel {number}")
    {
        Addresses = [("uplink", outside), ("inside", $"{LabAddresses.EndpointToRouter(number)}"), ("lo", $"{LabAddresses.EndpointInCloud(number)}/32")],
        Routes = [("default", nextHop), ("10.8.2.0/24", $"{LabAddresses.RouterToEndpoint(number).Address}")],
    };

    /// <summary>The router's route to an endpoint's own address in the cloud's range.</summary>
    private static (string Destination, string NextHop) ToEndpoint(int number) => ($"{LabAddresses.EndpointInCloud(number)}/32", $"{LabAddresses.EndpointToRouter(number).Address}");

    private static TopologyHost Inside(string name, string role, params string[] addresses) => new(name, role)
    {
        Addresses = [.. addresses.Select(address => ("eth0", $"{address}/24"))],
        Routes = [("default", "10.8.2.1")],
        Resolver = "10.8.2.2",
    };
}
