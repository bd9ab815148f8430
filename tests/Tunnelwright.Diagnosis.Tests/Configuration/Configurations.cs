namespace Tunnelwright.Diagnosis.Tests;

/// <summary>A provider's file and device configurations that agree with it.</summary>
internal static class Configurations
{
    public const string FirstKey = "First.Tunnel_Key.Nobody_Knows_12";
    public const string SecondKey = "Second.Tunnel_Key.Nobody_Knows_3";

    public static string Provider { get; } = $"""
        Your VPN Connection ID                : vpn-0a1b2c3d4e5f60718
        Your Virtual Private Gateway ID       : vgw-0a1b2c3d
        Your Customer Gateway ID              : cgw-0a1b2c3d

        {Tunnel(1, FirstKey, "52.16.9.21", "169.254.21")}
        {Tunnel(2, SecondKey, "52.17.8.77", "169.254.22")}
        """;

    public static string Swanctl { get; } = $$"""
        connections {
          aws-1 {
            version = 1
            local_addrs = 81.2.69.142
            remote_addrs = 52.16.9.21
            proposals = aes128-sha1-modp1024
            rekey_time = 25920s
            dpd_delay = 10s
            local {
              auth = psk
              id = 81.2.69.142
            }
            remote {
              auth = psk
              id = 52.16.9.21
            }
            children {
              net {
                local_ts = 0.0.0.0/0
                remote_ts = 0.0.0.0/0
                esp_proposals = aes128-sha1-modp1024   # as in the file
                life_time = 3600s
                rekey_time = 3060s
                start_action = start
              }
            }
          }
          aws-2 {
            version = 1
            local_addrs = 81.2.69.142
            remote_addrs = 52.17.8.77
            proposals = aes128-sha1-modp1024
            dpd_delay = 10s
            local {
              auth = psk
            }
            children {
              net {
                esp_proposals = aes128-sha1-modp1024
                life_time = 3600s
                rekey_time = 3060s
                start_action = start
              }
            }
          }
        }
        secrets {
          ike-1 {
            id = 52.16.9.21
            secret = "{{FirstKey}}"
          }
          ike-2 {
            id = 52.17.8.77
            secret = "{{SecondKey}}"
          }
        }

        """;

    public const string IpsecConf = """
        config setup
        	uniqueids=no

        conn %default
        	keyexchange=ikev1
        	left=%defaultroute
        	leftid=81.2.69.142
        	ike=aes128-sha1-modp1024!
        	esp=aes128-sha1-modp1024!
        	ikelifetime=28800s
        	lifetime=3600s
        	dpddelay=10s
        	dpdaction=restart
        	authby=secret
        	auto=start

        conn aws-1
        	right=52.16.9.21

        conn aws-2
        	right=52.17.8.77

        """;

    public static string Secrets { get; } = $"""
        81.2.69.142 52.16.9.21 : PSK "{FirstKey}"
        81.2.69.142 52.17.8.77 : PSK "{SecondKey}"

        """;

    private static string Tunnel(int number, string key, string cloud, string inside) => $"""
        IPSec Tunnel #{number}
        ================================================================================
        #1: Internet Key Exchange Configuration
          - IKE version              : IKEv1
          - Authentication Method    : Pre-Shared Key
          - Pre-Shared Key           : {key}
          - Authentication Algorithm : sha1
          - Encryption Algorithm     : aes-128-cbc
          - Lifetime                 : 28800 seconds
          - Phase 1 Negotiation Mode : main
          - Diffie-Hellman           : Group 2

        #2: IPSec Configuration
          - Protocol                 : esp
          - Authentication Algorithm : hmac-sha1-96
          - Encryption Algorithm     : aes-128-cbc
          - Lifetime                 : 3600 seconds
          - Mode                     : tunnel
          - Perfect Forward Secrecy  : Diffie-Hellman Group 2
          - DPD Interval             : 10
          - DPD Retries              : 3
          - TCP MSS Adjustment       : 1379 bytes
          - Clear Don't Fragment Bit : enabled
          - Fragmentation            : Before encryption

        #3: Tunnel Interface Configuration
        Outside IP Addresses:
          - Customer Gateway         : 81.2.69.142
          - Virtual Private Gateway  : {cloud}
        Inside IP Addresses
          - Customer Gateway         : {inside}.2/30
          - Virtual Private Gateway  : {inside}.1/30
        Configure your tunnel to fragment at the optimal size:
          - Tunnel interface MTU     : 1436 bytes

        #4: Static Routing Configuration:
          - Next hop       : {inside}.1

        """;
}
