// SPDX-License-Identifier: GPL-3.0-or-later
// One page for a colleague: figures, charts and bits of a session, as HTML or PDF.
#pragma once
#include "ui/compare_pair.h"
#include <QList>
#include <QSize>
#include <QString>

namespace mprdo::widgets {
class PlotView;
}

namespace mprdo {

struct ReportChart {
    QString title;
    widgets::PlotView* plot = nullptr;
    QSize size{640, 360}; ///< as drawn, device-independent pixels
};

/// Writes path, whole or not at all; ".pdf" gives PDF, anything else HTML that needs no other file.
/// \return one sentence; empty: written
QString writeReport(const QString& path, const SessionModel&, const ComparePair&, const QList<ReportChart>&);

} // namespace mprdo
