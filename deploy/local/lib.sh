# Shared by the scripts beside this file; sourced, not run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
run=$here/.run
. "$root/deploy/jdk.sh"

die() {
  echo "kvlane: $*" >&2
  exit 1
}

# Builds what is missing or older than its sources.
build() {
  local stamp=$root/target/local-build module stale=
  [ -f "$stamp" ] || stale=yes
  for module in simulator agent router; do
    ls "$root/$module"/target/kvlane-$module-*.jar "$root/$module"/target/lib/*.jar >/dev/null 2>&1 || stale=yes
  done
  if [ -z "$stale" ]; then
    stale=$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main -name node_modules -prune -o -newer "$stamp" -type f -print -quit)
  fi
  if [ -n "$stale" ]; then
    echo "Building KVLane (about a minute, longer on the first run) ..." >&2
    (cd "$root" && mvn -q -B -DskipTests package) || die "the build failed"
    touch "$stamp"
  fi
}

class_path() { echo "$root/$1/target/$(basename "$(ls "$root/$1"/target/kvlane-"$1"-*.jar | head -n 1)"):$root/$1/target/lib/*"; }

jvm_flags=(-XX:+UseSerialGC "@$root/deploy/dist/jvm.args")

# start NAME MODULE HEAP MAIN ARG... : in the background; log and pid go to .run
start() {
  local name=$1 module=$2 heap=$3
  shift 3
  : >"$run/$name.log"
  setsid "$java/bin/java" "-Xmx$heap" "${jvm_flags[@]}" -cp "$(class_path "$module")" "$@" \
    >"$run/$name.log" 2>&1 </dev/null &
  echo $! >"$run/$name.pid"
}

# Whether the process of a pid file is one of ours (pids are used again), or is just becoming it.
alive() {
  local pid
  pid=$(cat "$1") && ps -o args= -p "$pid" 2>/dev/null | grep -qE 'io\.kvlane|local/(up|region)|local/\.run/prometheus'
}

# ready NAME: waits until its log says so
ready() {
  local name=$1 deadline=$((SECONDS + 240))
  until grep -q ' ready' "$run/$name.log"; do
    alive "$run/$name.pid" || { tail -n 20 "$run/$name.log" >&2; die "$name ended; its log is above"; }
    [ "$SECONDS" -lt "$deadline" ] || die "$name did not get ready within 4 minutes; see $run/$name.log"
    sleep 0.1
  done
}

# stop PID_FILE...: tells them to stop, waits until they have, and removes the files
stop() {
  local pid_file deadline
  for pid_file in "$@"; do
    [ -f "$pid_file" ] && alive "$pid_file" && kill "$(cat "$pid_file")" 2>/dev/null || true
  done
  deadline=$((SECONDS + 40))
  for pid_file in "$@"; do
    [ -f "$pid_file" ] || continue
    while alive "$pid_file"; do
      if [ "$SECONDS" -ge "$deadline" ]; then
        echo "$(basename "$pid_file" .pid) does not stop; killing it" >&2
        kill -9 "$(cat "$pid_file")" 2>/dev/null || true
      fi
      sleep 0.1
    done
    rm -f "$pid_file"
  done
}

# http METHOD PORT PATH: prints the answer's body, true if the status is 200
http() {
  local status='' line
  { exec 3<>"/dev/tcp/127.0.0.1/$2"; } 2>/dev/null || return 1
  printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' \
    "$1" "$3" >&3
  read -r _ status _ <&3 || true
  while IFS= read -r line <&3 && [ "$line" != $'\r' ]; do :; done
  cat <&3
  exec 3>&-
  [ "$status" = 200 ]
}

# http_ok PORT PATH: whether a GET is answered with 200
http_ok() { http GET "$1" "$2" >/dev/null; }

# load_targets: reads .run/env and puts what the load tool is to ask, routers by region and engines, into targets
load_targets() {
  local region name second n engine
  [ -f "$run/env" ] || die "nothing is up; deploy/local/up starts it"
  . "$run/env"
  targets=()
  for region in ${KVLANE_REGIONS//,/ }; do
    name=${region^^} name=KVLANE_${name//-/_} second=${name}_2
    targets+=("$region=${!name}" "$region=${!second}")
  done
  for ((n = 1; n <= KVLANE_ENGINES; n++)); do
    engine=KVLANE_ENGINE_$n
    targets+=(--engine "${!engine}")
  done
}
