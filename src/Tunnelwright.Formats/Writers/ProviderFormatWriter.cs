using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A format that the provider or this program hands out, as a target.</summary>
internal sealed class ProviderFormatWriter(string target, string description, string fileName, Func<VpnConnection, string> write) : IConfigurationWriter
{
    public string Target => target;

    public string Description => description;

    public IReadOnlyList<WriterSetting> Settings { get; } = [WriterSetting.CustomerAddress, WriterSetting.CustomerAsn];

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings) =>
        [new(fileName, write(settings.Apply(connection)), HoldsSecrets: true)];
}
