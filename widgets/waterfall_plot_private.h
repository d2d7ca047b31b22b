// SPDX-License-Identifier: GPL-3.0-or-later
// State of the waterfall, shared by its painting and its layout.
#pragma once
#include "widgets/chart_frame.h"
#include "widgets/waterfall_plot.h"
#include <QFontMetricsF>
#include <QRectF>
#include <QStringList>
#include <limits>

class QPainter;

namespace mprdo::widgets {

struct WaterfallPlot::Private {
    WaterfallPlot* q = nullptr;
    QString firstLabel, label, unit;
    double firstValue = std::numeric_limits<double>::quiet_NaN();
    QList<WaterfallStep> steps;
    bool logY = false;
    bool broken = false;    // a linear axis that does not reach down to zero
    double labelColumn = 1; // width of a column, for which the labels were laid out

    // waterfall_plot.cpp; column 0 is the first bar where there is one
    bool drawable(double value) const;
    bool hasFirst() const { return drawable(firstValue); }
    int columns() const { return int(steps.size()) + (hasFirst() ? 1 : 0); }
    int stepOf(int column) const { return hasFirst() ? column - 1 : column; }
    QString columnLabel(int column) const { return stepOf(column) < 0 ? firstLabel : steps[stepOf(column)].label; }
    bool isDrawn(const WaterfallStep& s) const { return drawable(s.before) && drawable(s.after); }
    void fitRange();
    QRectF area() const;
    double columnWidth() const;
    QRectF column(int column) const;
    double y(double value) const;
    ChartFrame frame(QSize size) const;
    QFont labelFont() const { return q->chartFont(0.92); }

    // waterfall_plot_paint.cpp
    QStringList lines(const QString& text) const; ///< a label broken at spaces, lines too wide for a column cut
    bool upright() const;                         ///< labels stand upright where some word is wider than a column
    double labelHeight(double most) const;
    void paint(QPainter& painter) const;
    void paintBar(QPainter& painter, int column) const;
    void paintConnector(QPainter& painter, int column) const;
    void paintNote(QPainter& painter, int column) const;
    void paintLabels(QPainter& painter) const;
    void paintBreak(QPainter& painter, const QRectF& bar) const;
    QRectF barRect(int column) const;   ///< null = none
};

} // namespace mprdo::widgets
