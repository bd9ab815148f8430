using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>strongSwan's older ipsec.conf(5) and ipsec.secrets(5), with a VTI for each tunnel that its mark leads into.</summary>
internal sealed class IpsecConfWriter : IConfigurationWriter
{
    public string Target => "ipsec-conf";

    public string Description => "strongSwan's older ipsec.conf and ipsec.secrets, VTI interfaces, both tunnels";

    public IReadOnlyList<WriterSetting> Settings => WriterSetting.Gateway;

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings)
    {
        connection = settings.Apply(connection);
        var plans = TunnelPlan.Of(connection, settings);
        return
        [
            new("ipsec.conf", Connections(connection, plans, settings), HoldsSecrets: false),
            new("ipsec.secrets", Secrets(connection, plans), HoldsSecrets: true),
            new("strongswan.conf", StrongSwanText.DaemonSettings(connection, settings.Profile), HoldsSecrets: false),
            new("interfaces.sh", HostScripts.Interfaces(connection, plans, plan => Link(plan, settings), virtualTunnelInterface: true), HoldsSecrets: false),
            new("sysctl.conf", HostScripts.KernelSwitches(connection, plans), HoldsSecrets: false),
        ];
    }

    private static string Link(TunnelPlan plan, WriterSettings settings)
    {
        var local = (settings.LocalAddress ?? plan.Tunnel.CustomerOutside) is { } address ? $"local {address} " : "";
        return $"type vti {local}remote {plan.Tunnel.CloudOutside} key {plan.InterfaceId}";
    }

    private static string Connections(VpnConnection connection, IReadOnlyList<TunnelPlan> plans, WriterSettings settings)
    {
        var text = new ConfigurationText();
        text.Comment($"{Printable.Comment(connection.Id)}: put this file into /etc as ipsec.conf.");
        text.Block("config setup", "", () => text.Line("uniqueids=replace"));
        foreach (var plan in plans)
        {
            text.Line();
            text.Block($"conn {plan.Name}", "", () => Connection(text, plan, settings));
        }

        return text.ToString();
    }

    private static void Connection(ConfigurationText text, TunnelPlan plan, WriterSettings settings)
    {
        var (tunnel, profile) = (plan.Tunnel, settings.Profile);
        var times = RekeyTimes.OfIpsec(tunnel, profile);
        text.Line($"keyexchange=ikev{(int)tunnel.Ike.Version}");
        if (tunnel.Ike.Mode == IkeMode.Aggressive) text.Line("aggressive=yes");
        text.Line("type=tunnel");
        text.Line($"left={(settings.LocalAddress ?? tunnel.CustomerOutside)?.ToString() ?? "%defaultroute"}");
        if (tunnel.CustomerOutside is { } identity) text.Line($"leftid={identity}");
        text.Line("leftauth=psk");
        text.Line("leftsubnet=0.0.0.0/0");
        text.Line($"right={tunnel.CloudOutside}");
        text.Line($"rightid={tunnel.CloudOutside}");
        text.Line("rightauth=psk");
        text.Line("rightsubnet=0.0.0.0/0");
        text.Line($"ike={StrongSwanText.Proposal(tunnel.Ike.Proposal)}!");
        text.Line($"ikelifetime={tunnel.Ike.Lifetime.Seconds}s");
        text.Line($"esp={StrongSwanText.Proposal(tunnel.Ipsec.Proposal)}!");
        text.Line($"lifetime={tunnel.Ipsec.Lifetime.Seconds}s");
        text.Comment($"Rekeyed after {times.RekeySeconds - times.RandomSeconds} to {times.RekeySeconds} s.");
        text.Line($"margintime={times.MarginSeconds}s");
        text.Line($"rekeyfuzz={(times.MarginSeconds == 0 ? 0 : times.RandomSeconds * 100L / times.MarginSeconds)}%");
        text.Line("keyingtries=%forever");
        text.Line($"dpddelay={tunnel.DeadPeerDetection.IntervalSeconds}s");
        text.Line($"dpdtimeout={tunnel.DeadPeerDetection.TimeoutSeconds}s");
        text.Line("dpdaction=restart");
        text.Line("closeaction=restart");
        text.Line($"replay_window={profile.Ipsec.ReplayWindowPackets.Default}");
        text.Line("mobike=no");
        text.Line("fragmentation=yes");
        text.Comment("The key of the tunnel's VTI.");
        text.Line($"mark={plan.InterfaceId}");
        text.Line("auto=start");
    }

    private static string Secrets(VpnConnection connection, IReadOnlyList<TunnelPlan> plans)
    {
        var text = new ConfigurationText();
        text.Comment($"{Printable.Comment(connection.Id)}: put these lines into /etc/ipsec.secrets, mode 0600.");
        foreach (var plan in plans) text.Line($"{plan.Tunnel.CloudOutside} : PSK \"{StrongSwanText.Key(plan.Tunnel).Reveal()}\"");
        return text.ToString();
    }
}
