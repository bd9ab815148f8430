using System.Globalization;

namespace Tunnelwright.Node;

/// <summary>Names of everything that a node puts on its machine, so that it finds it again and takes away exactly that.</summary>
internal static class NodeNames
{
    /// <summary>How the name of a customer's network namespace starts.</summary>
    public const string NamespacePrefix = "twc.";

    /// <summary>How the name of the node's end of a customer's wire starts.</summary>
    public const string WirePrefix = "twc";

    /// <summary>The customer's end of the wire, towards the internet.</summary>
    public const string Uplink = "uplink";

    /// <summary>The customer's interface in its cloud network's segment.</summary>
    public const string Cloud = "cloud";

    /// <summary>The node's nftables table, family inet.</summary>
    public const string NodeTable = "tunnelwright_node";

    /// <summary>The table with the rules of a customer's network, family inet, in the customer's namespace.</summary>
    public const string CustomerTable = "tunnelwright_rules";

    /// <summary>Number of the node's routes' protocol (ip-route(8)).</summary>
    public const int RouteProtocol = 85;

    /// <summary>UDP port of VXLAN (RFC 7348).</summary>
    public const int VxlanPort = 4789;

    /// <summary>The node's address on every customer's wire: no inside network may hold it.</summary>
    public const string WireAddress = "169.254.0.1";

    /// <summary>The mark of the node's own processes, and the start of its wires' aliases.</summary>
    public const string Mark = "tunnelwright-node/";

    /// <summary>A customer's network namespace.</summary>
    public static string NamespaceOf(string customer) => NamespacePrefix + customer;

    /// <summary>The node's end of a customer's wire: at most 11 bytes.</summary>
    public static string WireOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{WirePrefix}{number}");

    /// <summary>The alias (ip-link(8)) of the node's end of a customer's wire.</summary>
    public static string AliasOf(string customer) => Mark + customer;
}
