namespace Tunnelwright.Formats;

/// <summary>Every target that a connection can be written for.</summary>
public static class ConfigurationWriters
{
    /// <summary>The targets in the order in which they are listed.</summary>
    public static IReadOnlyList<IConfigurationWriter> All { get; } =
    [
        new SwanctlWriter(),
        new IpsecConfWriter(),
        new BirdWriter(),
        new FrrWriter(),
        new NftablesWriter(),
        new CloudFormationWriter(TemplateEra.Today),
        new CloudFormationWriter(TemplateEra.WithKeys),
        new CloudFormationWriter(TemplateEra.First),
        new ProviderFormatWriter("generic", "the provider's generic text, which every customer can read", "connection.txt", GenericTextWriter.Write),
        new ProviderFormatWriter("xml", "the provider's XML", "connection.xml", XmlConfigurationWriter.Write),
        new ProviderFormatWriter("describe-json", "the answer of describe-vpn-connections", "vpn-connections.json", DescribeJsonWriter.Write),
        new ProviderFormatWriter("json", "this program's own JSON", "connection.json", ModelDocumentWriter.WriteJson),
        new ProviderFormatWriter("yaml", "this program's own YAML", "connection.yaml", ModelDocumentWriter.WriteYaml),
    ];

    /// <summary>The writer of a target; null when there is none of that name.</summary>
    /// <param name="target">The target's name; case does not count.</param>
    public static IConfigurationWriter? Find(string target) => All.FirstOrDefault(writer => writer.Target.Equals(target, StringComparison.OrdinalIgnoreCase));
}
