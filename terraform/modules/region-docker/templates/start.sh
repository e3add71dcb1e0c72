# A router's first process: its configuration and its secrets, which are in no image, no argument and no state, are put where the
# router reads them. Then it is the router. /run/kvlane is in memory.
set -euo pipefail
umask 077

printf %s "$ROUTER_YAML" >/run/kvlane/kvlane-router.yaml
while IFS=$'\t' read -r name path; do
  [ -n "$name" ] || continue
  value=$(<"$path")
  export "$name=$value"
done <<<"$ROUTER_SECRETS"
while IFS=$'\t' read -r file path; do
  [ -n "$file" ] || continue
  cat -- "$path" >"$file"
done <<<"$ROUTER_SECRET_FILES"

unset ROUTER_YAML ROUTER_SECRETS ROUTER_SECRET_FILES name value file path
exec "$@"
