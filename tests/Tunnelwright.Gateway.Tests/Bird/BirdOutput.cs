namespace Tunnelwright.Gateway.Tests;

/// <summary>What BIRD 2.0.12 sends on its control socket, taken from real daemons (two of them over a veth pair).</summary>
internal static class BirdOutput
{
    public const string Greeting = "0001 BIRD 2.0.12 ready.\n";

    /// <summary>A session that is established, one that tries to connect, one that is disabled.</summary>
    public const string Sessions =
        """
        2002-Name       Proto      Table      State  Since         Info
        1002-device1    Device     ---        up     17:42:19.531  
        1006-
        1002-announced  Static     master4    up     17:42:19.531  
        1006-  Channel ipv4
             State:          UP
             Table:          master4
             Preference:     200
             Input filter:   ACCEPT
             Output filter:  REJECT
             Routes:         2 imported, 0 exported, 2 preferred
             Route change stats:     received   rejected   filtered    ignored   accepted
               Import updates:              2          0          0          0          2
         
        1002-tunnel1_vpn_0a1b2c BGP        ---        up     17:42:20.440  Established   
        1006-  Description:    vpn-0a1b2c-1
           BGP state:          Established
             Neighbor address: 10.9.0.2
             Neighbor AS:      64512
             Local AS:         65000
             Neighbor ID:      10.9.0.2
             Local capabilities
               Multiprotocol
                 AF announced: ipv4
               Route refresh
               Graceful restart
               4-octet AS numbers
               Enhanced refresh
               Long-lived graceful restart
             Neighbor capabilities
               Multiprotocol
                 AF announced: ipv4
               Route refresh
             Session:          external AS4
             Source address:   10.9.0.1
             Hold timer:       23.299/30
             Keepalive timer:  4.785/10
           Channel ipv4
             State:          UP
             Table:          master4
             Preference:     100
             Input filter:   (unnamed)
             Output filter:  (unnamed)
             Receive limit:  100
               Action:       disable
             Routes:         17 imported, 2 exported, 16 preferred
             Route change stats:     received   rejected   filtered    ignored   accepted
               Import updates:              1          0          0          0          1
               Import withdraws:            0          0        ---          0          0
               Export updates:              3          1          0        ---          2
               Export withdraws:            0        ---        ---        ---          0
             BGP Next hop:   10.9.0.1
         
        1002-tunnel2_vpn_0a1b2c BGP        ---        start  17:42:19.531  Active        Socket: No route to host
        1006-  Description:    vpn-0a1b2c-2
           BGP state:          Active
             Neighbor address: 10.9.0.3
             Neighbor AS:      64512
             Local AS:         65000
             Connect delay:    0.505/1
             Last error:       Socket: No route to host
           Channel ipv4
             State:          DOWN
             Table:          master4
             Preference:     100
             Input filter:   ACCEPT
             Output filter:  REJECT
         
        1002-tunnel1_disabled BGP        ---        down   17:42:19.531  
        1006-  BGP state:          Down
             Neighbor address: 10.9.0.4
             Neighbor AS:      64512
             Local AS:         65000
           Channel ipv4
             State:          DOWN
             Table:          master4
             Preference:     100
             Input filter:   ACCEPT
             Output filter:  REJECT
         
        0000 

        """;

    /// <summary>A session whose peer announced more prefixes than it may, and one that waits after an error.</summary>
    public const string Troubled =
        """
        2002-Name       Proto      Table      State  Since         Info
        1002-tunnel1_vpn_0a1b2c BGP        ---        down   17:42:27.284  Automatic shutdown: Route limit exceeded
        1006-  Description:    vpn-0a1b2c-1
           BGP state:          Down
             Neighbor address: 10.9.0.2
             Neighbor AS:      64512
             Local AS:         65000
             Last error:       Automatic shutdown: Route limit exceeded
           Channel ipv4
             State:          DOWN
             Table:          master4
             Preference:     100
             Input filter:   ACCEPT
             Output filter:  (unnamed)
             Receive limit:  2 [HIT]
               Action:       disable
         
        1002-tunnel2_vpn_0a1b2c BGP        ---        start  17:42:25.596  Idle          BGP Error: Bad peer AS
        1006-  Description:    vpn-0a1b2c-2
           BGP state:          Idle
             Neighbor address: 10.9.0.3
             Neighbor AS:      64512
             Local AS:         65000
             Error wait:       2.290/3
             Last error:       BGP Error: Bad peer AS
           Channel ipv4
             State:          DOWN
             Table:          master4
         
        0000 

        """;

    /// <summary>The lines of an answer as the control socket hands them on: without codes.</summary>
    public static IReadOnlyList<string> Lines(string wire) =>
        [.. wire.TrimEnd('\n').Split('\n').Select(line => line.Length > 4 && char.IsAsciiDigit(line[0]) ? line[5..] : line.Length > 0 ? line[1..] : line)];
}
