# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What walk.sh is made of: the desktop, the map of the window, waits, mouse and keys. Sourced.

folder=$(mktemp -d)
map=$folder/map.json
pid= xvfb= manager= leaving= number=0 current=starting

at_exit() {
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
  [ -z "$manager" ] || kill "$manager" 2>/dev/null
  [ -z "$xvfb" ] || kill "$xvfb" 2>/dev/null # not -KILL: it takes its lock file away
  wait 2>/dev/null
  rm -rf "$folder"
}
trap at_exit EXIT
trap 'exit 1' INT TERM

# --- report

picture() { # picture FILE-WITHOUT-SUFFIX
  [ -n "${DISPLAY:-}" ] || return 0
  if command -v import >/dev/null && import -window root "$1.png" 2>/dev/null; then echo "$1.png"
  elif [ -f "$folder/Xvfb_screen0" ]; then cp "$folder/Xvfb_screen0" "$1.xwd" && echo "$1.xwd"; fi
}

fail() {
  echo "FAILED at: $current: $1"
  local kept; kept=$(picture "$PWD/walk-failed")
  [ -z "$kept" ] || echo "screenshot: $kept"
  [ ! -f "$map" ] || { cp "$map" "$PWD/walk-failed.json"; echo "map of the window: $PWD/walk-failed.json"; }
  [ ! -s "$folder/errors" ] || { echo "the program said:"; tail -n 20 "$folder/errors"; }
  exit 1
}

snap() { # snap NAME: a picture of the step so far
  [ -z "$pictures" ] || picture "$pictures/$(printf %02d "$number")-$1" >/dev/null
}

step() {
  [ "$current" = starting ] || snap end
  number=$((number + 1))
  current=$1
  echo "$(printf '%2d' "$number")  $1"
}

# --- waits

waited() { # waited WANTED(0|1) COMMAND...
  local wanted=$1 end=$((SECONDS + limit)); shift
  while :; do
    if "$@" 2>/dev/null; then [ "$wanted" = 0 ] && return; else [ "$wanted" = 1 ] && return; fi
    [ "$SECONDS" -lt "$end" ] || fail "$([ "$wanted" = 0 ] && echo "waited in vain for" || echo "still"): $*"
    [ -z "$pid" ] || [ -n "$leaving" ] || kill -0 "$pid" 2>/dev/null || { wait "$pid"; fail "the program has ended with exit code $?"; }
    sleep 0.1
  done
}
until_true() { waited 0 "$@"; }
until_false() { waited 1 "$@"; }

# --- the map: a control and a layer have a line of their own

line() { grep -m1 -F "\"$1\": {" "$map" 2>/dev/null; }
field() { # field LINE KEY: a number or true or false
  [[ $1 =~ \"$2\":(-?[0-9.]+|true|false) ]] && echo "${BASH_REMATCH[1]}"
}
text() { # of a control
  local l; l=$(line "$1") || return 1
  [[ $l =~ \"text\":\"(([^\"\\]|\\.)*)\" ]] && echo "${BASH_REMATCH[1]}"
}
is_there() { line "$1" >/dev/null; }
is_enabled() { [ "$(field "$(line "$1")" enabled)" = true ]; }
field_is() { [ "$(field "$(line "$1")" "$2")" = "$3" ]; }
text_is() { [ "$(text "$1")" = "$2" ]; }
text_has() { # text_has CONTROL PATTERN
  local t; t=$(text "$1") || return 1
  [[ $t == $2 ]]
}
is_active() { grep -q "^\"window\": .*\"active\":\"$1\"" "$map"; }
is_focused() { grep -q "^\"window\": .*\"focus\":\"$1\"" "$map"; }
is_idle() { grep -q '^"busy": false' "$map"; }
runs() { sed -n 's/^"runs": \([0-9]*\).*/\1/p' "$map"; }
runs_are() { [ "$(runs)" = "$1" ] && is_idle; }
file_has() { [ -s "$1" ] && head -c 100 "$1" | grep -qaF "$2"; }

layer_lines() { grep '^{"bits":' "$map"; }
bits_shown() { # conv1=8;layer1.0.conv1=4;...
  layer_lines | sed 's/^{"bits":\([0-9]*\),.*"name":"\([^"]*\)".*/\2=\1/' | paste -sd ';'
}
bits_are() { [ "$(bits_shown)" = "$1" ]; }

# --- mouse and keys

settled() { # the control can be clicked and has stopped moving
  local now before=${seen:-}
  now=$(line "$1") && seen=$(field "$now" x),$(field "$now" y)
  [ -n "$now" ] && [ "$seen" = "$before" ] && [ "$(field "$now" enabled)" = true ]
}
click_at() { xdotool mousemove "$1" "$2" click 1; }
click() {
  local l seen=
  until_true settled "$1"
  l=$(line "$1")
  click_at "$(field "$l" x)" "$(field "$l" y)"
}
press() { xdotool key --clearmodifiers "$1"; }

# Another width of a layer, by its place in the network.
click_cell() {
  local l bits cell seen=
  until_true settled bit-map
  l=$(layer_lines | sed -n "$(($1 + 1))p")
  bits=$(field "$l" bits)
  cell=$(grep -o '{"bits":[0-9]*,"x":[0-9]*,"y":[0-9]*}' <<<"$l" | grep -v -e "{\"bits\":$bits," -e '{"bits":32,' | tail -n 1)
  [ -n "$cell" ] || fail "layer $1 has no cell to click: $l"
  click_at "$(field "$cell" x)" "$(field "$cell" y)"
  until_false layer_has "$1" "$bits"
}
layer_has() { [ "$(field "$(layer_lines | sed -n "$(($1 + 1))p")" bits)" = "$2" ]; }

# Replaces the text of a field.
fill() {
  click "$1"
  until_true is_focused "$1"
  press ctrl+a
  xdotool type --delay 5 -- "$2"
  until_true text_is "$1" "$2"
}

# Types a path into a file dialog and confirms it.
enter_path() { # enter_path DIALOG FIELD PATH
  until_true is_active "$1"
  until_true is_focused "$2"
  press ctrl+a
  xdotool type --delay 5 -- "$3"
  until_true text_is "$2" "$3"
  snap "$1"
  press Return
  until_false is_there "$1"
}

# --- the desktop

start_desktop() { # start_desktop PROGRAM
  unset WAYLAND_DISPLAY XDG_CURRENT_DESKTOP DESKTOP_SESSION QT_QPA_PLATFORMTHEME QT_STYLE_OVERRIDE QT_SCALE_FACTOR QT_LOGGING_RULES
  export HOME=$folder/home XDG_CONFIG_HOME=$folder/config XDG_RUNTIME_DIR=$folder/runtime QT_QPA_PLATFORM=xcb LC_ALL=C.UTF-8
  mkdir -p -m 700 "$HOME" "$XDG_CONFIG_HOME" "$XDG_RUNTIME_DIR"
  [ -z "$pictures" ] || mkdir -p "$pictures"
  Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp -fbdir "$folder" 3>"$folder/display" 2>"$folder/xvfb" &
  xvfb=$!
  until_true test -s "$folder/display"
  DISPLAY=:$(<"$folder/display"); export DISPLAY
  openbox >/dev/null 2>&1 &
  manager=$!
  until_true managed
  # The program starts itself anew once, by exec: the process stays the same one.
  (cd "$folder" && exec "$1" --ui-map "$map" --out "$folder/out") >"$folder/said" 2>"$folder/errors" &
  pid=$!
}
managed() { xdotool get_num_desktops >/dev/null 2>&1; }
