using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Writes the configuration of a kind of device: checks first whether the device can do it, then hands over to the device's own text.</summary>
internal abstract class DeviceWriter : IConfigurationWriter
{
    /// <inheritdoc/>
    public abstract string Target { get; }

    /// <inheritdoc/>
    public abstract string Description { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<WriterSetting> Settings => WriterSetting.Device;

    /// <summary>What the device offers.</summary>
    protected abstract DeviceAlgorithms Algorithms { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings) => Files(DeviceConnection.Of(connection, settings, Algorithms));

    /// <summary>The files.</summary>
    protected abstract IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection);

    /// <summary>Why phase 2 lives shorter in the file than the provider says; empty when it does not.</summary>
    protected static IEnumerable<string> ShorterLife(DeviceConnection connection)
    {
        if (connection.Tunnels.FirstOrDefault(tunnel => tunnel.CuresSixtyMinuteDrop) is { } cured)
        {
            yield return $"Phase 2 lives {cured.IpsecSeconds} s here instead of {cured.Tunnel.Ipsec.Lifetime.Seconds}: with IKEv2 and {cured.Tunnel.Ipsec.Lifetime.Seconds} s some peers drop the tunnel every hour.";
        }
    }

    /// <summary>Says in comments what the file cannot know, each with the setting that tells it, and where it departs from the provider's numbers.</summary>
    protected static void Gaps(ConfigurationText text, DeviceConnection connection)
    {
        foreach (var line in ShorterLife(connection)) text.Comment(line);
        if (connection.Connection.CloudRanges.Count == 0)
        {
            text.Comment(connection.IsBgp
                ? "The cloud's range is not known: whatever the cloud announces is accepted, except the default route. Give cloud-range."
                : "The cloud's range is not known, so no route is made. Give cloud-range.");
        }

        if (connection.IsBgp && connection.Connection.CustomerRanges.Count == 0) text.Comment("The customer's range is not known, so nothing is announced. Give local-range.");
    }
}
