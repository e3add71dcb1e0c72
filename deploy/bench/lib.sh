# What the benchmark scripts share; to be sourced with 'set -euo pipefail' in force.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kvlane/bench

. "$repository/deploy/jdk.sh"

say() { echo "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# test_classpath MODULE: compiles the module with its tests and prints their class path.
test_classpath() {
  (cd "$repository" && mvn -B -q -pl "$1" -am test-compile dependency:build-classpath \
    -Dmdep.outputFile=target/test.classpath -Dmdep.includeScope=test) >&2 ||
    die "cannot build $1 (Maven's message is above)"
  echo "$repository/$1/target/test-classes:$repository/$1/target/classes:$(<"$repository/$1/target/test.classpath")"
}

# free_port: a port of 127.0.0.1 that nobody listens on.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do :; done
  echo "$port"
}

# await SECONDS COMMAND...: until the command succeeds; fails when the time is up.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.2
  done
}

# The machine that the figures belong to.
machine() {
  echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores," \
    "Linux $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg)"
}
