# What the real applies have in common; sourced, with $state, $log and a function fail. Runs in the example's folder.
# shellcheck shell=bash

# timed NAME COMMAND...: runs it and prints how long it took
timed() {
  local name=$1 began=${EPOCHREALTIME/./}
  shift
  "$@"
  printf '  %6.1f s  %s\n' "$(((${EPOCHREALTIME/./} - began) / 100000))e-1" "$name"
}

initialize() { terraform init -no-color >"$log" 2>&1 || fail "init failed"; }
apply() { terraform apply -no-color -auto-approve -state="$state" >"$log" 2>&1 || fail "apply failed"; }
plan() { # STATUS
  local status=0
  terraform plan -no-color -detailed-exitcode -state="$state" >"$log" 2>&1 || status=$?
  [ "$status" -eq "$1" ] || fail "the plan's exit status is $status (expected: $1)"
}
destroy() { terraform destroy -no-color -auto-approve -state="$state" >"$log" 2>&1 || fail "destroy failed"; }

# tests: those of the example itself, beside what is applied here
tests() {
  env -u TF_VAR_run -u TF_VAR_base_port -u TF_VAR_name terraform test -no-color -filter=tests/three_regions.tftest.hcl >"$log" 2>&1 ||
    fail "the example's tests failed"
}
