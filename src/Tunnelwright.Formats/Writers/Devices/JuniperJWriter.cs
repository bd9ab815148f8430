namespace Tunnelwright.Formats;

/// <summary>Juniper J Series, whose last release is Junos OS 12.1X44: a secure tunnel interface (st0) for each tunnel.</summary>
internal sealed class JuniperJWriter : DeviceWriter
{
    public override string Target => "juniper-j";

    public override string Description => "set commands, a secure tunnel interface (st0) a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Juniper J Series")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha-256"),
        EspEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc"),
        EspIntegrity = DeviceAlgorithms.Sha("hmac-sha1-96", "hmac-sha-256-128"),
        IkeGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14),
        PfsGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"Juniper J Series for {connection.Title}: paste in configuration mode after \"load set terminal\", or leave these comment lines out.");
        text.Comment("The replay window cannot be set on these devices, nor when packets are fragmented.");
        if (connection.Tunnels.Any(tunnel => tunnel.IsIkev2)) text.Comment("IKEv2 needs Junos OS 11.4 or later.");
        Gaps(text, connection);
        return [new("juniper-j.txt", JunosCommands.Write(connection, text, replayWindow: false), HoldsSecrets: true)];
    }
}
