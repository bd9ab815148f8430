using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tunnelwright.Gateway;

/// <summary>Names of everything that a gateway puts on the host. They carry its mark, so that it can be found again and taken away.</summary>
internal static class GatewayNames
{
    /// <summary>Number of our routes' protocol (ip-route(8), "protocol"): tells our routes from everybody else's.</summary>
    public const int RouteProtocol = 84;

    /// <summary>The nftables table of a gateway, family inet.</summary>
    public static string FilterTable(string gateway) => $"tunnelwright_{gateway.Replace('-', '_')}";

    /// <summary>The name of a tunnel's IKE connection and CHILD SA in charon.</summary>
    public static string Connection(string connection, int tunnel) => $"{connection}-{tunnel}";

    /// <summary>The alias (ip-link(8), "alias") that marks a tunnel's interface as ours.</summary>
    public static string LinkAlias(string gateway, string connection, int tunnel) => $"{LinkAliasPrefix(gateway)}{connection}/{tunnel}";

    /// <summary>How the alias of every interface of a gateway starts.</summary>
    public static string LinkAliasPrefix(string gateway) => $"tunnelwright/{gateway}/";

    /// <summary>
    /// The name of a tunnel's XFRM interface: at most 15 bytes (IFNAMSIZ). It ends like the provider's id (vpn- and hexadecimal digits); the end of
    /// any other id says too little, a hash stands for it.
    /// </summary>
    public static string XfrmInterface(string connection, int tunnel)
    {
        var random = connection.Length >= 12 && connection.StartsWith("vpn-", StringComparison.Ordinal) && connection.Skip(4).All(char.IsAsciiHexDigitLower);
        var tail = random ? connection[^8..] : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(connection)).AsSpan(0, 4));
        return string.Create(CultureInfo.InvariantCulture, $"tw{tunnel}-{tail}");
    }

    /// <summary>The interface id that ties a tunnel's SAs to its XFRM interface: the same for the same tunnel, never 0.</summary>
    public static uint InterfaceId(string connection, int tunnel)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Connection(connection, tunnel)));
        return (BitConverter.ToUInt32(hash) & 0x3fff_fffc) | 0x4000_0000 | ((uint)tunnel & 3);
    }

    /// <summary>The mark in the environment of the gateway's processes.</summary>
    public static string ProcessMark(string gateway, string what) => $"tunnelwright/{gateway}/{what}";
}
