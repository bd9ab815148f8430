#!/bin/bash
# Check Point objects for vpn-0a1b2c3d4e5f60718: run on the management server in expert mode, beside secrets.csv, with the gateway's object name.
# The keys stand in secrets.csv, so that no process list shows them; delete it afterwards.
# Then, in SmartConsole:
#   1. Gateway > Network Management > VPN Domain: the empty group that this script makes (route-based VPN). Get Interfaces, so that the VTIs appear.
#   2. Rules between the inner networks and the cloud's range, with both communities (vpn-0a1b2c3d4e5f60718-1, vpn-0a1b2c3d4e5f60718-2) in their VPN column; install the policy.
#   3. GuiDBedit, the gateway and both interoperable devices: tunnel_keepalive_method = dpd. Interval and number of repetitions are the gateway's own.
#   4. GuiDBedit, Global Properties: fw_clamp_tcp_mss = true; the MSS follows the VTIs' MTU.
#   5. GuiDBedit, Global Properties: ipsec_dont_fragment = 0, so that ESP packets carry no Don't Fragment bit.
# The replay window cannot be set here.
# "ikev1 for ipv4 and ikev2 for ipv6 only" is what Check Point calls IKEv1.
set -eu
gateway=${1:?usage: management.sh GATEWAY_OBJECT}
session=$(mktemp)
trap 'rm -f "$session"' EXIT
mgmt_cli login -r true > "$session"
mgmt_cli add group name vpn-0a1b2c3d4e5f60718-empty -s "$session"
mgmt_cli add interoperable-device name vpn-0a1b2c3d4e5f60718-1-peer ip-address 198.51.100.11 vpn-settings.vpn-domain-type manual vpn-settings.vpn-domain vpn-0a1b2c3d4e5f60718-empty -s "$session"
mgmt_cli add vpn-community-meshed name vpn-0a1b2c3d4e5f60718-1 \
  encryption-method "ikev1 for ipv4 and ikev2 for ipv6 only" \
  encryption-suite custom \
  ike-phase-1.encryption-algorithm aes-128 \
  ike-phase-1.data-integrity sha1 \
  ike-phase-1.diffie-hellman-group group-2 \
  ike-phase-1.ike-p1-rekey-time 480 \
  ike-phase-2.encryption-algorithm aes-128 \
  ike-phase-2.data-integrity sha1 \
  ike-phase-2.ike-p2-use-pfs true ike-phase-2.ike-p2-pfs-dh-grp group-2 \
  ike-phase-2.ike-p2-rekey-time 3600 \
  tunnel-granularity universal \
  permanent-tunnels.set-permanent-tunnels all-tunnels-in-the-community \
  use-shared-secret true \
  gateways.1 "$gateway" gateways.2 vpn-0a1b2c3d4e5f60718-1-peer \
-s "$session"
mgmt_cli add interoperable-device name vpn-0a1b2c3d4e5f60718-2-peer ip-address 198.51.100.22 vpn-settings.vpn-domain-type manual vpn-settings.vpn-domain vpn-0a1b2c3d4e5f60718-empty -s "$session"
mgmt_cli add vpn-community-meshed name vpn-0a1b2c3d4e5f60718-2 \
  encryption-method "ikev1 for ipv4 and ikev2 for ipv6 only" \
  encryption-suite custom \
  ike-phase-1.encryption-algorithm aes-128 \
  ike-phase-1.data-integrity sha1 \
  ike-phase-1.diffie-hellman-group group-2 \
  ike-phase-1.ike-p1-rekey-time 480 \
  ike-phase-2.encryption-algorithm aes-128 \
  ike-phase-2.data-integrity sha1 \
  ike-phase-2.ike-p2-use-pfs true ike-phase-2.ike-p2-pfs-dh-grp group-2 \
  ike-phase-2.ike-p2-rekey-time 3600 \
  tunnel-granularity universal \
  permanent-tunnels.set-permanent-tunnels all-tunnels-in-the-community \
  use-shared-secret true \
  gateways.1 "$gateway" gateways.2 vpn-0a1b2c3d4e5f60718-2-peer \
-s "$session"
mgmt_cli set vpn-community-meshed --batch secrets.csv -s "$session"
mgmt_cli publish -s "$session"
mgmt_cli logout -s "$session"
