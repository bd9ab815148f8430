# Shared by the benchmarks: a lab, ours and the rival on its customer's gateway, medians, tables. Sourced by bash.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${TUNNELWRIGHT_PROGRAM:-$root/artifacts/publish/Tunnelwright.Cli/release_linux-x64/tunnelwright}
document=$root/docs/performance.md
work=$(mktemp -d /tmp/tunnelwright-bench.XXXXXX)
lab=
agent=/run/tunnelwright/default

fail() { echo "error: $*" >&2; exit 1; }
say() { echo "$*" >&2; }
[ "$(id -u)" -eq 0 ] || fail "the benchmarks make network namespaces and need root: sudo bench/${0##*/}"
[ -n "${TUNNELWRIGHT_PROGRAM:-}${TUNNELWRIGHT_GUEST:-}" ] || "$root/tunnelwright" --version >/dev/null

# Other work on a shared machine disturbs less when everything measured, ours and the rival alike, goes before it. Not in the guest, which is
# alone on its processor (and goes before other work as a whole): what is measured would only go before its kernel's own network thread.
[ -n "${TUNNELWRIGHT_GUEST:-}" ] || renice -n "${BENCH_NICE:--20}" -p $$ >/dev/null 2>&1 || true

clean_up() {
  local status=$?
  trap - EXIT INT TERM HUP
  type finish >/dev/null 2>&1 && finish
  [ -z "$lab" ] || timeout 60 "$program" lab down --name "$lab" >/dev/null 2>&1 || true
  rm -rf "$work"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Labs of benchmarks that were killed without a chance to clean up.
for stale in /var/lib/tunnelwright-lab/bench-*; do
  [ -e "$stale" ] && [ ! -d "/proc/${stale##*-}" ] && timeout 60 "$program" lab down --name "${stale##*/}" >/dev/null
done

# within SECONDS COMMAND…: tries every 10 ms until it succeeds.
exec {nap}<> <(:)
within() {
  local end=$((${EPOCHREALTIME/./} + $1 * 1000000)) what=${*:2}
  shift
  until "$@" >/dev/null 2>&1; do
    [ "${EPOCHREALTIME/./}" -lt "$end" ] || { say "error: not within its time: $what"; return 1; }
    read -rt 0.01 -u "$nap" || true
  done
}

# inside HOST COMMAND…: on a lab host, without the cost of lab exec.
declare -A pid_of
inside() { local host=$1; shift; PATH=$(dirname "$program"):$PATH nsenter --target "${pid_of[$host]}" --net --mount --uts -- "$@"; }
# stop PID…: ends what "inside … &" started, the command on the lab host with its shell.
stop() {
  local one
  for one; do kill $(cat "/proc/$one/task/$one/children" 2>/dev/null) "$one" 2>/dev/null || true; done
  wait "$@" 2>/dev/null || true
}
root_of() { echo "/proc/${pid_of[$1]}/root"; }

# lab_up OPTIONS…: a lab with an empty customer's gateway and the by-hand rival's finished files on it.
lab_up() {
  lab=bench-$$
  timeout 60 "$program" lab down --name "$lab" >/dev/null 2>&1 || true
  timeout 240 "$program" lab up --name "$lab" "$@" >/dev/null 2>"$work/lab.log" || { cat "$work/lab.log" >&2; fail "the lab did not stand up"; }
  local name pid
  while read -r name pid; do pid_of[$name]=$pid; done < <("$program" lab hosts --name "$lab" --json | jq -r '.hosts[] | "\(.name) \(.pid)"')
  file=/var/lib/tunnelwright-lab/$lab/provider.txt
}
lab_down() { timeout 60 "$program" lab down --name "$lab" >/dev/null; lab=; }

ours_up() { inside customer-gateway timeout 60 tunnelwright up "$file" "$@" >"$work/up.log" 2>&1 || { cat "$work/up.log" >&2; fail "tunnelwright up did not succeed"; }; }
ours_down() { inside customer-gateway timeout 60 tunnelwright down >"$work/down.log" 2>&1 || { cat "$work/down.log" >&2; fail "tunnelwright down did not succeed"; }; rested; }
rival_up() { inside customer-gateway timeout 60 bash "$root/bench/by-hand" up /run/by-hand >"$work/up.log" 2>&1 || { cat "$work/up.log" >&2; fail "the rival did not come up"; }; }
rival_down() { inside customer-gateway timeout 60 bash "$root/bench/by-hand" down /run/by-hand >"$work/down.log" 2>&1 || { cat "$work/down.log" >&2; fail "the rival did not go down"; }; rested; }

# Nothing of a run is left: no SA at the endpoints, no daemon and no tunnel on the customer's gateway.
no_sa() { [ -z "$(swanctl --list-sas --uri "unix://$(root_of "cloud-endpoint-$1")$agent/charon-0/vici" 2>/dev/null)" ]; }
nobody() { ! inside customer-gateway ip -oneline link | grep -E 'ipsec|tw[12]-' && [ "$(ip netns pids "tw.$lab.customer-gateway" | wc -l)" -eq 1 ]; }
rested() { within 30 nobody; within 30 no_sa 1; within 30 no_sa 2; sleep 0.3; }

# without_bfd FILE: takes BFD, which ours offers, out of a bird.conf.
without_bfd() { sed -i '/^protocol bfd {/,/^}/d; /^ *bfd on;/d' "$1"; }

# rival_files: finished configuration for bench/by-hand, made from what a run of ours left behind: same daemons, plugins, proposals, keys, filter.
rival_files() {
  local there to n number
  there=$(root_of customer-gateway) to=$there/run/by-hand
  ours_up
  rm -rf "$to"; mkdir -p "$to"
  local plane=userspace conf
  [ -d "$there$agent/charon-1" ] || plane=kernel
  for conf in "$there$agent"/charon-?; do
    n=${conf##*-}
    # swanctl looks for certificates and the like beside its file, and complains of each folder that it does not find.
    mkdir -p "$to/charon-$n"/{x509{,ca,ocsp,aa,ac,crl},pubkey,private,rsa,ecdsa,bliss,pkcs8,pkcs12}
    sed "s#$agent#/run/by-hand#" "$conf/strongswan.conf" >"$to/charon-$n/strongswan.conf"
  done
  inside customer-gateway nft list table inet tunnelwright_default | sed 's/tunnelwright_default/by_hand/; /counter fingerprint/,/}/d' >"$to/filter.nft"
  if [ -d "$there$agent/bird" ]; then
    sed "s#$agent/bird#/run/by-hand#; /^ *interface \"/d" "$there$agent/bird/bird.conf" >"$to/bird.conf"
    without_bfd "$to/bird.conf"
  fi
  local desired=$there$agent/desired.json interface if_id inside_addresses
  : >"$to/tunnels"
  for number in 1 2; do
    n=0; [ $plane = kernel ] || n=$((number - 1))
    interface=- if_id=-
    if [ $plane = kernel ]; then
      interface=$(inside customer-gateway ip -json link show type xfrm | jq -r ".[] | select(.ifname | startswith(\"tw$number-\")) | .ifname")
      if_id=$(inside customer-gateway ip -json -details link show dev "$interface" | jq -r '.[0].linkinfo.info_data.if_id')
    fi
    inside_addresses=$("$program" check "$file" --json | jq -r ".connection.tunnels[$((number - 1))].inside | \"\(.customer) \(.cloud)\"" | sed 's#/30##g')
    echo "$number $n $interface $if_id $inside_addresses" >>"$to/tunnels"
    rival_swanctl $number $n "$if_id" "$there$file" >>"$to/charon-$n/swanctl.conf"
  done
  ours_down
}

# rival_swanctl NUMBER INSTANCE IF_ID FILE: what a person would write into swanctl.conf, with the values that ours uses.
rival_swanctl() {
  local remote key ports='' ids=''
  remote=$([ "$1" = 1 ] && echo 198.51.100.2 || echo 192.0.2.2)
  key=$(sed -n 's/.*Pre-Shared Key *: *//p' "$4" | sed -n "$1p" | tr -d '\r')
  [ "$2" = 0 ] || ports="local_port = 14500
    remote_port = 4500"
  [ "$3" = - ] || ids="if_id_in = $3
        if_id_out = $3"
  cat <<END
connections {
  tunnel$1 {
    version = 2
    local_addrs = 203.0.113.2
    remote_addrs = $remote
    proposals = aes256-sha256-modp2048
    mobike = no
    unique = replace
    keyingtries = 0
    dpd_delay = 10
    $ports
    local { 
      auth = psk
      id = 203.0.113.2
    }
    remote { 
      auth = psk
      id = $remote
    }
    children {
      tunnel$1 {
        local_ts = 0.0.0.0/0
        remote_ts = 0.0.0.0/0
        esp_proposals = aes256gcm16-modp2048
        replay_window = 1024
        rekey_time = 3060
        life_time = 3600
        $ids
      }
    }
  }
}
secrets {
  ike-$1 {
    id = $remote
    secret = "$key"
  }
}
END
}

# took VARIABLE COMMAND…: milliseconds of a command, with one decimal.
took() {
  local -n _milliseconds=$1; shift
  local before=${EPOCHREALTIME/./}
  "$@"
  local after=${EPOCHREALTIME/./}
  _milliseconds=$(((after - before) / 1000)).$(((after - before) / 100 % 10))
}

# spread NUMBER…: min / median / max.
spread() { printf '%s\n' "$@" | sort -n | awk '{v[NR]=$1} END {m = NR % 2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2; f = v[NR] < 10000 ? "%.4g" : "%.0f"; printf f " / " f " / " f "\n", v[1], m, v[NR]}'; }
median() { spread "$@" | awk '{print $3}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

# row WHAT TARGET UNIT: one line of a table from the arrays ours and rival.
row() {
  local line
  line="| $1 | ${#ours[@]} | $(spread "${ours[@]}") $3 | $(spread "${rival[@]}") $3 | **$(ratio "$(median "${ours[@]}")" "$(median "${rival[@]}")")** | $2 |"
  echo "$line"
}
heading() { printf '| what | n | ours: min / median / max | %s: min / median / max | ratio of medians | target |\n|---|---|---|---|---|---|\n' "$1"; }
machine() {
  echo
  echo "Measured $(date -u +%Y-%m-%d) at $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo '?') on $(nproc) × $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/ {printf "%.0f GB", $2 / 1048576}' /proc/meminfo), Linux $(uname -r); load average at the start $load, at the end $(cut -d' ' -f1 /proc/loadavg)."
}
load=$(cut -d' ' -f1 /proc/loadavg)

# in_guest NAME ARGUMENT…: the rows of the same benchmark where the kernel has ESP; a remark when there is no guest. BENCH_GUEST=0 leaves it out.
in_guest() {
  [ "${BENCH_GUEST:-1}" = 1 ] || return 0
  local name=$1; shift
  if ! "$root/scripts/guest/run" --timeout 1800 -- env TUNNELWRIGHT_PROGRAM="$program" ${BENCH_RATE:+BENCH_RATE="$BENCH_RATE"} ${BENCH_IKE:+BENCH_IKE="$BENCH_IKE"} "$root/bench/$name" "$@" >"$work/guest" 2>"$work/guest.log"; then
    say "no figures from the guest: $(tail -3 "$work/guest.log")"
    return 0
  fi
  grep '^| ' "$work/guest"
}

# publish NAME: standard input takes the place of the section's table in the document, and is printed.
publish() {
  cat >"$work/table"
  cat "$work/table"
  [ -z "${TUNNELWRIGHT_GUEST:-}" ] && [ "${BENCH_PUBLISH:-1}" = 1 ] && grep -q "<!-- $1 -->" "$document" 2>/dev/null || return 0
  awk -v start="<!-- $1 -->" -v end="<!-- end of $1 -->" -v table="$work/table" '
    $0 == end { skip = 0 }
    !skip { print }
    $0 == start { while ((getline line < table) > 0) print line; skip = 1 }' "$document" >"$work/document"
  cat "$work/document" >"$document"
}
