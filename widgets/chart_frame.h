// SPDX-License-Identifier: GPL-3.0-or-later
// Margins, ticks and titles of a chart with two axes.
#pragma once
#include "widgets/theme.h"
#include <QFont>
#include <QSize>
#include <QString>

class QCustomPlot;
class QPainter;

namespace mprdo::widgets {

/// "label (unit)", or the label alone.
QString titleText(const QString& label, const QString& unit);

struct ChartFrame {
    QFont tickFont, titleFont;
    QString xTitle, yTitle;
    int top = 8;                ///< pixels above the axis rectangle
    int bottom = 0;             ///< pixels below it; 0 = what numbers and title of the x axis need
    bool integerX = false;
    bool xGrid = true;
    bool empty = false;         ///< numbers on axes without data would be invented

    /// Sets the plot's margins and ticks for a chart of that size; the axes' ranges stay.
    void layOut(QCustomPlot* plot, QSize size) const;
    /// Title below and title up the left side, elided rather than cut.
    void paintTitles(QPainter& painter, const QCustomPlot* plot, const Theme& theme) const;
};

} // namespace mprdo::widgets
