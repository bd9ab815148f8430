using System.Globalization;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>Finds what belongs to a tunnel that a person set up: its daemon, its SAs, its interface, its inside addresses.</summary>
internal static class TunnelSight
{
    /// <summary>The tunnel with what is seen of it.</summary>
    public static TunnelView See(TunnelView tunnel, IReadOnlyList<DaemonView> daemons, ObservedGateway? observed)
    {
        var daemon = DaemonOf(tunnel, daemons);
        var (ike, child) = daemon?.SasOf(tunnel.Name) ?? (null, null);
        var seen = tunnel with { Daemon = daemon, Ike = ike, Child = child };
        if (observed is null) return seen with { LocalInside = tunnel.Agreed?.CustomerInside.Address, RemoteInside = tunnel.Agreed?.CloudInside.Address };
        var device = DeviceOf(seen, observed);
        var (local, remote) = Inside(seen, device, observed);
        return seen with { Device = device, Mtu = observed.Links.FirstOrDefault(link => link.Name == device)?.Mtu, LocalInside = local, RemoteInside = remote };
    }

    /// <summary>The daemon that has loaded the connection; where none has, the only one, or one that cannot be asked.</summary>
    private static DaemonView? DaemonOf(TunnelView tunnel, IReadOnlyList<DaemonView> daemons) =>
        daemons.FirstOrDefault(daemon => daemon.ConnectionNames.Contains(tunnel.Name) || daemon.Sas.Any(sa => sa.Name == tunnel.Name))
        ?? daemons.FirstOrDefault(daemon => !daemon.Answers)
        ?? (daemons.Count > 0 ? daemons[0] : null);

    /// <summary>The interface that its packets go through: of its if_id, of its daemon in userspace, or the one with its inside address; none where the kernel's policies take packets from any.</summary>
    private static string? DeviceOf(TunnelView tunnel, ObservedGateway observed)
    {
        var written = uint.TryParse(tunnel.Written?.InterfaceId?.Text, NumberStyles.None, null, out var number) ? number : (uint?)null;
        if ((tunnel.Child?.InterfaceIdOut ?? tunnel.Ike?.InterfaceIdOut ?? written) is { } id and > 0 && observed.Links.FirstOrDefault(link => link.IfId == id) is { } xfrm) return xfrm.Name;
        if (tunnel.Daemon?.TunDevice is { } device) return device;
        if (tunnel.Agreed?.CustomerInside.Address.ToString() is not { } inside || observed.Addresses.FirstOrDefault(address => address.Address == inside) is not { } holder) return null;
        return observed.Links.FirstOrDefault(link => link.Name == holder.Device) is { Kind: "vti" or "xfrm" or "tun" or "ipsec" } link ? link.Name : null;
    }

    private static (Ipv4Address? Local, Ipv4Address? Remote) Inside(TunnelView tunnel, string? device, ObservedGateway observed)
    {
        if (tunnel.Agreed is { } agreed && observed.Addresses.Any(address => address.Address == agreed.CustomerInside.Address.ToString())) return (agreed.CustomerInside.Address, agreed.CloudInside.Address);
        if (device is null) return (null, null);
        var pairs = observed.Addresses.Where(address => address.Device == device).Select(Pair).OfType<(Ipv4Address Local, Ipv4Address Remote)>().ToList();
        if (pairs.Count > 1 && tunnel.Child is { } child)
        {
            var local = WrittenSelectors(child.LocalSelectors);
            var remote = WrittenSelectors(child.RemoteSelectors);
            pairs = [.. pairs.Where(pair => local.Any(range => range.Contains(pair.Local)) && remote.Any(range => range.Contains(pair.Remote)))];
        }

        return pairs.Count == 1 ? (pairs[0].Local, pairs[0].Remote) : (null, null);
    }

    /// <summary>This end's address and the other one's: of a point-to-point address, or the only other one of a /30 or /31.</summary>
    private static (Ipv4Address Local, Ipv4Address Remote)? Pair(Linux.InterfaceAddress address)
    {
        if (!Ipv4Address.TryParse(address.Address, out var own)) return null;
        if (Ipv4Address.TryParse(address.Peer, out var peer)) return (own, peer);
        if (address.PrefixLength is not (30 or 31)) return null;
        var network = Cidr.Containing(own, address.PrefixLength);
        if (address.PrefixLength == 31) return (own, own == network.Network ? network.Last : network.Network);
        var first = network.Network.Offset(1);
        return (own, own == first ? first.Offset(1) : first);
    }

    private static List<Cidr> WrittenSelectors(IReadOnlyList<string> selectors) => [.. selectors.Select(text => Cidr.TryParse(text.Split('[', 2)[0], out var range) ? range : (Cidr?)null).OfType<Cidr>()];
}
