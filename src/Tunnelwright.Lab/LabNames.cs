using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>The names of a lab, and what its DNS servers say about them.</summary>
public static class LabNames
{
    /// <summary>The customer's internal domain.</summary>
    public const string CustomerDomain = "company.local";

    /// <summary>The cloud's public domain.</summary>
    public const string CloudDomain = "cloud.example";

    /// <summary>The domain of the cloud's databases.</summary>
    public const string DatabaseDomain = "rds.amazonaws.com";

    /// <summary>The load balancer's name; its addresses change.</summary>
    public const string LoadBalancer = "web.cloud.example";

    /// <summary>The database's name: an alias of a host name in another domain, and of another one after a move.</summary>
    public const string Database = "orders.c9xk2.eu-west-1.rds.amazonaws.com";

    /// <summary>A name of the internet.</summary>
    public const string Elsewhere = "www.example.org";

    /// <summary>Seconds that an answer of the cloud may be kept.</summary>
    public const int TtlSeconds = 5;

    /// <summary>The addresses that a name may have, the first from the start.</summary>
    /// <param name="name">A name of the cloud that moves.</param>
    internal static IReadOnlyList<string> AddressesOf(string name) => name == Database ? ["10.8.2.30", "10.8.2.31"] : ["10.8.2.10", "10.8.2.11"];

    /// <summary>The host name that the database's name is an alias of.</summary>
    internal static string DatabaseHost(string address) => $"ec2-{address.Replace('.', '-')}.eu-west-1.compute.amazonaws.com";

    /// <summary>dnsmasq's configuration of the cloud's DNS servers (dnsmasq(8)). The customer's names they ask from the endpoints' forwarders.</summary>
    internal static string Cloud(string loadBalancer, string database, bool service) => $"""
        address=/app.{CloudDomain}/10.8.2.10
        address=/frontend.{CloudDomain}/10.8.2.20
        address=/db.{CloudDomain}/10.8.2.30
        host-record={LoadBalancer},{loadBalancer}
        host-record={DatabaseHost(database)},{database}
        cname={Database},{DatabaseHost(database)}
        local=/{CloudDomain}/
        local=/{DatabaseDomain}/
        local=/compute.amazonaws.com/
        {string.Join('\n', Forwarders(service).Select(address => $"server=/{CustomerDomain}/{address}"))}
        local-ttl={TtlSeconds}
        """;

    private static IEnumerable<Ipv4Address> Forwarders(bool service) => Enumerable.Range(1, 2).Select(number => service ? LabAddresses.EndpointInCloud(number) : LabAddresses.EndpointToRouter(number).Address);

    /// <summary>The internet's: the same names with public addresses.</summary>
    internal static string Public { get; } = $"""
        address=/app.{CloudDomain}/198.51.100.80
        address=/db.{CloudDomain}/198.51.100.81
        address=/{LoadBalancer}/198.51.100.82
        host-record={DatabaseHost("10.8.2.30")},198.51.100.83
        host-record={DatabaseHost("10.8.2.31")},198.51.100.84
        cname={Database},{DatabaseHost("10.8.2.30")}
        address=/{Elsewhere}/198.51.100.99
        local-ttl=60
        """;

    /// <summary>The customer's own names, which its DNS server knows by itself.</summary>
    internal static string OwnOfCustomer { get; } = $"""
        address=/customer-host.{CustomerDomain}/10.1.0.10
        local=/{CustomerDomain}/
        """;

    /// <summary>The customer's: its own names; the cloud's from the cloud's DNS servers, through the tunnel; all others from the internet's.</summary>
    internal static string Customer { get; } = $"""
        {OwnOfCustomer}
        {string.Join('\n', from domain in (string[])[CloudDomain, DatabaseDomain] from server in (string[])["10.8.2.2", "10.8.2.3"] select $"server=/{domain}/{server}")}
        server={LabAddresses.PublicDns}
        """;
}
