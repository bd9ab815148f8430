using System.Text;
using System.Text.Json;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>An Azure VPN gateway as the customer's gateway: a Bicep file with a local network gateway and a connection for each tunnel.</summary>
internal sealed class AzureWriter : DeviceWriter
{
    /// <summary>The ranges that Azure takes inside addresses of BGP from.</summary>
    private static readonly Cidr[] InsideRanges = [Cidr.Parse("169.254.21.0/24"), Cidr.Parse("169.254.22.0/24")];

    public override string Target => "azure";

    public override string Description => "Bicep: local network gateways and connections for a VPN gateway that is there";

    protected override DeviceAlgorithms Algorithms { get; } = new("Azure VPN gateway")
    {
        IkeEncryption = DeviceAlgorithms.Aes("AES128", "AES256", "GCMAES128", "GCMAES256"),
        IkeIntegrity = DeviceAlgorithms.Sha("SHA1", "SHA256", "SHA384"),
        EspEncryption = DeviceAlgorithms.Aes("AES128", "AES256", "GCMAES128", "GCMAES256"),
        EspIntegrity = DeviceAlgorithms.Sha("SHA1", "SHA256"),
        IkeGroups = new Dictionary<int, string> { [2] = "DHGroup2", [14] = "DHGroup14", [19] = "ECP256", [20] = "ECP384", [24] = "DHGroup24" },
        PfsGroups = new Dictionary<int, string> { [2] = "PFS2", [14] = "PFS14", [19] = "ECP256", [20] = "ECP384", [24] = "PFS24" },
        AeadWithIkev1 = false,
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        if (connection.IsBgp && connection.Tunnels.FirstOrDefault(tunnel => !InsideRanges.Any(range => range.Contains(tunnel.Tunnel.CustomerInside.Address))) is { } outside)
        {
            throw new WriterException(
                $"Tunnel {outside.Number}'s inside address is {outside.Tunnel.CustomerInside.Address}; an Azure VPN gateway speaks BGP from {string.Join(" and ", InsideRanges)} only.",
                "ask for inside networks in these ranges");
        }

        if (!connection.IsBgp && connection.Connection.CloudRanges.Count == 0) throw new WriterException("The cloud's range is not known; an Azure connection with static routes needs it.", "give --set cloud-range=10.8.2.0/24");
        return [new("main.bicep", Bicep(connection), HoldsSecrets: false), new("main.parameters.json", Parameters(connection), HoldsSecrets: true)];
    }

    private static string Bicep(DeviceConnection connection)
    {
        var text = new ConfigurationText(2, "//");
        text.Comment($"Azure VPN gateway for {connection.Title}: az deployment group create --resource-group GROUP --template-file main.bicep --parameters main.parameters.json");
        text.Comment("The gateway must be route-based and of size VpnGw1 or larger; its public address is the registered customer address.");
        text.Comment("Phase 1 lives 28800 s on Azure, whatever the file says. Azure clamps the MSS to a value of its own; MTU, replay window and Don't Fragment bit cannot be set.");
        if (connection.Tunnels.Any(tunnel => tunnel.IkeSeconds != 28_800)) text.Comment("This connection has another phase 1 lifetime: the shorter of the two ends it.");
        foreach (var line in ShorterLife(connection)) text.Comment(line);
        if (connection.IsBgp)
        {
            if (connection.Tunnels.Any(tunnel => !tunnel.IsIkev2)) text.Comment("Microsoft describes BGP with IKEv2; ask for IKEv2 where the session does not come up with IKEv1.");
            text.Comment($"Before this, give the gateway AS {connection.CustomerAsn} and the custom BGP addresses {string.Join(", ", connection.Tunnels.Select(tunnel => tunnel.Tunnel.CustomerInside.Address))}. Hold time and filters are Azure's own.");
        }
        else
        {
            text.Comment("Without BGP, Azure takes a range through one connection at a time: activeTunnel says which; deploy again with the other number to fail over.");
        }

        text.Line();
        text.Line("@description('The region.')");
        text.Line("param location string = resourceGroup().location");
        text.Line("@description('The name of the virtual network gateway.')");
        text.Line("param gatewayName string");
        if (connection.IsBgp)
        {
            text.Line("@description('The name of the gateway\\'s IP configuration that has the registered address.')");
            text.Line("param ipConfigurationName string = 'default'");
        }
        else
        {
            text.Line("@description('The tunnel that carries the traffic.')");
            text.Line($"@allowed([{string.Join(", ", connection.Tunnels.Select(tunnel => tunnel.Number))}])");
            text.Line($"param activeTunnel int = {connection.InOrderOfPreference.First().Number}");
        }

        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"@description('The pre-shared key of tunnel {tunnel.Number}.')");
            text.Line("@secure()");
            text.Line($"param tunnel{tunnel.Number}Key string");
        }

        text.Line();
        text.Braces("resource gateway 'Microsoft.Network/virtualNetworkGateways@2023-11-01' existing =", () => text.Line("name: gatewayName"));
        foreach (var tunnel in connection.Tunnels)
        {
            LocalGateway(text, connection, tunnel);
            Connection(text, connection, tunnel);
        }

        return text.ToString();
    }

    private static void LocalGateway(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        text.Line();
        text.Braces($"resource localGateway{tunnel.Number} 'Microsoft.Network/localNetworkGateways@2023-11-01' =", () =>
        {
            text.Line($"name: '{tunnel.Name}'");
            text.Line("location: location");
            text.Braces("properties:", () =>
            {
                text.Line($"gatewayIpAddress: '{tunnel.Cloud}'");
                if (tunnel.Bgp is { } bgp)
                {
                    text.Braces("bgpSettings:", () =>
                    {
                        text.Line($"asn: {bgp.CloudAsn}");
                        text.Line($"bgpPeeringAddress: '{bgp.Neighbor}'");
                    });
                    return;
                }

                text.Braces("localNetworkAddressSpace:", () => text.Block("addressPrefixes: [", "]", () =>
                {
                    foreach (var range in connection.Connection.CloudRanges) text.Line($"'{range}'");
                }));
            });
        });
    }

    private static void Connection(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        text.Line();
        var condition = connection.IsBgp ? "" : $" if (activeTunnel == {tunnel.Number})";
        text.Braces($"resource connection{tunnel.Number} 'Microsoft.Network/connections@2023-11-01' ={condition}", () =>
        {
            text.Line($"name: '{tunnel.Name}'");
            text.Line("location: location");
            text.Braces("properties:", () =>
            {
                text.Line("connectionType: 'IPsec'");
                text.Line($"connectionProtocol: '{(tunnel.IsIkev2 ? "IKEv2" : "IKEv1")}'");
                text.Line("connectionMode: 'InitiatorOnly'");
                Reference(text, "virtualNetworkGateway1", "gateway.id");
                Reference(text, "localNetworkGateway2", $"localGateway{tunnel.Number}.id");
                text.Line($"sharedKey: tunnel{tunnel.Number}Key");
                text.Line($"dpdTimeoutSeconds: {Math.Clamp(tunnel.Dpd.TimeoutSeconds, 9, 3600)}");
                text.Line($"routingWeight: {(tunnel.Plan.Preferred == true ? 20 : 10)}");
                text.Line("usePolicyBasedTrafficSelectors: false");
                text.Line($"enableBgp: {(connection.IsBgp ? "true" : "false")}");
                if (connection.IsBgp)
                {
                    text.Block("gatewayCustomBgpIpAddresses: [", "]", () => text.Block("{", "}", () =>
                    {
                        text.Line("ipConfigurationId: '${gateway.id}/ipConfigurations/${ipConfigurationName}'");
                        text.Line($"customBgpIpAddress: '{tunnel.Tunnel.CustomerInside.Address}'");
                    }));
                }

                text.Block("ipsecPolicies: [", "]", () => text.Block("{", "}", () => Policy(text, tunnel)));
            });
        });
    }

    private static void Reference(ConfigurationText text, string property, string id) => text.Braces($"{property}:", () =>
    {
        text.Line($"id: {id}");
        text.Line("properties: {}");
    });

    private static void Policy(ConfigurationText text, DeviceTunnel tunnel)
    {
        text.Line($"ikeEncryption: '{tunnel.Words.IkeEncryption}'");
        text.Line($"ikeIntegrity: '{tunnel.Words.IkeIntegrity ?? tunnel.Words.Prf}'");
        text.Line($"dhGroup: '{tunnel.Words.IkeGroup}'");
        text.Line($"ipsecEncryption: '{tunnel.Words.EspEncryption}'");
        text.Line($"ipsecIntegrity: '{tunnel.Words.EspIntegrity ?? tunnel.Words.EspEncryption}'");
        text.Line($"pfsGroup: '{tunnel.Words.PfsGroup ?? "None"}'");
        text.Line($"saLifeTimeSeconds: {tunnel.IpsecSeconds}");
        text.Comment("Azure's own default: the provider has no limit by bytes.");
        text.Line("saDataSizeKilobytes: 102400000");
    }

    private static string Parameters(DeviceConnection connection)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#");
            json.WriteString("contentVersion", "1.0.0.0");
            json.WriteStartObject("parameters");
            Value(json, "gatewayName", "YOUR_VIRTUAL_NETWORK_GATEWAY");
            foreach (var tunnel in connection.Tunnels) Value(json, $"tunnel{tunnel.Number}Key", tunnel.Key);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Value(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartObject(name);
        json.WriteString("value", value);
        json.WriteEndObject();
    }
}
