// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/what_if_model.h"
#include "ui/quick_allocation.h"
#include "ui/text_format.h"
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <cstdio>

namespace mprdo {

WhatIfModel::WhatIfModel(SessionModel& session, AllocationDocument& document, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_document(document)
{
    const auto refreshAll = [this] {
        m_whatIf.reset();
        rebuildFit();
        update();
    };
    connect(&document, &AllocationDocument::wasReset, this, &WhatIfModel::restart);
    connect(&document, &AllocationDocument::layersChanged, this, [this] {
        update();
        if (m_document.fixedBits() != m_fixed)
            wantFront();
    });
    connect(&session, &SessionModel::sizesChanged, this, refreshAll);
    connect(&session, &SessionModel::layerScored, this, [this] {
        m_whatIf.reset();
        update();
    });
    connect(&session, &SessionModel::sensitivityChanged, this, [this, refreshAll] {
        refreshAll();
        wantFront();
    });
    connect(&session, &SessionModel::rowsChanged, this, refreshAll);
    connect(&session, &SessionModel::runAdded, this, refreshAll);
    connect(&session, &SessionModel::runRemoved, this, refreshAll);
}

void WhatIfModel::restart()
{
    const RunConfig& config = m_session.config();
    m_set = config.bits;
    m_metric = config.metric;
    m_targetTouched = false;
    if (const auto* bits = std::get_if<TargetBits>(&config.target))
        m_target = bits->averageBits;
    m_document.setAllowedWidths(m_set);
    m_front.reset();
    m_whatIf.reset();
    m_refining = false;
    m_solveAgain.clear();
    rebuildFit();
    Q_EMIT settingsChanged();
    Q_EMIT frontChanged();
    update();
}

const WhatIf& WhatIfModel::whatIf() const
{
    if (!m_whatIf) {
        auto fresh = std::make_shared<WhatIf>(m_session.sizes());
        fresh->sensitivity = m_session.sensitivity();
        fresh->metric = m_metric;
        fresh->fit = m_fit;
        m_whatIf = fresh;
    }
    return *m_whatIf;
}

Estimate WhatIfModel::estimate(const Allocation& allocation) const
{
    const WhatIf& w = whatIf();
    return w.layers.empty() || w.layers.size() != allocation.bits.size() ? Estimate{} : w.estimate(allocation);
}

void WhatIfModel::update()
{
    m_estimate = estimate(m_document.allocation());
    Q_EMIT estimateChanged();
}

double WhatIfModel::distortion(int layer, Bits bits) const
{
    const auto& table = *m_session.sensitivity();
    const auto values = table.distortion.find(m_metric);
    const auto width = std::find(table.widths.begin(), table.widths.end(), bits);
    if (values == table.distortion.end() || width == table.widths.end() || layer < 0
        || std::size_t(layer) >= values->second.size())
        return NAN;
    return values->second[std::size_t(layer)][std::size_t(width - table.widths.begin())];
}

void WhatIfModel::rebuildFit()
{
    // Nearest and optimised pairs are never mixed; optimised ones are preferred once they say anything.
    std::vector<DropFit::Pair> nearest, optimised;
    m_fit = DropFit();
    m_whatIf.reset();
    const std::size_t layers = m_session.sizes().layers.size();
    const auto add = [&](std::vector<DropFit::Pair>& pairs, const Allocation& allocation, double drop) {
        const Estimate e = estimate(allocation);
        if (e.missing == 0 && e.distortion > 0 && std::isfinite(e.distortion))
            pairs.push_back({e.distortion, drop});
    };
    if (layers > 0) {
        for (const MethodRow& row : m_session.rows())
            if (int bits = 0; std::sscanf(row.method.c_str(), "Uniform %d-bit", &bits) == 1)
                add(nearest, Allocation{std::vector<Bits>(layers, bits)}, row.dropPoints);
        for (const RunPtr& run : m_session.runs())
            add(run->rounding == Rounding::Optimised ? optimised : nearest, run->allocation, run->row.dropPoints);
    }
    const DropFit fromOptimised(std::move(optimised));
    m_fitIsOptimised = fromOptimised.known();
    m_fit = m_fitIsOptimised ? fromOptimised : DropFit(std::move(nearest));
    m_whatIf.reset();
}

std::optional<WhatIfModel::Range> WhatIfModel::predictedAccuracy(const Estimate& e) const
{
    const MethodRow* fp32 = m_session.row("FP32");
    if (!fp32 || !e.drop || e.missing > 0)
        return std::nullopt;
    const double accuracy = fp32->evaluation.accuracyPercent();
    return Range{accuracy - *e.drop, std::max(0.0, accuracy - *e.drop - e.dropError),
                 std::min(accuracy, accuracy - *e.drop + e.dropError)};
}

std::optional<double> WhatIfModel::predictedDrop(double distortion) const
{
    return m_fit.known() ? std::optional(m_fit.drop(distortion)) : std::nullopt;
}

double WhatIfModel::lowestTarget() const
{
    Allocation lowest{m_document.fixedBits()};
    for (Bits& bits : lowest.bits)
        bits = bits == 0 && !m_set.empty() ? m_set.front() : bits;
    return averageBits(m_session.model().layers, lowest);
}

double WhatIfModel::highestTarget() const
{
    Allocation highest{m_document.fixedBits()};
    for (Bits& bits : highest.bits)
        bits = bits == 0 && !m_set.empty() ? m_set.back() : bits;
    return averageBits(m_session.model().layers, highest);
}

void WhatIfModel::takeStage3(const Allocation& allocation)
{
    const RunConfig& config = m_session.config();
    const auto* wanted = std::get_if<TargetBits>(&config.target);
    const double bits = averageBits(m_session.model().layers, allocation);
    const bool asOpened = m_set == config.bits && m_metric == config.metric && !m_targetTouched
                          && (!wanted || wanted->averageBits == m_target);
    const QString what = tr("Allocation of %1 bits").arg(bitsText(asOpened ? bits : m_target));
    if (asOpened) {
        if (!wanted)
            m_target = bits;
        m_document.solve(allocation, what);
        Q_EMIT settingsChanged();
    } else {
        solve(what, false);
        if (m_refining)
            m_solveAgain = what;
    }
}

void WhatIfModel::setTarget(double bits)
{
    if (bits == m_target)
        return;
    m_target = bits;
    m_targetTouched = true;
    Q_EMIT settingsChanged();
    const QString what = tr("Budget of %1 bits").arg(bitsText(bits));
    solve(what, false);
    if (m_refining)
        m_solveAgain = what;
}

void WhatIfModel::restoreSettings(const std::vector<Bits>& set, std::optional<Metric> metric, double averageBits)
{
    if (!set.empty())
        m_set = set;
    m_metric = metric.value_or(m_metric);
    if (averageBits >= kMinBits && averageBits <= kMaxBits)
        m_target = averageBits;
    m_targetTouched = true;
    m_document.setAllowedWidths(m_set);
    m_whatIf.reset();
    rebuildFit();
    Q_EMIT settingsChanged();
    update();
}

bool WhatIfModel::setTargetBytes(double bytes)
{
    if (!m_front)
        return false;
    for (std::size_t i = m_front->storedBytes.size(); i-- > 0;)
        if (double(m_front->storedBytes[i]) <= bytes) {
            setTarget(m_front->averageBits[i]);
            return true;
        }
    return false;
}

bool WhatIfModel::setTargetDrop(double points)
{
    if (!m_front || !m_fit.known())
        return false;
    for (std::size_t i = 0; i < m_front->averageBits.size(); ++i) // distortion falls along the front
        if (m_fit.drop(m_front->front->points[i].distortion) <= points) {
            setTarget(m_front->averageBits[i]);
            return true;
        }
    return false;
}

void WhatIfModel::setSet(std::vector<Bits> set)
{
    if (set.empty() || set == m_set)
        return;
    m_set = std::move(set);
    m_document.setAllowedWidths(m_set);
    Q_EMIT settingsChanged();
    QStringList widths;
    for (const Bits bits : m_set)
        widths << QString::number(bits);
    const QString what = tr("Widths %1").arg(widths.join(QStringLiteral(", ")));
    wantFront();
    solve(what, false);
    m_solveAgain = what;
}

void WhatIfModel::setMetric(Metric metric)
{
    if (metric == m_metric)
        return;
    m_metric = metric;
    m_whatIf.reset();
    rebuildFit();
    Q_EMIT settingsChanged();
    const QString what = tr("Metric %1").arg(fromStd(mprdo::name(metric)));
    wantFront();
    solve(what, false);
    m_solveAgain = what;
    update();
}

void WhatIfModel::wantFront()
{
    m_fixed = m_document.fixedBits();
    if (!m_session.sensitivityComplete())
        return;
    m_refining = true;
    Q_EMIT frontWanted();
}

void WhatIfModel::setFront(FrontViewPtr front)
{
    m_front = std::move(front);
    m_refining = false;
    if (!m_solveAgain.isEmpty())
        solve(std::exchange(m_solveAgain, {}), true);
    Q_EMIT frontChanged();
}

void WhatIfModel::giveUpFront()
{
    m_refining = false;
    m_solveAgain.clear();
    Q_EMIT frontChanged();
}

void WhatIfModel::solve(const QString& what, bool refine)
{
    const double target = std::max(m_target, lowestTarget());
    if (m_front && !m_refining) {
        if (const auto point = m_front->pointAt(target)) {
            m_document.solve(m_front->allocation(*point), what, refine);
            return;
        }
    }
    if (known())
        m_document.solve(quickAllocation(whatIf(), m_set, m_document.fixedBits(), target), what, refine);
}

} // namespace mprdo
