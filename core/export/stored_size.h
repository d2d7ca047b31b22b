// SPDX-License-Identifier: GPL-3.0-or-later
// stored_bytes: one function for every row of every table.
#pragma once
#include "core/exec/quantized_model.h"

namespace mprdo {

/// sum of ceil(n b / 8) + scales (2 bytes where all of a tensor are normal FP16 numbers, else 4) + zero points (1 byte, none when symmetric) + biases and every tensor left in FP32
/// (4 bytes an element) + scale and zero point of every rounded activation. A graph without quantized weights: all parameters at 4 bytes.
std::int64_t storedBytes(const QuantizedModel&);
/// The same before anything is quantized: widths as given (kKeepFp32 allowed), per-channel grids of the mode over each channel's whole
/// range, activations in FP32.
std::int64_t storedBytes(const Graph&, const Allocation&, GridMode);
/// Scales and zero points of so many activations.
std::int64_t activationStoredBytes(const std::map<ValueId, Grid>& activations);
/// Of one layer's weight at that width, without its bias.
std::int64_t layerStoredBytes(const Graph&, const Layer&, Bits, GridMode);
/// Bits per weight that an ideal coder without context would need: n_l times the order-0 entropy of layer l's codes
/// (from their zero points), summed, over all weights; layers left in FP32 count 32. O(weights).
double codeEntropyBits(const QuantizedModel&);

} // namespace mprdo
