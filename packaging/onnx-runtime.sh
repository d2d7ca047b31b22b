#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Puts ONNX Runtime (npm package onnxruntime-node, CPU library inside) into build/onnx-runtime, where the tests look for it, and Node.js
# on the system where there is none. Without a registry it says so and goes on: those tests skip then. Sourced by test.sh.

mprdo_onnx_runtime() {
  local folder=build/onnx-runtime
  if [ ! -d "$folder/node_modules/onnxruntime-node" ]; then
    command -v npm >/dev/null || mprdo_setup packaging/debian-runtime-packages.txt || true
    mkdir -p "$folder"
    timeout 600 npm install --ignore-scripts --no-audit --no-fund --silent --fetch-retries 1 --fetch-timeout 60000 \
      --prefix "$folder" onnxruntime-node >&2 \
      || echo "mprdo-ptq: npm cannot install onnxruntime-node here: what needs ONNX Runtime will be skipped" >&2
  fi
}
