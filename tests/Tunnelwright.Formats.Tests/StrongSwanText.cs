using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>A text in the shape of the provider's file for strongSwan, as far as that shape can say things.</summary>
internal static class StrongSwanText
{
    public static string Write(VpnConnection connection)
    {
        var text = new StringBuilder();
        text.Append("Set-up for a gateway with strongSwan\n\n");
        text.Append($"Your VPN Connection ID                  : {connection.Id}\n");
        text.Append($"Your Virtual Private Gateway ID         : {connection.CloudGatewayId}\n");
        text.Append($"Your Customer Gateway ID                : {connection.CustomerGatewayId}\n\n");
        foreach (var tunnel in connection.Tunnels)
        {
            var outside = tunnel.CustomerOutside?.ToString() ?? "<YOUR PUBLIC ADDRESS>";
            var n = tunnel.Number;
            text.Append($"-----\nIPSEC Tunnel #{n}\n-----\n#1: Enable Packet Forwarding\n\nnet.ipv4.ip_forward = 1\n\n");
            text.Append($"conn Tunnel{n}\n\tauto=start\n\tleft=%defaultroute\n\tleftid={outside}\n\tright={tunnel.CloudOutside}\n\ttype=tunnel\n");
            var auth = tunnel.Ike.Authentication == AuthenticationMethod.Certificate ? "pubkey" : "psk";
            text.Append($"\tleftauth={auth}\n\trightauth={auth}\n\tkeyexchange=ikev{(int)tunnel.Ike.Version}\n\tike={tunnel.Ike.Proposal}!\n");
            if (tunnel.Ike.Mode == IkeMode.Aggressive) text.Append("\taggressive=yes\n");
            text.Append($"\tikelifetime={tunnel.Ike.Lifetime.Seconds}s\n\tesp={tunnel.Ipsec.Proposal}\n\tlifetime={tunnel.Ipsec.Lifetime.Seconds}\n");
            text.Append($"\tleftsubnet=0.0.0.0/0\n\trightsubnet=0.0.0.0/0\n\tdpddelay={tunnel.DeadPeerDetection.IntervalSeconds}s\n\tdpdtimeout={tunnel.DeadPeerDetection.TimeoutSeconds}s\n");
            text.Append($"\t## The mark is this tunnel's own.\n\tmark={n}00\n\t#leftupdown=\"/etc/updown -ln Tunnel{n} -ll {tunnel.CustomerInside} -lr {tunnel.CloudInside} -m {n}00 -r <VPC CIDR>\"\n\n");
            text.Append("4) Put this line into /etc/ipsec.secrets:\n");
            if (tunnel.Ike.PreSharedKey is { } key) text.Append($"{outside} {tunnel.CloudOutside} : PSK \"{key.Reveal()}\"\n");
            text.Append($"\nsudo ip link add Tunnel{n} type vti local <LOCAL IP> remote {tunnel.CloudOutside} key {n}00\n");
            text.Append($"sudo ip addr add {tunnel.CustomerInside} remote {tunnel.CloudInside} dev Tunnel{n}\n");
            text.Append(tunnel.MtuBytes is { } mtu ? $"sudo ip link set Tunnel{n} up mtu {mtu}\n" : $"sudo ip link set Tunnel{n} up\n");
            if (tunnel.MssBytes is { } mss) text.Append($"sudo iptables -t mangle -A FORWARD -o Tunnel{n} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {mss}\n");
            if (tunnel.Bgp is { } bgp)
            {
                text.Append($"\nrouter bgp {bgp.CustomerAsn?.ToString() ?? "<YOUR ASN>"}\nbgp router-id 10.0.0.1\n");
                text.Append($"neighbor {bgp.Neighbor} remote-as {bgp.CloudAsn}\nneighbor {bgp.Neighbor} timers 10 {bgp.HoldSeconds}\n");
            }
        }

        return text.ToString();
    }
}
