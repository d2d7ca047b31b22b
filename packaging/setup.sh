#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the distribution packages of a list (packaging/debian-*.txt) that are missing. Sourced by run.sh and test.sh.
set -euo pipefail

mprdo_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null) == installed* ]]; }

mprdo_setup() {
  local list=$1 missing=() line name choice found
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "mprdo-ptq: not a Debian system: please install what $list names; going on with what is there" >&2
    return 0
  fi
  while read -r line; do
    case "$line" in ''|'#'*) continue ;; esac
    found=
    for choice in ${line//|/ }; do mprdo_installed "$choice" && found=$choice && break; done
    [ -n "$found" ] || missing+=("$line")
  done <"$list"
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "mprdo-ptq: installing missing packages: ${missing[*]}" >&2
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "mprdo-ptq: root is needed to install them, and there is no sudo" >&2; exit 1; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  local names=()
  for line in "${missing[@]}"; do
    name=
    for choice in ${line//|/ }; do
      # a virtual package has no candidate of its own
      # (no pipe into grep -q: it would end apt-cache by SIGPIPE, which pipefail takes for "not found")
      if [[ $(LC_ALL=C apt-cache policy "$choice" 2>/dev/null) == *"Candidate: "[0-9]* ]]; then name=$choice; break; fi
    done
    [ -n "$name" ] || { echo "mprdo-ptq: this release has no package for $line" >&2; exit 1; }
    names+=("$name")
  done
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" >/dev/null
}
