#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds everything and runs every test; ends in ctest's summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/setup.sh
mprdo_setup packaging/debian-packages.txt
mprdo_setup packaging/debian-test-packages.txt
. packaging/onnx-runtime.sh
mprdo_onnx_runtime
export CCACHE_SLOPPINESS=pch_defines,time_macros
cmake --preset ci
cmake --build --preset ci
ctest --preset ci && exit
status=$?
# A long output may be cut in the middle by whoever shows it: what failed is said once more at the end.
echo "What failed:"
grep -aE -A 3 '^(FAIL!|XPASS|QFATAL|QWARN .*timed out)' build/ci/Testing/Temporary/LastTest.log || true
exit "$status"
