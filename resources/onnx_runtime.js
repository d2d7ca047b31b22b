// SPDX-License-Identifier: GPL-3.0-or-later
// Runs ONNX models in ONNX Runtime (npm package onnxruntime-node, CPU) on numbers from files.
// node onnx_runtime.js JOBS.json
//   JOBS: a list of {"model", "input", "name", "type", "shape", "batch", "output", "to", "level"}. input: file of numbers of the type
//   (float32, float16, float64), little-endian, [N, shape...]; name: of the model's input that is fed with them, empty: its first one;
//   batch: how many images it wants at a time, 0: any; output: name of the output, empty: the first one; to: file that is written with its
//   numbers; level of graph optimisation: disabled, basic, extended, all.
// Prints one line of JSON: {"version", "shapes", "types"}, of the outputs. Exit code 3: the package is not installed.
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
const kArrays = {
  float32: Float32Array, float64: Float64Array, float16: globalThis.Float16Array || Uint16Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array,
  int16: Int16Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array,
};

function numbers(bytes, type) {
  const Array = kArrays[type];
  return new Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

// Inputs that the images do not go into, and no output needs: the runtime wants them fed all the same.
function others(session, name) {
  const feeds = {};
  for (const input of session.inputMetadata || [])
    if (input.name !== name && input.isTensor) {
      const shape = input.shape.map(size => typeof size === 'number' && size > 0 ? size : 1);
      feeds[input.name] = new ort.Tensor(input.type, new kArrays[input.type](shape.reduce((a, b) => a * b, 1)), shape);
    }
  return feeds;
}

async function run(job) {
  const size = job.shape.reduce((a, b) => a * b, 1);
  const input = numbers(fs.readFileSync(job.input), job.type);
  const options = {graphOptimizationLevel: job.level, executionProviders: ['cpu'], logSeverityLevel: 3};
  const session = await ort.InferenceSession.create(job.model, options);
  const name = job.name || session.inputNames[0], output = job.output || session.outputNames[0];
  const feeds = others(session, name), count = input.length / size, batch = job.batch || kBatch, parts = [];
  let shape = [], type = '';
  for (let begin = 0; begin < count; begin += batch) {
    const n = Math.min(batch, count - begin), fed = job.batch || n;
    const images = new kArrays[job.type](fed * size);
    images.set(input.subarray(begin * size, (begin + n) * size));
    for (let i = n; i < fed; ++i) // the last image again, until a batch of a fixed size is full
      images.copyWithin(i * size, (n - 1) * size, n * size);
    feeds[name] = new ort.Tensor(job.type, images, [fed, ...job.shape]);
    const y = (await session.run(feeds, [output]))[output];
    const kept = y.dims.length > 0 && y.dims[0] === fed;
    if (!kept && fed !== 1)
      throw new Error(`its output ${output} has the shape [${y.dims}] for ${fed} images`);
    shape = kept ? y.dims.slice(1) : y.dims;
    type = y.type;
    const row = y.data.byteLength / fed;
    parts.push(Buffer.from(y.data.buffer, y.data.byteOffset, row * n));
  }
  await session.release();
  fs.writeFileSync(job.to, Buffer.concat(parts));
  return {shape: [count, ...shape], type};
}

async function main() {
  const shapes = [], types = [];
  for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) {
    try {
      const made = await run(job);
      shapes.push(made.shape);
      types.push(made.type);
    } catch (error) {
      console.error(job.model + ': ONNX Runtime refuses it: ' + String(error.message || error).split('\n')[0]);
      process.exit(1);
    }
  }
  console.log(JSON.stringify({version: ort.env && ort.env.versions ? ort.env.versions.node : 'unknown', shapes, types}));
}

main();
