using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests;

/// <summary>Texts written for the tests, in the manner of several eras of the provider's generic file.</summary>
internal static class Texts
{
    public const string FirstKey = "First.Tunnel_Key.Nobody_Knows_12";
    public const string SecondKey = "Second.Tunnel_Key.Nobody_Knows_3";

    /// <summary>The oldest manner: VPN Gateway for the cloud's end, a group called PFS in phase 1, no IKE version, no MTU.</summary>
    public const string Oldest = """
        Cloud VPN
        Private Cloud

        VPN Connection Configuration
        ================================================================================
        Your VPN Connection ID       : vpn-1a2b3c4d
        Your VPN Gateway ID          : vgw-5e6f7081
        Your Customer Gateway ID     : cgw-92a3b4c5

        IPSec Tunnel #1
        ================================================================================
        #1: Internet Key Exchange Configuration

        Configure the IKE SA as follows
          - Authentication Method    : Pre-Shared Key
          - Pre-Shared Key           : First.Tunnel_Key.Nobody_Knows_12
          - Authentication Algorithm : sha1
          - Encryption Algorithm     : aes-128-cbc
          - Lifetime                 : 28800 seconds
          - Phase 1 Negotiation Mode : main
          - Perfect Forward Secrecy  : Diffie-Hellman Group 2

        #2: IPSec Configuration

        Configure the IPSec SA as follows:
          - Protocol                 : esp
          - Authentication Algorithm : hmac-sha1-96
          - Encryption Algorithm     : aes-128-cbc
          - Lifetime                 : 3600 seconds
          - Mode                     : tunnel
          - Perfect Forward Secrecy  : Diffie-Hellman Group 2

          - DPD Interval             : 10
          - DPD Retries              : 3

          - TCP MSS Adjustment       : 1396 bytes
          - Clear Don't Fragment Bit : enabled
          - Fragmentation            : Before encryption

        #3: Tunnel Interface Configuration

        Outside IP Addresses:
          - Customer Gateway:        : 192.0.2.9
          - VPN Gateway              : 198.51.100.21

        Inside IP Addresses
          - Customer Gateway         : 169.254.21.2/30
          - VPN Gateway              : 169.254.21.1/30

        #4: Border Gateway Protocol (BGP) Configuration:

        BGP Configuration Options:
          - Customer Gateway ASN     : 65030
          - VPN Gateway ASN          : 7224
          - Neighbor IP Address      : 169.254.21.1
          - Neighbor Hold Time       : 30

        IPSec Tunnel #2
        ================================================================================
        #1: Internet Key Exchange Configuration

        Configure the IKE SA as follows
          - Authentication Method    : Pre-Shared Key
          - Pre-Shared Key           : Second.Tunnel_Key.Nobody_Knows_3
          - Authentication Algorithm : sha1
          - Encryption Algorithm     : aes-128-cbc
          - Lifetime                 : 28800 seconds
          - Phase 1 Negotiation Mode : main
          - Perfect Forward Secrecy  : Diffie-Hellman Group 2

        #2: IPSec Configuration

        Configure the IPSec SA as follows:
          - Protocol                 : esp
          - Authentication Algorithm : hmac-sha1-96
          - Encryption Algorithm     : aes-128-cbc
          - Lifetime                 : 3600 seconds
          - Mode                     : tunnel
          - Perfect Forward Secrecy  : Diffie-Hellman Group 2

          - DPD Interval             : 10
          - DPD Retries              : 3

          - TCP MSS Adjustment       : 1396 bytes
          - Clear Don't Fragment Bit : enabled
          - Fragmentation            : Before encryption

        #3: Tunnel Interface Configuration

        Outside IP Addresses:
          - Customer Gateway:        : 192.0.2.9
          - VPN Gateway              : 198.51.100.22

        Inside IP Addresses
          - Customer Gateway         : 169.254.21.6/30
          - VPN Gateway              : 169.254.21.5/30

        #4: Border Gateway Protocol (BGP) Configuration:

        BGP Configuration Options:
          - Customer Gateway ASN     : 65030
          - VPN Gateway ASN          : 7224
          - Neighbor IP Address      : 169.254.21.5
          - Neighbor Hold Time       : 30

        """;

    /// <summary>What <see cref="Oldest"/> says.</summary>
    public static VpnConnection OldestConnection { get; } = new()
    {
        Id = "vpn-1a2b3c4d",
        CloudGatewayId = "vgw-5e6f7081",
        CustomerGatewayId = "cgw-92a3b4c5",
        Routing = Routing.Bgp,
        Tunnels = [OldestTunnel(1, FirstKey), OldestTunnel(2, SecondKey)],
    };

    /// <summary>Replaces the first occurrence.</summary>
    public static string WithFirst(this string text, string old, string with)
    {
        var index = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(index >= 0, $"'{old}' is not in the text.");
        return text[..index] + with + text[(index + old.Length)..];
    }

    /// <summary>The line of the first occurrence, counted from 1.</summary>
    public static int LineOf(this string text, string marker) => text[..text.IndexOf(marker, StringComparison.Ordinal)].Count(c => c == '\n') + 1;

    private static Tunnel OldestTunnel(int number, string key)
    {
        var inside = new InsideNetwork(new Cidr(new Ipv4Address(0xA9FE1500u + ((uint)(number - 1) * 4)), 30));
        return new Tunnel
        {
            Number = number,
            CustomerOutside = Ipv4Address.Parse("192.0.2.9"),
            CloudOutside = Ipv4Address.Parse($"198.51.100.2{number}"),
            CustomerInside = inside.Customer,
            CloudInside = inside.Cloud,
            Ike = new IkeSettings(IkeVersion.V1, AuthenticationMethod.PreSharedKey, new PreSharedKey(key), new IkeProposal(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new DhGroup(2)), new Lifetime(28800)),
            Ipsec = new IpsecSettings(new EspProposal(EncryptionAlgorithm.Aes128, IntegrityAlgorithm.Sha1, new DhGroup(2)), new Lifetime(3600)),
            MssBytes = 1396,
            Bgp = new BgpSettings(new Asn(65030), new Asn(7224), inside.Cloud.Address, 30),
        };
    }
}
