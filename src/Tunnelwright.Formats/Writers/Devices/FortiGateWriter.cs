namespace Tunnelwright.Formats;

/// <summary>Fortinet FortiGate: a route-based tunnel (phase1-interface) for each tunnel.</summary>
internal sealed class FortiGateWriter : DeviceWriter
{
    public override string Target => "fortigate";

    public override string Description => "CLI commands, a route-based tunnel (phase1-interface) a tunnel";

    public override IReadOnlyList<WriterSetting> Settings { get; } = [.. WriterSetting.Device, WriterSetting.TunnelInterface];

    protected override DeviceAlgorithms Algorithms { get; } = new("FortiGate")
    {
        IkeEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes128gcm", "aes256gcm"),
        IkeIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        EspEncryption = DeviceAlgorithms.Aes("aes128", "aes256", "aes128gcm", "aes256gcm"),
        EspIntegrity = DeviceAlgorithms.Sha("sha1", "sha256", "sha384", "sha512"),
        IkeGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 21),
        PfsGroups = DeviceAlgorithms.Groups("{0}", 2, 5, 14, 15, 16, 17, 18, 19, 20, 21),
    };

    protected override IReadOnlyList<ConfigurationFile> Files(DeviceConnection connection)
    {
        var outside = connection.Outside("wan1");
        var text = new ConfigurationText();
        text.Comment($"FortiGate for {connection.Title}: paste into the CLI; {outside} faces the internet.");
        text.Comment("The size of the replay window cannot be set, only that there is one.");
        text.Comment("Policies between the tunnels and the inner interfaces are yours to write: without a policy on it, FortiOS does not bring a tunnel up.");
        Gaps(text, connection);
        text.Comment("For the whole device.");
        Config(text, "system global", () => text.Line($"set honor-df {(connection.Tunnels.Any(tunnel => tunnel.Tunnel.ClearDontFragment) ? "disable" : "enable")}"));
        Config(text, "vpn ipsec phase1-interface", () =>
        {
            foreach (var tunnel in connection.Tunnels) Edit(text, $"\"{Interface(tunnel)}\"", () => Phase1(text, connection, tunnel, outside));
        });
        Config(text, "vpn ipsec phase2-interface", () =>
        {
            foreach (var tunnel in connection.Tunnels) Edit(text, $"\"{Interface(tunnel)}\"", () => Phase2(text, tunnel));
        });
        Config(text, "system interface", () =>
        {
            foreach (var tunnel in connection.Tunnels)
            {
                Edit(text, $"\"{Interface(tunnel)}\"", () =>
                {
                    text.Line($"set ip {tunnel.Tunnel.CustomerInside.Address} 255.255.255.255");
                    text.Line($"set remote-ip {tunnel.Tunnel.CloudInside.WithNetmask()}");
                    text.Line("set allowaccess ping");
                    text.Line("set type tunnel");
                    text.Line("set mtu-override enable");
                    text.Line($"set mtu {tunnel.Size.Mtu}");
                    text.Line($"set tcp-mss {tunnel.Size.Mss}");
                    text.Line($"set interface \"{outside}\"");
                });
            }
        });
        if (connection.IsBgp) Bgp(text, connection);
        else Static(text, connection);
        return [new("fortigate.txt", text.ToString(), HoldsSecrets: true)];
    }

    /// <summary>FortiOS takes 15 characters for a tunnel's name.</summary>
    private static string Interface(DeviceTunnel tunnel) => tunnel.Plan.Interface;

    private static void Config(ConfigurationText text, string path, Action within) => text.Block($"config {path}", "end", within);

    private static void Edit(ConfigurationText text, string entry, Action within) => text.Block($"edit {entry}", "next", within);

    private static void Phase1(ConfigurationText text, DeviceConnection connection, DeviceTunnel tunnel, string outside)
    {
        text.Line($"set comments \"{tunnel.Name}\"");
        text.Line($"set interface \"{outside}\"");
        text.Line($"set ike-version {(tunnel.IsIkev2 ? 2 : 1)}");
        if (!tunnel.IsIkev2) text.Line("set mode main");
        text.Line("set peertype any");
        text.Line("set net-device disable");
        text.Line($"set keylife {tunnel.IkeSeconds}");
        text.Line(tunnel.IkeIsAead ? $"set proposal {tunnel.Words.IkeEncryption}-prf{tunnel.Words.Prf}" : $"set proposal {tunnel.Words.IkeEncryption}-{tunnel.Words.IkeIntegrity}");
        text.Line($"set dhgrp {tunnel.Words.IkeGroup}");
        if (connection.Settings.BehindNat && tunnel.Tunnel.CustomerOutside is { } identity)
        {
            text.Line("set localid-type address");
            text.Line($"set localid \"{identity}\"");
        }

        text.Line("set nattraversal enable");
        text.Line("set dpd on-idle");
        text.Line($"set dpd-retrycount {Math.Clamp(tunnel.Dpd.Retries, 1, 10)}");
        text.Line($"set dpd-retryinterval {tunnel.Dpd.IntervalSeconds}");
        text.Line($"set ip-fragmentation {(tunnel.Tunnel.FragmentBeforeEncryption ? "pre-encapsulation" : "post-encapsulation")}");
        text.Line($"set remote-gw {tunnel.Cloud}");
        text.Line($"set psksecret {tunnel.Key}");
    }

    private static void Phase2(ConfigurationText text, DeviceTunnel tunnel)
    {
        text.Line($"set phase1name \"{Interface(tunnel)}\"");
        text.Line($"set proposal {tunnel.Words.EspEncryption}{(tunnel.EspIsAead ? "" : $"-{tunnel.Words.EspIntegrity}")}");
        text.Line($"set pfs {(tunnel.Words.PfsGroup is null ? "disable" : "enable")}");
        if (tunnel.Words.PfsGroup is { } group) text.Line($"set dhgrp {group}");
        text.Line("set replay enable");
        text.Line("set keylife-type seconds");
        text.Line($"set keylifeseconds {tunnel.IpsecSeconds}");
        text.Line("set auto-negotiate enable");
        text.Line("set keepalive enable");
        text.Line("set src-subnet 0.0.0.0 0.0.0.0");
        text.Line("set dst-subnet 0.0.0.0 0.0.0.0");
    }

    private static void Static(ConfigurationText text, DeviceConnection connection)
    {
        text.Comment("Echo through each tunnel keeps it alive and takes its routes away when nothing comes back. FortiOS 7: the interval is in milliseconds.");
        Config(text, "system link-monitor", () =>
        {
            foreach (var tunnel in connection.Tunnels)
            {
                Edit(text, $"\"{Interface(tunnel)}\"", () =>
                {
                    text.Line($"set srcintf \"{Interface(tunnel)}\"");
                    text.Line($"set server \"{tunnel.Tunnel.CloudInside.Address}\"");
                    text.Line($"set source-ip {tunnel.Tunnel.CustomerInside.Address}");
                    text.Line("set interval 5000");
                    text.Line("set failtime 3");
                    text.Line("set recoverytime 3");
                    text.Line("set update-static-route enable");
                });
            }
        });
        if (connection.Connection.CloudRanges.Count == 0) return;
        Config(text, "router static", () =>
        {
            var distance = 10;
            foreach (var tunnel in connection.InOrderOfPreference)
            {
                foreach (var range in connection.Connection.CloudRanges)
                {
                    Edit(text, "0", () =>
                    {
                        text.Line($"set dst {range.WithNetmask()}");
                        text.Line($"set device \"{Interface(tunnel)}\"");
                        text.Line($"set distance {distance}");
                    });
                }

                distance += 10;
            }

            text.Comment("Nothing leaves in the clear while both tunnels are down.");
            foreach (var range in connection.Connection.CloudRanges)
            {
                Edit(text, "0", () =>
                {
                    text.Line($"set dst {range.WithNetmask()}");
                    text.Line("set blackhole enable");
                    text.Line("set distance 254");
                });
            }
        });
    }

    private static void Bgp(ConfigurationText text, DeviceConnection connection)
    {
        var (customer, cloud) = (connection.Connection.CustomerRanges, connection.Connection.CloudRanges);
        Config(text, "router prefix-list", () =>
        {
            Edit(text, $"\"{connection.Name}-in\"", () => Config(text, "rule", () =>
            {
                if (cloud.Count == 0)
                {
                    Rule(text, 1, "deny", "0.0.0.0 0.0.0.0", orLonger: false);
                    Rule(text, 2, "permit", "0.0.0.0 0.0.0.0", orLonger: true);
                }

                for (var i = 0; i < cloud.Count; i++) Rule(text, i + 1, "permit", cloud[i].WithNetmask(), orLonger: cloud[i].PrefixLength < 32);
            }));
            Edit(text, $"\"{connection.Name}-out\"", () => Config(text, "rule", () =>
            {
                if (customer.Count == 0) Rule(text, 1, "deny", "0.0.0.0 0.0.0.0", orLonger: true);
                for (var i = 0; i < customer.Count; i++) Rule(text, i + 1, "permit", customer[i].WithNetmask(), orLonger: false);
            }));
        });
        Config(text, "router route-map", () =>
        {
            foreach (var tunnel in connection.Tunnels)
            {
                Edit(text, $"\"{tunnel.Name}-in\"", () => RouteMap(text, $"{connection.Name}-in", $"set set-local-preference {tunnel.LocalPreference}"));
                Edit(text, $"\"{tunnel.Name}-out\"", () => RouteMap(text, $"{connection.Name}-out", tunnel.Prepends > 0 ? $"set set-aspath \"{string.Join(' ', Enumerable.Repeat(connection.CustomerAsn, tunnel.Prepends))}\"" : null));
            }
        });
        Config(text, "router bgp", () =>
        {
            text.Line($"set as {connection.CustomerAsn}");
            text.Line($"set router-id {connection.Tunnels[0].Tunnel.CustomerInside.Address}");
            Config(text, "neighbor", () =>
            {
                foreach (var tunnel in connection.Tunnels)
                {
                    Edit(text, $"\"{tunnel.Bgp!.Neighbor}\"", () =>
                    {
                        text.Line($"set description \"{tunnel.Name}\"");
                        text.Line($"set remote-as {tunnel.Bgp.CloudAsn}");
                        text.Line($"set interface \"{Interface(tunnel)}\"");
                        text.Line($"set keep-alive-timer {tunnel.KeepaliveSeconds}");
                        text.Line($"set holdtime-timer {tunnel.Bgp.HoldSeconds}");
                        text.Line("set soft-reconfiguration enable");
                        text.Line($"set route-map-in \"{tunnel.Name}-in\"");
                        text.Line($"set route-map-out \"{tunnel.Name}-out\"");
                    });
                }
            });
            if (customer.Count == 0) return;
            text.Comment("A range is announced only while the routing table has a route for exactly that range.");
            Config(text, "network", () =>
            {
                for (var i = 0; i < customer.Count; i++)
                {
                    var range = customer[i];
                    Edit(text, $"{i + 1}", () => text.Line($"set prefix {range.WithNetmask()}"));
                }
            });
        });
    }

    private static void Rule(ConfigurationText text, int number, string action, string prefix, bool orLonger) => Edit(text, $"{number}", () =>
    {
        text.Line($"set action {action}");
        text.Line($"set prefix {prefix}");
        text.Line("unset ge");
        text.Line(orLonger ? "set le 32" : "unset le");
    });

    private static void RouteMap(ConfigurationText text, string prefixList, string? change) => Config(text, "rule", () => Edit(text, "1", () =>
    {
        text.Line($"set match-ip-address \"{prefixList}\"");
        if (change is not null) text.Line(change);
    }));
}
