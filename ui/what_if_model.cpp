// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/what_if_model.h"
#include "ui/text_format.h"
#include <QStringList>
#include <algorithm>
#include <cmath>

namespace mprdo {

WhatIfModel::WhatIfModel(SessionModel& session, AllocationDocument& document, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_document(document)
    , m_drops(session)
{
    const auto refreshAll = [this] {
        m_whatIf.reset();
        rebuildFit();
        update();
    };
    connect(&document, &AllocationDocument::wasReset, this, &WhatIfModel::restart);
    connect(&document, &AllocationDocument::edited, this, &WhatIfModel::holdBudget);
    connect(&document, &AllocationDocument::layersChanged, this, [this] {
        m_holdAgain = false; // something newer than that edit, or its undoing
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
    connect(&session, &SessionModel::runChanged, this, refreshAll);
    connect(&session, &SessionModel::runRemoved, this, refreshAll);
    connect(&session, &SessionModel::contextChanged, this, refreshAll);
}

void WhatIfModel::restart()
{
    const RunConfig& config = m_session.config();
    if (config.bits != m_set) // the same: opened anew to measure the profile's widths
        m_profile = TargetProfile::Own;
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
    m_holdAgain = false;
    rebuildFit();
    Q_EMIT settingsChanged();
    Q_EMIT frontChanged();
    update();
}

const WhatIf& WhatIfModel::whatIf() const
{
    if (!m_whatIf) {
        WhatIf own = m_session.sizes();
        own.sensitivity = m_session.sensitivity();
        auto fresh = std::make_shared<WhatIf>(sizesIn(m_profile, std::move(own)));
        fresh->metric = m_metric;
        fresh->fit = m_fits.of(preferredFit()).fit();
        m_whatIf = fresh;
    }
    return *m_whatIf;
}

Estimate WhatIfModel::estimate(const Allocation& allocation) const
{
    const WhatIf& w = whatIf();
    if (w.layers.empty() || w.layers.size() != allocation.bits.size())
        return {};
    Estimate out = w.estimate(allocation);
    if (out.drop)
        out.dropError = predictionError(out.distortion);
    return out;
}

void WhatIfModel::update()
{
    m_estimate = estimate(m_document.allocation());
    Q_EMIT estimateChanged();
}

double WhatIfModel::distortion(int layer, Bits bits) const
{
    if (bits == kKeepFp32)
        return 0;
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
    m_fits = DropFits::make(m_session, whatIf(), m_drops);
    m_whatIf.reset(); // it holds a fit
}

std::optional<WhatIfModel::Range> WhatIfModel::predictedAccuracy(const Estimate& e) const
{
    const MethodRow* fp32 = m_session.row("FP32");
    if (!fp32 || !e.drop || e.missing > 0)
        return std::nullopt;
    const double accuracy = fp32->evaluation.accuracyPercent();
    return Range{accuracy - *e.drop, std::max(0.0, accuracy - *e.drop - e.dropError),
                 std::min(100.0, accuracy - *e.drop + e.dropError)};
}

std::optional<double> WhatIfModel::predictedDrop(double distortion, Rounding rounding) const
{
    return fitKnown(rounding) ? std::optional(m_fits.of(rounding).drop(distortion)) : std::nullopt;
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

void WhatIfModel::setProfile(TargetProfile profile)
{
    if (profile == m_profile)
        return;
    if (m_profile == TargetProfile::Own)
        m_ownSet = m_set;
    restoreProfile(profile);
    m_set = nativeWidths(profile);
    if (m_set.empty())
        m_set = m_ownSet.empty() ? m_session.config().bits : m_ownSet;
    m_document.setAllowedWidths(m_set);
    Q_EMIT settingsChanged();
    const QString what = tr("Target %1").arg(targetText(profile));
    wantFront();
    solve(what, false);
    m_solveAgain = what;
    update();
}

void WhatIfModel::restoreProfile(TargetProfile profile)
{
    m_profile = profile;
    m_whatIf.reset();
}

std::int64_t WhatIfModel::storedBytes(const Allocation& allocation, std::int64_t measured) const
{
    return bytesIn(m_profile, m_session.model().layers, allocation, measured);
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
    if (std::exchange(m_holdAgain, false))
        if (const auto exact = answer())
            m_document.follow(*exact);
    Q_EMIT frontChanged();
}

void WhatIfModel::giveUpFront()
{
    m_refining = false;
    m_solveAgain.clear();
    m_holdAgain = false;
    Q_EMIT frontChanged();
}

} // namespace mprdo
