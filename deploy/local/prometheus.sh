# Prometheus for the local run; sourced after regions.sh.
# shellcheck shell=bash disable=SC2154 # lib.sh and .run/settings set what is not set here

prometheus_port=9090

# Whether it can be had; to be asked before anything is started.
check_prometheus() {
  command -v prometheus >/dev/null || die "--observability needs prometheus, which is not on the PATH. On Debian and Ubuntu:
  RUNLEVEL=1 apt-get install --no-install-recommends prometheus    # RUNLEVEL=1: without starting its service"
  if http_ok "$prometheus_port" /-/ready; then
    die "something listens on 127.0.0.1:$prometheus_port already: a Prometheus of the system? (service prometheus stop)"
  fi
}

# targets REGION LABELS ADDRESS...: one entry of a file of targets
targets() {
  local region=$1 labels=$2
  shift 2
  echo "- targets: [$(commas "$@")]"
  echo "  labels: {region: $region$labels}"
}

# What runs, by region. Routers and agents of a region that is stopped stay listed: that they are down is worth knowing.
write_targets() {
  local r n region folder=$run/prometheus/targets routers
  mkdir -p "$folder"
  for ((r = 1; r <= regions; r++)); do
    region=$(region_name "$r") routers=()
    for n in $(routers_of "$r"); do routers+=("127.0.0.1:$(($(client_port "$n") + 1000))"); done
    targets "$region" '' "${routers[@]}" >>"$folder/routers.yml"
    for n in $(engines_of "$r"); do
      targets "$region" ", replica: engine-$n" "127.0.0.1:$((9400 + n))" >>"$folder/agents.yml"
      targets "$region" ", replica: engine-$n" "127.0.0.1:$((8400 + n))" >>"$folder/engines.yml"
    done
  done
}

start_prometheus() {
  local deadline=$((SECONDS + 60)) home=$run/prometheus
  mkdir -p "$home"
  cp -r "$root/deploy/observability/prometheus/prometheus.yml" "$root/deploy/observability/prometheus/rules" "$home"
  write_targets
  setsid prometheus --config.file="$home/prometheus.yml" --storage.tsdb.path="$home/data" \
    --web.listen-address="127.0.0.1:$prometheus_port" --enable-feature=exemplar-storage --log.level=warn \
    >"$run/prometheus.log" 2>&1 </dev/null &
  echo $! >"$run/prometheus.pid"
  until http_ok "$prometheus_port" /-/ready; do
    alive "$run/prometheus.pid" || { tail -n 20 "$run/prometheus.log" >&2; die "Prometheus ended; its log is above"; }
    [ "$SECONDS" -lt "$deadline" ] || die "Prometheus did not get ready within a minute; see $run/prometheus.log"
    sleep 0.1
  done
}

tell_prometheus() {
  cat <<END

  Prometheus   http://127.0.0.1:$prometheus_port   (/alerts, /graph); dashboards for Grafana: deploy/observability/grafana
               deploy/observability/check --live asks it all that they ask, once there was load
END
}
