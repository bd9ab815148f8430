namespace Tunnelwright.Gateway;

/// <summary>One charon process of a gateway. In the kernel plane one carries every tunnel; in userspace each tunnel has its own.</summary>
/// <param name="Gateway">The gateway's name.</param>
/// <param name="Slot">0 owns UDP 500 and 4500; the others have ports of their own and talk to the peer's 4500.</param>
/// <param name="Userspace">Whether ESP is carried by kernel-libipsec.</param>
internal sealed record CharonInstance(string Gateway, int Slot, bool Userspace)
{
    /// <summary>Slots of one host; more tunnels than that need the kernel plane.</summary>
    public const int MaximumSlots = 64;

    /// <summary>The MTU that kernel-libipsec gives its TUN device. It reads no more bytes of a packet than this, whatever MTU the device is given later.</summary>
    public const int UserspaceMtu = 1400;

    private readonly GatewayPaths _paths = new(Gateway);

    public string Folder => _paths.CharonFolder(Slot);

    public string ViciSocket => $"{Folder}/vici";

    public string LogFile => $"{Folder}/charon.log";

    public string OutputFile => $"{Folder}/output.log";

    public string ConfigurationFile => $"{Folder}/strongswan.conf";

    /// <summary>UDP port of IKE.</summary>
    public int IkePort => Slot == 0 ? 500 : 1500 + Slot - 1;

    /// <summary>UDP port of IKE and ESP under NAT traversal (RFC 3948).</summary>
    public int NatPort => Slot == 0 ? 4500 : 14500 + Slot - 1;

    /// <summary>
    /// strongswan.conf(5). kernel-libipsec puts a default route into charon's routing table whatever it is told, so each instance
    /// gets a table of its own behind a rule that no packet matches. A request is repeated every second, so that a path that heals is found within
    /// one, and the peer is given up after 30 s. IKE SAs are found in a hash table instead of strongSwan's list, which a node's thousands of them
    /// would be searched through for every packet. All customers of a node may come back at once, so that cookies (RFC 7296 section 2.6) are asked for from 1,000
    /// half-open ones on instead of 30: a strongSwan that is still busy with the cookie drops the answer that follows, which has the same message
    /// number, and waits 4 s. A flood with false senders costs 15 MB and 33 key exchanges a second until then. One address may have 32 half-open ones instead
    /// of 5: each attempt with a wrong setting leaves one for 30 s, several gateways may stand behind one NAT, and who is ignored cannot see what is wrong.
    /// MODP groups are GMP's, with secret exponents as long as the group's strength asks for (RFC 3526 section 8; strongSwan takes 256 bits for modp2048) instead of as its
    /// prime: OpenSSL 3 proves with an exponent of the prime's length that each public value is in the subgroup, which safe primes do not need (RFC 6989 section 2.1).
    /// </summary>
    public string Configuration()
    {
        var kernel = Userspace ? "kernel-libipsec kernel-netlink" : "kernel-netlink";
        var isolation = Userspace
            ? $$"""
                routing_table = {{8400 + Slot}}
                routing_table_prio = {{33000 + Slot}}
              """
            : "  routing_table = 0";
        var mark = Userspace ? $"kernel-netlink {{ fwmark = 0x{0x7fff0000 + Slot:x} }}" : "";
        return $$"""
            # Written by tunnelwright; changes are lost.
            libstrongswan {
              dh_exponent_ansi_x9_42 = no
            }
            charon {
              load = random nonce gmp openssl aes sha1 sha2 md5 hmac kdf gcm curve25519 {{kernel}} socket-default vici counters
              port = {{IkePort}}
              port_nat_t = {{NatPort}}
              install_routes = no
              install_virtual_ip = no
            {{isolation}}
              retransmit_timeout = 1
              retransmit_base = 1
              retransmit_tries = 29
              make_before_break = yes
              delete_rekeyed_delay = 5
              ikesa_table_size = 1024
              ikesa_table_segments = 16
              cookie_threshold = 1000
              block_threshold = 32
              filelog {
                log {
                  path = {{LogFile}}
                  time_format = %Y-%m-%dT%H:%M:%S
                  time_add_ms = yes
                  ike_name = yes
                  append = yes
                  flush_line = yes
                  default = 1
                }
              }
              plugins {
                vici { socket = unix://{{ViciSocket}} }
                {{mark}}
              }
            }

            """;
    }
}
