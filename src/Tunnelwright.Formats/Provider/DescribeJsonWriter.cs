using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Writes a connection as <c>aws ec2 describe-vpn-connections</c> prints it, the XML embedded.</summary>
public static class DescribeJsonWriter
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a connection. The text holds the keys: give it a file of mode 0600.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The JSON, indented.</returns>
    public static string Write(VpnConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var document = new JsonObject
        {
            ["CustomerGatewayConfiguration"] = XmlConfigurationWriter.Write(connection),
            ["CustomerGatewayId"] = connection.CustomerGatewayId,
            ["Category"] = "VPN",
            ["State"] = "available",
            ["Type"] = "ipsec.1",
            ["VpnConnectionId"] = connection.Id,
        };
        if (connection.CloudGatewayId is { } cloud) document[cloud.StartsWith("tgw-", StringComparison.Ordinal) ? "TransitGatewayId" : "VpnGatewayId"] = cloud;
        document["Options"] = new JsonObject
        {
            ["EnableAcceleration"] = false,
            ["StaticRoutesOnly"] = connection.Routing == Routing.Static,
            ["LocalIpv4NetworkCidr"] = "0.0.0.0/0",
            ["RemoteIpv4NetworkCidr"] = "0.0.0.0/0",
            ["TunnelInsideIpVersion"] = "ipv4",
            ["TunnelOptions"] = new JsonArray([.. connection.Tunnels.Select(Options)]),
        };
        document["Routes"] = new JsonArray([.. connection.CustomerRanges.Select(range => (JsonNode)new JsonObject
        {
            ["DestinationCidrBlock"] = range.ToString(),
            ["Source"] = "Static",
            ["State"] = "available",
        })]);
        document["VgwTelemetry"] = new JsonArray();
        return new JsonObject { ["VpnConnections"] = new JsonArray(document) }.ToJsonString(Layout) + "\n";
    }

    private static JsonNode Options(Tunnel tunnel)
    {
        var (ike, esp) = (tunnel.Ike.Proposal, tunnel.Ipsec.Proposal);
        var options = new JsonObject
        {
            ["OutsideIpAddress"] = tunnel.CloudOutside.ToString(),
            ["TunnelInsideCidr"] = tunnel.CloudInside.Network.ToString(),
        };
        if (tunnel.Ike.PreSharedKey is { } key) options["PreSharedKey"] = key.Reveal();
        options["Phase1LifetimeSeconds"] = tunnel.Ike.Lifetime.Seconds;
        options["Phase2LifetimeSeconds"] = tunnel.Ipsec.Lifetime.Seconds;
        options["DpdTimeoutSeconds"] = tunnel.DeadPeerDetection.TimeoutSeconds;
        options["Phase1EncryptionAlgorithms"] = Only(Cipher(ike.Encryption));
        if (ProviderSpelling.Phase1Hash(ike) is { } hash) options["Phase1IntegrityAlgorithms"] = Only(hash.ToUpperInvariant());
        options["Phase1DHGroupNumbers"] = Only(ike.Group.Number);
        options["Phase2EncryptionAlgorithms"] = Only(Cipher(esp.Encryption));
        if (esp.Integrity is { } integrity) options["Phase2IntegrityAlgorithms"] = Only(ProviderSpelling.OfHash(integrity).ToUpperInvariant());
        if (esp.PfsGroup is { } group) options["Phase2DHGroupNumbers"] = Only(group.Number);
        options["IkeVersions"] = Only(tunnel.Ike.Version == IkeVersion.V2 ? "ikev2" : "ikev1");
        return options;
    }

    private static string Cipher(EncryptionAlgorithm algorithm) => algorithm switch
    {
        EncryptionAlgorithm.Aes128Gcm16 => "AES128-GCM-16",
        EncryptionAlgorithm.Aes256Gcm16 => "AES256-GCM-16",
        _ => algorithm.Name().ToUpperInvariant(),
    };

    private static JsonArray Only(JsonNode value) => new(new JsonObject { ["Value"] = value });
}
