using System.Security.Cryptography;
using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>The connection that the lab's provider hands out: new ids and keys every time.</summary>
internal static class LabConnection
{
    public static VpnConnection Create(LabOptions options)
    {
        var mtu = TunnelMtu.For(options.Esp, options.Nat);
        return new VpnConnection
        {
            Id = $"vpn-{RandomNumberGenerator.GetHexString(17, lowercase: true)}",
            CloudGatewayId = $"vgw-{RandomNumberGenerator.GetHexString(17, lowercase: true)}",
            CustomerGatewayId = $"cgw-{RandomNumberGenerator.GetHexString(17, lowercase: true)}",
            Routing = options.Routing,
            CustomerRanges = [LabAddresses.Customer],
            CloudRanges = [LabAddresses.Cloud],
            Tunnels = [Tunnel(1, options, mtu), Tunnel(2, options, mtu)],
        };
    }

    private static Tunnel Tunnel(int number, LabOptions options, TunnelMtu mtu)
    {
        var inside = LabAddresses.Inside[number - 1];
        var bgp = options.Routing == Routing.Bgp;
        return new Tunnel
        {
            Number = number,
            CustomerOutside = LabAddresses.CustomerPublic,
            CloudOutside = LabAddresses.Endpoints[number - 1],
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(options.IkeVersion, AuthenticationMethod.PreSharedKey, PreSharedKey.Generate(), options.Ike, new Lifetime(options.IkeLifetimeSeconds)),
            Ipsec = new IpsecSettings(options.Esp, new Lifetime(options.IpsecLifetimeSeconds)),
            MtuBytes = mtu.Mtu,
            MssBytes = mtu.Mss,
            Bgp = bgp ? new BgpSettings(LabAddresses.CustomerAsn, LabAddresses.CloudAsn, inside.Cloud.Address, 30) : null,
            StaticNextHop = bgp ? null : inside.Cloud.Address,
        };
    }
}
