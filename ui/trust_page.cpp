// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/trust_page.h"
#include "widgets/series_plot.h"
#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <cmath>

namespace mprdo {

using widgets::Series;
using widgets::SeriesRole;

namespace {

/// Those inside what the others span, or those outside.
Series series(const Trust& trust, const QString& name, SeriesRole role, bool extrapolated)
{
    Series out;
    out.name = name;
    out.role = role;
    out.hollow = extrapolated;
    for (const TrustPoint& point : trust.points)
        if (point.extrapolated == extrapolated) {
            out.points.append(QPointF(point.predicted, point.measured));
            out.low.append(point.low);
            out.high.append(point.high);
        }
    return out;
}

} // namespace

TrustPage::TrustPage(const SessionModel& session, const WhatIfModel& whatIf, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_whatIf(whatIf)
    , m_summary(new QLabel(this))
    , m_log(new QCheckBox(tr("&Log scale"), this))
    , m_plot(new widgets::SeriesPlot(this))
{
    m_summary->setObjectName(QStringLiteral("trust.summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_log->setObjectName(QStringLiteral("trust.log"));
    m_plot->setObjectName(QStringLiteral("trust.plot"));
    m_plot->setDiagonal(true);
    m_plot->setEmptyText(tr("Four measurements of one kind of rounding are needed: each is predicted from the others"));
    m_summary->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto* beside = new QVBoxLayout; // the page is wide, and the diagonal wants to be one
    beside->setContentsMargins(8, 8, 8, 8);
    beside->addWidget(m_log);
    beside->addWidget(m_summary, 1);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_plot, 3);
    layout->addLayout(beside, 2);
    connect(m_log, &QCheckBox::toggled, this, &TrustPage::refresh);
    connect(&session, &SessionModel::opened, this, &TrustPage::refreshSoon);
    connect(&session, &SessionModel::rowsChanged, this, &TrustPage::refreshSoon);
    for (const auto signal : {&SessionModel::runAdded, &SessionModel::runRemoved})
        connect(&session, signal, this, &TrustPage::refreshSoon);
    connect(&session, &SessionModel::sensitivityChanged, this, &TrustPage::refreshSoon);
    connect(&session, &SessionModel::contextChanged, this, &TrustPage::refreshSoon);
    connect(&whatIf, &WhatIfModel::settingsChanged, this, &TrustPage::refreshSoon);
    refresh();
}

void TrustPage::refreshSoon()
{
    m_stale = true;
    if (isVisible())
        refresh();
}

void TrustPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        refresh();
}

void TrustPage::refresh()
{
    m_stale = false;
    m_plot->setAxes(tr("Predicted drop"), tr("points"), tr("Measured drop"), tr("points"), m_log->isChecked(),
                    m_log->isChecked());
    QList<Series> all;
    QStringList told;
    const auto add = [&](Rounding rounding, SeriesRole role, const QString& name) {
        const Trust trust = Trust::of(rounding, m_session, m_whatIf);
        for (const bool extrapolated : {false, true})
            if (Series s
                = series(trust, extrapolated ? tr("%1, beyond the others").arg(name) : name, role, extrapolated);
                !s.points.isEmpty())
                all.append(s);
        if (trust.points.empty())
            return;
        if (trust.counted == 0)
            told << tr("%1: all lie beyond the others.").arg(name);
        else if (std::isnan(trust.rankCorrelation))
            told << tr("%1: |error| %2 points, one prediction.").arg(name).arg(trust.medianError, 0, 'f', 2);
        else
            told << tr("%1: median |error| %2 points, rank correlation %3, %4 predictions.")
                        .arg(name)
                        .arg(trust.medianError, 0, 'f', 2)
                        .arg(trust.rankCorrelation, 0, 'f', 2)
                        .arg(trust.counted);
    };
    add(Rounding::Nearest, SeriesRole::Measured, tr("Nearest"));
    add(Rounding::Optimised, SeriesRole::Accent, tr("Optimised"));
    m_plot->setSeries(all);
    m_summary->setText(told.isEmpty() ? tr("Not yet known") : told.join(QStringLiteral("\n\n")));
    m_summary->setToolTip(
        tr("Each measurement is left out and predicted from the others of its rounding; those beyond the "
           "others' range are hollow and not counted"));
}

} // namespace mprdo
