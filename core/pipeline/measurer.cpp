// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/measurer.h"
#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/evaluate/evaluator.h"
#include "core/api/statistics.h"
#include "core/export/stored_size.h"
#include "core/import/importer.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/input_check.h"
#include "core/reconstruct/block_state.h"

namespace mprdo {
namespace {

const char* const kFp32 = "FP32";
constexpr std::int64_t kPrefixBytes = std::int64_t(384) << 20; ///< for what late blocks read, all sets together

std::int64_t shareOf(std::int64_t bytes, const ImageSet& set, const Splits& sets)
{
    const std::int64_t all = sets.calibration.set.size() + sets.holdOut.set.size() + sets.evaluation.set.size();
    return all > 0 ? bytes / all * set.size() : 0;
}

} // namespace

MethodRow absoluteRow(const std::string& method, const QuantizedModel& model, const std::vector<LayerInfo>& layers,
                      const Evaluation& evaluation)
{
    MethodRow row;
    row.method = method;
    row.evaluation = evaluation;
    const Allocation allocation = model.allocation();
    row.averageBits = averageBits(layers, allocation);
    row.averageLiveBits = averageLiveBits(layers, allocation);
    row.compression = kKeepFp32 / row.averageBits;
    row.storedBytes = storedBytes(model);
    row.entropyBits = codeEntropyBits(model);
    row.activationBits = model.activationBits();
    std::tie(row.wilsonLow, row.wilsonHigh) = wilsonInterval(evaluation.correct, evaluation.total);
    return row;
}

void compareWithFp32(MethodRow& row, const Evaluation& fp32, const at::Tensor& rightAnswers)
{
    row.dropPoints = fp32.accuracyPercent() - row.evaluation.accuracyPercent();
    const auto &a = *fp32.predictions, &b = *row.evaluation.predictions;
    const auto* labels = rightAnswers.data_ptr<std::int64_t>();
    std::int64_t same = 0, lost = 0, won = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        same += a[i] == b[i];
        lost += a[i] == labels[i] && b[i] != labels[i];
        won += a[i] != labels[i] && b[i] == labels[i];
    }
    row.agreementPercent = 100.0 * double(same) / double(a.size());
    row.mcnemarP = mcnemarExact(lost, won);
}

Measurer::Measurer(std::shared_ptr<const Graph> folded, const Splits& sets, std::string context, ArtefactCache& cache)
    : m_graph(std::move(folded))
    , m_sets(sets)
    , m_context(std::move(context))
    , m_evaluationContext(Hash().add(m_context).add(sets.evaluation.set.fingerprint()).hex())
    , m_cache(cache)
    , m_layers(layerInfos(*m_graph))
    , m_calibrationPrefixes(m_graph, sets.calibration.set.size(), shareOf(kPrefixBytes, sets.calibration.set, sets))
    , m_holdOutPrefixes(m_graph, sets.holdOut.set.size(), shareOf(kPrefixBytes, sets.holdOut.set, sets))
    , m_evaluationPrefixes(m_graph, sets.evaluation.set.size(), shareOf(kPrefixBytes, sets.evaluation.set, sets))
{
}

const at::Tensor& Measurer::reference(at::Tensor& kept, const ImageSet& set, const RunControl& control)
{
    if (!kept.defined())
        kept = logits(*m_graph, {}, set, control);
    return kept;
}

Losses Measurer::losses(const QuantizedModel& model, const RunControl& control)
{
    const std::vector<std::string> prefixes = prefixIds(model);
    return losses(model.overlay(), modelHash(model), control, &prefixes);
}

Losses Measurer::losses(const Overlay& overlay, const std::string& modelKey, const RunControl& control,
                        const std::vector<std::string>* prefixes)
{
    const std::string key = Hash().add(m_context).add(modelKey).hex();
    if (const auto kept = m_cache.find("losses", key)) {
        ByteReader in(*kept);
        const double calibration = in.number();
        return {calibration, in.number()};
    }
    const ImageSet& calibration = m_sets.calibration.set;
    Losses out;
    out.calibration = meanKl(reference(m_calibrationLogits, calibration, control),
                             prefixes ? logits(overlay, m_calibrationPrefixes, *prefixes, calibration, control)
                                      : logits(*m_graph, overlay, calibration, control));
    out.holdOut = holdOutKl(overlay, modelKey, control, prefixes);
    m_cache.keep("losses", key, ByteWriter().number(out.calibration).number(out.holdOut).bytes());
    return out;
}

double Measurer::holdOutKl(const QuantizedModel& model, const RunControl& control)
{
    const std::vector<std::string> prefixes = prefixIds(model);
    return holdOutKl(model.overlay(), modelHash(model), control, &prefixes);
}

double Measurer::holdOutKl(const Overlay& overlay, const std::string& modelKey, const RunControl& control,
                           const std::vector<std::string>* prefixes)
{
    const std::string key = Hash().add(m_context).add(modelKey).hex();
    if (const auto kept = m_cache.find("hold-out KL", key))
        return ByteReader(*kept).number();
    const ImageSet& set = m_sets.holdOut.set;
    const double out = meanKl(reference(m_holdOutLogits, set, control),
                              prefixes ? logits(overlay, m_holdOutPrefixes, *prefixes, set, control)
                                       : logits(*m_graph, overlay, set, control));
    m_cache.keep("hold-out KL", key, ByteWriter().number(out).bytes());
    return out;
}

double Measurer::holdOutAccuracy(const Overlay& overlay, const std::string& modelKey, const RunControl& control)
{
    const std::string key = Hash().add(m_context).add(modelKey).hex();
    if (const auto kept = m_cache.find("hold-out accuracy", key))
        return ByteReader(*kept).number();
    const double out
        = evaluate(*m_graph, overlay, m_sets.holdOut, control.withListener({}), "hold-out").accuracyPercent();
    m_cache.keep("hold-out accuracy", key, ByteWriter().number(out).bytes());
    return out;
}

Evaluation Measurer::evaluation(const Overlay& overlay, const std::string& modelKey, const std::string& what,
                                const RunControl& control, const std::vector<std::string>* prefixes)
{
    const std::string key = Hash().add(m_evaluationContext).add(modelKey).hex();
    if (const auto kept = m_cache.find("evaluation", key)) {
        const Evaluation out = decodeEvaluation(*kept);
        control.emit(Counted{what, out.correct, out.total, out.total});
        return out;
    }
    const Evaluation out = prefixes
                               ? evaluate(overlay, m_evaluationPrefixes, *prefixes, m_sets.evaluation, control, what)
                               : evaluate(*m_graph, overlay, m_sets.evaluation, control, what);
    m_cache.keep("evaluation", key, encodeEvaluation(out));
    return out;
}

MethodRow Measurer::fp32Row(const RunControl& control)
{
    if (!m_fp32)
        m_fp32 = evaluation({}, kFp32, kFp32, control);
    MethodRow row = absoluteRow(kFp32, QuantizedModel{m_graph, {}, {}, {}}, m_layers, *m_fp32);
    row.labelled = m_sets.labelled;
    return row;
}

MethodRow Measurer::row(const std::string& method, const QuantizedModel& model, const RunControl& control)
{
    return row(method, model, modelHash(model), control);
}

MethodRow Measurer::row(const std::string& method, const QuantizedModel& model, const std::string& key, const RunControl& control)
{
    const Overlay overlay = model.overlay();
    fp32Row(control); // first: it is what the others are compared with
    const std::vector<std::string> prefixes = prefixIds(model);
    const Evaluation measured = evaluation(overlay, key, method, control, &prefixes);
    return rowOf(method, model, measured, losses(overlay, key, control, &prefixes), control);
}

std::vector<std::string> Measurer::prefixIds(const QuantizedModel& model) const
{
    const std::vector<Layer> layers = m_graph->layers();
    std::vector<std::string> out;
    Hash hash;
    hash.add(hashOf(model.activations));
    for (const Block& block : m_evaluationPrefixes.blocks())
        out.push_back(hash.add(encodeBlock(block, layers, model)).hex());
    return out;
}

MethodRow Measurer::row(const std::string& method, const QuantizedModel& model, const Overlay& overlay,
                        const std::string& key, const RunControl& control)
{
    fp32Row(control);
    const Evaluation measured = evaluation(overlay, key, method, control);
    return rowOf(method, model, measured, losses(overlay, key, control), control);
}

MethodRow Measurer::rowOf(const std::string& method, const QuantizedModel& model, const Evaluation& evaluation,
                          const Losses& losses, const RunControl& control)
{
    MethodRow row = absoluteRow(method, model, m_layers, evaluation);
    row.labelled = m_sets.labelled;
    compareWithFp32(row, fp32Row(control).evaluation, m_sets.evaluation.set.labels);
    row.holdOutKl = losses.holdOut;
    return row;
}

} // namespace mprdo
