#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds build/release when something changed, and starts the program with the arguments given.
# Standard output belongs to the program; building talks to standard error, and only when there is something to build.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build/release
program=$build/app/mprdo-ptq
. "$top/packaging/setup.sh"

# Nothing the build reads is newer than the last build that went well (asking ninja would read every dependency first).
mprdo_up_to_date() {
  [ -x "$program" ] && [ -f "$build/.built" ] || return 1
  [ -z "$(find "$top"/{app,core,packaging,resources,ui,widgets} "$top"/CMakeLists.txt "$top"/CMakePresets.json \
            -newer "$build/.built" -print -quit)" ]
}

if ! mprdo_up_to_date; then
  mprdo_setup "$top/packaging/debian-packages.txt"
  export CCACHE_SLOPPINESS=pch_defines,time_macros
  started=$(mktemp)
  trap 'rm -f "$started"' EXIT
  (
    cd "$top"
    [ -f "$build/build.ninja" ] || cmake --preset release
    cmake --build --preset release
  ) >&2
  touch -r "$started" "$build/.built" # not "now": what changed during the build is built by the next call
  rm -f "$started"
  trap - EXIT
fi

if [ $# -eq 0 ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
  echo "mprdo-ptq: no display here: running the demo pipeline without a window" >&2
  set -- run --demo
fi
exec "$program" "$@"
