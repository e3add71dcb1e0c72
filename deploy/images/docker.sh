# A Docker engine for the checks; sourced. DOCKER_HOST, or the local one, or one of its own that ends with the script.
# shellcheck shell=bash

# start_docker FOLDER: true if there is an engine now
start_docker() {
  local folder=$1 deadline
  command -v docker >/dev/null || return 1
  ! docker info >/dev/null 2>&1 || return 0
  command -v dockerd >/dev/null && [ "$(id -u)" = 0 ] || return 1
  export DOCKER_HOST=unix://$folder/docker.sock
  setsid dockerd --storage-driver=overlay2 --data-root "$folder/data" --exec-root "$folder/exec" \
    --pidfile "$folder/pid" -H "$DOCKER_HOST" >"$folder/log" 2>&1 </dev/null &
  docker_pid=$!
  deadline=$((SECONDS + 60))
  until docker info >/dev/null 2>&1; do
    kill -0 "$docker_pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ] || { tail -n 5 "$folder/log" >&2; return 1; }
    sleep 0.2
  done
}

# within SECONDS COMMAND...: waits until it is true
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

# Ends the engine that start_docker started.
stop_docker() {
  [ -n "${docker_pid:-}" ] || return 0
  kill "$docker_pid" 2>/dev/null || true
  wait "$docker_pid" 2>/dev/null || true
}
