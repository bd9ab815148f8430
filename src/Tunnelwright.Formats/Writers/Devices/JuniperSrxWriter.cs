namespace Tunnelwright.Formats;

/// <summary>Juniper SRX Series: a secure tunnel interface (st0) for each tunnel.</summary>
internal sealed class JuniperSrxWriter : DeviceWriter
{
    public override string Target => "juniper-srx";

    public override string Description => "set commands, a secure tunnel interface (st0) a tunnel";

    protected override DeviceAlgorithms Algorithms { get; } = new("Juniper SRX")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha-256", "sha-384", "sha-512"),
        EspEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"),
        EspIntegrity = DeviceAlgorithms.Sha("hmac-sha1-96", "hmac-sha-256-128", "hmac-sha-384", "hmac-sha-512"),
        IkeGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14, 15, 16, 19, 20, 21, 24),
        PfsGroups = DeviceAlgorithms.Groups("group{0}", 2, 5, 14, 15, 16, 19, 20, 21, 24),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"Juniper SRX for {connection.Title}: paste in configuration mode after \"load set terminal\", or leave these comment lines out.");
        text.Comment("anti-replay-window-size needs Junos OS 19.2R1 or later; older releases keep a fixed window. SHA2-384, SHA2-512 and groups 15, 16 and 21 need the newer IKE process (junos-ike).");
        text.Comment("The device decides itself when packets are fragmented: before encryption where the interface's MTU says so.");
        Gaps(text, connection);
        return [new("juniper-srx.txt", JunosCommands.Write(connection, text, replayWindow: true), HoldsSecrets: true)];
    }
}
