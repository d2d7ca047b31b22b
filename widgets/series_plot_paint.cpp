// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/series_plot_private.h"
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace mprdo::widgets {
namespace {

Marker marker(SeriesRole role)
{
    return role == SeriesRole::Accent      ? Marker::Diamond
           : role == SeriesRole::Reference ? Marker::Square
                                           : Marker::Circle;
}

} // namespace

QColor SeriesPlot::Private::color(const Series& s) const
{
    const Theme& t = q->theme();
    switch (s.role) {
    case SeriesRole::Accent:
        return t.accent;
    case SeriesRole::Predicted:
        return t.predicted;
    case SeriesRole::Reference:
        return t.reference;
    default:
        return t.measured;
    }
}

double SeriesPlot::Private::markerSize(const Series& s) const
{
    return s.points.size() <= 60 ? 8 : s.points.size() <= 300 ? 5.5 : 4; // hundreds of channels: dots, not a smear
}

QList<LegendEntry> SeriesPlot::Private::legend(double width) const
{
    QList<LegendEntry> out;
    if (series.size() < 2)
        return out;
    const QFontMetricsF metrics(legendFont());
    for (const Series& s : series)
        out.append({s.joined ? LegendEntry::Kind::Line : LegendEntry::Kind::Marker,
                    metrics.elidedText(s.name, Qt::ElideRight, std::max(10.0, width - 30)), color(s), marker(s.role),
                    !s.hollow, 7});
    return out;
}

void SeriesPlot::Private::paint(QPainter& painter) const
{
    if (q->isEmpty())
        return;
    paintDiagonal(painter);
    for (const Series& s : series)
        paintSeries(painter, s);
    const QSize canvas = q->plot()->viewport().size();
    frame(canvas).paintTitles(painter, q->plot(), q->theme());
    const double width = std::max(1, canvas.width() - 80);
    const QRectF above(canvas.width() - 12 - width, 3, width, area().top());
    paintLegend(painter, legend(width), above, legendFont(), q->theme());
}

void SeriesPlot::Private::paintDiagonal(QPainter& painter) const
{
    if (!diagonal)
        return;
    const QCPRange x = q->plot()->xAxis->range();
    QList<QPointF> line;
    constexpr int kPieces = 48; // straight unless just one of the axes is logarithmic
    for (int i = 0; i <= kPieces; ++i) {
        const double v = logX ? x.lower * std::pow(x.upper / x.lower, double(i) / kPieces)
                              : x.lower + (x.upper - x.lower) * i / kPieces;
        if (drawable({v, v}))
            line.append(pixel({v, v}));
    }
    painter.setPen(QPen(q->theme().axis, 1.2));
    if (logX == logY && line.size() > 1)
        line = {line.first(), line.last()};
    paintPolyline(painter, line, area());
}

void SeriesPlot::Private::paintSeries(QPainter& painter, const Series& s) const
{
    const QRectF box = area();
    if (s.joined) {
        painter.setPen(QPen(color(s), 1.4));
        QList<QPointF> line;
        for (const QPointF& p : s.points) {
            if (drawable(p)) {
                line.append(pixel(p));
                continue;
            }
            paintPolyline(painter, line, box); // a value left out is a gap, not a bridge
            line.clear();
        }
        paintPolyline(painter, line, box);
    }
    for (qsizetype i = 0; i < s.points.size(); ++i)
        if (drawable(s.points[i]) && i < s.low.size() && i < s.high.size())
            paintWhisker(painter, s, i);
    const double size = markerSize(s);
    for (const QPointF& p : s.points)
        if (drawable(p) && box.contains(pixel(p)))
            paintMarker(painter, marker(s.role), pixel(p), size, color(s), !s.hollow, q->theme());
}

void SeriesPlot::Private::paintWhisker(QPainter& painter, const Series& s, qsizetype i) const
{
    const QRectF box = area();
    const double x = pixel(s.points[i]).x();
    if (std::isnan(s.low[i]) || std::isnan(s.high[i]) || x < box.left() || x > box.right())
        return;
    const auto y = [&](double v) { // an end without a place on the axis runs off the chart
        if (v == -std::numeric_limits<double>::infinity() || (logY && v <= 0))
            return box.bottom();
        if (v == std::numeric_limits<double>::infinity())
            return box.top();
        return std::clamp(pixel({s.points[i].x(), v}).y(), box.top(), box.bottom());
    };
    painter.setPen(QPen(color(s), 1, Qt::SolidLine, Qt::FlatCap));
    const double from = y(s.low[i]), to = y(s.high[i]), cap = std::min(3.0, markerSize(s) / 2);
    painter.drawLine(QPointF(x, from), QPointF(x, to));
    if (std::isfinite(s.low[i]) && !(logY && s.low[i] <= 0))
        painter.drawLine(QPointF(x - cap, from), QPointF(x + cap, from));
    if (std::isfinite(s.high[i]))
        painter.drawLine(QPointF(x - cap, to), QPointF(x + cap, to));
}

} // namespace mprdo::widgets
