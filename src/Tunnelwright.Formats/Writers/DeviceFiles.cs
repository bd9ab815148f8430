using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A device or program that a connection's file can be had for.</summary>
/// <param name="Vendor">Who makes it; "any" for formats that belong to no device.</param>
/// <param name="Platform">What it is, such as ASA.</param>
/// <param name="Software">The software and the releases that the file is for.</param>
/// <param name="Writer">What writes the file.</param>
public sealed record DeviceFile(string Vendor, string Platform, string Software, IConfigurationWriter Writer)
{
    /// <summary>The name that it is asked for by, such as cisco-asa.</summary>
    public string Id => Writer.Target;

    /// <summary>The files for a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="settings">What the connection does not say; null for nothing.</param>
    /// <exception cref="WriterException">The device cannot do this connection, or something is missing; the message says what, the hint what helps.</exception>
    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings? settings = null) => Writer.Write(connection, settings ?? WriterSettings.Default);
}

/// <summary>Every device and format that a connection's file can be had for: the one list that the command line and the provider's service show.</summary>
public static class DeviceFiles
{
    /// <summary>The list, in the order in which it is shown.</summary>
    public static IReadOnlyList<DeviceFile> All { get; } =
    [
        new("any", "Generic", "provider's text", new ProviderFormatWriter("generic", "the provider's generic text, which every customer can read", "connection.txt", GenericTextWriter.Write)),
        new("any", "Generic", "provider's XML", new ProviderFormatWriter("xml", "the provider's XML", "connection.xml", XmlConfigurationWriter.Write)),
        new("any", "Generic", "provider's JSON", new ProviderFormatWriter("describe-json", "the answer of describe-vpn-connections", "vpn-connections.json", DescribeJsonWriter.Write)),
        new("Tunnelwright", "Gateway", "this program", new ProviderFormatWriter("json", "this program's own JSON", "connection.json", ModelDocumentWriter.WriteJson)),
        new("Tunnelwright", "Gateway", "this program", new ProviderFormatWriter("yaml", "this program's own YAML", "connection.yaml", ModelDocumentWriter.WriteYaml)),
        new("strongSwan", "Linux", "strongSwan 5.8+", new SwanctlWriter()),
        new("strongSwan", "Linux", "strongSwan, stroke", new IpsecConfWriter()),
        new("libreswan", "Linux", "libreswan 4+", new LibreswanWriter()),
        new("BIRD", "Linux", "BIRD 2", new BirdWriter()),
        new("FRRouting", "Linux", "FRR 8+", new FrrWriter()),
        new("netfilter", "Linux", "nftables", new NftablesWriter()),
        new("Cisco", "IOS, IOS XE", "15.4+, XE 16+", new CiscoIosWriter()),
        new("Cisco", "ASA", "9.8+", new CiscoAsaWriter()),
        new("Juniper", "SRX Series", "Junos OS 15.1X49+", new JuniperSrxWriter()),
        new("Juniper", "J Series", "Junos OS 10.4+", new JuniperJWriter()),
        new("Palo Alto", "PA, VM Series", "PAN-OS 9.1+", new PaloAltoWriter()),
        new("Fortinet", "FortiGate", "FortiOS 7.0+", new FortiGateWriter()),
        new("Check Point", "Security Gateway", "R81+", new CheckPointWriter()),
        new("Netgate", "pfSense", "2.6+", new PfSenseWriter()),
        new("Deciso", "OPNsense", "23.1+", new OpnSenseWriter()),
        new("MikroTik", "RouterOS", "7", new MikroTikWriter()),
        new("SonicWall", "TZ, NSa, NSsp", "SonicOS 6.5, 7", new SonicWallWriter()),
        new("Sophos", "Firewall (XG, XGS)", "SFOS 19+", new SophosWriter()),
        new("Yamaha", "RTX, NVR", "current firmware", new YamahaWriter()),
        new("VyOS", "VyOS", "1.4+", new VyosWriter()),
        new("Microsoft", "Azure VPN gateway", "VpnGw1+", new AzureWriter()),
        new("Amazon", "EC2 + Tunnelwright", "Terraform", new TerraformWriter()),
        new("Amazon", "EC2 + Tunnelwright", "CloudFormation", new CloudFormationGatewayWriter()),
        new("Amazon", "EC2 template", "today", new CloudFormationWriter(TemplateEra.Today)),
        new("Amazon", "EC2 template", "2019", new CloudFormationWriter(TemplateEra.WithKeys)),
        new("Amazon", "EC2 template", "first", new CloudFormationWriter(TemplateEra.First)),
    ];

    /// <summary>The device of a name; null when there is none.</summary>
    /// <param name="id">The name; case does not count.</param>
    public static DeviceFile? Find(string id) => All.FirstOrDefault(device => device.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
