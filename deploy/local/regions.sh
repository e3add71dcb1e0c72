# The local run's regions; sourced after lib.sh by the scripts that start and stop them.
# shellcheck shell=bash disable=SC2154 # lib.sh and .run/settings set what is not set here

# Region R of all_regions, R from 1, has routers 2R-1 and 2R and the engines from (R-1) * engines + 1 on.
all_regions=(us-east eu-west ap-northeast)
model=kvlane-demo
link_control=7600

# Round trip and jitter between two regions, in milliseconds.
distance() {
  case $1/$2 in
    us-east/eu-west | eu-west/us-east) echo 90 4 ;;
    us-east/ap-northeast | ap-northeast/us-east) echo 160 8 ;;
    *) echo 235 12 ;;
  esac
}

# What up was asked for: regions, engines (of each region), key_space, ...
settings() {
  [ -f "$run/settings" ] || die "nothing is up; deploy/local/up starts it"
  . "$run/settings"
  # Many processes on a small machine: little memory, and compiled quickly rather than well.
  router_heap=768m engine_heap=1g agent_heap=256m
  if [ "$regions" -gt 1 ]; then
    router_heap=512m engine_heap=512m agent_heap=192m
    jvm_flags+=(-XX:TieredStopAtLevel=1)
  fi
}

region_name() { echo "${all_regions[$1 - 1]}"; }

# The number of a region, by its name.
region_number() {
  local r
  for ((r = 1; r <= regions; r++)); do
    [ "$(region_name "$r")" != "$1" ] || { echo "$r"; return; }
  done
  die "no region $1 (expected: ${all_regions[*]:0:regions})"
}

routers_of() { echo $((2 * $1 - 1)) $((2 * $1)); }
engines_of() { seq $((($1 - 1) * engines + 1)) $(($1 * engines)); }

# Ports of router N, counted over all regions; its operators' port is 1000 above its clients'.
client_port() { echo $((8001 + ($1 + 1) / 2 * 100 + ($1 - 1) % 2 * 10)); }
member_port() { echo $((5701 + ($1 + 1) / 2 * 10 + ($1 - 1) % 2)); }
link_port() { echo $((7001 + ($1 + 1) / 2 * 100 + ($1 - 1) % 2 * 10)); }

# Where region R finds router N of another region: the proxy that puts the distance between them.
proxy_port() { echo $((7600 + $1 * 10 + $2)); }

# The proxies between all regions, and certificates for their routers.
start_links() {
  local a b n links=() names=("${all_regions[@]:0:regions}")
  "$java/bin/java" "${jvm_flags[@]}" -cp "$(class_path simulator)" \
    io.kvlane.simulator.live.link.CertificatesMain --directory "$run/certificates" "${names[@]}"
  for ((a = 1; a <= regions; a++)); do
    for ((b = 1; b <= regions; b++)); do
      [ "$a" -ne "$b" ] || continue
      read -r round_trip jitter <<<"$(distance "$(region_name "$a")" "$(region_name "$b")")"
      for n in $(routers_of "$b"); do
        links+=(--link "$(region_name "$a"):$(region_name "$b"):$(proxy_port "$a" "$n"):127.0.0.1:$(link_port "$n"):$round_trip:$jitter")
      done
    done
  done
  start links simulator 192m io.kvlane.simulator.live.link.LinkMain --control "$link_control" "${links[@]}"
  ready links
}

router_file() {
  local r=$1 n=$2 region other i members=() mate
  region=$(region_name "$r")
  for mate in $(routers_of "$r"); do members+=("127.0.0.1:$(member_port "$mate")"); done
  cat <<END
region: $region
router:
  id: $region-$((2 - n % 2))
listen:
  host: 127.0.0.1
  port: $(client_port "$n")
admin:
  host: 127.0.0.1
  port: $(($(client_port "$n") + 1000))
  requestsPerSecond: 1000
  keys:
    - id: local
      hash: $(printf %s "$admin_key" | sha256sum | cut -d' ' -f1)
      role: admin
eventLoops: 1
cluster:
  name: kvlane-$region
  host: 127.0.0.1
  port: $(member_port "$n")
  members: [${members[0]}, ${members[1]}]
pools:
  - model: $model
    keySpace: $key_space
    tokenize:
      timeout: 500ms
routing:
  allowAffinityOff: true
telemetry:
  prices: [{model: "*", prefillMicroUsd: 300000, cachedMicroUsd: 30000}]
policies:
  directory: $run/policies/router-$n
  control: ${all_regions[0]}
  store:
    owner: $([ "$n" -ne 2 ] || echo "127.0.0.1:$(($(client_port 1) + 1000))")
END
  [ "$regions" -gt 1 ] || return 0
  cat <<END
link:
  host: 127.0.0.1
  port: $(link_port "$n")
  certificate: $run/certificates/$region.crt.pem
  key: $run/certificates/$region.key.pem
  trust: $run/certificates/ca.pem
  regions:
END
  for ((other = 1; other <= regions; other++)); do
    [ "$other" -ne "$r" ] || continue
    echo "    - name: $(region_name "$other")"
    echo "      routers:"
    for i in $(routers_of "$other"); do echo "        - 127.0.0.1:$(proxy_port "$r" "$i")"; done
  done
}

# launch_region R: its routers and engines, in the background
launch_region() {
  local n
  for n in $(routers_of "$1"); do
    router_file "$1" "$n" >"$run/router-$n.yaml"
    start "router-$n" router "$router_heap" io.kvlane.router.RouterMain run --config "$run/router-$n.yaml"
  done
  for n in $(engines_of "$1"); do
    start "engine-$n" simulator "$engine_heap" io.kvlane.simulator.live.engine.EngineMain \
      --name "engine-$n" --model "$model" --port $((8400 + n)) \
      --events "tcp://127.0.0.1:$((8500 + n))" --replay "tcp://127.0.0.1:$((8600 + n))" \
      --cache-tokens "$cache_tokens" --prefill-tokens-per-second "$prefill_rate" --time-scale "$time_scale" \
      --max-model-len 262144
  done
}

# launch_agents R: beside its engines, as these get ready
launch_agents() {
  local n mate members=()
  for mate in $(routers_of "$1"); do members+=(--member "127.0.0.1:$(member_port "$mate")"); done
  for n in $(engines_of "$1"); do
    ready "engine-$n"
    start "agent-$n" agent "$agent_heap" io.kvlane.agent.AgentMain run \
      --replica "engine-$n" --engine "http://127.0.0.1:$((8400 + n))" \
      --events "tcp://127.0.0.1:$((8500 + n))" --replay "tcp://127.0.0.1:$((8600 + n))" \
      --cluster "kvlane-$(region_name "$1")" "${members[@]}" \
      --listen "127.0.0.1:$((9400 + n))"
  done
}

# await_region R: until both routers serve
await_region() {
  local n deadline port
  for n in $(routers_of "$1"); do ready "router-$n"; done
  for n in $(engines_of "$1"); do ready "agent-$n"; done
  for n in $(routers_of "$1"); do
    port=$(client_port "$n") deadline=$((SECONDS + 60))
    # A router is ready as soon as it listens; the first request should find all engines.
    until http GET "$((port + 1000))" /metrics | grep "^kvlane_replicas_healthy $engines\.0" >/dev/null; do
      [ "$SECONDS" -lt "$deadline" ] || die "the router at $port does not see its region's engines"
      sleep 0.1
    done
  done
}

# region_pids R: the pid files of its processes, agents first
region_pids() {
  local n
  for n in $(engines_of "$1"); do echo "$run/agent-$n.pid"; done
  for n in $(routers_of "$1"); do echo "$run/router-$n.pid"; done
  for n in $(engines_of "$1"); do echo "$run/engine-$n.pid"; done
}

pid_of() { cat "$run/$1.pid" 2>/dev/null || true; }

commas() { local IFS=,; echo "$*"; }

# Writes .run/env. A region that is stopped has no pids.
write_env() {
  local r n i name names=("${all_regions[@]:0:regions}")
  {
    echo "# Addresses, process ids and keys of the local run; for scripts: . deploy/local/.run/env"
    echo "KVLANE_REGIONS=$(commas "${names[@]}")"
    echo "KVLANE_ADMIN=http://127.0.0.1:9101"
    echo "KVLANE_ADMIN_2=http://127.0.0.1:9111"
    echo "export KVLANE_ADMIN_URL=http://127.0.0.1:9101" # for deploy/kvlane
    echo "export KVLANE_ADMIN_KEY=$admin_key"
    echo "KVLANE_MODEL=$model"
    echo "KVLANE_ENGINES=$((regions * engines))"
    echo "KVLANE_CACHE_TOKENS=$cache_tokens"
    for ((r = 1; r <= regions; r++)); do
      name=$(region_name "$r") name=${name^^} name=KVLANE_${name//-/_} i=
      for n in $(routers_of "$r"); do
        echo "$name$i=http://127.0.0.1:$(client_port "$n")"
        echo "${name}_ADMIN$i=http://127.0.0.1:$(($(client_port "$n") + 1000))"
        echo "KVLANE_ROUTER_${n}_PID=$(pid_of "router-$n")"
        i=_2
      done
      echo "${name}_ROUTERS=$(commas $(routers_of "$r"))"
      echo "${name}_ENGINES=$(commas $(engines_of "$r"))"
      for n in $(engines_of "$r"); do
        echo "KVLANE_ENGINE_$n=http://127.0.0.1:$((8400 + n))"
        echo "KVLANE_ENGINE_${n}_PID=$(pid_of "engine-$n")"
        echo "KVLANE_AGENT_$n=http://127.0.0.1:$((9400 + n))"
        echo "KVLANE_AGENT_${n}_PID=$(pid_of "agent-$n")"
      done
    done
    if [ "$regions" -gt 1 ]; then
      echo "KVLANE_LINKS=http://127.0.0.1:$link_control/links"
      echo "KVLANE_LINKS_PID=$(pid_of links)"
    fi
  } >"$run/env.new"
  chmod 600 "$run/env.new"
  mv "$run/env.new" "$run/env"
}
