# Images of a Debian root without a Docker daemon; sourced.
# shellcheck shell=bash

die() {
  echo "kvlane: $*" >&2
  exit 1
}

epoch=${SOURCE_DATE_EPOCH:-1793491200} # 2026-11-01, as project.build.outputTimestamp

# bootstrap ROOT [OPTION...]: a minimal Debian
bootstrap() {
  [ "$(id -u)" = 0 ] || die "debootstrap needs root"
  command -v debootstrap >/dev/null || die "no debootstrap found (on Debian: apt-get install debootstrap)"
  debootstrap --variant=minbase "${@:2}" bookworm "$1" >"$1.log" 2>&1 || { tail -n 5 "$1.log" >&2; die "debootstrap failed"; }
}

# trim ROOT: removes what is not needed, or different each time
trim() {
  rm -rf "$1"/var/cache/* "$1"/var/lib/apt/lists/* "$1"/var/log/* "$1"/tmp/* "$1"/run/* "$1"/usr/share/{doc,info,lintian,locale,man}/* \
    "$1"/etc/{resolv.conf,hostname,machine-id,group-,passwd-,shadow-,gshadow-} "$1"/var/lib/dpkg/*-old
}

# pack ROOT NAME CONFIG FILE: the root as an image of that name in one layer, as the tar of docker save. CONFIG: what docker inspect calls
# Config, as JSON without the braces
pack() {
  local root=$1 name=$2 settings=$3 out=$4 folder layer config architecture created
  case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) die "no image for $(uname -m)" ;;
  esac
  created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
  folder=$root.image
  mkdir "$folder"
  tar -C "$root" --format=gnu --sort=name --mtime="@$epoch" --numeric-owner --one-file-system -cf "$root.layer" .
  layer=$(sha256sum "$root.layer" | cut -d' ' -f1)
  mkdir "$folder/$layer"
  mv "$root.layer" "$folder/$layer/layer.tar"
  cat >"$root.config" <<END
{"architecture":"$architecture","os":"linux","created":"$created",
"config":{$settings},
"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},
"history":[{"created":"$created","created_by":"deploy/images"}]}
END
  config=$(sha256sum "$root.config" | cut -d' ' -f1)
  mv "$root.config" "$folder/$config.json"
  echo "[{\"Config\":\"$config.json\",\"RepoTags\":[\"$name\"],\"Layers\":[\"$layer/layer.tar\"]}]" >"$folder/manifest.json"
  # By names, not as ".": Jib takes that for an attempt to leave the folder.
  (cd "$folder" && tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -cf - -- *) >"$out"
  echo "$out: $(du -h "$out" | cut -f1), image sha256:$config"
}
