// SPDX-License-Identifier: GPL-3.0-or-later
// Stage 7: how well a network does on the evaluation images, and how sure that is.
#pragma once
#include "core/api/run_control.h"
#include "core/api/snapshots.h"
#include "core/data/image_set.h"
#include "core/evaluate/prefix_memo.h"
#include "core/exec/executor.h"

namespace mprdo {

/// Needs labels; those of unlabelled images are what FP32 answers (topOne). Top-1 (top-5 from 20 classes on), mean cross-entropy, per class. Emits Counted events named what.
/// \throws Error{NonFinite} when logits are; Error{Usage} when a label exceeds the outputs; Cancelled.
Evaluation evaluate(const Graph&, const Overlay&, const EvaluationSet&, const RunControl&, const std::string& what = {});
/// The same with what enters late blocks taken from the memo where it is known there; ids as for PrefixMemo::logits.
Evaluation evaluate(const Overlay&, PrefixMemo&, const std::vector<std::string>& ids, const EvaluationSet&, const RunControl&,
                    const std::string& what = {});
/// The same on hold-out images, for fold checks and --max-drop.
Evaluation evaluate(const Graph&, const Overlay&, const HoldOutSet&, const RunControl&, const std::string& what = {});

/// The class of the largest logit of every image, int64 [N]: exactly what evaluate() would predict.
at::Tensor topOne(const Graph&, const ImageSet&, const RunControl&);
/// Logits of every image, [N, classes] or [N, K, 2] (likelihood.h); batches of 250.
at::Tensor logits(const Graph&, const Overlay&, const ImageSet&, const RunControl&);
at::Tensor logits(const Overlay&, PrefixMemo&, const std::vector<std::string>& ids, const ImageSet&, const RunControl&);
/// \param logits  of the images from begin on
/// \throws Error{NonFinite} where one is not finite, naming the image and the first layer at which that begins
void requireFinite(const at::Tensor& logits, const Graph&, const Overlay&, const ImageSet&, std::int64_t begin);
/// The network's output as it is, of any shape, for every image.
at::Tensor outputs(const Graph&, const Overlay&, const ImageSet&, const RunControl&);
/// Mean KL(p || q) over images, nats; double precision.
double meanKl(const at::Tensor& referenceLogits, const at::Tensor& logits);
/// Mean cross-entropy against labels, nats; double precision.
double meanCrossEntropy(const at::Tensor& logits, const at::Tensor& labels);

} // namespace mprdo
