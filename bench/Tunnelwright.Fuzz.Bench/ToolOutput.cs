namespace Tunnelwright.Fuzz;

/// <summary>What ip, nft and BIRD print, shortened.</summary>
internal static class ToolOutput
{
    public static string[] All { get; } =
    [
        """[{"ifindex":3,"link":"v1","ifname":"v0","flags":["UP"],"mtu":1500,"operstate":"UP","ifalias":"a \" b","linkinfo":{"info_kind":"xfrm","info_data":{"if_id":"0x2a"}},"stats64":{"rx":{"bytes":90,"packets":1},"tx":{"bytes":91,"packets":3}}}]""",
        """[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"},{"family":"inet6","local":"fe80::1","prefixlen":64,"tentative":true}]}]""",
        """[{"type":"9","dst":"10.8.0.0/16","table":"220","protocol":"3","flags":[]},{"dst":"default","nexthops":[{"gateway":"10.0.0.2","dev":"v0","weight":1,"flags":[]},{"via":{"family":"inet6","host":"fe80::2"},"dev":"v0"}]}]""",
        """[{"priority":100,"src":"10.3.0.0","srclen":16,"fwmark":"0x10","fwmask":"0xff","iif":"v0","table":"220","protocol":"186"},{"priority":101,"not":null,"src":"all","dst":"10.4.0.1","action":"6"}]""",
        """{"nftables": [{"table": {"family": "inet", "name": "t1", "handle": 2}}, {"set": {"name": "s4", "type": "ipv4_addr", "elem": ["1.2.3.4", {"prefix": {"addr": "10.0.0.0", "len": 8}}, {"range": ["192.168.1.1", "192.168.1.9"]}]}}, {"chain": {"name": "in", "type": "filter", "hook": "input", "prio": -5, "policy": "accept"}}, {"rule": {"chain": "in", "handle": 9, "comment": "one", "expr": [{"counter": {"packets": 7, "bytes": 8}}, {"accept": null}]}}]}""",
        """
        tunnel1    BGP        ---        up     2024-01-02 03:04:05  Established
          BGP state:          Established
            Neighbor address: 169.254.10.1
            Neighbor AS:      64512
          Channel ipv4
            State:          UP
            Routes:         1 imported, 2 exported, 1 preferred
          Last error:       Received: Hold timer expired
        """,
    ];

    public const string Desired = """{"name":"default","dataPlane":"userspace","connections":[{"id":"vpn-1","routing":"static","localRanges":["10.1.0.0/24"],"remoteRanges":["10.8.2.0/24"],"tunnels":[{"number":1,"local":"203.0.113.2","remote":"198.51.100.2","ike":{"version":2,"preSharedKey":"abcdefgh12345678"}}]}]}""";
}
