using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>strongSwan's swanctl.conf(5) with an XFRM interface for each tunnel.</summary>
internal sealed class SwanctlWriter : IConfigurationWriter
{
    public string Target => "swanctl";

    public string Description => "strongSwan 5.8 or later: swanctl.conf, XFRM interfaces, both tunnels";

    public IReadOnlyList<WriterSetting> Settings => WriterSetting.Gateway;

    public IReadOnlyList<ConfigurationFile> Write(VpnConnection connection, WriterSettings settings)
    {
        connection = settings.Apply(connection);
        var plans = TunnelPlan.Of(connection, settings);
        var outside = settings.OutsideInterface is { } name ? $"dev {name} " : "";
        return
        [
            new("swanctl.conf", Connections(connection, plans, settings), HoldsSecrets: true),
            new("strongswan.conf", StrongSwanText.DaemonSettings(connection, settings.Profile), HoldsSecrets: false),
            new("interfaces.sh", HostScripts.Interfaces(connection, plans, plan => $"type xfrm {outside}if_id {plan.InterfaceId}", virtualTunnelInterface: false), HoldsSecrets: false),
            new("sysctl.conf", HostScripts.KernelSwitches(connection, plans), HoldsSecrets: false),
        ];
    }

    private static string Connections(VpnConnection connection, IReadOnlyList<TunnelPlan> plans, WriterSettings settings)
    {
        var text = new ConfigurationText();
        text.Comment($"{Printable.Comment(connection.Id)}: put this file into /etc/swanctl/conf.d and run swanctl --load-all.");
        text.Braces("connections", () =>
        {
            foreach (var plan in plans) Connection(text, plan, settings);
        });
        text.Braces("secrets", () =>
        {
            foreach (var plan in plans)
            {
                text.Braces($"ike-{plan.Name}", () =>
                {
                    text.Comment("Only the peer's identity: the customer's is shared by both tunnels.");
                    text.Line($"id = {plan.Tunnel.CloudOutside}");
                    text.Line($"secret = {StrongSwanText.QuotedKey(plan.Tunnel)}");
                });
            }
        });
        return text.ToString();
    }

    private static void Connection(ConfigurationText text, TunnelPlan plan, WriterSettings settings)
    {
        var tunnel = plan.Tunnel;
        var (ike, dpd) = (RekeyTimes.OfIke(tunnel, settings.Profile), tunnel.DeadPeerDetection);
        text.Braces(plan.Name, () =>
        {
            text.Line($"version = {(int)tunnel.Ike.Version}");
            if (tunnel.Ike.Mode == IkeMode.Aggressive) text.Line("aggressive = yes");
            if ((settings.LocalAddress ?? tunnel.CustomerOutside) is { } local) text.Line($"local_addrs = {local}");
            text.Line($"remote_addrs = {tunnel.CloudOutside}");
            text.Line($"proposals = {StrongSwanText.Proposal(tunnel.Ike.Proposal)}");
            text.Comment($"Phase 1 lives {ike.LifeSeconds} s at most: rekeyed after {ike.RekeySeconds - ike.RandomSeconds} to {ike.RekeySeconds} s.");
            text.Line($"rekey_time = {ike.RekeySeconds}s");
            text.Line($"over_time = {ike.MarginSeconds}s");
            text.Line($"rand_time = {ike.RandomSeconds}s");
            text.Line($"dpd_delay = {dpd.IntervalSeconds}s");
            if (tunnel.Ike.Version == IkeVersion.V1) text.Line($"dpd_timeout = {dpd.TimeoutSeconds}s");
            text.Comment("The cloud only answers: try for ever.");
            text.Line("keyingtries = 0");
            text.Line("unique = replace");
            text.Line("mobike = no");
            text.Line("fragmentation = yes");
            text.Braces("local", () =>
            {
                text.Line("auth = psk");
                if (tunnel.CustomerOutside is { } identity) text.Line($"id = {identity}");
            });
            text.Braces("remote", () =>
            {
                text.Line("auth = psk");
                text.Line($"id = {tunnel.CloudOutside}");
            });
            text.Braces("children", () => Child(text, plan, settings));
        });
    }

    private static void Child(ConfigurationText text, TunnelPlan plan, WriterSettings settings)
    {
        var tunnel = plan.Tunnel;
        var times = RekeyTimes.OfIpsec(tunnel, settings.Profile);
        text.Braces(plan.Name, () =>
        {
            text.Line("mode = tunnel");
            text.Line("local_ts = 0.0.0.0/0");
            text.Line("remote_ts = 0.0.0.0/0");
            text.Line($"if_id_in = {plan.InterfaceId}");
            text.Line($"if_id_out = {plan.InterfaceId}");
            text.Line($"esp_proposals = {StrongSwanText.Proposal(tunnel.Ipsec.Proposal)}");
            text.Comment($"Phase 2 lives {times.LifeSeconds} s at most: rekeyed after {times.RekeySeconds - times.RandomSeconds} to {times.RekeySeconds} s.");
            text.Line($"life_time = {times.LifeSeconds}s");
            text.Line($"rekey_time = {times.RekeySeconds}s");
            text.Line($"rand_time = {times.RandomSeconds}s");
            text.Line($"replay_window = {settings.Profile.Ipsec.ReplayWindowPackets.Default}");
            if (tunnel.ClearDontFragment) text.Line("copy_df = no");
            text.Comment("Started at once, started again by traffic, by a dead peer and by a peer that closes it.");
            text.Line("start_action = trap|start");
            text.Line("dpd_action = restart");
            text.Line("close_action = start");
        });
    }
}
