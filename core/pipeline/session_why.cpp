// SPDX-License-Identifier: GPL-3.0-or-later
// What the session answers about its runs: on unseen images, layer by layer, on other calibration images.
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/base/threads.h"
#include "core/pipeline/artefacts.h"
#include "core/pipeline/diagnose.h"
#include "core/pipeline/torch_session.h"
#include "core/sensitivity/sensitivity.h"

namespace mprdo {
namespace {

/// The layer's weight and bias as the network has them.
QuantizedModel restored(const QuantizedModel& model, const Layer& layer)
{
    QuantizedModel out = model;
    out.weights.erase(layer.parameter);
    for (const std::size_t n : layer.nodes) {
        const auto& parameters = model.graph->nodes[n].parameters;
        if (const auto bias = parameters.find("bias"); bias != parameters.end())
            out.biases.erase(bias->second);
    }
    return out;
}

std::string countOrAll(std::int64_t count) { return count < 0 ? "all" : std::to_string(count); }

} // namespace

QuantizedModel TorchSession::modelOf(std::int64_t run) const
{
    const std::string key = m_history->modelKey(run);
    check(!key.empty(), ErrorCode::Usage, "run ", run, " is none of this session's");
    const auto bytes = m_cache->find("model", key);
    check(bytes.has_value(), ErrorCode::Internal, "the weights of run ", run, " are no longer in the session");
    return decodeModel(*bytes, m_graph);
}

RunPtr TorchSession::confirm(std::int64_t id, const RunControl& control)
{
    prepareNetwork(control);
    const QuantizedModel model = modelOf(id);
    check(m_input.sets.confirmation.set.size() > 0, ErrorCode::Usage,
          "confirm: every test image is an evaluation image, none is left that was not looked at");
    if (!m_confirmer) {
        m_unseen = m_input.sets;
        m_unseen.evaluation = m_input.sets.confirmation;
        answerForLabels(*m_graph, m_unseen.evaluation.set, control);
        m_confirmer = std::make_unique<Measurer>(m_graph, m_unseen, measurer().context(), *m_cache);
    }
    const RunPtr run = m_history->run(id);
    return m_history->confirm(id, m_confirmer->row(run->row.method, model, control));
}

Blame TorchSession::blame(std::int64_t id, const RunControl& control)
{
    prepareNetwork(control);
    const QuantizedModel model = modelOf(id);
    const RunPtr run = m_history->run(id);
    const std::vector<Layer> layers = m_graph->layers();
    Blame out;
    out.run = id;
    out.whole = run->row;
    const RunControl quiet = control.withListener({});
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (model.weights.count(layers[l].parameter) == 0)
            continue;
        control.throwIfCancelled();
        control.progress(Stage::Evaluate, layers[l].name + " in FP32", double(l), double(layers.size()));
        const MethodRow row = measurer().row(layers[l].name, restored(model, layers[l]), quiet);
        out.layers.push_back({l, row.evaluation, row.holdOutKl});
    }
    control.progress(Stage::Evaluate, {}, double(layers.size()), double(layers.size()));
    return out;
}

Diagnosis TorchSession::diagnose(const RunControl& control)
{
    prepareNetwork(control);
    DoctorInput input;
    input.graph = m_graph;
    input.calibration = m_input.sets.calibration;
    input.holdOut = m_input.sets.holdOut;
    input.beforeFolding = m_accuracyBeforeFolding;
    input.afterFolding = m_accuracyAfterFolding;
    input.layers = m_input.model.layers;
    input.labelled = m_input.data.labelled;
    Diagnosis out = examine(input, control);
    for (const MethodRow& row : baselines(control))
        if (row.method == "Naive 8-bit PTQ")
            out.dropPoints = row.dropPoints;
    return out;
}

std::vector<SensitivityPtr> TorchSession::calibrationDraws(int draws, const RunControl& control)
{
    prepareNetwork(control);
    // Stage 1 alone needs the training images for long: they are read again.
    const Dataset data = m_config.demo ? demoDataset() : openDataset(m_config.dataPath, control, m_config.input, m_input.data.channels);
    Dataset fitting = data; // never the hold-out images
    fitting.train = split(data, m_input.sets.calibration.set.preprocessing, calibrationChoice(m_config), m_config.holdOut,
                          m_config.test)
                        .training;
    SensitivityOptions options;
    options.widths = widthsToScore();
    options.metrics = {Metric::Kl};
    options.rounding = m_config.sensitivityRounding;
    options.grid = m_config.grid;
    options.seed = m_config.seed;
    std::vector<SensitivityPtr> out;
    for (int draw = 0; draw < draws; ++draw) {
        CalibrationChoice choice = calibrationChoice(m_config);
        choice.seed = derivedSeed(m_config.seed, "calibration draw", {draw});
        const Splits sets = split(fitting, m_input.sets.calibration.set.preprocessing, choice, 1, -1);
        options.contextHash
            = Hash().add(measurer().context()).add("draw").add(sets.calibration.set.fingerprint()).hex();
        const auto labelled = [&](const Event& event) { // its scores are not the session's
            if (const auto* progress = std::get_if<Progress>(&event))
                control.progress(progress->stage, text("draw ", draw + 1, ", ", progress->item),
                                 draw * progress->total + progress->done, draws * progress->total);
        };
        out.push_back(measureSensitivity(m_graph, sets.calibration, options, *m_cache, control.withListener(labelled)));
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> TorchSession::context() const
{
    const RunConfig& c = m_config;
    const auto triple = [](const std::array<double, 3>& v) { return text(v[0], ", ", v[1], ", ", v[2]); };
    std::string draw = c.calibrationSeed ? text("seed ", *c.calibrationSeed) : "the first ones";
    if (c.calibrationBalanced)
        draw += ", balanced";
    for (const std::string& name : c.calibrationClasses)
        draw += ", " + name;
    std::string skipped;
    for (const Stage stage : c.skip)
        if (stage != Stage::Compare)
            skipped += (skipped.empty() ? "" : ", ") + std::string(name(stage));
    std::vector<std::pair<std::string, std::string>> out{{"network", m_input.model.fingerprint.substr(0, 12)},
            {"data", m_input.data.fingerprint.substr(0, 12)},
            {"fine-tuning epochs", std::to_string(m_input.fineTuneEpochs)},
            {"calibration images", std::to_string(c.calibration)},
            {"calibration draw", draw},
            {"hold-out images", std::to_string(c.holdOut)},
            {"test images", countOrAll(c.test)},
            {"mean", triple(m_input.data.mean)},
            {"std", triple(m_input.data.std)},
            {"grid", std::string(name(c.grid))},
            {"effort", std::string(name(c.effort))},
            {"skipped", skipped.empty() ? "nothing" : skipped},
            {"seed", std::to_string(c.seed)},
            {"LibTorch", versions().libtorch}};
    if (coded())
        out.emplace_back("rate", name(c.rate));
    if (c.input)
        out.emplace_back("input size", inputSizeText(*c.input));
    if (m_input.data.channels == 1)
        out.emplace_back("channels", "1");
    if (m_input.data.channelOrder != ChannelOrder::Rgb)
        out.emplace_back("channel order", name(m_input.data.channelOrder));
    if (m_input.data.range != PixelRange::Unit)
        out.emplace_back("range", name(m_input.data.range));
    if (m_input.data.layout != Layout::Nchw)
        out.emplace_back("layout", name(m_input.data.layout));
    if (c.activations != kKeepFp32)
        out.emplace_back("activations", text(c.activations, " bits, ", name(c.activationRange)));
    return out;
}

std::string TorchSession::contextHash() const
{
    Hash hash;
    for (const auto& [fact, value] : context())
        hash.add(fact).add(value);
    return hash.hex();
}

} // namespace mprdo
