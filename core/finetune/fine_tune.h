// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 1: light fine-tuning of any graph the executor can differentiate.
#pragma once
#include "core/api/run_control.h"
#include "core/base/artefact_cache.h"
#include "core/data/image_set.h"
#include "core/graph/graph.h"
#include <vector>

namespace mprdo {

struct FineTuneOptions {
    int epochs = 1;
    double peakLearningRate = 0.02; ///< one cycle: short warm-up, cosine to 0; a head made anew wants 0.02 or more, trained weights 0.01 or less
    double momentum = 0.9;          ///< Nesterov
    double weightDecay = 5e-4;      ///< not on batch norm and biases
    double labelSmoothing = 0.05;
    std::int64_t batch = 128;
    std::int64_t cropPadding = 4;   ///< random crop from so many pixels of zero padding
    bool flip = true;               ///< random horizontal flip
    std::uint64_t seed = 42;
    std::string onlyParametersStartingWith; ///< empty: all; else the rest stays as it is
};

struct FineTuneResult {
    Graph graph;                    ///< unfolded, weights and running statistics of the best epoch (or the start's)
    std::vector<EpochDone> epochs;
    int bestEpoch = 0;              ///< 0: the start was best
    double accuracyBefore = 0, accuracyAfter = 0; ///< percent on the validation images
    bool cancelled = false;         ///< the best weights so far were kept
};

/// SGD with Nesterov momentum, one-cycle learning rate, random crop and flip, label smoothing, batch norm in training mode
/// (running statistics with momentum 0.1), best-on-validation weights kept. Same seed, same threads: same weights.
/// Where only some parameters are trained, batch norm keeps to its running statistics. An epoch is floor(N / batch) steps
/// over a fresh order. The state after the last finished epoch is kept in the cache and a resumed call goes on from there
/// to the same weights. Emits EpochDone and Progress. No epochs: the graph as it is, nothing measured.
/// \throws Error{NonFinite} when the loss is not finite, naming the epoch; Error{Usage} for negative epochs, fewer than
/// two training images, no validation images, a label beyond the outputs, a prefix that no parameter has.
/// Cost: 3 forward passes per image and epoch; memory: 4 times the weights, plus the activations of one batch.
FineTuneResult fineTune(const Graph& unfolded, const ImageSet& training, const HoldOutSet& validation,
                        const FineTuneOptions&, ArtefactCache&, const RunControl&);

} // namespace mprdo
