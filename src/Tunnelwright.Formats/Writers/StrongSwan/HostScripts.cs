using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>The parts of a Linux gateway that strongSwan does not make: interfaces, static routes, kernel switches.</summary>
internal static class HostScripts
{
    /// <summary>A shell script that makes ("up", also without argument) and removes ("down") the tunnels' interfaces and static routes.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="plans">Its tunnels.</param>
    /// <param name="addLink">The words of "ip link add NAME …" for a tunnel.</param>
    /// <param name="virtualTunnelInterface">Whether the interfaces are VTI, which need policy checks off.</param>
    public static string Interfaces(VpnConnection connection, IReadOnlyList<TunnelPlan> plans, Func<TunnelPlan, string> addLink, bool virtualTunnelInterface)
    {
        var text = new ConfigurationText(2);
        text.Line("#!/bin/sh");
        text.Comment($"Interfaces of {Printable.Comment(connection.Id)}: run as root with up or down.");
        text.Line("set -eu");
        text.Block("case \"${1:-up}\" in", "esac", () =>
        {
            text.Block("up)", "", () =>
            {
                foreach (var plan in plans) Up(text, plan, addLink, virtualTunnelInterface);
                StaticRoutes(text, connection, plans);
                text.Line(";;");
            });
            text.Block("down)", "", () =>
            {
                foreach (var plan in plans) text.Line($"ip link show dev {plan.Interface} >/dev/null 2>&1 && ip link del dev {plan.Interface} || true");
                text.Line(";;");
            });
            text.Line("*) echo \"usage: $0 [up|down]\" >&2; exit 2 ;;");
        });
        return text.ToString();
    }

    /// <summary>Kernel switches: forwarding, and loose reverse-path filters so that answers may come through the other tunnel (RFC 3704 section 2.4).</summary>
    public static string KernelSwitches(VpnConnection connection, IReadOnlyList<TunnelPlan> plans)
    {
        var text = new ConfigurationText();
        text.Comment($"Kernel switches for {Printable.Comment(connection.Id)}: put this file into /etc/sysctl.d.");
        text.Line("net.ipv4.ip_forward = 1");
        text.Line("net.ipv4.conf.all.rp_filter = 2");
        text.Line("net.ipv4.conf.default.rp_filter = 2");
        text.Line("net.ipv4.conf.all.send_redirects = 0");
        foreach (var plan in plans) text.Line($"-net/ipv4/conf/{plan.Interface}/rp_filter = 2");
        return text.ToString();
    }

    private static void Up(ConfigurationText text, TunnelPlan plan, Func<TunnelPlan, string> addLink, bool virtualTunnelInterface)
    {
        text.Line($"ip link show dev {plan.Interface} >/dev/null 2>&1 || ip link add {plan.Interface} {addLink(plan)}");
        text.Line($"ip address replace {plan.Tunnel.CustomerInside} dev {plan.Interface}");
        text.Line($"ip link set dev {plan.Interface} mtu {plan.Size.Mtu} up");
        text.Line($"echo 2 >/proc/sys/net/ipv4/conf/{plan.Interface}/rp_filter");
        if (virtualTunnelInterface) text.Line($"echo 1 >/proc/sys/net/ipv4/conf/{plan.Interface}/disable_policy");
    }

    private static void StaticRoutes(ConfigurationText text, VpnConnection connection, IReadOnlyList<TunnelPlan> plans)
    {
        if (connection.Routing != Routing.Static) return;
        if (connection.CloudRanges.Count == 0)
        {
            text.Comment("The cloud's range is not known, so no route is made; give cloud-range.");
            return;
        }

        var metric = 100;
        foreach (var plan in TunnelPlan.InOrderOfPreference(plans))
        {
            foreach (var range in connection.CloudRanges) text.Line($"ip route replace {range} dev {plan.Interface} metric {metric}");
            metric += 100;
        }
    }
}
