#!/bin/sh
# Interfaces of vpn-0a1b2c3d4e5f60718: run as root with up or down.
set -eu
case "${1:-up}" in
  up)
    ip link show dev ipsec101 >/dev/null 2>&1 || ip link add ipsec101 type xfrm if_id 101
    ip address replace 169.254.10.2/30 dev ipsec101
    ip link set dev ipsec101 mtu 1438 up
    echo 2 >/proc/sys/net/ipv4/conf/ipsec101/rp_filter
    ip link show dev ipsec102 >/dev/null 2>&1 || ip link add ipsec102 type xfrm if_id 102
    ip address replace 169.254.20.2/30 dev ipsec102
    ip link set dev ipsec102 mtu 1438 up
    echo 2 >/proc/sys/net/ipv4/conf/ipsec102/rp_filter
    ;;
  down)
    ip link show dev ipsec101 >/dev/null 2>&1 && ip link del dev ipsec101 || true
    ip link show dev ipsec102 >/dev/null 2>&1 && ip link del dev ipsec102 || true
    ;;
  *) echo "usage: $0 [up|down]" >&2; exit 2 ;;
esac
