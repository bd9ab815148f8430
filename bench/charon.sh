# Shared by the benchmarks of charon: daemons in network namespaces of their own, with the engine's configuration. Sourced after lib.sh.
tool=$root/artifacts/bin/Tunnelwright.Charon.Bench/release/Tunnelwright.Charon.Bench
for needed in charon-systemd swanctl; do command -v $needed >/dev/null || fail "$needed is missing: scripts/install-packages"; done
[ "${BENCH_BUILD:-1}" = 0 ] || dotnet build -m:1 "$root/bench/Tunnelwright.Charon.Bench" -c Release -v quiet -nologo -nodeReuse:false >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; fail "the tool could not be built"; }
declare -A charon=() spaces=()

# space NAME: a network namespace bench-PID-NAME.
space() { ip netns add "bench-$$-$1"; spaces[$1]=bench-$$-$1; ip -n "${spaces[$1]}" link set lo up; }
socket() { echo "$work/$1.vici"; }

# charon_up SPACE [SED-SCRIPT]: charon as the engine starts it, its files in the benchmark's folder; the script changes its configuration.
charon_up() {
  local name=$1
  "$tool" configuration bench | sed -E "s#/run/tunnelwright/bench/charon-0/(vici|charon.log)#$work/$name.\\1#; ${2:-}" >"$work/$name.conf"
  : >"$work/$name.charon.log"
  rm -f "$(socket "$name")"
  STRONGSWAN_CONF=$work/$name.conf ip netns exec "${spaces[$name]}" charon-systemd >"$work/$name.out" 2>&1 & charon[$name]=$!
  within 20 swanctl --stats --uri "unix://$(socket "$name")" || { cat "$work/$name.out" >&2; fail "charon does not start"; }
}
charon_down() {
  local name=$1
  [ -n "${charon[$name]:-}" ] || return 0
  kill "${charon[$name]}" 2>/dev/null || true
  for _ in {1..100}; do kill -0 "${charon[$name]}" 2>/dev/null || break; sleep 0.1; done
  kill -9 "${charon[$name]}" 2>/dev/null || true
  wait "${charon[$name]}" 2>/dev/null || true
  unset "charon[$name]"
}
finish() {
  local name
  for name in "${!charon[@]}"; do charon_down "$name"; done
  for name in "${spaces[@]}"; do ip netns delete "$name" 2>/dev/null || true; done
}

# Namespaces, with all that runs in them, of benchmarks that were killed without a chance to clean up.
for stale in $(ip netns list | sed -n 's/^\(bench-[0-9]*-[a-z]*\).*/\1/p'); do
  owner=${stale#bench-}
  [ ! -d "/proc/${owner%%-*}" ] || continue
  ip netns pids "$stale" | xargs -r kill -9
  ip netns delete "$stale"
done
for stale in /tmp/tunnelwright-bench.*/charon.pid; do
  [ -e "$stale" ] && [ ! -d "/proc/$(cat "$stale")" ] || continue
  rm -rf "${stale%/*}"
done
echo $$ >"$work/charon.pid"
version=$(swanctl --help 2>/dev/null | sed -n 's/^strongSwan \([0-9.]*\) swanctl$/\1/p')
