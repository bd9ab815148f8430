namespace Tunnelwright.Formats;

/// <summary>MikroTik RouterOS 7, which has no route-based IPsec: one policy for the connection's single pair of selectors, with the second tunnel's peer behind the first one's.</summary>
internal sealed class MikroTikWriter : DeviceWriter
{
    public override string Target => "mikrotik";

    public override string Description => "RouterOS commands, one policy whose peer fails over (static only)";

    protected override DeviceAlgorithms Algorithms { get; } = new("MikroTik RouterOS")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes-128", "aes-256"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"),
        EspIntegrity = new Dictionary<Model.IntegrityAlgorithm, string> { [Model.IntegrityAlgorithm.Sha1] = "sha1", [Model.IntegrityAlgorithm.Sha256] = "sha256", [Model.IntegrityAlgorithm.Sha512] = "sha512" },
        IkeGroups = Modp,
        PfsGroups = Modp,
    };

    private static IReadOnlyDictionary<int, string> Modp { get; } = new Dictionary<int, string>
    {
        [2] = "modp1024",
        [5] = "modp1536",
        [14] = "modp2048",
        [15] = "modp3072",
        [16] = "modp4096",
        [17] = "modp6144",
        [18] = "modp8192",
        [19] = "ecp256",
        [20] = "ecp384",
        [21] = "ecp521",
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        if (connection.IsBgp)
        {
            throw new WriterException(
                "MikroTik RouterOS has no tunnel interface for IPsec, and one pair of selectors cannot hold both BGP and the ranges of two tunnels.",
                "ask for a connection with static routing");
        }

        if (AddressText.Covering(connection.Connection.CloudRanges) is not { } cloud) throw new WriterException("The cloud's range is not known; a policy-based device needs it.", "give --set cloud-range=10.8.2.0/24");
        var text = new ConfigurationText();
        text.Comment($"MikroTik RouterOS 7 for {connection.Title}: paste into a terminal.");
        text.Comment("RouterOS has no tunnel interface for IPsec: the inside addresses are not used, and one tunnel is up at a time; when DPD finds it dead, the other one takes over.");
        text.Comment("The cloud allows one pair of selectors: every source, to the smallest range that holds the cloud's ranges. Filter with the firewall what else must not pass.");
        foreach (var line in ShorterLife(connection)) text.Comment(line);
        text.Comment("The replay window cannot be set, nor when packets are fragmented.");
        if (connection.Connection.CloudRanges.Count > 1) text.Comment($"{cloud} holds {connection.Connection.CloudRanges}.");
        text.Line("/ip ipsec profile");
        foreach (var tunnel in connection.Tunnels)
        {
            text.Line($"add name={tunnel.Name} enc-algorithm={tunnel.Words.IkeEncryption} hash-algorithm={tunnel.Words.IkeIntegrity} dh-group={tunnel.Words.IkeGroup} lifetime={tunnel.IkeSeconds}s dpd-interval={tunnel.Dpd.IntervalSeconds}s dpd-maximum-failures={tunnel.Dpd.Retries} nat-traversal=yes proposal-check=obey");
        }

        var order = connection.InOrderOfPreference.ToList();
        text.Comment("Both tunnels share one policy, hence one proposal: the preferred tunnel's.");
        if (order.Any(tunnel => tunnel.Tunnel.Ipsec != order[0].Tunnel.Ipsec)) throw new WriterException("The tunnels differ in phase 2; MikroTik RouterOS has one policy for both.", "ask for tunnels with the same phase 2");
        text.Line("/ip ipsec proposal");
        text.Line($"add name={connection.Name} enc-algorithms={order[0].Words.EspEncryption} auth-algorithms={(order[0].EspIsAead ? "\"\"" : order[0].Words.EspIntegrity)} pfs-group={order[0].Words.PfsGroup ?? "none"} lifetime={order[0].IpsecSeconds}s");
        text.Line("/ip ipsec peer");
        foreach (var tunnel in connection.Tunnels)
        {
            var local = connection.Settings.LocalAddress is { } address ? $" local-address={address}" : "";
            text.Line($"add name={tunnel.Name} address={tunnel.Cloud}/32{local} exchange-mode={(tunnel.IsIkev2 ? "ike2" : "main")} profile={tunnel.Name} send-initial-contact=yes");
        }

        text.Line("/ip ipsec identity");
        foreach (var tunnel in connection.Tunnels)
        {
            var identity = tunnel.Tunnel.CustomerOutside is { } own ? $" my-id=address:{own}" : "";
            text.Line($"add peer={tunnel.Name} auth-method=pre-shared-key secret=\"{tunnel.Key}\"{identity} remote-id=address:{tunnel.Cloud} generate-policy=no");
        }

        text.Line("/ip ipsec policy");
        foreach (var range in connection.Connection.CustomerRanges.Where(cloud.Overlaps))
        {
            text.Comment("Traffic inside the customer's own network stays out of the tunnel, although it lies in the selectors.");
            text.Line($"add src-address=0.0.0.0/0 dst-address={range} action=none comment={connection.Name}");
        }

        text.Line($"add peer={string.Join(',', order.Select(tunnel => tunnel.Name))} tunnel=yes src-address=0.0.0.0/0 dst-address={cloud} proposal={connection.Name} level=require action=encrypt comment={connection.Name}");
        text.Line("/ip firewall mangle");
        var mss = connection.Tunnels.Min(tunnel => tunnel.Size.Mss);
        text.Line($"add chain=forward dst-address={cloud} protocol=tcp tcp-flags=syn tcp-mss={mss + 1}-65535 action=change-mss new-mss={mss} comment={connection.Name}");
        text.Line($"add chain=forward src-address={cloud} protocol=tcp tcp-flags=syn tcp-mss={mss + 1}-65535 action=change-mss new-mss={mss} comment={connection.Name}");
        if (connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment)) text.Line($"add chain=forward dst-address={cloud} action=clear-df comment={connection.Name}");
        text.Line("/tool netwatch");
        text.Comment("Real traffic every five seconds keeps the tunnel alive; set host to one of the cloud's DNS servers.");
        text.Line($"add host={cloud.Network.Offset(cloud.Size > 2 ? 2 : 0)} interval=5s type=icmp comment={connection.Name}");
        text.Line("/ip firewall nat");
        text.Comment("What goes into the tunnel is not masqueraded: this rule comes before all others (without any other rule, leave place-before out).");
        text.Line($"add chain=srcnat dst-address={cloud} action=accept comment={connection.Name} place-before=0");
        return [new("mikrotik.rsc", text.ToString(), HoldsSecrets: true)];
    }
}
