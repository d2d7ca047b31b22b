// SPDX-License-Identifier: GPL-3.0-or-later
// Goes through the network block by block with the activations that stages 4 to 6 work on.
#pragma once
#include "core/reconstruct/output_memo.h"
#include "core/reconstruct/reconstruct.h"
#include <functional>

namespace mprdo {

/// Activations of one set of images at a block: what enters it (FP32 network and quantized prefix) and what FP32 gives.
struct BlockActivations {
    at::Tensor fp;        ///< [N, ...] block input, FP32 network
    at::Tensor quantized; ///< the same from the quantized prefix
    at::Tensor target;    ///< block output, FP32 network
    OutputFisher fisher;  ///< of the block output
};

/// One block under work.
struct BlockTask {
    const Graph& graph;
    const Block& block;
    const std::vector<Layer>& layers;
    const BlockActivations& calibration;
    const BlockActivations& holdOut;
    const RunControl& run;
    OutputMemo& calibrationOutputs;
    OutputMemo& holdOutOutputs;

    /// Output of the block under the model's overlay, on inputs from the quantized prefix; batches of 64.
    at::Tensor calibrationOutput(const QuantizedModel&) const;
    at::Tensor holdOutOutput(const QuantizedModel&) const;
    /// Fisher-weighted error of the block's output against FP32, on inputs from the quantized prefix.
    double calibrationError(const QuantizedModel&) const;
    double holdOutError(const QuantizedModel&) const;
};

/// What a stage does to a block: a new model that differs in this block's layers and biases alone.
using BlockWork = std::function<QuantizedModel(const BlockTask&, const QuantizedModel&, StageRecord&)>;

/// Applies work to every block in network order, on inputs from the prefix as it has become; takes a block's result only if
/// its held-out error fell; keeps and finds finished blocks in the cache under optionsHash. Blocks whose layers are all
/// left in FP32 are passed through.
ReconstructResult walkBlocks(Stage, const ReconstructInput&, const QuantizedModel& start, const std::string& optionsHash,
                             const ReconstructOptions&, ArtefactCache&, const RunControl&, const BlockWork&);

} // namespace mprdo
