using System.Xml;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A format that the provider or this program hands out, as a target.</summary>
internal sealed class ProviderFormatWriter(string target, string description, string fileName, Func<VpnConnection, string> write) : IConfigurationWriter
{
    public string Target => target;

    public string Description => description;

    public IReadOnlyList<WriterSetting> Settings { get; } = [WriterSetting.CustomerAddress, WriterSetting.CustomerAsn];

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings) =>
        [new(fileName, write(Writable(settings.Apply(connection))), HoldsSecrets: true)];

    private static VpnConnection Writable(VpnConnection connection) => connection with
    {
        Id = Writable(connection.Id),
        CloudGatewayId = connection.CloudGatewayId is { } cloud ? Writable(cloud) : null,
        CustomerGatewayId = Writable(connection.CustomerGatewayId),
    };

    /// <summary>The id without characters that no text format holds: control characters, line ends, halves of surrogate pairs (XML 1.0 section 2.2).</summary>
    private static string Writable(string id) => string.Concat(id.Select(c => XmlConvert.IsXmlChar(c) && !char.IsControl(c) && c is not ('\u2028' or '\u2029') ? c : '?'));
}
