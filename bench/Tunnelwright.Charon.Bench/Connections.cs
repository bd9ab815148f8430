using System.Globalization;
using System.Text;
using Tunnelwright.Gateway;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Charon;

/// <summary>Connections of a node, each between an address of its own (198.18.0.0/16) and a customer's (198.19.0.0/16), as the engine describes them to charon.</summary>
internal static class Connections
{
    private static readonly Ipv4Address Cloud = Ipv4Address.Parse("198.18.0.0");
    private static readonly Ipv4Address Customer = Ipv4Address.Parse("198.19.0.0");

    /// <summary>The name of a connection.</summary>
    public static string Name(int number) => $"vpn-{number:x17}-1";

    /// <summary>The messages that load connections and their keys.</summary>
    /// <param name="instance">The charon.</param>
    /// <param name="first">The first connection, from 1.</param>
    /// <param name="count">How many.</param>
    public static IEnumerable<ViciRequest> Requests(CharonInstance instance, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            var (connection, key) = Of(instance, number);
            yield return new ViciRequest("load-conn", connection);
            yield return new ViciRequest("load-shared", key);
        }
    }

    /// <summary>The same connections for swanctl.</summary>
    public static string Swanctl(CharonInstance instance, int count)
    {
        var connections = new StringBuilder("connections {\n");
        var secrets = new StringBuilder("secrets {\n");
        for (var number = 1; number <= count; number++)
        {
            var (connection, key) = Of(instance, number);
            Write(connections, connection, 1);
            secrets.Append(CultureInfo.InvariantCulture, $"  ike-{number} {{\n    id = {key.GetList("owners")[0]}\n    secret = \"{key.GetText("data")}\"\n  }}\n");
        }

        return $"{connections}}}\n{secrets}}}\n";
    }

    /// <summary>The customer's side of a connection: it makes the IKE SA alone (RFC 6023), because the machines that this runs on may have no ESP.</summary>
    public static (ViciSection Connection, ViciSection Key) OfCustomer(int number)
    {
        var (_, tunnel) = Desired(number);
        var (local, remote) = (Customer.Offset(number).ToString(), Cloud.Offset(number).ToString());
        return (
            new ViciSection
            {
                {
                    Name(number), new ViciSection
                    {
                        { "version", 2 }, { "local_addrs", [local] }, { "remote_addrs", [remote] }, { "proposals", [tunnel.Ike.Proposal.ToString()] }, { "mobike", false }, { "childless", "force" },
                        { "local-1", new ViciSection { { "auth", "psk" }, { "id", local } } },
                        { "remote-1", new ViciSection { { "auth", "psk" }, { "id", remote } } },
                    }
                },
            },
            new ViciSection { { "id", $"key {number}" }, { "type", "IKE" }, { "data", tunnel.Ike.PreSharedKey!.Reveal() }, { "owners", [remote] } });
    }

    private static (ViciSection Connection, ViciSection Key) Of(CharonInstance instance, int number)
    {
        var (connection, tunnel) = Desired(number);
        var message = TunnelSecurity.Connection(connection, tunnel, instance, Cloud.Offset(number));
        return (message, TunnelSecurity.Key(tunnel, TunnelSecurity.KeyName(tunnel, message)));
    }

    private static (DesiredConnection Connection, DesiredTunnel Tunnel) Desired(int number)
    {
        var parameters = new RequestedParameters(2, "aes256", "sha256", 14, 28800, "aes256", "sha256", 14, 3600);
        var customer = Customer.Offset(number);
        var tunnel = new DesiredTunnel
        {
            Number = 1,
            RemoteOutside = customer,
            RemoteIdentity = customer.ToString(),
            LocalInside = InterfaceAddress.Parse("169.254.10.1/30"),
            RemoteInside = Ipv4Address.Parse("169.254.10.2"),
            Ike = parameters.ToIke(new PreSharedKey($"the-key-of-customer-{number:x12}"))!,
            Ipsec = parameters.ToIpsec()!,
            DeadPeerDetection = new DeadPeerDetection(10, 3),
        };
        return (new DesiredConnection { Id = Name(number)[..^2], Role = GatewayRole.Responder, Routing = Routing.Static, Tunnels = [tunnel] }, tunnel);
    }

    private static void Write(StringBuilder text, ViciSection section, int depth)
    {
        var indent = new string(' ', 2 * depth);
        foreach (var entry in section)
        {
            if (entry.Section is { } inner)
            {
                text.Append(CultureInfo.InvariantCulture, $"{indent}{entry.Key} {{\n");
                Write(text, inner, depth + 1);
                text.Append(CultureInfo.InvariantCulture, $"{indent}}}\n");
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{indent}{entry.Key} = {(entry.Kind == ViciEntryKind.List ? string.Join(", ", entry.Items) : entry.Text)}\n");
            }
        }
    }
}
