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
    ValueMap wanted;      ///< what FP32 gives where the block's layers are judged (wanted_output.h); calibration images alone

    BlockActivations first(std::int64_t images) const; ///< of the first ones, or of all where there are fewer
};

/// One block under work.
struct BlockTask {
    const Graph& graph;
    const Block& block;
    const std::vector<Layer>& layers;
    const BlockActivations& calibration;
    const BlockActivations& holdOut;
    const RunControl& run;
    OutputMemo& holdOutOutputs;

    /// Output of the block under the model's overlay, on inputs from the quantized prefix; batches of 64.
    at::Tensor calibrationOutput(const QuantizedModel&) const;
    at::Tensor holdOutOutput(const QuantizedModel&) const;
    /// Fisher-weighted error of the block's output against FP32, on inputs from the quantized prefix.
    double holdOutError(const QuantizedModel&) const;
    /// Going from before to after lowers the held-out error, or with lambda > 0 error + lambda * bits of the codes.
    bool falls(const QuantizedModel& before, const QuantizedModel& after, double lambda) const;
    /// The same on so many images as tell two candidates of one block apart: a block has thousands of outputs an image.
    double quickCalibrationError(const QuantizedModel&) const;
    bool quicklyFalls(const QuantizedModel& before, const QuantizedModel& after, double lambda) const;

private:
    double error(const BlockActivations&, const QuantizedModel&) const;
    bool falls(double errorBefore, double errorAfter, const QuantizedModel& before, const QuantizedModel& after,
               double lambda) const;
};

/// What a stage does to a block: a new model that differs in this block's layers and biases alone.
using BlockWork = std::function<QuantizedModel(const BlockTask&, const QuantizedModel&, StageRecord&)>;

/// Applies work to every block in network order, on inputs from the prefix as it has become; takes a block's result only if
/// its held-out error fell; keeps and finds finished blocks in the cache under optionsHash. Blocks whose layers are all
/// left in FP32 are passed through.
/// \param mirrored  calibration images count mirrored as well
ReconstructResult walkBlocks(Stage, const ReconstructInput&, const QuantizedModel& start, const std::string& optionsHash,
                             const ReconstructOptions&, ArtefactCache&, const RunControl&, const BlockWork&,
                             bool mirrored = false);

} // namespace mprdo
