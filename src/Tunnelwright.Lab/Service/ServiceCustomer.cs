using System.Globalization;
using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>
/// A customer of the lab's service. All have the same ranges and the same cloud network, so that only the service keeps them apart. The first has all of the lab's
/// hosts; each further one has a gateway with a host behind it, and a cloud router with one server behind it, which has the addresses of all cloud services.
/// </summary>
public sealed record ServiceCustomer
{
    /// <summary>As many as a lab can have.</summary>
    public const int Most = 9;

    /// <summary>The name whose address says in whose cloud it was asked for.</summary>
    public const string WhoseName = "whose.lab";

    private const string Prefix = "customer-";

    private ServiceCustomer(int number) => Number = number;

    /// <summary>The first customer.</summary>
    public static ServiceCustomer First { get; } = new(1);

    /// <summary>1 to 9: the service's number of the customer, too, and that of its cloud network's segment.</summary>
    public int Number { get; }

    /// <summary>The lab host that is its gateway.</summary>
    public string Gateway => Number == 1 ? "customer-gateway" : Word("customer-{0}-gateway");

    /// <summary>The lab host in its network.</summary>
    public string Host => Number == 1 ? "customer-host" : Word("customer-{0}-host");

    /// <summary>The lab host that is the router of its cloud network.</summary>
    public string Router => Number == 1 ? "cloud-router" : Word("cloud-{0}-router");

    /// <summary>The lab host with 10.8.2.2 in its cloud network.</summary>
    public string Server => Number == 1 ? "cloud-dns-1" : Word("cloud-{0}-server");

    /// <summary>Its gateway's public address.</summary>
    public Ipv4Address Public => Number == 1 ? LabAddresses.CustomerPublic : Ipv4Address.Parse("192.0.2.66").Offset(4 * Number);

    /// <summary>The address of <see cref="WhoseName"/> in its cloud.</summary>
    public Ipv4Address Whose => Ipv4Address.Parse("10.8.2.100").Offset(Number);

    /// <summary>The interface of its cloud router in the fabric's segment.</summary>
    public string Segment => Word("customer-{0}");

    /// <summary>The internet's interface towards its gateway.</summary>
    internal string Wire => Number == 1 ? "customer" : Word("customer-{0}");

    /// <summary>The internet's address towards its gateway.</summary>
    internal InterfaceAddress Edge => new(Public.Offset(-1), 30);

    /// <summary>Its name at the service.</summary>
    internal string Name => Number == 1 ? "Lab customer" : Word("Lab customer {0}");

    /// <summary>A line for the configuration of its DNS server.</summary>
    internal string Record => $"\naddress=/{WhoseName}/{Whose}\nlocal=/{WhoseName}/";

    /// <summary>All customers of a lab.</summary>
    /// <param name="options">What the lab is to be like.</param>
    public static IReadOnlyList<ServiceCustomer> All(LabOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. Enumerable.Range(1, options.Customers).Select(number => new ServiceCustomer(number))];
    }

    /// <summary>The number of the customer whose lab host this is; 1 where the name says nothing.</summary>
    internal static int OfHost(string host) => host.StartsWith(Prefix, StringComparison.Ordinal) && host.Length > Prefix.Length && char.IsAsciiDigit(host[Prefix.Length]) ? host[Prefix.Length] - '0' : 1;

    /// <summary>All customers but the first.</summary>
    internal static IReadOnlyList<ServiceCustomer> Further(LabOptions options) => [.. All(options).Skip(1)];

    internal IEnumerable<TopologyHost> Hosts() =>
    [
        new(Gateway, Word("the gateway of customer {0}, empty until tunnelwright up"))
        {
            Addresses = [("uplink", $"{new InterfaceAddress(Public, 30)}"), ("lan", "10.1.0.1/24")],
            Routes = [("default", $"{Edge.Address}")],
        },
        new(Host, Word("a host in the network of customer {0}")) { Addresses = [("eth0", "10.1.0.10/24")], Routes = [("default", "10.1.0.1")] },
        new(Router, Word("the router of the cloud network of customer {0}")) { Addresses = [("cloud", "10.8.2.1/24")], Forwards = true },
        new(Server, Word("a server in the cloud network of customer {0}"))
        {
            Addresses = [("eth0", "10.8.2.2/24"), ("eth0", "10.8.2.3/24"), ("eth0", "10.8.2.10/24"), ("eth0", "10.8.2.30/24")],
            Routes = [("default", "10.8.2.1"), .. ServiceTopology.Forwarders],
        },
    ];

    internal IEnumerable<Wire> Wires() => [new("internet", Wire, Gateway, "uplink"), new(Gateway, "lan", Host, "eth0"), new(Router, "cloud", Server, "eth0")];

    private string Word(string format) => string.Format(CultureInfo.InvariantCulture, format, Number);
}
