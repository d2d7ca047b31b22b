// SPDX-License-Identifier: GPL-3.0-or-later
// How well quantizations of one network do, against the network itself.
#pragma once
#include "core/api/run_control.h"
#include "core/base/artefact_cache.h"
#include "core/data/dataset.h"
#include "core/evaluate/prefix_memo.h"
#include "core/exec/quantized_model.h"
#include <optional>

namespace mprdo {

/// Mean KL(FP32 || quantized), nats.
struct Losses {
    double calibration = 0, holdOut = 0;
};

/// Keeps the FP32 outputs and every measurement (in the cache, under what it was measured on). The evaluation images are
/// read by evaluation() and row() alone.
class Measurer {
public:
    /// \param context identity of graph, calibration and hold-out images and library versions
    Measurer(std::shared_ptr<const Graph> folded, const Splits& sets, std::string context, ArtefactCache& cache);

    const std::string& context() const { return m_context; }
    Losses losses(const QuantizedModel&, const RunControl&);
    /// key: identity of the overlay; prefixes: prefixIds() of what it is of, if it is of a model: what late blocks read is kept for
    /// the next time then.
    Losses losses(const Overlay&, const std::string& key, const RunControl&, const std::vector<std::string>* prefixes = nullptr);
    /// losses().holdOut without the calibration images.
    double holdOutKl(const QuantizedModel&, const RunControl&);
    /// Percent on the hold-out images.
    double holdOutAccuracy(const Overlay&, const std::string& key, const RunControl&);
    /// On the evaluation images. Emits Counted events; one at once when it was measured before.
    /// prefixes as for losses().
    Evaluation evaluation(const Overlay&, const std::string& key, const std::string& what, const RunControl&,
                          const std::vector<std::string>* prefixes = nullptr);

    MethodRow fp32Row(const RunControl&);
    /// A row of the table; overlay and key where they are not simply the model's.
    MethodRow row(const std::string& method, const QuantizedModel&, const RunControl&);
    /// key: the model's hash, where it is known.
    MethodRow row(const std::string& method, const QuantizedModel&, const std::string& key, const RunControl&);
    MethodRow row(const std::string& method, const QuantizedModel&, const Overlay&, const std::string& key,
                  const RunControl&);

private:
    MethodRow rowOf(const std::string& method, const QuantizedModel&, const Evaluation&, const Losses&, const RunControl&);
    std::vector<std::string> prefixIds(const QuantizedModel&) const;
    double holdOutKl(const Overlay&, const std::string& key, const RunControl&, const std::vector<std::string>* prefixes);
    const at::Tensor& reference(at::Tensor& kept, const ImageSet&, const RunControl&);

    std::shared_ptr<const Graph> m_graph;
    const Splits& m_sets;
    std::string m_context, m_evaluationContext;
    ArtefactCache& m_cache;
    std::vector<LayerInfo> m_layers;
    at::Tensor m_calibrationLogits, m_holdOutLogits;
    std::optional<Evaluation> m_fp32;
    PrefixMemo m_calibrationPrefixes, m_holdOutPrefixes, m_evaluationPrefixes; ///< of quantized models
};

/// Name and figures that need no reference: sizes, accuracy and its interval.
MethodRow absoluteRow(const std::string& method, const QuantizedModel&, const std::vector<LayerInfo>&, const Evaluation&);
/// Drop, agreement and McNemar's p against FP32 on the same images. \param rightAnswers  int64 [N], contiguous
void compareWithFp32(MethodRow&, const Evaluation& fp32, const at::Tensor& rightAnswers);

} // namespace mprdo
