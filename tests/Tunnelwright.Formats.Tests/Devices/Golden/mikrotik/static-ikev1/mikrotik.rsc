# MikroTik RouterOS 7 for vpn-0a1b2c3d4e5f60718: paste into a terminal.
# RouterOS has no tunnel interface for IPsec: the inside addresses are not used, and one tunnel is up at a time; when DPD finds it dead, the other one takes over.
# The cloud allows one pair of selectors: every source, to the smallest range that holds the cloud's ranges. Filter with the firewall what else must not pass.
# The replay window cannot be set, nor when packets are fragmented.
/ip ipsec profile
add name=vpn-0a1b2c3d4e5f60718-1 enc-algorithm=aes-128 hash-algorithm=sha1 dh-group=modp1024 lifetime=28800s dpd-interval=10s dpd-maximum-failures=3 nat-traversal=yes proposal-check=obey
add name=vpn-0a1b2c3d4e5f60718-2 enc-algorithm=aes-128 hash-algorithm=sha1 dh-group=modp1024 lifetime=28800s dpd-interval=10s dpd-maximum-failures=3 nat-traversal=yes proposal-check=obey
# Both tunnels share one policy, hence one proposal: the preferred tunnel's.
/ip ipsec proposal
add name=vpn-0a1b2c3d4e5f60718 enc-algorithms=aes-128-cbc auth-algorithms=sha1 pfs-group=modp1024 lifetime=3600s
/ip ipsec peer
add name=vpn-0a1b2c3d4e5f60718-1 address=198.51.100.11/32 exchange-mode=main profile=vpn-0a1b2c3d4e5f60718-1 send-initial-contact=yes
add name=vpn-0a1b2c3d4e5f60718-2 address=198.51.100.22/32 exchange-mode=main profile=vpn-0a1b2c3d4e5f60718-2 send-initial-contact=yes
/ip ipsec identity
add peer=vpn-0a1b2c3d4e5f60718-1 auth-method=pre-shared-key secret="firstKeyOf.32_characters.abcdefg" my-id=address:203.0.113.2 remote-id=address:198.51.100.11 generate-policy=no
add peer=vpn-0a1b2c3d4e5f60718-2 auth-method=pre-shared-key secret="secondKey_of.32.characters_abcde" my-id=address:203.0.113.2 remote-id=address:198.51.100.22 generate-policy=no
/ip ipsec policy
add peer=vpn-0a1b2c3d4e5f60718-1,vpn-0a1b2c3d4e5f60718-2 tunnel=yes src-address=0.0.0.0/0 dst-address=10.8.2.0/24 proposal=vpn-0a1b2c3d4e5f60718 level=require action=encrypt comment=vpn-0a1b2c3d4e5f60718
/ip firewall mangle
add chain=forward dst-address=10.8.2.0/24 protocol=tcp tcp-flags=syn tcp-mss=1399-65535 action=change-mss new-mss=1398 comment=vpn-0a1b2c3d4e5f60718
add chain=forward src-address=10.8.2.0/24 protocol=tcp tcp-flags=syn tcp-mss=1399-65535 action=change-mss new-mss=1398 comment=vpn-0a1b2c3d4e5f60718
add chain=forward dst-address=10.8.2.0/24 action=clear-df comment=vpn-0a1b2c3d4e5f60718
/tool netwatch
# Real traffic every five seconds keeps the tunnel alive; set host to one of the cloud's DNS servers.
add host=10.8.2.2 interval=5s type=icmp comment=vpn-0a1b2c3d4e5f60718
/ip firewall nat
# What goes into the tunnel is not masqueraded: this rule comes before all others (without any other rule, leave place-before out).
add chain=srcnat dst-address=10.8.2.0/24 action=accept comment=vpn-0a1b2c3d4e5f60718 place-before=0
