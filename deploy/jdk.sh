# Finds a JDK 25, as Maven's toolchains do; sourced by the scripts that start Java.
# shellcheck shell=bash

# The home of a JDK 25: KVLANE_JAVA_HOME, JAVA_HOME, the java on the PATH, or where systems put JDKs.
java_home() {
  local home on_path=
  if command -v java >/dev/null; then
    on_path=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
  fi
  for home in "${KVLANE_JAVA_HOME:-}" "${JAVA_HOME:-}" "$on_path" \
    /usr/lib/jvm/* /opt/*jdk* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if [ -n "$home" ] && grep -qs '^JAVA_VERSION="25[".]' "$home/release"; then
      echo "$home"
      return
    fi
  done
  die "no JDK 25 found; install one, or set KVLANE_JAVA_HOME to its folder"
}
