// SPDX-License-Identifier: GPL-3.0-or-later
// Runs ONNX models in ONNX Runtime (npm package onnxruntime-node, CPU) on numbers from files.
// node onnx_runtime.js JOBS.json
//   JOBS: a list of {"model", "input", "shape", "output", "level"}. input: file of float32, little-endian, [N, shape...]; output: written
//   alike; level of graph optimisation: disabled, basic, extended, all.
// Prints one line of JSON: {"version", "shapes"}, of the outputs. Exit code 3: the package is not installed.
'use strict';
const fs = require('fs');

let ort;
try {
  ort = require('onnxruntime-node');
} catch (error) {
  console.error(error.message.split('\n')[0]);
  process.exit(3);
}

const kBatch = 50;

async function run(job) {
  const size = job.shape.reduce((a, b) => a * b, 1);
  const bytes = fs.readFileSync(job.input);
  const input = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const options = {graphOptimizationLevel: job.level, executionProviders: ['cpu'], logSeverityLevel: 3};
  const session = await ort.InferenceSession.create(job.model, options);
  const count = input.length / size, parts = [];
  let shape = [];
  for (let begin = 0; begin < count; begin += kBatch) {
    const n = Math.min(kBatch, count - begin);
    const batch = new ort.Tensor('float32', input.slice(begin * size, (begin + n) * size), [n, ...job.shape]);
    const result = await session.run({[session.inputNames[0]]: batch});
    const y = result[session.outputNames[0]];
    shape = y.dims;
    parts.push(Buffer.from(y.data.buffer, y.data.byteOffset, y.data.byteLength));
  }
  await session.release();
  fs.writeFileSync(job.output, Buffer.concat(parts));
  return [count, ...shape.slice(1)];
}

async function main() {
  const shapes = [];
  for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) {
    try {
      shapes.push(await run(job));
    } catch (error) {
      console.error(job.model + ': ONNX Runtime refuses it: ' + String(error.message || error).split('\n')[0]);
      process.exit(1);
    }
  }
  console.log(JSON.stringify({version: ort.env && ort.env.versions ? ort.env.versions.node : 'unknown', shapes}));
}

main();
