// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pipeline/diagnose.h"
#include "core/api/rgb.h"
#include "core/base/error.h"
#include "core/data/usual_preparations.h"
#include "core/evaluate/evaluator.h"
#include "core/pipeline/naive_baseline.h"
#include <algorithm>
#include <cmath>
#include <iomanip>

namespace mprdo {
namespace {

constexpr double kGuilty = 0.5; // points that undoing a suspect must give back

std::string percent(double value)
{
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value << " %";
    return out.str();
}

class Doctor {
public:
    Doctor(const DoctorInput& input, const RunControl& control)
        : m_in(input)
        , m_control(control)
        , m_quiet(control.withListener({}))
    {
    }

    Diagnosis examine()
    {
        std::vector<void (Doctor::*)()> checks{&Doctor::batchNorm, &Doctor::weights, &Doctor::activations};
        if (m_in.labelled)
            checks.insert(checks.begin(), {&Doctor::preprocessing, &Doctor::classOrder});
        m_asIs = evaluate(*m_in.graph, {}, m_in.holdOut, m_quiet).accuracyPercent();
        for (std::size_t i = 0; i < checks.size(); ++i) {
            m_control.throwIfCancelled();
            m_control.progress(Stage::Compare, "baseline doctor", double(i), double(checks.size()));
            (this->*checks[i])();
        }
        m_control.progress(Stage::Compare, {}, double(checks.size()), double(checks.size()));
        auto& findings = m_out.findings;
        for (Finding& finding : findings)
            finding.guilty = finding.without - finding.with >= kGuilty;
        std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
            return a.guilty != b.guilty ? a.guilty : a.guilty && a.without - a.with > b.without - b.with;
        });
        return m_out;
    }

private:
    double accuracy(const NaiveChoice& choice)
    {
        const NaiveBaseline naive = naiveEightBits(m_in.graph, m_in.calibration, m_quiet, choice);
        return evaluate(*m_in.graph, naive.overlay, m_in.holdOut, m_quiet).accuracyPercent();
    }

    void add(const char* cause, const std::string& asIs, double with, const std::string& undone, double without)
    {
        m_out.findings.push_back({cause, text(asIs, ": ", percent(with), "; ", undone, ": ", percent(without), "."), with,
                                  without, false});
    }

    /// Do usual ways of preparing images suit the network better than the one given?
    void preprocessing()
    {
        double best = m_asIs;
        std::string name = "any usual other";
        for (const Preparation& one : usualPreparations(m_in.holdOut.set.preprocessing, m_in.holdOut.set.images.size(1))) {
            m_control.throwIfCancelled();
            HoldOutSet images = m_in.holdOut;
            images.set.preprocessing = one.values;
            const double accuracy = evaluate(*m_in.graph, {}, images, m_quiet).accuracyPercent();
            if (accuracy > best) {
                best = accuracy;
                name = one.name;
            }
        }
        add("preprocessing", "Images as they are prepared", m_asIs, name, best);
    }

    /// Does the network name the classes in another order? Each output is given the class it mostly means.
    void classOrder()
    {
        const at::Tensor answers = topOne(*m_in.graph, m_in.holdOut.set, m_quiet);
        const at::Tensor& labels = m_in.holdOut.set.labels;
        const std::int64_t classes = std::max(answers.max().item<std::int64_t>(), labels.max().item<std::int64_t>()) + 1;
        at::Tensor confusion
            = at::bincount(answers * classes + labels, {}, classes * classes).view({classes, classes}).to(at::kDouble);
        // Greedy assignment: the most frequent pair of output and class first; each once.
        double right = 0;
        for (std::int64_t i = 0; i < classes; ++i) {
            const auto most = confusion.argmax().item<std::int64_t>();
            right += confusion[most / classes][most % classes].item<double>();
            confusion[most / classes].fill_(-1);
            confusion.select(1, most % classes).fill_(-1);
        }
        const double best = 100 * right / double(labels.size(0));
        add("class order", "Classes in the order of the data", m_asIs, "outputs matched with the classes they mostly mean",
            std::max(best, m_asIs));
    }

    /// Folding must change nothing; a norm that could not be folded leaves a value in front of it that needs a wide grid.
    void batchNorm()
    {
        add("batch norm", "Batch norm folded", m_in.afterFolding, "as it was", m_in.beforeFolding);
        for (const Node& node : m_in.graph->nodes)
            if (node.op == Op::BatchNorm)
                m_beforeNorms.insert(node.inputs.front());
        if (m_beforeNorms.empty())
            return;
        NaiveChoice spared;
        spared.leave = m_beforeNorms;
        add("batch norm", text(m_beforeNorms.size(), " batch norms could not be folded; the values in front of them on 8-bit grids"),
            accuracy({}), "those values left in FP32", accuracy(spared));
    }

    void weights()
    {
        NaiveChoice tensor;
        tensor.activations = false;
        NaiveChoice channel = tensor;
        channel.perChannel = true;
        add("per-tensor range", text("One 8-bit grid for a whole weight, the widest in ", widestLayer()), accuracy(tensor),
            "one per output channel", accuracy(channel));
    }

    void activations()
    {
        NaiveChoice only;
        only.weights = false;
        only.leave = m_beforeNorms; // their loss has been told
        add("activation range", text("Activations on 8-bit grids from lowest to highest, the longest tail at ", longestTail()),
            accuracy(only), "left in FP32", m_asIs);
    }

    /// The layer whose channels' ranges differ most: one grid fits them worst.
    std::string widestLayer() const
    {
        double most = 0;
        std::string name = "no layer";
        for (const Layer& layer : m_in.graph->layers()) {
            const at::Tensor ranges
                = channelRows(m_in.graph->parameter(layer.parameter), layer.axis).abs().amax(1).to(at::kDouble);
            const double ratio = (ranges.max() / ranges.median().clamp_min(1e-30)).item<double>();
            if (ratio > most) {
                most = ratio;
                name = layer.name;
            }
        }
        std::ostringstream out;
        out << name << " (its widest channel is " << std::setprecision(2) << most << " times the middle one)";
        return out.str();
    }

    /// The computed value whose largest magnitude is farthest from its spread.
    std::string longestTail() const
    {
        NoGrad noGrad;
        double most = 0;
        std::string name = "no node";
        Overlay observe;
        for (const Node& node : m_in.graph->nodes)
            for (const ValueId value : node.outputs)
                observe.values[value] = [&most, &name, &node](const at::Tensor& x) {
                    const double ratio = (x.abs().max() / x.std().clamp_min(1e-30)).template item<double>();
                    if (std::isfinite(ratio) && ratio > most) {
                        most = ratio;
                        name = node.name;
                    }
                    return x;
                };
        forward(*m_in.graph, m_in.calibration.set.batch(0, std::min<std::int64_t>(m_in.calibration.set.size(), 128)), observe);
        std::ostringstream out;
        out << name << " (" << std::setprecision(2) << most << " standard deviations)";
        return out.str();
    }

    const DoctorInput& m_in;
    const RunControl& m_control;
    RunControl m_quiet;
    double m_asIs = 0;
    std::set<ValueId> m_beforeNorms;
    Diagnosis m_out;
};

} // namespace

Diagnosis examine(const DoctorInput& input, const RunControl& control) { return Doctor(input, control).examine(); }

} // namespace mprdo
