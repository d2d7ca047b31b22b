#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Changed files for every reader, ten minutes each, under address and undefined-behaviour sanitizers, as many at once as there are
# cores (MPRDO_FUZZ_JOBS: another number); none begins after one that failed.
# packaging/fuzz.sh [SECONDS [TARGET ...]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/setup.sh
mprdo_setup packaging/debian-packages.txt
seconds=${1:-600}
shift || true
cmake --preset asan >/dev/null
cmake --build --preset asan --target fuzz_readers
export UBSAN_OPTIONS="halt_on_error=1:abort_on_error=1:print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
cd build/asan/tests/fuzz # where fuzz-TARGET.bin is left
program=./fuzz_readers
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <("$program" --list)
printf '%s\n' "${targets[@]}" | xargs -P "${MPRDO_FUZZ_JOBS:-$(nproc)}" -I{} bash -c '"$0" "$1" "$2" "$RANDOM" || exit 255' "$program" {} "$seconds"
