#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The window worked by a real mouse and keyboard on a display of its own, from the start page to Ctrl+Q in mid-run.
#   walk.sh PROGRAM
# Clicks go where the program's --ui-map says; every wait polls that file (or a file that a step must leave).
# Exit code 0: all steps went well; 1: a step did not, it is named and a screenshot is left in the working directory;
# 77: a tool is missing, it is named.
#   MPRDO_WALK_SECONDS   the longest that one step may take (300)
#   MPRDO_WALK_PICTURES  a folder that gets a picture after every step
set -u
shopt -s extglob
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${1:?usage: walk.sh PROGRAM}
limit=${MPRDO_WALK_SECONDS:-300}
pictures=${MPRDO_WALK_PICTURES:-}
. "$here/walk_steps.sh"

missing=()
for tool in Xvfb openbox xdotool cmake; do command -v "$tool" >/dev/null || missing+=("$tool"); done
[ ${#missing[@]} -eq 0 ] || { echo "the desktop walk needs ${missing[*]}: skipped"; exit 77; }
[ -x "$program" ] || { echo "$program: no such program"; exit 1; }

start_desktop "$program"

step "the start page"
until_true is_active main-window
until_true is_enabled start.demo

step "the demo: bars fill, all eight stages end"
click start.demo
until_true text_has progress.text "Stage [2-8]*"
snap running
until_true text_has stage.2 "*[0-9] layers*"
until_true text_has status "All stages are done"
until_true is_idle
[ "$(runs)" = 1 ] || fail "$(runs) runs instead of one"
for stage in 2 3 4 5 6 7 8; do text_has "stage.$stage" "!(*not run yet*|*running*|*failed*)" || fail "stage $stage is not done"; done
at_first=$(bits_shown)

step "a click on the bit map sets another width"
click_cell 1
until_true text_has readout.accuracy "*edited since run 1*~*"
edited=$(bits_shown)
[ "$edited" != "$at_first" ] || fail "the widths are as they were"

step "Ctrl+E measures"
press ctrl+e
until_true runs_are 2

step "Ctrl+R optimises"
press ctrl+r
until_true runs_are 3
text_has readout.accuracy "measured, run 3*" || fail "the figures are not those of run 3: $(text readout.accuracy)"

step "Ctrl+Z takes the click back"
press ctrl+z
until_true bits_are "$at_first"
until_true text_has readout.accuracy "measured, run 1*"
until_true text_has readout.distortion "distortion +([0-9.])*" # and no longer refining

step "the pages of the results"
for page in compare inspector runs; do
  click "tab.$page"
  until_true is_there "page.$page"
  snap "$page"
done
until_true field_is runs.table rows 3

step "Ctrl+S keeps the session"
session=$folder/kept.mprdo
press ctrl+s
enter_path QFileDialog fileNameEdit "$session"
until_true file_has "$session" "SQLite format 3"
until_true text_has status "The session is kept in*"

step "Ctrl+Shift+X exports"
out=$folder/exported
press ctrl+shift+x
fill export.folder "$out"
click format.onnx
click export.start
until_true text_has export.report "*Read back and measured again: *"
text_has export.report "*, equal." || fail "$(text export.report)"
for file in quant_export.json quant_export.pt quant_export.onnx; do [ -s "$out/$file" ] || fail "$file is missing or empty"; done
cmake "-DFILE=$out/quant_export.json" "-DEXPECTED=$(bits_shown)" -P "$here/check_export.cmake" || fail "quant_export.json is wrong"
snap dialog
click export-dialog.Close
until_true is_active main-window

step "a text file where a model should be"
printf 'This is no model.\n' >"$folder/notes.txt"
images=$folder/cifar # black images of the first class
mkdir "$images"
for batch in data_batch_{1,2,3,4,5} test_batch; do head -c $((2000 * 3073)) /dev/zero >"$images/$batch.bin"; done
press ctrl+o
fill open.model "$folder/notes.txt"
fill open.data "$images"
snap dialog
click open-dialog.Open
until_true text_has message "*notes.txt*"
until_true is_idle
echo "    $(text message)"
snap message
bits_are "$at_first" || fail "the open session is not as it was"
click message.close
until_false is_there message

step "Cancel ends a run without an error"
click_cell 0
press ctrl+r
click progress.cancel
until_true is_idle
text_has status "*was cancelled*" || fail "the status line says: $(text status)"
is_there message && fail "cancelled is shown as an error: $(text message)"
[ "$(runs)" = 3 ] || fail "$(runs) runs instead of three"

step "Ctrl+Q in mid-run"
press ctrl+r
until_true is_enabled progress.cancel
leaving=yes
press ctrl+q
until_false kill -0 "$pid"
wait "$pid"
code=$?
pid=
[ "$code" = 0 ] || fail "exit code $code"
[ ! -e "$map" ] || fail "the map of the window is still there"

echo "the walk is done"
