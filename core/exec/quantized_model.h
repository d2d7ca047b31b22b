// SPDX-License-Identifier: GPL-3.0-or-later
// A graph's weights on their grids: what stages 4 to 6 hand on, and what is evaluated and exported.
#pragma once
#include "core/api/snapshots.h"
#include "core/exec/executor.h"
#include "core/graph/graph.h"
#include "core/quant/grid_memo.h"
#include <memory>

namespace mprdo {

/// Values share tensors when copied; tensors are never written to.
struct QuantizedModel {
    std::shared_ptr<const Graph> graph;              ///< batch norm folded
    std::map<std::string, QuantizedTensor> weights;  ///< by parameter name; absent: stays FP32
    std::map<std::string, at::Tensor> biases;        ///< corrected biases by parameter name (float32); absent: graph's own
    std::map<ValueId, Grid> activations;             ///< one affine grid a value (core/quant/activation_grid.h); absent: FP32

    /// Replaces the weights and biases and rounds the activations for a run of the executor.
    Overlay overlay() const;
    Allocation allocation() const;
    double averageBits() const;
    /// The width of most activations that have a grid; kKeepFp32 without any.
    Bits activationBits() const;
};

/// Identity of a model's activations, for keys.
std::string hashOf(const std::map<ValueId, Grid>& activations);

/// Weights that only ever meet padding (core/graph/dead_weights.h) at zero, whatever they were: it changes no output, and
/// zeros cost next to nothing in an entropy-coded file.
QuantizedModel withDeadAtZero(QuantizedModel);

/// Biases of layers with quantized weights and a rounded input as multiples of s_input s_weight, the steps in which an integer
/// runtime adds them up in INT32 (Jacob et al., CVPR 2018, section 2.4): it computes what the model says, not something near it.
/// A bias of more than 2^31 steps, one that two nodes share, a layer without a bias: left as they are.
QuantizedModel withIntegerBiases(QuantizedModel);

/// Nearest rounding of every layer on MSE grids; bits per Graph::layers(). grids: of this graph, where they are asked for again.
QuantizedModel quantizeNearest(std::shared_ptr<const Graph>, const Allocation&, GridMode, GridMemo* grids = nullptr);

/// The values whose rounding lets convolutions and linear layers multiply integers: what they read, traced back through ops that
/// only move values (max pooling, padding) to where it was computed, so that it is rounded once for all its readers.
/// The graph's input is one of them where a layer reads it.
std::vector<ValueId> activationsOfLayers(const Graph&);
/// The one of them that a convolution or linear node reads.
ValueId activationOf(const Graph&, const Node&);

} // namespace mprdo
