namespace Tunnelwright.Formats;

/// <summary>Every target that a connection can be written for: the writers of <see cref="DeviceFiles"/>.</summary>
public static class ConfigurationWriters
{
    /// <summary>The targets in the order in which they are listed.</summary>
    public static IReadOnlyList<IConfigurationWriter> All { get; } = [.. DeviceFiles.All.Select(device => device.Writer)];

    /// <summary>The writer of a target; null when there is none of that name.</summary>
    /// <param name="target">The target's name; case does not count.</param>
    public static IConfigurationWriter? Find(string target) => DeviceFiles.Find(target)?.Writer;
}
