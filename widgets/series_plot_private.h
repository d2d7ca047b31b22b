// SPDX-License-Identifier: GPL-3.0-or-later
// State of the chart of series, shared by its painting and its ranges.
#pragma once
#include "widgets/chart_frame.h"
#include "widgets/chart_paint.h"
#include "widgets/series_plot.h"

namespace mprdo::widgets {

struct SeriesPlot::Private {
    SeriesPlot* q = nullptr;
    QList<Series> series;
    QString xLabel, xUnit, yLabel, yUnit;
    bool logX = false, logY = false, diagonal = false, integerX = false;

    // series_plot.cpp
    QRectF area() const;
    QPointF pixel(QPointF value) const;
    bool drawable(QPointF value) const;
    int drawnPoints() const;
    void fitRanges();
    ChartFrame frame(QSize size) const;
    std::pair<int, int> pointAt(QPointF position) const; ///< series and point, -1 = none

    // series_plot_paint.cpp
    QColor color(const Series& s) const;
    double markerSize(const Series& s) const;
    QList<LegendEntry> legend(double width) const; ///< empty below two series
    QFont legendFont() const { return q->chartFont(0.92); }
    void paint(QPainter& painter) const;
    void paintDiagonal(QPainter& painter) const;
    void paintSeries(QPainter& painter, const Series& s) const;
    void paintWhisker(QPainter& painter, const Series& s, qsizetype i) const;
};

} // namespace mprdo::widgets
