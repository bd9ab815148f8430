namespace Tunnelwright.Formats;

/// <summary>libreswan (and Openswan's heirs): ipsec.conf(5) with an XFRM interface for each tunnel.</summary>
internal sealed class LibreswanWriter : DeviceWriter
{
    public override string Target => "libreswan";

    public override string Description => "ipsec.conf and ipsec.secrets, an XFRM interface a tunnel";

    public override IReadOnlyList<WriterSetting> Settings => WriterSetting.Gateway;

    protected override DeviceAlgorithms Algorithms { get; } = new("libreswan")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes_gcm128", "aes_gcm256"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha2_256", "sha2_384", "sha2_512"),
        EspEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes_gcm128", "aes_gcm256"),
        EspIntegrity = DeviceAlgorithms.Sha("sha1", "sha2_256", "sha2_384", "sha2_512"),
        IkeGroups = Modp,
        PfsGroups = Modp,
    };

    /// <summary>What today's builds have: group 2 and groups 22 to 24 are compiled out.</summary>
    private static IReadOnlyDictionary<int, string> Modp { get; } = new Dictionary<int, string>
    {
        [5] = "modp1536",
        [14] = "modp2048",
        [15] = "modp3072",
        [16] = "modp4096",
        [17] = "modp6144",
        [18] = "modp8192",
        [19] = "dh19",
        [20] = "dh20",
        [21] = "dh21",
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var plans = connection.Tunnels.Select(tunnel => tunnel.Plan with { Interface = $"ipsec{tunnel.InterfaceNumber}" }).ToList();
        var outside = connection.Settings.OutsideInterface is { } name ? $"dev {name} " : "";
        var files = new List<ConfigurationFile>
        {
            new("ipsec.conf", Configuration(connection), HoldsSecrets: false),
            new("ipsec.secrets", Secrets(connection), HoldsSecrets: true),
            new("interfaces.sh", HostScripts.Interfaces(connection.Connection, plans, plan => $"type xfrm {outside}if_id {plan.InterfaceId}", virtualTunnelInterface: false), HoldsSecrets: false),
            new("sysctl.conf", HostScripts.KernelSwitches(connection.Connection, plans), HoldsSecrets: false),
        };
        if (connection.IsBgp) files.AddRange(new FrrWriter().Write(connection.Connection, connection.Settings));
        return files;
    }

    private static string Configuration(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"libreswan 4 or later for {connection.Title}: put this file into /etc/ipsec.d, run interfaces.sh, then ipsec restart.");
        text.Comment($"Routing: {(connection.IsBgp ? "FRR with frr.conf" : "interfaces.sh makes the routes")}; MSS and filters: the target nftables, with tunnel-interface={string.Join(',', connection.Tunnels.Select(tunnel => $"ipsec{tunnel.InterfaceNumber}"))}.");
        text.Comment("libreswan cannot clear the Don't Fragment bit; nftables can.");
        if (connection.Tunnels.Any(tunnel => !tunnel.IsIkev2))
        {
            text.Comment("IKEv1 is off in the daemon unless it is let in; merge this with the section that /etc/ipsec.conf has.");
            text.Block("config setup", "", () => text.Line("ikev1-policy=accept"));
        }

        foreach (var tunnel in connection.Tunnels)
        {
            text.Line();
            text.Block($"conn {tunnel.Name}", "", () => Connection(text, connection, tunnel));
        }

        return text.ToString();
    }

    private static void Connection(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel)
    {
        var words = tunnel.Words;
        text.Line("authby=secret");
        text.Line($"ikev2={(tunnel.IsIkev2 ? "insist" : "no")}");
        text.Line($"left={(connection.Settings.LocalAddress ?? tunnel.Tunnel.CustomerOutside)?.ToString() ?? "%defaultroute"}");
        if (tunnel.Tunnel.CustomerOutside is { } identity) text.Line($"leftid={identity}");
        text.Line("leftsubnet=0.0.0.0/0");
        text.Comment("interfaces.sh makes interface and routes; the daemon's own script would send everything into the tunnel.");
        text.Line("leftupdown=%disabled");
        text.Line($"right={tunnel.Cloud}");
        text.Line($"rightid={tunnel.Cloud}");
        text.Line("rightsubnet=0.0.0.0/0");
        text.Line($"ike={words.IkeEncryption}-{words.IkeIntegrity ?? words.Prf};{words.IkeGroup}");
        text.Line($"esp={words.EspEncryption}{(tunnel.EspIsAead ? "" : $"-{words.EspIntegrity}")}{(words.PfsGroup is { } group ? $";{group}" : "")}");
        text.Line($"pfs={(words.PfsGroup is null ? "no" : "yes")}");
        text.Line($"ikelifetime={tunnel.IkeSeconds}s");
        text.Line($"salifetime={tunnel.IpsecTimes.LifeSeconds}s");
        text.Comment($"Renewed {tunnel.IpsecTimes.MarginSeconds} to {tunnel.IpsecTimes.MarginSeconds + tunnel.IpsecTimes.RandomSeconds} s before phase 2 ends.");
        text.Line($"rekeymargin={tunnel.IpsecTimes.MarginSeconds}s");
        text.Line($"rekeyfuzz={(tunnel.IpsecTimes.MarginSeconds == 0 ? 0 : tunnel.IpsecTimes.RandomSeconds * 100L / tunnel.IpsecTimes.MarginSeconds)}%");
        text.Line("keyingtries=%forever");
        text.Line($"dpddelay={tunnel.Dpd.IntervalSeconds}");
        text.Line($"dpdtimeout={tunnel.Dpd.TimeoutSeconds}");
        text.Line("dpdaction=restart");
        text.Line($"replay-window={connection.Settings.Profile.Ipsec.ReplayWindowPackets.Default}");
        text.Line($"mtu={tunnel.Size.Mtu}");
        text.Line("fragmentation=yes");
        text.Line("encapsulation=auto");
        text.Line($"ipsec-interface={tunnel.InterfaceNumber}");
        text.Line("auto=start");
    }

    private static string Secrets(DeviceConnection connection)
    {
        var text = new ConfigurationText();
        text.Comment($"{connection.Title}: put this file into /etc/ipsec.d, mode 0600.");
        foreach (var tunnel in connection.Tunnels) text.Line($"{tunnel.Tunnel.CustomerOutside?.ToString() ?? "%any"} {tunnel.Cloud} : PSK \"{tunnel.Key}\"");
        return text.ToString();
    }
}
