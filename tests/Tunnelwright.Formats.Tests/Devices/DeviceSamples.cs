using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>The four connections that every device's file is kept for, and the devices.</summary>
internal static class DeviceSamples
{
    /// <summary>What the devices' golden folders are called.</summary>
    public static IReadOnlyList<string> Names { get; } = ["static-ikev1", "static-ikev2", "bgp-ikev1", "bgp-ikev2"];

    /// <summary>The targets of the device writers.</summary>
    public static IReadOnlyList<string> Devices { get; } = [.. DeviceFiles.All.Where(device => device.Writer is DeviceWriter).Select(device => device.Id)];

    /// <summary>The connection of a golden folder. IKEv1 has what provider files of 2018 say, IKEv2 what is asked for today; libreswan has no group 2, Azure inside addresses of its own.</summary>
    public static VpnConnection Of(string target, string name)
    {
        var connection = name.StartsWith("bgp", StringComparison.Ordinal) ? WriterSamples.Bgp : WriterSamples.Static;
        connection = name.EndsWith("ikev1", StringComparison.Ordinal)
            ? connection.With(IkeVersion.V1, EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, target == "libreswan" ? 14 : 2)
            : connection.With(IkeVersion.V2, EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, 14);
        return For(target, connection);
    }

    /// <summary>The connection with inside addresses that a device takes.</summary>
    public static VpnConnection For(string target, VpnConnection connection) => target != "azure" ? connection : connection.WithTunnels(tunnel =>
    {
        var inside = new InsideNetwork(Cidr.Parse($"169.254.2{tunnel.Number}.0/30"));
        return tunnel with
        {
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Bgp = tunnel.Bgp is { } bgp ? bgp with { Neighbor = inside.Cloud.Address } : null,
            StaticNextHop = tunnel.StaticNextHop is null ? null : inside.Cloud.Address,
        };
    });

    /// <summary>The same connection with these algorithms in both phases.</summary>
    public static VpnConnection With(this VpnConnection connection, IkeVersion version, EncryptionAlgorithm encryption, IntegrityAlgorithm? integrity, int group) => connection.WithTunnels(tunnel => tunnel with
    {
        Ike = tunnel.Ike with { Version = version, Proposal = new IkeProposal(encryption, integrity, new DhGroup(group)) },
        Ipsec = tunnel.Ipsec with { Proposal = new EspProposal(encryption, integrity, new DhGroup(group)) },
        MtuBytes = null,
        MssBytes = null,
    });

    /// <summary>The same connection with another key on every tunnel.</summary>
    public static VpnConnection WithKey(this VpnConnection connection, string key) => connection.WithTunnels(tunnel => tunnel with { Ike = tunnel.Ike with { PreSharedKey = new PreSharedKey(key) } });

    /// <summary>What a device may say about files that everybody else takes: it has no BGP, no such inside addresses, or not the group.</summary>
    public static bool IsKnownRefusal(string target, WriterException refused) => target switch
    {
        "mikrotik" => refused.Message.Contains("no tunnel interface", StringComparison.Ordinal) || refused.Message.Contains("aes256gcm16", StringComparison.Ordinal) || refused.Message.Contains("cloud's range", StringComparison.Ordinal),
        "azure" => refused.Message.Contains("speaks BGP from", StringComparison.Ordinal) || refused.Message.Contains("cloud's range", StringComparison.Ordinal),
        "libreswan" => refused.Message.Contains("group 2 ", StringComparison.Ordinal),
        "juniper-j" or "yamaha" => refused.Message.Contains("aes256gcm16", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Whether a device says that it cannot do a connection of this routing at all.</summary>
    public static bool Refuses(string target, VpnConnection connection) => target == "mikrotik" && connection.Routing == Routing.Bgp;
}
