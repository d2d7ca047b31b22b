#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes resources/screenshots/*.png anew from the demo, offscreen. Arguments go to the program (e.g. --threads 2).
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export QT_QPA_PLATFORM=offscreen
exec "$top/packaging/run.sh" --demo --screenshots "$top/resources/screenshots" "$@"
