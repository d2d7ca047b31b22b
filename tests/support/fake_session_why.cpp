// SPDX-License-Identifier: GPL-3.0-or-later
// The fake session's answers to "why" and "how sure", and what another process does to its file.
#include "tests/support/fake_session.h"
#include <algorithm>
#include <cmath>

namespace mprdo::test {

namespace {
/// Of the nearest-rounding rows, and how much less optimised runs lose.
constexpr double kNearest = 1, kOptimised = 0.3;
} // namespace

RunPtr FakeSession::run(std::int64_t id) const
{
    const std::lock_guard lock(m_disk->mutex);
    return file().runs.at(id);
}

std::vector<MethodRow> FakeSession::anchors(const RunControl& control)
{
    m_gate->enter("anchors");
    std::vector<MethodRow> out;
    for (const Bits bits : m_config.bits) {
        m_gate->step(control);
        out.push_back(row("Uniform " + std::to_string(bits) + "-bit PTQ",
                          Allocation{std::vector<Bits>(m_model.layers.size(), bits)}, kNearest));
    }
    return out;
}

RunPtr FakeSession::confirm(std::int64_t id, const RunControl& control)
{
    m_gate->enter("confirm " + std::to_string(id));
    m_gate->step(control);
    auto changed = std::make_shared<RunRecord>(*run(id));
    changed->confirmed = changed->row;
    changed->confirmed->dropPoints += 0.1; // images that nobody tuned on are a little harder
    changed->confirmed->evaluation.total = m_data.confirmation;
    changed->confirmed->evaluation.correct
        = std::llround((changed->row.evaluation.accuracyPercent() - 0.1) / 100 * double(m_data.confirmation));
    const std::lock_guard lock(m_disk->mutex);
    return file().runs[id] = changed;
}

Blame FakeSession::blame(std::int64_t id, const RunControl& control)
{
    m_gate->enter("blame " + std::to_string(id));
    const RunPtr blamed = run(id);
    const double factor = blamed->rounding == Rounding::Optimised ? kOptimised : kNearest;
    Blame out;
    out.run = id;
    out.whole = blamed->row;
    for (std::size_t l = 0; l < m_model.layers.size(); ++l) {
        Allocation restored = blamed->allocation;
        if (restored.bits[l] == kKeepFp32)
            continue;
        m_gate->step(control);
        restored.bits[l] = kKeepFp32;
        const MethodRow better = row(blamed->row.method, restored, factor);
        out.layers.push_back({l, better.evaluation, better.holdOutKl});
    }
    return out;
}

Diagnosis FakeSession::diagnose(const RunControl& control)
{
    m_gate->enter("diagnose");
    m_gate->step(control);
    Diagnosis out;
    out.dropPoints = 3.2;
    out.findings = {
        {"per-tensor range", "One grid for a whole layer: 88.4 %; one per output channel: 91.6 %.", 88.4, 91.6, true},
        {"activation range", "Activations on 8-bit grids: 88.4 %; left in FP32: 88.5 %.", 88.4, 88.5, false},
        {"preprocessing", "As given: 91.8 %; the best of five usual ones: 91.8 %.", 91.8, 91.8, false},
    };
    return out;
}

std::vector<SensitivityPtr> FakeSession::calibrationDraws(int draws, const RunControl& control)
{
    m_gate->enter("draws " + std::to_string(draws));
    std::vector<SensitivityPtr> out;
    for (int d = 0; d < draws; ++d) {
        m_gate->step(control);
        auto table = std::make_shared<SensitivityTable>(m_table);
        table->distortion.clear();
        auto& kl = table->distortion[Metric::Kl];
        for (std::size_t l = 0; l < m_model.layers.size(); ++l) {
            kl.emplace_back();
            for (const Bits bits : table->widths) // +-10 % that differ from layer to layer
                kl.back().push_back(distortion(m_model.layers[l], l, bits) * (1 + 0.1 * (double((l + 2 * std::size_t(d)) % 3) - 1)));
        }
        out.push_back(table);
    }
    return out;
}

std::string FakeSession::contextHash() const
{
    m_gate->enter("contextHash");
    std::string out = "context of " + std::to_string(m_config.calibration);
    for (const std::string& name : m_config.calibrationClasses)
        out += ", " + name;
    return out;
}

std::vector<std::pair<std::string, std::string>> FakeSession::context() const
{
    m_gate->enter("context");
    return {{"calibration images", std::to_string(m_config.calibration)}, {"seed", std::to_string(m_config.seed)}};
}

std::string FakeSession::heldBy() const
{
    m_gate->enter("heldBy");
    const std::lock_guard lock(m_disk->mutex);
    return file().heldBy;
}

Followed FakeSession::follow()
{
    m_gate->enter("follow");
    const std::lock_guard lock(m_disk->mutex);
    const bool changed = file().changed;
    file().changed = false;
    return {changed, file().heldBy.empty()};
}

} // namespace mprdo::test
